"""From constructor parameters to the objects of the core that they describe."""

from typing import Any

from scipy.sparse import issparse

from ..common.constraints import as_sequence, as_sizes
from ..common.errors import warn
from ..common.parameters import by_name, with_settings
from ..common.threads import threads_for
from ..core.activations import ACTIVATIONS
from ..core.architectures import multilayer_perceptron, with_dropout
from ..core.batches import Dataset
from ..core.network import Network
from ..core.objective import Objective
from ..core.optimizers import OPTIMIZERS, Optimizer
from ..core.schedules import SCHEDULES, ByFunction, Constant, Schedule


def hidden_sizes(estimator: Any) -> tuple[int, ...]:
    """The number of units in each hidden layer."""
    sizes = tuple(int(size) for size in as_sizes(estimator.hidden_layer_sizes) or ())
    n_layers = estimator.n_hidden_layers
    return sizes * (1 if n_layers is None else int(n_layers))


def make_network(estimator: Any, n_features: int, n_scores: int) -> Network:
    """The network of the estimator's hidden layers."""
    one_each = as_sequence(estimator.activation)
    activation = (
        by_name(ACTIVATIONS, estimator.activation)
        if one_each is None
        else [by_name(ACTIVATIONS, one) for one in one_each]
    )
    return multilayer_perceptron(
        n_features, hidden_sizes(estimator), n_scores, activation
    )


def dropout_shares(estimator: Any, n_layers: int) -> list[float]:
    """The share of units to drop in each hidden layer."""
    one_each = as_sequence(estimator.dropout)
    if one_each is None:
        return [float(estimator.dropout)] * n_layers
    return [float(share) for share in one_each]


def make_objective(estimator: Any, *, training: bool) -> Objective:
    """What is minimised, with units dropped at random or without.

    `training` is in steps: a line search needs the gradient of the very value that it
    searches, without a head's factor.
    """
    network = estimator._network
    if training:
        shares = dropout_shares(estimator, len(network.layers) - 1)
        network = with_dropout(network, shares)
    return Objective(
        network, estimator._head, float(estimator.alpha), use_factor=training
    )


def make_optimizer(estimator: Any) -> Optimizer:
    """The optimiser of a stochastic solver."""
    nesterov = estimator.solver == "sgd" and estimator.nesterovs_momentum
    kind = OPTIMIZERS["nesterov" if nesterov else estimator.solver]
    optimizer: Optimizer = with_settings(kind(), estimator)
    return optimizer


def make_schedule(estimator: Any) -> Schedule:
    """The schedule of the learning rate; adam leaves out those of sgd alone."""
    if callable(estimator.learning_rate):
        schedule: Schedule = ByFunction(estimator.learning_rate)
        for t in (0.0, 0.5):
            schedule.factor(0, 0, t)
        return schedule
    kind = SCHEDULES[estimator.learning_rate]
    if estimator.solver != "sgd" and kind.for_sgd_only:
        kind = Constant
    schedule = with_settings(kind(), estimator)
    return schedule


def batch_size_for(estimator: Any, n_rows: int) -> int:
    """Rows in a mini-batch, of that many in all."""
    size = estimator.batch_size
    return min(200 if size == "auto" else int(size), n_rows)


def warn_of_cut_batches(estimator: Any, n_rows: int) -> None:
    """Say that there are fewer rows than a mini-batch should have."""
    if estimator.batch_size != "auto" and estimator.batch_size > n_rows:
        warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going "
            f"to be clipped: batch_size={estimator.batch_size}, {n_rows} training rows."
        )


def n_threads(estimator: Any, network: Network, table: Dataset) -> int:
    """How many BLAS threads training on the table is worth."""
    rows_in_a_step = batch_size_for(estimator, table.n_rows)
    if estimator.solver == "lbfgs":
        rows_in_a_step = min(table.n_rows, network.block_rows)
    return threads_for(network, rows_in_a_step, sparse=issparse(table.X))
