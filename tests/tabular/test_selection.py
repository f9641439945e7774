"""Weights of settings: against closed forms, and with what is missing."""

import numpy as np
import pytest

from skmlp.core.heads import HEADS
from skmlp.tabular.selection import (
    BAGS,
    LARGEST_BAG,
    ROUNDS,
    bags,
    greedy_weights,
    selected,
)

N = 400
RNG = np.random.RandomState(0)


def squared(y):
    return lambda mean: float(np.mean((mean - y) ** 2))


def test_weights_of_two_are_those_of_least_squares():
    y = RNG.standard_normal((N, 1))
    a, b = (y + sd * RNG.standard_normal((N, 1)) for sd in (0.5, 0.8))
    found = greedy_weights([a, b], squared(y))
    d = a - b
    best = float(np.sum((y - b) * d) / np.sum(d * d))
    assert sum(found) == pytest.approx(1)
    assert found[0] == pytest.approx(best, abs=2 / ROUNDS)


def test_no_setting_alone_and_no_plain_mean_is_better():
    y = RNG.standard_normal((N, 1))
    some = [y + sd * RNG.standard_normal((N, 1)) for sd in (0.5, 0.6, 0.9, 3)]
    loss = squared(y)
    found = greedy_weights(some, loss)
    mean = sum(weight * one for weight, one in zip(found, some, strict=True))
    assert loss(mean) < min(loss(one) for one in some)
    assert loss(mean) < loss(sum(some) / 4)
    assert found[3] < 0.1


def test_what_has_no_loss_has_no_weight():
    y = RNG.standard_normal((N, 1))
    bad, good = np.full((N, 1), np.nan), y + 1
    assert greedy_weights([bad, good], squared(y)) == [0, 1]
    assert greedy_weights([bad, bad], squared(y)) == [0.5, 0.5]


def target(name, n):
    if name in ("sigmoid", "softmax"):
        return np.eye(3)[RNG.randint(3, size=n)]
    return RNG.gamma(2.0, size=(n, 1))


@pytest.mark.parametrize("name", HEADS)
def test_the_loss_of_one_network_is_that_of_its_scores(name):
    head, y = HEADS[name], target(name, 60)
    s = RNG.standard_normal((60, head.n_scores(y.shape[1])))
    if s.shape == y.shape and head.out_activation == "identity":
        s = np.clip(s, y.min(0), y.max(0))
    w = RNG.gamma(2.0, size=60)
    expected = float(np.average(head.loss_and_gradient(y, s)[0], weights=w))
    rows = np.arange(60)
    halves = [(rows[:30], s[:30]), (rows[30:], s[30:])]
    losses, weights = selected([halves], head, y, w)
    assert losses == [pytest.approx(expected)]
    assert weights == [1]
    # The mean of equal predictions is the same prediction.
    losses, _ = selected([[(rows, s), (rows, s)]], head, y, w)
    assert losses == [pytest.approx(expected)]


def test_certain_probabilities_have_a_finite_loss():
    y = np.array([[1.0], [0.0]])
    s = np.array([[800.0], [-800.0]])
    losses, _ = selected([[(np.arange(2), s)]], HEADS["sigmoid"], y, None)
    assert 0 <= losses[0] < 1e-9


def test_only_rows_that_all_held_out_count():
    y = RNG.standard_normal((9, 1))
    rest = (HEADS["squared_error"], y, None)
    rows = np.arange(9)
    some, others = (rows[:6], y[:6]), (rows[3:], np.clip(y[3:] + 1, y.min(), y.max()))
    losses, weights = selected([[some], [others]], *rest)
    known = np.clip(others[1][:3], y[3:6].min(), y[3:6].max()) - y[3:6]
    assert losses == [0, pytest.approx(0.5 * np.mean(known**2))]
    assert weights == [1, 0]
    losses, weights = selected([[some], [(rows[6:], y[6:])]], *rest)
    assert np.isnan(losses).all()
    assert weights == [0.5, 0.5]
    assert selected([[some], []], *rest)[1] == [0.5, 0.5]


def of_two_rounds(y, noise, bias=0.0, n_folds=8):
    """Scores of 16 networks with independent errors; each row is held out by two."""
    fold = np.arange(len(y)) % n_folds
    held = [np.flatnonzero(fold == i % n_folds) for i in range(2 * n_folds)]
    return [
        (rows, y[rows] + bias + noise * RNG.standard_normal((len(rows), 1)))
        for rows in held
    ]


def test_the_loss_of_all_networks_is_extrapolated():
    y = 3 * RNG.standard_normal((20_000, 1))
    head = HEADS["squared_error"]
    varied, biased = of_two_rounds(y, 1.0), of_two_rounds(y, 0.0, 0.5)
    losses, weights = selected([varied, biased], head, y, None)
    # Half the squared error of the mean of 16 networks; clipping changes it a little.
    assert losses == [pytest.approx(0.5 / 16, abs=0.01), pytest.approx(0.125, abs=0.01)]
    assert weights[0] > 0.6
    # Networks of one round say nothing about their differences.
    losses, weights = selected([varied[:8], biased[:8]], head, y, None)
    assert losses[0] == pytest.approx(0.5, abs=0.02)
    assert weights[0] < 0.4


def test_nothing_is_extrapolated_if_all_networks_predict_the_rows():
    y = RNG.standard_normal((500, 1))
    rows, head = np.arange(500), HEADS["squared_error"]
    some = [(rows, np.clip(y + RNG.standard_normal(y.shape), -1, 1)) for _ in range(4)]
    (loss,), _ = selected([some], head, y, None)
    mean = np.mean([s for _, s in some], axis=0)
    assert loss == pytest.approx(0.5 * np.mean((mean - y) ** 2))


@pytest.mark.parametrize("n_networks", [1, 2, 3])
def test_few_networks_of_several_classes(n_networks):
    y = np.eye(3)[RNG.randint(3, size=60)]
    s, rows = RNG.standard_normal((60, 3)), np.arange(60)
    part = [(rows[i::n_networks], s[i::n_networks]) for i in range(n_networks)]
    head = HEADS["softmax"]
    expected = float(head.loss_and_gradient(y, s)[0].mean())
    losses, weights = selected([part, part], head, y, None)
    assert losses == [pytest.approx(expected)] * 2
    assert sum(weights) == pytest.approx(1)


def test_weights_of_rows_count():
    y = np.zeros((200, 1))
    first, second = np.zeros((200, 1)), np.zeros((200, 1))
    first[:100], second[100:] = 0.5, 0.5
    rows, head = np.arange(200), HEADS["sigmoid"]
    some = [[(rows, first)], [(rows, second)]]
    w = np.where(rows < 100, 1.0, 0.0)
    assert selected(some, head, y, w)[1] == [0, 1]
    assert selected(some, head, y, 1 - w)[1] == [1, 0]


def test_bags_are_halves_of_the_rows():
    for n, size in ((1, 1), (2, 1), (9, 4), (3 * LARGEST_BAG, LARGEST_BAG)):
        found = bags(n)
        assert len(found) == BAGS
        assert {len(np.unique(one)) for one in found} == {size}
        assert np.max(found) < n
