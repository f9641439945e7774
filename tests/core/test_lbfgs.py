import numpy as np
import pytest

from skmlp.core import lbfgs as lbfgs_module
from skmlp.core import network as network_module
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.history import Progress, StopReason
from skmlp.core.lbfgs import LBFGSConfig, minimize_lbfgs
from skmlp.core.objective import Objective
from tests.core.test_training import Memory, Watcher
from tests.helpers import interrupt_at


def problem(sizes=(), dtype=np.float64, alpha=0.5):
    rng = np.random.RandomState(0)
    X = rng.randn(60, 3).astype(dtype)
    y = (X @ [[1.0], [-2.0], [0.5]] + 0.3 + 0.1 * rng.randn(60, 1)).astype(dtype)
    network = multilayer_perceptron(3, sizes, 1, ACTIVATIONS["tanh"])
    theta = network.initialize(rng, dtype)
    return Objective(network, HEADS["squared_error"], alpha), theta, Dataset(X, y)


def run(
    objective, theta, data, max_iter=200, max_fun=1000, tol=1e-8, log=None, monitor=None
):
    config = LBFGSConfig(objective, max_iter, max_fun, tol)
    return minimize_lbfgs(config, theta, data, Progress(log, monitor))


def test_ridge_regression_in_closed_form():
    objective, theta, data = problem()
    before = theta.copy()
    found = run(objective, theta, data)
    X, y = data.X - data.X.mean(axis=0), data.y - data.y.mean()
    w = np.linalg.solve(X.T @ X + 0.5 * np.eye(3), X.T @ y).ravel()
    b = data.y.mean() - data.X.mean(axis=0) @ w
    # SciPy ends the search when the loss falls by less than 2e-9 of itself.
    np.testing.assert_allclose(found.theta, [*w, b], rtol=1e-5)
    assert found.stop_reason is StopReason.CONVERGED
    np.testing.assert_array_equal(theta, before)


def test_losses_are_those_of_the_iterates():
    objective, theta, data = problem((4,))
    lines = []
    found = run(objective, theta, data, max_iter=15, log=lines.append)
    assert len(found.losses) == len(lines) == 15
    assert lines[-1].startswith(f"Iteration 15, loss = {found.loss:.8f}, gradient norm")
    assert (np.diff(found.losses) < 0).all()
    network = objective.network
    value = objective.evaluate(
        network.views(found.theta),
        [data],
        network.views(np.empty_like(theta)),
        network.workspace(60, np.float64, training=True),
    )
    assert value == pytest.approx(found.losses[-1], rel=1e-12) == found.loss


def test_limits_end_the_search_unconverged():
    objective, theta, data = problem((4,))
    for limits in ({"max_iter": 2}, {"max_fun": 4}):
        found = run(objective, theta, data, **limits)
        assert found.stop_reason is StopReason.MAX_EPOCHS
        assert "LIMIT" in found.message.upper()


def test_blocks_do_not_change_the_search(monkeypatch):
    objective, theta, data = problem((4,))
    whole = run(objective, theta, data, max_iter=10)
    monkeypatch.setattr(network_module, "BLOCK_ENTRIES", 4 * 7)
    parts = run(objective, theta, data, max_iter=10)
    np.testing.assert_allclose(parts.theta, whole.theta, rtol=1e-8)


def test_float32_stays_float32():
    objective, theta, data = problem((4,), np.float32)
    found = run(objective, theta, data, max_iter=5)
    assert found.theta.dtype == np.float32
    assert found.losses[-1] < found.losses[0]


@pytest.mark.parametrize("n_before", [0, 3])
def test_an_interrupt_keeps_the_last_iterate(n_before):
    objective, theta, data = problem((4,))
    seen = []

    def interrupt(line):
        seen.append(line)
        if len(seen) > n_before:
            raise KeyboardInterrupt

    found = run(objective, theta, data, log=interrupt)
    assert found.stop_reason is StopReason.INTERRUPTED
    assert len(found.losses) == n_before + 1
    expected = run(objective, theta, data, max_iter=n_before + 1)
    np.testing.assert_array_equal(found.theta, expected.theta)
    assert found.loss == expected.loss


def test_an_interrupt_is_raised_if_the_progress_says_so():
    objective, theta, data = problem((4,))
    error = KeyboardInterrupt()

    def interrupt(line):
        raise error

    progress = Progress(interrupt, stop_on_interrupt=False)
    with pytest.raises(KeyboardInterrupt) as caught:
        minimize_lbfgs(LBFGSConfig(objective, 5, 100, 1e-5), theta, data, progress)
    assert caught.value is error


def test_an_interrupt_before_the_first_iterate_keeps_the_start(monkeypatch):
    objective, theta, data = problem((4,))
    interrupt_at(1, monkeypatch)
    found = run(objective, theta, data)
    assert found.stop_reason is StopReason.INTERRUPTED
    assert np.isnan(found.loss)
    np.testing.assert_array_equal(found.theta, theta)


def test_a_monitor_is_told_of_each_iteration_and_can_stop():
    objective, theta, data = problem((4,))
    watcher = Watcher(3)
    found = run(objective, theta, data, monitor=watcher)
    assert found.stop_reason is StopReason.STOPPED
    assert len(found.losses) == 3
    assert [what for what, _ in watcher.calls] == ["begins", "ends"] * 3
    np.testing.assert_array_equal(watcher.calls[-1][1], found.theta)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_search_goes_on_from_a_snapshot(dtype, monkeypatch):
    def search(keeper):
        objective, theta, data = problem((4,), dtype)
        config = LBFGSConfig(objective, 12, 1000, 0.0)
        return minimize_lbfgs(config, theta, data, keeper=keeper)

    memory = Memory()
    whole = search(memory)
    assert memory.done
    memory.trees = memory.trees[:5]
    n_known = len(memory.trees[-1]["points"])
    computed = []
    call = lbfgs_module._Evaluations.__call__

    def counted(self, x):
        function = self.function
        self.function = lambda x: (computed.append(1), function(x))[1]
        try:
            return call(self, x)
        finally:
            self.function = function

    monkeypatch.setattr(lbfgs_module._Evaluations, "__call__", counted)
    found = search(memory)
    np.testing.assert_array_equal(found.theta, whole.theta)
    assert found.losses == whole.losses
    n_all = len(memory.trees[-1]["points"])
    assert 0 < len(computed) == n_all - n_known


def test_evaluations_beyond_the_limit_are_computed_again(monkeypatch):
    objective, theta, data = problem((4,))
    config, memory = LBFGSConfig(objective, 12, 1000, 0.0), Memory()
    monkeypatch.setattr(lbfgs_module, "MOST_KEPT", 3 * theta.nbytes)
    whole = minimize_lbfgs(config, theta, data, keeper=memory)
    assert len(memory.trees[-1]["gradients"]) == 3
    found = minimize_lbfgs(config, theta, data, keeper=memory)
    np.testing.assert_array_equal(found.theta, whole.theta)


class InBlocks:
    """Rows in blocks, as a table in a file has them."""

    def __init__(self, data, sizes):
        self.parts = np.split(np.arange(data.n_rows), np.cumsum(sizes)[:-1])
        self.data = data
        self.n_rows = data.n_rows

    def map(self, function, x):
        return (function(self.data.take(rows), x) for rows in self.parts)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sizes", [(60,), (1, 20, 39), (30, 30)])
def test_blocks_have_the_objective_of_their_rows(sizes, dtype, weighted):
    objective, theta, data = problem((4,), dtype)
    if weighted:
        # The first block of several has no weight.
        w = np.arange(60).astype(dtype) % 4
        data = data._replace(w=w)
    value, grad = lbfgs_module.function_of(objective, theta, data)(theta)
    blocks = lbfgs_module.function_of(objective, theta, InBlocks(data, sizes))
    found, gradient = blocks(theta.astype(np.float64))
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    assert found == pytest.approx(value, rel=tolerance)
    np.testing.assert_allclose(gradient, grad, rtol=tolerance, atol=tolerance)
    assert gradient.dtype == np.float64


def test_a_search_over_blocks_ends_at_the_same_point():
    objective, theta, data = problem()
    expected = run(objective, theta, data)
    found = run(objective, theta, InBlocks(data, (10, 50)))
    np.testing.assert_allclose(found.theta, expected.theta, rtol=1e-6)
    assert found.stop_reason is StopReason.CONVERGED
