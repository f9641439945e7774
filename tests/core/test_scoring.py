"""Scores for prediction, on the path that is there and in NumPy."""

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import ColumnLayout, Numbers, tabular_network
from skmlp.core.batches import Dataset
from skmlp.core.compiled.library import library
from skmlp.core.heads import HEADS
from skmlp.core.objective import Objective
from skmlp.core.scoring import (
    RowScores,
    loss_and_scores,
    scores_for_prediction,
    scores_of_each,
    validation_scores,
)

RNG = np.random.RandomState(0)
NETWORK = tabular_network(
    ColumnLayout(4, 0, ()),
    (9, 3),
    ACTIVATIONS["relu"],
    numbers=Numbers(n_frequencies=3, frequency_std=0.3),
    dropout=0.1,
)
X = RNG.randn(50, 4).astype("f4")
OTHER = tabular_network(
    ColumnLayout(4, 0, ()),
    (9, 3),
    ACTIVATIONS["relu"],
    numbers=Numbers(n_bins=5),
    dropout=0.1,
)
NETWORKS = (NETWORK, OTHER, NETWORK)
THETAS = [RNG.standard_normal(one.n_parameters).astype("f4") for one in NETWORKS]
THETA = np.concatenate(THETAS)
IN_DOUBLE = [
    one.scores(theta.astype("f8"), X.astype("f8"))
    for one, theta in zip(NETWORKS, THETAS, strict=True)
]


@pytest.fixture(params=["as it is", "NumPy"], autouse=True)
def path(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr("skmlp.core.scoring.compiled_scores", lambda *_: None)


def test_scores_of_each():
    found = [*scores_of_each(NETWORKS, THETA, X)]
    assert len(found) == 3
    for s, expected in zip(found, IN_DOUBLE, strict=True):
        assert s.dtype == "f8"
        np.testing.assert_allclose(s, expected, atol=1e-5 * np.abs(expected).max())


def test_scores_beyond_single_precision_are_finite():
    theta = THETAS[0] * np.float32(1e13)
    expected = NETWORK.scores(theta.astype("f8"), X.astype("f8"))
    largest = np.abs(expected).max()
    assert np.finfo("f4").max < largest < np.inf
    found = next(scores_of_each([NETWORK], theta, X))
    np.testing.assert_allclose(found, expected, atol=1e-5 * largest)


def test_validation_scores():
    found = validation_scores(NETWORK, THETAS[0], X)
    assert found.dtype == "f4"
    np.testing.assert_allclose(found, IN_DOUBLE[0], atol=1e-4)


@pytest.mark.skipif(library() is None, reason="no library was built")
def test_a_row_does_not_depend_on_the_others():
    whole = next(scores_of_each(NETWORKS, THETA, X))
    for n in range(1, 50, 7):
        some = next(scores_of_each(NETWORKS, THETA, X[n:][::-1].copy()))
        np.testing.assert_allclose(some, whole[n:][::-1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("wanted", [False, True])
def test_the_loss_of_rows_and_their_scores_if_wanted(wanted):
    y = np.eye(3, dtype="f4")[np.arange(50) % 3]
    data = Dataset(X, y, None)
    objective = Objective(NETWORK, HEADS["softmax"])
    loss, s = loss_and_scores(objective, wanted, data, THETAS[0])
    expected = validation_scores(NETWORK, THETAS[0], X)
    assert loss == objective.mean_loss(expected, data)
    assert (s is None) is not wanted
    if wanted:
        np.testing.assert_array_equal(s, expected)
    found = scores_for_prediction(NETWORK, data, THETAS[0])
    np.testing.assert_array_equal(found, next(scores_of_each([NETWORK], THETAS[0], X)))


def test_one_row_after_the_other_has_the_same_scores():
    score = RowScores(NETWORKS, THETA, 4)
    every = [*scores_of_each(NETWORKS, THETA, X)]
    for i in (3, 0, 3):
        found = score(X[i : i + 1])
        alone = [*scores_of_each(NETWORKS, THETA, X[i : i + 1])]
        for a, b, c in zip(found, alone, every, strict=True):
            np.testing.assert_array_equal(a, b)
            np.testing.assert_allclose(a, c[i : i + 1], rtol=1e-12)
