import numpy as np
import pytest

from skmlp.core import runners
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.objective import Objective
from skmlp.core.optimizers import SGD
from skmlp.core.runners import NumpyRunner, StepSums, clip_by_norm
from tests.core.compiled.problems import Settings

N_ROWS, RATES = 23, np.array([0.1, 0.2, 0.05, 0.3, 0.1, 0.2])


def problem(w=None, **settings):
    rng = np.random.RandomState(0)
    data = Dataset(rng.randn(N_ROWS, 3), rng.randn(N_ROWS, 2), w)
    network = multilayer_perceptron(3, (4,), 2, ACTIVATIONS["tanh"])
    objective = Objective(network, HEADS["squared_error"], 0.1)
    theta = network.initialize(rng, np.float64)
    return Settings(objective, **{"batch_size": 4, **settings}), theta, data


def written_out(settings, theta, data, rows, rates):
    """The steps of gradient descent and their sums, batch by batch."""
    network, sums = settings.objective.network, np.zeros(4)
    for start, rate in zip(range(0, len(rows), 4), rates, strict=True):
        batch = data.take(rows[start : start + 4])
        if batch.weight == 0:
            continue
        grad = np.empty_like(theta)
        work = network.workspace(batch.n_rows, theta.dtype, training=True)
        value = settings.objective.evaluate(
            network.views(theta), [batch], network.views(grad), work
        )
        norm = np.linalg.norm(grad)
        grad *= min(1, settings.max_grad_norm / norm)
        theta[: network.n_weights] *= 1 - rate * settings.weight_decay
        theta -= rate * grad
        sums += value * batch.n_rows, norm, batch.n_rows, 1
    return sums


@pytest.mark.parametrize("more", [{}, {"weight_decay": 0.5, "max_grad_norm": 0.2}])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("order", ["slice", "numbers"])
def test_steps(order, weighted, more):
    w = np.where(np.arange(N_ROWS) // 4 == 2, 0, 1.5) if weighted else None
    settings, theta, data = problem(w, **more)
    rows, expected = np.arange(N_ROWS), theta.copy()
    if order == "numbers":
        rows = np.random.RandomState(1).permutation(N_ROWS)
    sums = written_out(settings, expected, data, rows, RATES)
    runner = NumpyRunner(settings, theta, SGD(0.0), data)
    given = slice(0, N_ROWS) if order == "slice" else rows
    np.testing.assert_allclose(runner.run(given, RATES), sums, rtol=1e-12)
    np.testing.assert_allclose(theta, expected, rtol=1e-12)
    if weighted and order == "slice":
        assert sums[2:].tolist() == [19, 5]


def test_a_call_takes_as_many_rows_as_are_copied_at_a_time(monkeypatch):
    monkeypatch.setattr(runners, "COPIED_ROWS", 9)
    settings, theta, data = problem()
    runner = NumpyRunner(settings, theta, SGD(0.0), data)
    assert runner.rows_per_call == 8
    expected = theta.copy()
    written_out(settings, expected, data, np.arange(8), RATES[:2])
    runner.run(np.arange(8), RATES[:2])
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


@pytest.mark.parametrize("n_rates", [5, 7])
def test_each_step_needs_a_rate(n_rates):
    settings, theta, data = problem()
    runner = NumpyRunner(settings, theta, SGD(0.0), data)
    with pytest.raises(ValueError, match="zip"):
        runner.run(slice(0, N_ROWS), np.full(n_rates, 0.1))


def test_sums():
    assert StepSums() == (0, 0, 0, 0)
    assert StepSums(1.0, 2.0, 3, 4).plus(StepSums(0.5, 1, 2, 1)) == (1.5, 3, 5, 5)


def test_clipping():
    for most, expected in ((10.0, [3.0, 4.0]), (1.0, [0.6, 0.8]), (np.inf, [3.0, 4.0])):
        grad = np.array([3.0, 4.0])
        assert clip_by_norm(grad, most) == 5
        np.testing.assert_allclose(grad, expected, rtol=1e-15)
