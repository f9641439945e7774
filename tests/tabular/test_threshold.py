"""Decision thresholds from known probabilities."""

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import FixedThresholdClassifier

from skmlp import TabularMLPClassifier
from skmlp.common.checks import GivenRows
from skmlp.tabular import threshold
from skmlp.tabular.threshold import best_threshold

RNG = np.random.RandomState(0)
X = pd.DataFrame({"a": RNG.randn(300)})
RARE = np.where(X["a"] + 0.7 * RNG.randn(300) > 1.5, "yes", "no")
F1 = make_scorer(f1_score, pos_label="yes")


def of(p, y, scoring="accuracy", w=None, classes=(0, 1)):
    p, y = np.array(p), np.array(y)
    rows = GivenRows(np.arange(len(y)), y, w)
    return best_threshold(np.array(classes), np.c_[1 - p, p], rows, scoring)


def test_the_best_threshold_is_between_probabilities():
    assert of([0.1, 0.2, 0.3, 0.8], [0, 0, 1, 1]) == pytest.approx(0.25)
    assert of([0.1, 0.2, 0.3, 0.8], ["a", "a", "b", "b"], classes=("a", "b")) > 0.2
    w = np.array([1.0, 1.0, 5.0, 1.0])
    assert of([0.1, 0.6, 0.7, 0.8], [0, 1, 0, 1], w=w) == pytest.approx(0.75)
    assert of([0.3, 0.3], [0, 1]) == 0.5


def test_of_equal_scores_the_nearest_to_one_half():
    assert of([0.1, 0.4, 0.7, 0.9], [0, 1, 0, 1], "roc_auc") == pytest.approx(0.55)


def test_rare_classes_have_thresholds_of_their_own():
    p = np.r_[np.linspace(0, 0.3, 990), np.linspace(0.29, 0.9, 10)]
    assert 0.28 < of(p, np.arange(1000) >= 990, "f1", classes=(False, True)) < 0.4


def test_with_the_fixed_threshold_classifier(monkeypatch):
    monkeypatch.setattr(threshold, "N_QUANTILES", 15)
    model = TabularMLPClassifier(
        5, (8,), preset=None, n_frequencies=0, max_iter=6, random_state=0
    )
    model.fit(X[::2], RARE[::2])
    found = model.oof_threshold(RARE[::2], F1)
    fixed = FixedThresholdClassifier(FrozenEstimator(model), threshold=found)
    fixed.fit(X[::2], RARE[::2])
    p = model.predict_proba(X)[:, 1]
    np.testing.assert_array_equal(fixed.predict(X) == "yes", p >= found)
    scores = [
        f1_score(RARE[1::2], m.predict(X[1::2]), pos_label="yes")
        for m in (fixed, model)
    ]
    assert scores[0] > scores[1]
    held = model.oof_prediction_[:, 1]
    guess = np.where(held >= found, "yes", "no")
    best = f1_score(RARE[::2], guess, pos_label="yes")
    for other in (0.2, 0.5, 0.8):
        guess = np.where(held >= other, "yes", "no")
        assert f1_score(RARE[::2], guess, pos_label="yes") <= best + 0.02


def test_rows_that_no_network_held_out_do_not_count():
    model = TabularMLPClassifier(1, (4,), max_iter=1, random_state=0).fit(X, RARE)
    seen = []

    def scorer(model, rows, y, sample_weight=None):
        seen.append((rows, y, sample_weight))
        return 0.0

    w = np.arange(300.0)
    model.oof_threshold(RARE, scorer, w)
    rows, y, weights = seen[0]
    assert (
        rows.tolist()
        == np.flatnonzero(np.isfinite(model.oof_prediction_[:, 0])).tolist()
    )
    np.testing.assert_array_equal(y, RARE[rows])
    np.testing.assert_array_equal(weights, w[rows])


def test_what_is_refused():
    model = TabularMLPClassifier(1, (4,), max_iter=1, random_state=0).fit(X, RARE)
    for arguments, message in (
        ((RARE[:-1],), "y must have a value for each row"),
        ((RARE, "loss"), "'scoring' parameter of oof_threshold must be None, the name"),
        ((RARE, "r3"), "'scoring' parameter of oof_threshold"),
        ((RARE, lambda model, X, y: np.nan), "scoring must give a finite number"),
        ((np.where(RARE == "yes", "yes", "never"),), "y must be labels of one kind"),
        ((RARE, F1, -np.ones(300)), "sample_weight must be >= 0"),
    ):
        with pytest.raises(ValueError, match=message):
            model.oof_threshold(*arguments)
    model.fit(X, np.arange(300) % 3)
    with pytest.raises(ValueError, match="two classes. Got 3 classes"):
        model.oof_threshold(np.arange(300) % 3)
    model.fit(X, RARE, X_val=X, y_val=RARE)
    with pytest.raises(AttributeError, match="no oof_prediction_"):
        model.oof_threshold(RARE)
