"""Each compiled operation against its NumPy twin, over the registries."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron
from skmlp.core.batches import Dataset
from skmlp.core.compiled.library import library
from skmlp.core.compiled.runner import CompiledRunner
from skmlp.core.heads import HEADS, Gaussian, Huber, Quantile
from skmlp.core.objective import Objective
from skmlp.core.optimizers import OPTIMIZERS
from skmlp.core.runners import NumpyRunner

pytestmark = pytest.mark.skipif(library() is None, reason="no library was built")

N_ROWS, BATCH_SIZE = 103, 16
MORE_HEADS = {
    "huber 0.3": Huber(0.3),
    "three quantiles": Quantile((0.1, 0.5, 0.9)),
    "gaussian without factor": Gaussian(0.0),
}
TOLERANCE = {"f8": 1e-13, "f4": 2e-5}
"""Relative to the largest value; three epochs."""

PRECISIONS = pytest.mark.parametrize("dtype", ["f8", "f4"])


@dataclass(frozen=True)
class Settings:
    objective: Objective
    batch_size: int = BATCH_SIZE
    weight_decay: float = 0.0
    max_grad_norm: float = np.inf


def targets(head, rng):
    """Targets that every head allows: positive, and one class of three for softmax."""
    if head is HEADS["softmax"]:
        return np.eye(3)[rng.randint(3, size=N_ROWS)]
    return rng.uniform(0.01, 1, (N_ROWS, 2))


def problem(head="softmax", activation="tanh", dtype="f8", alpha=0.1):
    rng = np.random.RandomState(0)
    head = {**HEADS, **MORE_HEADS}[head]
    y = targets(head, rng)
    network = multilayer_perceptron(
        6, (9, 7), head.n_scores(y.shape[1]), ACTIVATIONS[activation]
    )
    data = Dataset(rng.randn(N_ROWS, 6).astype(dtype), y.astype(dtype))
    theta = network.initialize(rng, np.dtype(dtype))
    return Settings(Objective(network, head, alpha, use_factor=True)), theta, data


def trained(kind, settings, theta, data, optimizer):
    """Parameters and sums after three epochs in random order."""
    theta, rng, bits = theta.copy(), np.random.RandomState(1), np.random.SFC64(2)
    runner, sums = kind(settings, theta, optimizer, data), []
    for rate in (0.01, 0.02, 0.005):
        order = rng.permutation(N_ROWS)
        for start in range(0, N_ROWS, runner.rows_per_call):
            rows = order[start : start + runner.rows_per_call]
            rates = np.full(-(-len(rows) // settings.batch_size), rate)
            sums.append(runner.run(rows, rates, bits))
    return theta, np.sum(sums, axis=0)


def compiled(*arguments):
    return CompiledRunner(library(), *arguments)


def check_same(settings, theta, data, optimizer="adam", **more):
    tolerance = TOLERANCE[theta.dtype.str[1:]]
    pair = [
        trained(kind, settings, theta, data, OPTIMIZERS[optimizer](**more))
        for kind in (NumpyRunner, compiled)
    ]
    for ours, expected in zip(pair[1], pair[0], strict=True):
        assert np.abs(ours - expected).max() <= tolerance * np.abs(expected).max()
    assert not np.array_equal(pair[0][0], theta)


@PRECISIONS
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation, dtype):
    check_same(*problem(activation=activation, dtype=dtype))


@PRECISIONS
@pytest.mark.parametrize("head", [*HEADS, *MORE_HEADS])
def test_heads(head, dtype):
    settings, theta, data = problem(head, dtype=dtype)
    check_same(settings, theta, data)
    objective = replace(settings.objective, use_factor=False)
    check_same(replace(settings, objective=objective), theta, data)


@PRECISIONS
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer, dtype):
    check_same(*problem(dtype=dtype), optimizer)
