"""Small problems of each kind, trained by a runner: NumPy's, or the compiled one."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import (
    ColumnLayout,
    Numbers,
    multilayer_perceptron,
    tabular_network,
    with_dropout,
)
from skmlp.core.batches import Dataset
from skmlp.core.compiled.library import library
from skmlp.core.compiled.runner import CompiledRunner
from skmlp.core.heads import HEADS, Gaussian, Huber, Quantile
from skmlp.core.objective import Objective
from skmlp.core.optimizers import OPTIMIZERS
from skmlp.core.runners import NumpyRunner
from skmlp.core.schedules import Constant
from skmlp.core.training import (
    Patience,
    TrainingConfig,
    TrainingSplit,
    TrainingState,
    train,
)

N_ROWS, BATCH_SIZE = 103, 16
MORE_HEADS = {
    "huber 0.3": Huber(0.3),
    "three quantiles": Quantile((0.1, 0.5, 0.9)),
    "gaussian without factor": Gaussian(0.0),
}


def with_twin(kind, registry):
    """The entries of a registry that C has too; NumPy trains the others."""
    known = registry if library() is None else library().codes[kind]
    return {name: one for name, one in registry.items() if name in known}


ACTIVATIONS_IN_C = with_twin("activations", ACTIVATIONS)
OPTIMIZERS_IN_C = with_twin("optimizers", OPTIMIZERS)
ALL_HEADS = {**with_twin("heads", HEADS), **MORE_HEADS}
PRECISIONS = pytest.mark.parametrize("dtype", ["f8", "f4"])
NUMBERS = Numbers(n_frequencies=7, frequency_std=0.3)
W = np.random.RandomState(3).uniform(0.1, 3, N_ROWS)
"""Weights of the rows."""

TOLERANCE = {"f8": 1e-13, "f4": 2e-5}
"""Of three epochs, relative to the largest value."""


@dataclass(frozen=True)
class Settings:
    """The settings of a step, as TrainingConfig has them."""

    objective: Objective
    batch_size: int = BATCH_SIZE
    weight_decay: float = 0.0
    max_grad_norm: float = np.inf


def targets(head, rng, n_rows=N_ROWS):
    """Targets that every head allows: positive, and one class of three for softmax."""
    if head is HEADS["softmax"]:
        return np.eye(3)[rng.randint(3, size=n_rows)]
    return rng.uniform(0.01, 1, (n_rows, 2))


def problem(
    head="softmax",
    activation="tanh",
    dtype="f8",
    *,
    alpha=0.1,
    hidden=(9, 7),
    dropout=(),
    w=None,
    **settings,
):
    """Settings, theta and data."""
    rng = np.random.RandomState(0)
    head = ALL_HEADS[head]
    if isinstance(activation, str):
        activation = ACTIVATIONS[activation]
    y = targets(head, rng)
    network = multilayer_perceptron(6, hidden, head.n_scores(y.shape[1]), activation)
    network = with_dropout(network, dropout)
    w = None if w is None else np.asarray(w, dtype)
    data = Dataset(rng.randn(N_ROWS, 6).astype(dtype), y.astype(dtype), w)
    theta = network.initialize(rng, np.dtype(dtype))
    # Biases begin at other values than 0.
    theta[network.n_weights :] = rng.uniform(-0.5, 0.5, theta.size - network.n_weights)
    objective = Objective(network, head, alpha, use_factor=True)
    return Settings(objective, **settings), theta, data


def with_layers(settings, change):
    """The settings with changed dense layers."""
    network = settings.objective.network
    layers = tuple(change(i, layer) for i, layer in enumerate(network.layers))
    network = replace(network, layers=layers)
    return replace(settings, objective=replace(settings.objective, network=network))


def compiled(*arguments):
    """A runner in C."""
    return CompiledRunner(library(), *arguments)


RUNNERS = (NumpyRunner, compiled)


def epoch(runner, settings, data, rate, order=None, bits=None):
    """The sums of one epoch: of each call, one after the other."""
    n_rows, found = data.n_rows if order is None else len(order), []
    for start in range(0, n_rows, runner.rows_per_call):
        rows = slice(start, min(start + runner.rows_per_call, n_rows))
        n_steps = -(-(rows.stop - start) // settings.batch_size)
        numbers = rows if order is None else order[rows]
        found.append(runner.run(numbers, np.full(n_steps, rate), bits))
    return found


def trained(kind, settings, theta, data, optimizer, *, shuffled=True):
    """Parameters and sums after three epochs, in random order or as they are."""
    theta, rng, bits = theta.copy(), np.random.RandomState(1), np.random.SFC64(2)
    runner, sums = kind(settings, theta, optimizer, data), []
    for rate in (0.01, 0.02, 0.005):
        order = rng.permutation(data.n_rows) if shuffled else None
        sums += epoch(runner, settings, data, rate, order, bits)
    return theta, np.sum(sums, axis=0)


def check_same(settings, theta, data, optimizer="adam", *, shuffled=True):
    """Check that three epochs on both paths give the same, to rounding."""
    if isinstance(optimizer, str):
        optimizer = OPTIMIZERS[optimizer]()
    tolerance = TOLERANCE[theta.dtype.str[1:]]
    with np.errstate(all="ignore"):
        expected, ours = (
            trained(kind, settings, theta, data, replace(optimizer), shuffled=shuffled)
            for kind in RUNNERS
        )
    assert np.isfinite(expected[0]).all()
    for one, other in zip(ours, expected, strict=True):
        assert np.abs(one - other).max() <= tolerance * np.abs(other).max()
    assert ours[1][2:].tolist() == expected[1][2:].tolist()
    assert not np.array_equal(ours[0], theta)


def fit(settings, theta, data, optimizer, n_epochs=2):
    """Train theta by `train`, which chooses the path."""
    config = TrainingConfig(
        settings.objective, Constant(), 0.01, settings.batch_size, max_epochs=n_epochs
    )
    state = TrainingState(
        optimizer, Patience(0.0, np.inf), np.random.RandomState(0), None
    )
    with np.errstate(all="ignore"):
        train(config, theta, state, TrainingSplit(data))
    return theta


def table(rng, n_rows=N_ROWS):
    """A layout with columns of each kind, and rows of it."""
    layout = ColumnLayout(3, 2, (5, 4))
    numbers, plain = rng.randn(n_rows, 3), rng.randint(2, size=(n_rows, 2))
    codes = [rng.randint(n, size=n_rows) for n in layout.cardinalities]
    return layout, np.column_stack([numbers, plain, *codes])


def table_problem(
    dtype="f8",
    *,
    head="softmax",
    activation="mish",
    layout=None,
    numbers=NUMBERS,
    dropout=0.2,
    w=None,
    **settings,
):
    """Settings, theta and data of a network for tables; its top layer is not 0."""
    rng = np.random.RandomState(0)
    columns, X = table(rng)
    if layout is not None:
        columns, X = layout, X[:, layout_columns(layout)]
    y = targets(ALL_HEADS[head], rng)
    network = tabular_network(
        columns,
        [9, 6, ALL_HEADS[head].n_scores(y.shape[1])],
        ACTIVATIONS[activation],
        numbers=numbers,
        dropout=dropout,
    )
    w = None if w is None else np.asarray(w, dtype)
    X, y = X.astype(dtype), y.astype(dtype)
    theta = network.initialize(rng, np.dtype(dtype), X)
    theta += rng.uniform(-0.1, 0.1, theta.size).astype(dtype)
    objective = Objective(network, ALL_HEADS[head], 0.1, use_factor=True)
    return Settings(objective, **settings), theta, Dataset(X, y, w)


def layout_columns(layout):
    """The columns of `table` that a layout with fewer of them keeps."""
    n_numbers, n_plain, cardinalities = layout
    return [
        *range(n_numbers),
        *range(3, 3 + n_plain),
        *range(5, 5 + len(cardinalities)),
    ]
