from dataclasses import replace

import numpy as np
import pytest

from skmlp.common.labels import smoothed
from skmlp.core._types import Rng
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron, with_dropout
from skmlp.core.batches import Dataset, row_blocks
from skmlp.core.heads import CLASSIFICATION_HEADS, HEADS
from skmlp.core.objective import Objective
from tests.core.test_heads import CASES, TESTED, targets

N_ROWS = 12


def problem(activation, head, n_outputs, weighted, alpha=0.3, sizes=(5, 4)):
    rng = np.random.RandomState(0)
    n_scores = TESTED[head].n_scores(n_outputs)
    network = multilayer_perceptron(6, sizes, n_scores, ACTIVATIONS[activation])
    theta = network.initialize(rng, np.float64)
    w = rng.uniform(0, 3, N_ROWS) if weighted else None
    table = Dataset(rng.randn(N_ROWS, 6), targets(head, N_ROWS, n_outputs), w)
    return Objective(network, TESTED[head], alpha), theta, table


def evaluate(objective, theta, table, size=N_ROWS, rng=None):
    network = objective.network
    grad = np.full_like(theta, np.nan)
    value = objective.evaluate(
        network.views(theta),
        [table.take(rows) for rows in row_blocks(N_ROWS, size)],
        network.views(grad),
        network.workspace(size, theta.dtype, training=True),
        rng,
    )
    return value, grad


def slope(value, theta, seed):
    """A random direction, and the slope of a function of theta along it."""
    direction = np.random.RandomState(seed).randn(theta.size)
    up, down = (value(theta + step * direction) for step in (1e-6, -1e-6))
    return direction, (up - down) / 2e-6


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("head", "n_outputs"), CASES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_by_finite_differences(activation, head, n_outputs, weighted):
    objective, theta, table = problem(activation, head, n_outputs, weighted)
    _, grad = evaluate(objective, theta, table)
    for seed in range(3):
        direction, numerical = slope(
            lambda t: evaluate(objective, t, table)[0], theta, seed
        )
        error = abs(grad @ direction - numerical)
        assert error < 1e-6 * max(abs(numerical), np.linalg.norm(grad))


@pytest.mark.parametrize("share", [0.1, 0.9])
@pytest.mark.parametrize(
    ("head", "n_outputs"), [case for case in CASES if case[0] in CLASSIFICATION_HEADS]
)
def test_gradient_with_smoothed_targets_by_finite_differences(head, n_outputs, share):
    objective, theta, table = problem("tanh", head, n_outputs, True)
    n_classes = n_outputs if head == "softmax" else 2
    y = smoothed(table.y, share, n_classes)
    assert HEADS[head].in_range(y)
    table = table._replace(y=y)
    _, grad = evaluate(objective, theta, table)
    for seed in range(3):
        direction, numerical = slope(
            lambda t: evaluate(objective, t, table)[0], theta, seed
        )
        error = abs(grad @ direction - numerical)
        assert error < 1e-6 * np.linalg.norm(grad)


@pytest.mark.parametrize("sizes", [(5,), (5, 4), (5, 4, 6)])
@pytest.mark.parametrize("shares", [[0.5, 0.5, 0.5], [0, 0.5, 0.3]])
@pytest.mark.parametrize(("head", "n_outputs"), CASES)
@pytest.mark.parametrize("activation", ["tanh", "silu"])
def test_gradient_with_units_dropped_by_finite_differences(
    activation, head, n_outputs, shares, sizes
):
    objective, theta, table = problem(activation, head, n_outputs, True, sizes=sizes)
    network = with_dropout(objective.network, shares[: len(sizes)])
    objective = Objective(network, objective.head, objective.alpha)

    def with_the_same_units(theta):
        return evaluate(objective, theta, table, rng=Rng(3))

    value, grad = with_the_same_units(theta)
    if any(shares[: len(sizes)]):
        assert value != evaluate(objective, theta, table)[0]
    direction, numerical = slope(lambda t: with_the_same_units(t)[0], theta, 0)
    error = abs(grad @ direction - numerical)
    assert error < 1e-6 * np.linalg.norm(grad)


@pytest.mark.parametrize("name", ["W", "b"])
def test_gradient_of_each_parameter_by_finite_differences(name):
    objective, theta, table = problem("tanh", "softmax", 3, True)
    _, grad = evaluate(objective, theta, table)
    for layer in range(3):
        mask = np.zeros_like(theta)
        objective.network.views(mask).layers[layer][name][...] = 1
        for i in np.flatnonzero(mask):
            step = 1e-6 * np.eye(theta.size)[i]
            up, down = (
                evaluate(objective, t, table)[0] for t in (theta + step, theta - step)
            )
            assert grad[i] == pytest.approx((up - down) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("head", "n_outputs"), CASES)
def test_value_is_the_formula(head, n_outputs, weighted):
    objective, theta, table = problem("tanh", head, n_outputs, weighted)
    layers = objective.network.views(theta).layers
    h = table.X
    for params in layers[:-1]:
        h = np.tanh(h @ params["W"] + params["b"])
    s = h @ layers[-1]["W"] + layers[-1]["b"]
    loss, _ = TESTED[head].loss_and_gradient(table.y, s)
    w = np.ones(N_ROWS) if table.w is None else table.w
    penalty = 0.3 / 2 * sum(np.sum(params["W"] ** 2) for params in layers)
    expected = (np.sum(w * loss) + penalty) / np.sum(w)
    assert evaluate(objective, theta, table)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [1, 5, 12])
def test_blocks_together_are_one_batch(size, weighted):
    objective, theta, table = problem("relu", "squared_error", 3, weighted)
    whole, parts = (
        evaluate(objective, theta, table),
        evaluate(objective, theta, table, size),
    )
    assert parts[0] == pytest.approx(whole[0], rel=1e-12)
    np.testing.assert_allclose(parts[1], whole[1], rtol=1e-10, atol=1e-14)


def test_integer_weights_are_repeated_rows():
    objective, theta, table = problem("tanh", "sigmoid", 1, False)
    counts = np.random.RandomState(0).randint(0, 4, N_ROWS)
    weighted = Dataset(table.X, table.y, counts.astype(float))
    rows = np.repeat(np.arange(N_ROWS), counts)
    network = objective.network
    grad = np.empty_like(theta)
    value = objective.evaluate(
        network.views(theta),
        [table.take(rows)],
        network.views(grad),
        network.workspace(len(rows), np.float64, training=True),
    )
    expected = evaluate(objective, theta, weighted)
    assert value == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(grad, expected[1], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [5, 12])
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_factor_weighs_the_gradient_and_not_the_value(n_outputs, size, weighted):
    objective, theta, table = problem("tanh", "gaussian", n_outputs, weighted)
    head, network = objective.head, objective.network
    value, plain = evaluate(objective, theta, table, size)
    use_factor = replace(objective, use_factor=True)
    same, grad = evaluate(use_factor, theta, table, size)
    assert same == value
    assert np.linalg.norm(grad - plain) > 0.01 * np.linalg.norm(plain)

    # The factors and dLoss/ds of theta, held where theta moves: the sum over scores of
    # factor dLoss/ds s has the gradient that a step should take.
    s = network.scores(theta, table.X)
    pull = head.factor(s) * head.loss_and_gradient(table.y, s)[1]
    w = np.ones(N_ROWS) if table.w is None else table.w

    def held(moved):
        penalty = 0.3 / 2 * np.sum(moved[: network.n_weights] ** 2)
        total = w @ np.sum(pull * network.scores(moved, table.X), axis=1)
        return (total + penalty) / w.sum()

    for seed in range(3):
        direction = np.random.RandomState(seed).randn(theta.size)
        up, down = (held(theta + step * direction) for step in (1e-6, -1e-6))
        error = abs(grad @ direction - (up - down) / 2e-6)
        assert error < 1e-6 * np.linalg.norm(grad)


@pytest.mark.parametrize("head", ["squared_error", "huber", "quantiles"])
def test_without_a_factor_nothing_is_steadied(head):
    objective, theta, table = problem("tanh", head, 3, True)
    value, grad = evaluate(objective, theta, table)
    same, same_grad = evaluate(replace(objective, use_factor=True), theta, table)
    assert same == value
    np.testing.assert_array_equal(same_grad, grad)


def test_biases_are_not_penalised():
    objective, theta, table = problem("tanh", "sigmoid", 1, False, alpha=0.0)
    penalised = Objective(objective.network, objective.head, 5.0)
    difference = (
        evaluate(penalised, theta, table)[1] - evaluate(objective, theta, table)[1]
    )
    n_weights = objective.network.n_weights
    np.testing.assert_allclose(
        difference[:n_weights], 5.0 * theta[:n_weights] / N_ROWS, rtol=1e-10
    )
    np.testing.assert_array_equal(difference[n_weights:], 0)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_mean_loss_is_the_objective_without_its_penalty(weighted):
    objective, theta, table = problem("tanh", "sigmoid", 1, weighted, alpha=0.0)
    value, _ = evaluate(objective, theta, table)
    scores = objective.network.scores(theta, table.X)
    penalised = replace(objective, alpha=5.0)
    assert penalised.mean_loss(scores, table) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_mean_loss_is_finite_where_the_sum_is_not(weighted, dtype):
    objective, theta, table = problem("tanh", "squared_error", 1, weighted, alpha=0)
    largest = float(np.finfo(dtype).max)
    y = np.full((N_ROWS, 1), np.sqrt(largest))
    w = np.full(N_ROWS, largest / 100) if weighted else None
    table = Dataset(table.X, y, w)
    table = Dataset(*(part if part is None else part.astype(dtype) for part in table))
    theta = np.zeros_like(theta, dtype)
    with np.errstate(over="ignore"):
        value, grad = evaluate(objective, theta, table, size=N_ROWS if weighted else 5)
        mean = objective.mean_loss(np.zeros((N_ROWS, 1), dtype), table)
    assert value == pytest.approx(largest / 2, rel=1e-5)
    assert mean == pytest.approx(largest / 2, rel=1e-5)
    assert grad[-1] == pytest.approx(-np.sqrt(largest), rel=1e-5)
