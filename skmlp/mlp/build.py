"""From constructor parameters to the objects of the core."""

from typing import cast

import numpy as np
from scipy.sparse import issparse

from ..common.constraints import as_sequence
from ..common.errors import InvalidParameterError, warn
from ..common.parameters import (
    Settings,
    Table,
    by_name,
    describe_loss,
    with_settings,
)
from ..common.threads import threads_for
from ..core.activations import ACTIVATIONS
from ..core.architectures import multilayer_perceptron, with_dropout
from ..core.batches import Dataset
from ..core.heads import Head
from ..core.lbfgs import LBFGSConfig
from ..core.network import Network
from ..core.objective import Objective
from ..core.optimizers import OPTIMIZERS, Optimizer
from ..core.schedules import SCHEDULES, ByFunction, Constant, Schedule
from ..core.training import TrainingConfig
from .combinations import describe_sizes, hidden_sizes


def make_network(settings: Settings, n_features: int, n_scores: int) -> Network:
    """The network that predicts."""
    one_each = as_sequence(settings["activation"])
    activation = (
        by_name(ACTIVATIONS, settings["activation"])
        if one_each is None
        else [by_name(ACTIVATIONS, one) for one in one_each]
    )
    return multilayer_perceptron(
        n_features, hidden_sizes(settings), n_scores, activation
    )


def check_same_layers(
    before: Network, network: Network, settings: Settings, table: Table
) -> None:
    """Raise InvalidParameterError if training cannot continue in the new network."""
    *hidden, top = before.layers
    if top.n_out != network.layers[-1].n_out:
        raise InvalidParameterError(
            f"loss must have {top.n_out} scores, as in the previous call, to continue "
            f"training. Got {network.layers[-1].n_out}, with "
            f"{describe_loss(settings, table)}."
        )
    if [one.shapes() for one in before.layers] != [
        one.shapes() for one in network.layers
    ]:
        raise InvalidParameterError(
            f"hidden_layer_sizes must be {tuple(layer.n_out for layer in hidden)}, as in "
            f"the previous call, to continue training. Got {hidden_sizes(settings)}, with "
            f"{describe_sizes(settings)}."
        )


def dropout_fractions(settings: Settings, n_layers: int) -> list[float]:
    """The fraction of units to drop in each hidden layer."""
    one_each = as_sequence(settings["dropout"])
    if one_each is None:
        return [float(settings["dropout"])] * n_layers
    return [float(fraction) for fraction in one_each]


def make_optimizer(settings: Settings) -> Optimizer:
    """The optimiser of a stochastic solver."""
    nesterov = settings["solver"] == "sgd" and settings["nesterovs_momentum"]
    kind = OPTIMIZERS["nesterov" if nesterov else settings["solver"]]
    return cast(Optimizer, with_settings(kind(), settings))


def make_schedule(settings: Settings) -> Schedule:
    """The learning-rate schedule; adam ignores schedules that are for sgd only."""
    rate = settings["learning_rate"]
    if callable(rate):
        by_function = ByFunction(rate)
        # A function that returns an invalid factor should fail before training.
        with np.errstate(all="ignore"):
            for t in (0.0, 0.5):
                by_function.factor(0, 0, t)
        return by_function
    kind = SCHEDULES[rate]
    if settings["solver"] != "sgd" and kind.for_sgd_only:
        kind = Constant
    return cast(Schedule, with_settings(kind(), settings))


def batch_size_for(settings: Settings, n_rows: int) -> int:
    """The number of rows in a mini-batch when training on `n_rows` rows."""
    size = settings["batch_size"]
    return min(200 if size == "auto" else int(size), n_rows)


def make_training_config(
    settings: Settings, network: Network, head: Head, n_rows: int, incremental: bool
) -> TrainingConfig:
    """The settings of stochastic training on `n_rows` rows; one epoch if incremental."""
    size, max_norm = settings["batch_size"], settings["max_grad_norm"]
    if size != "auto" and size > n_rows:
        warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going "
            f"to be clipped: batch_size={size}, {n_rows} training rows."
        )
    dropout = dropout_fractions(settings, len(network.layers) - 1)
    alpha = float(settings["alpha"])
    return TrainingConfig(
        Objective(with_dropout(network, dropout), head, alpha, use_factor=True),
        make_schedule(settings),
        float(settings["learning_rate_init"]),
        batch_size_for(settings, n_rows),
        shuffle=bool(settings["shuffle"]),
        max_epochs=1 if incremental else int(settings["max_iter"]),
        schedule_epochs=int(settings["max_iter"]),
        weight_decay=float(settings["weight_decay"]),
        max_grad_norm=np.inf if max_norm is None else float(max_norm),
    )


def make_lbfgs_config(settings: Settings, network: Network, head: Head) -> LBFGSConfig:
    """The settings of L-BFGS.

    The objective does not use the head's factor: a line search needs the gradient of J.
    """
    return LBFGSConfig(
        Objective(network, head, float(settings["alpha"])),
        int(settings["max_iter"]),
        int(settings["max_fun"]),
        float(settings["tol"]),
    )


def n_threads(settings: Settings, network: Network, data: Dataset) -> int:
    """The number of BLAS threads for a training step."""
    rows_in_a_step = batch_size_for(settings, data.n_rows)
    if settings["solver"] == "lbfgs":
        rows_in_a_step = min(data.n_rows, network.block_rows)
    return threads_for(network, rows_in_a_step, sparse=issparse(data.X))
