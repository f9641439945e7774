"""Predictions from known scores, and scorers that choose the epoch."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.common.checks import GivenRows
from skmlp.tabular.prediction import Known, KnownScores, ScoreByScorer, check_weights

RNG = np.random.RandomState(0)
X = pd.DataFrame({"a": RNG.randn(160), "b": RNG.choice(["x", "y"], 160)})
LABEL = np.where(X["a"] + RNG.randn(160) > 0, "yes", "no")
AMOUNT = X["a"].to_numpy() + RNG.randn(160)
SMALL = {"hidden_layer_sizes": (8,), "n_frequencies": 2, "random_state": 0}
KINDS = (TabularMLPClassifier, TabularMLPRegressor)
BOTH = pytest.mark.parametrize("kind", KINDS)


def target(kind):
    return LABEL if kind is TabularMLPClassifier else AMOUNT


def make(kind, **parameters):
    return kind(**{"n_estimators": 1, "max_iter": 4, **SMALL, **parameters})


def validated(kind, **parameters):
    """A model that 60 given rows have validated."""
    y = target(kind)
    model = make(kind, **parameters)
    return model.fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])


def test_known_scores_are_averaged_over_those_that_there_are():
    parts = [([0, 2], np.array([[1.0], [5.0]])), ([2, 1], np.array([[7.0], [2.0]]))]
    known = KnownScores(X, 3, [Known(*one) for one in parts])
    assert known.mean(X, lambda s: s[:, 0]).tolist() == [1, 2, 6]
    squares = known.mean(X, lambda s: np.stack([s, s**2], axis=-1))
    assert squares[:, 0].tolist() == [[1, 1], [2, 4], [6, 37]]
    weighted = KnownScores(X, 3, [Known(*one, i) for i, one in enumerate(parts, 1)])
    np.testing.assert_allclose(weighted.mean(X, lambda s: s[:, 0]), [1, 2, 19 / 3])
    with pytest.raises(ValueError, match="scoring must predict the X that it gets"):
        known.mean(X.copy(), lambda s: s)


@pytest.mark.parametrize(
    ("kind", "scoring"),
    [
        (TabularMLPClassifier, "roc_auc"),
        (TabularMLPClassifier, None),
        (TabularMLPRegressor, "neg_median_absolute_error"),
    ],
)
def test_a_scorer_chooses_the_epoch(kind, scoring):
    model = validated(kind, scoring=scoring, max_iter=8)
    scores = model.history_["validation_score"]
    assert model.best_iter_ == [int(np.argmax(scores)) + 1]
    best = model.history_["validation_loss"][model.best_iter_[0] - 1]
    assert model.best_loss_ == best
    y = target(kind)[100:]
    if scoring == "roc_auc":
        score = roc_auc_score(y, model.predict_proba(X[100:])[:, 1])
    elif scoring is None:
        score = model.score(X[100:], y)
    else:
        score = -np.median(abs(y - model.predict(X[100:])))
    assert score == pytest.approx(max(scores), rel=1e-5)


@BOTH
def test_the_loss_is_the_default(kind):
    model = validated(kind)
    losses, scores = (model.history_[f"validation_{s}"] for s in ("loss", "score"))
    assert scores == [-loss for loss in losses]
    assert model.best_loss_ == min(losses)


def test_the_patience_counts_scores():
    scores = iter(range(0, -100, -1))
    model = validated(
        TabularMLPClassifier,
        scoring=lambda model, X, y: next(scores),
        n_iter_no_change=1,
        max_iter=20,
    )
    assert model.n_iter_ < 6
    assert model.best_iter_ == [1]


@BOTH
def test_a_callable_gets_rows_of_the_table_and_weights(kind):
    seen = []

    def scorer(model, X, y, sample_weight=None):
        seen.append((X, y, sample_weight))
        assert model.predict(X).shape == (len(y),)
        return len(seen)

    w = np.arange(160) % 4
    make(kind, scoring=scorer, max_iter=1).fit(X, target(kind), w)
    rows, y, weights = seen[0]
    np.testing.assert_array_equal(y, target(kind)[rows.index])
    np.testing.assert_array_equal(weights, w[rows.index])
    assert rows.equals(X.loc[rows.index])
    assert (weights > 0).all()


@pytest.mark.parametrize(
    ("scoring", "error", "message"),
    [
        (lambda model, X, y: np.nan, ValueError, "scoring must give a finite number"),
        (lambda model, X, y: "high", ValueError, "finite number .* Got 'high'"),
        (lambda model, X, y: 1 // 0, ZeroDivisionError, "Raised by scoring=<function"),
        (
            lambda model, X, y: model.predict(X[:3]).mean(),
            ValueError,
            "scoring must predict the X that it gets, all rows",
        ),
        ("r2", ValueError, "Raised by scoring='r2' on the 60 rows"),
        ("no scorer", ValueError, "'scoring' parameter of TabularMLPClassifier must"),
    ],
)
def test_scorers_that_are_refused(scoring, error, message):
    with pytest.raises(error) as caught:
        validated(TabularMLPClassifier, scoring=scoring)
    text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert pytest.RaisesExc(error, match=message).matches(error(text))


def test_class_weights_are_not_for_the_scorer():
    model = validated(
        TabularMLPClassifier, scoring="balanced_accuracy", class_weight={"no": 5}
    )
    score = balanced_accuracy_score(LABEL[100:], model.predict(X[100:]))
    assert score == pytest.approx(max(model.history_["validation_score"]))


def test_a_worker_process_gets_a_scorer_that_works():
    model = make(TabularMLPClassifier).fit(X, LABEL)
    score = ScoreByScorer("accuracy", model, GivenRows(X, LABEL))
    s = next(model._scores(X))
    again = pickle.loads(pickle.dumps(score))
    theta = model._theta
    assert again(theta, s) == score(theta, s) == model.score(X, LABEL)


@pytest.mark.parametrize("weights", [(1.0,), (1.0, 0.0), (1.0, np.nan), ("a", "b")])
def test_weights_of_files_are_checked(weights):
    check_weights((1.0, 2.5), 2)
    with pytest.raises(ValueError, match="weights of networks"):
        check_weights(weights, 2)
