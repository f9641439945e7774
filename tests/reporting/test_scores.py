"""Scores and their intervals, beside those of scikit-learn, and comparisons."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)

from skmlp.reporting.scores import (
    Judged,
    area_under_roc,
    compared,
    comparisons,
    in_words,
    intervals,
    warning,
)

from .conftest import CASES, kinds


@pytest.mark.parametrize("name", CASES)
def test_scores_are_those_of_scikit_learn(name, fitted):
    model, X, y = fitted[name]
    judged = Judged.of("model", model, X, np.asarray(y))
    scores = judged.scores()
    if not kinds()[name]:
        predicted = model.predict(X)
        assert scores == pytest.approx(
            {
                "RMSE": mean_squared_error(y, predicted) ** 0.5,
                "MAE": mean_absolute_error(y, predicted),
                "R2": r2_score(y, predicted),
            }
        )
        np.testing.assert_allclose(judged.losses, (predicted - y) ** 2)
        return
    expected = {"accuracy": accuracy_score(y, model.predict(X))}
    if hasattr(model, "predict_proba"):
        probability = model.predict_proba(X)
        expected["log-loss"] = log_loss(y, probability, labels=model.classes_)
        if len(model.classes_) == 2:
            expected["AUC"] = roc_auc_score(y, probability[:, 1])
    assert scores == pytest.approx(expected)


@pytest.mark.parametrize("n", [2, 30, 1000])
def test_the_area_by_ranks(n):
    rng = np.random.RandomState(n)
    occurred = np.arange(n) % 3 == 0
    probability = rng.rand(n).round(1)
    expected = roc_auc_score(occurred, probability)
    assert area_under_roc(occurred, probability) == pytest.approx(expected)


def test_intervals_are_those_of_the_normal_distribution():
    rng = np.random.RandomState(0)
    y, predicted = rng.randn(2000), rng.randn(2000)
    judged = Judged("model", y, predicted)
    low, high = intervals(judged)["MAE"]
    sizes = np.abs(y - predicted)
    expected = stats.norm.interval(0.95, sizes.mean(), sizes.std() / 2000**0.5)
    assert (low, high) == pytest.approx(expected, abs=0.008)
    assert intervals(judged) == intervals(judged)


def test_few_rows_have_wide_intervals_of_the_accuracy():
    y, probability = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])
    judged = Judged("m", y, y, np.array([0, 1]), probability)
    found = intervals(judged)
    assert found["accuracy"] == pytest.approx((0.342, 1), abs=0.001)
    # The AUC of a few rows of a class is anything.
    assert judged.scores()["AUC"] == 1
    assert "AUC" not in found


def test_a_probability_of_0_counts_as_in_scikit_learn():
    y = np.array([0, 1, 1, 0] * 20)
    probability = np.array([[1.0, 0], [1, 0], [0, 1], [0.5, 0.5]] * 20)
    for dtype in (np.float64, np.float32):
        judged = Judged("m", y, y, np.array([0, 1]), probability.astype(dtype))
        expected = log_loss(y, probability.astype(dtype))
        assert judged.scores()["log-loss"] == pytest.approx(expected)
        assert (judged.of_true == 0).sum() == 20


def test_classes_that_the_model_does_not_know_are_wrong():
    probability = np.array([[0.5, 0.5], [0.1, 0.9]])
    judged = Judged(
        "m",
        np.array(["x", "b"]),
        np.array(["a", "b"]),
        np.array(["a", "b"]),
        probability,
    )
    assert judged.scores()["accuracy"] == 0.5
    # scikit-learn clips probabilities there, too.
    assert judged.losses[0] == pytest.approx(-np.log(np.finfo(float).eps))
    assert judged.losses[1] == pytest.approx(-np.log(0.9))


def test_comparisons():
    rng = np.random.RandomState(0)
    ours = rng.rand(400)
    found = comparisons(
        {
            "ours": ours,
            "bad": ours + 1 + 0.1 * rng.rand(400),
            "worse": ours + 0.5 + 0.1 * rng.rand(400),
            "same": ours[::-1],
            "good": ours - 0.5 + 0.1 * rng.rand(400),
        }
    )
    assert found["better"] == ["bad", "worse"]
    assert found["worse"] == ["good"]
    assert warning("ours", found) == ["good predicts better than ours here."]
    assert warning("ours", {"better": ["good"]}) == []
    assert in_words({"better": ["a", "b"], "worse": ["c"]}) == (
        "better than a and b, worse than c"
    )


@pytest.mark.parametrize(
    ("gain", "error", "words"),
    [
        (1, 0.1, "better"),
        (0.1, 0.1, "not clearly better"),
        (0, 0.1, "no better"),
        (-1, 0.1, "worse"),
    ],
)
def test_words_of_a_gain(gain, error, words):
    assert compared(gain, error) == words
