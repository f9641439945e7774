"""TabularMLPClassifier as scikit-learn and its users see it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import calibration_curve
from sklearn.datasets import (
    load_breast_cancer,
    load_iris,
    make_multilabel_classification,
)
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import TabularMLPClassifier, TabularMLPRegressor

SPLIT = "the rows held out depend on their number, so repeating is not weighting"
SMALL = {
    "n_estimators": 2,
    "hidden_layer_sizes": (16,),
    "max_iter": 32,
    "random_state": 0,
}


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        kind(**SMALL | {"max_iter": 20})
        for kind in (TabularMLPClassifier, TabularMLPRegressor)
    ],
    expected_failed_checks=lambda estimator: {
        "check_sample_weight_equivalence_on_dense_data": SPLIT
    },
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_iris_as_it_is():
    X, y = load_iris(return_X_y=True, as_frame=True)
    labels = pd.Series(["setosa", "versicolor", "virginica"])[y].to_numpy()
    model = TabularMLPClassifier(**SMALL).fit(X[::2], labels[::2])
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert model.score(X[1::2], labels[1::2]) > 0.9
    probability = model.predict_proba(X)
    assert probability.shape == (150, 3)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), probability)
    np.testing.assert_array_equal(
        model.classes_[probability.argmax(axis=1)], model.predict(X)
    )


def test_probabilities_are_means_and_calibrated():
    X, y = load_breast_cancer(return_X_y=True)
    model = TabularMLPClassifier(n_estimators=2, max_iter=15, random_state=0)
    probability = cross_val_predict(model, X, y, cv=3, method="predict_proba")
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    other = cross_val_predict(linear, X, y, cv=3, method="predict_proba")
    assert log_loss(y, probability) < 1.1 * log_loss(y, other)
    model.fit(X, y)
    each = [model._head.prediction(s) for s in model._scores(X)]
    np.testing.assert_allclose(
        np.mean(each, axis=0)[:, 0], model.predict_proba(X)[:, 1]
    )
    rng = np.random.RandomState(0)
    X = rng.randn(3000, 2)
    p = 1 / (1 + np.exp(-2 * X[:, 0]))
    y = rng.rand(3000) < p
    train, test = train_test_split(np.arange(3000), random_state=0)
    guess = TabularMLPClassifier(**SMALL).fit(X[train], y[train]).predict_proba(X[test])
    share, mean = calibration_curve(y[test], guess[:, 1], n_bins=5, strategy="quantile")
    assert np.abs(share - mean).max() < 0.1
    assert np.abs(guess[:, 1] - p[test]).mean() < 0.05


def test_several_labels():
    X, Y = make_multilabel_classification(300, random_state=0)
    model = TabularMLPClassifier(**SMALL).fit(X, Y)
    assert model.predict(X).shape == Y.shape == model.predict_proba(X).shape
    assert (model.predict(X) == Y).mean() > 0.8
    weighted = TabularMLPClassifier(**SMALL, class_weight=[{0: 1, 1: 20}] * 5).fit(X, Y)
    assert weighted.predict(X).sum() > model.predict(X).sum()


def test_class_weight():
    rng = np.random.RandomState(0)
    X = rng.randn(600, 2)
    y = np.where(rng.rand(600) < 0.1 + 0.1 * (X[:, 0] > 0), "rare", "usual")
    plain = TabularMLPClassifier(**SMALL).fit(X, y)
    assert plain.predict_proba(X)[:, 0].mean() == pytest.approx(0.15, abs=0.05)
    balanced = TabularMLPClassifier(**SMALL, class_weight="balanced").fit(X, y)
    assert balanced.predict_proba(X)[:, 0].mean() == pytest.approx(0.5, abs=0.07)
    n = np.bincount(y == "usual")
    given = {"rare": 600 / (2 * n[0]), "usual": 600 / (2 * n[1])}
    same = TabularMLPClassifier(**SMALL, class_weight=given).fit(X, y)
    np.testing.assert_allclose(
        same.predict_proba(X), balanced.predict_proba(X), atol=1e-5
    )


def test_rare_classes():
    X = np.random.RandomState(0).randn(60, 2)
    y = np.repeat([0, 1, 2, 3], [30, 28, 1, 1])
    with pytest.warns(UserWarning, match=r"2 of 4 classes have a single row: \[2, 3\]"):
        model = TabularMLPClassifier(**SMALL).fit(X, y)
    assert model.predict_proba(X).shape == (60, 4)


def test_rare_labels_among_several():
    X = np.random.RandomState(0).randn(40, 2)
    rare = np.zeros((40, 4), int)
    rare[3, 0] = rare[7, 1] = 1
    rare[:, 3] = 1
    quick = {"n_estimators": 1, "hidden_layer_sizes": (3,), "max_iter": 2}
    for y in (rare, rare[:, :3], rare[:, :1].repeat(3, axis=1), 0 * rare, 0 * rare + 1):
        for weight in (None, "balanced", [{0: 1, 1: 5}] * y.shape[1]):
            model = TabularMLPClassifier(**quick, class_weight=weight)
            model.fit(X, y, X_val=X[:5], y_val=y[:5])
            assert np.isfinite(model.predict_log_proba(X)).all()
            assert model.predict(X).shape == y.shape


def test_a_class_whose_rows_have_no_weight_stays():
    X = np.random.RandomState(0).randn(60, 2)
    y = np.repeat(["a", "b", "c"], 20)
    X[:, 0] += 3 * (y == "b")
    w = np.repeat([1.0, 2.0, 0.0], 20)
    for weight in (None, "balanced", {"c": 3}):
        model = TabularMLPClassifier(**SMALL, class_weight=weight)
        model.fit(X, y, sample_weight=w)
        assert model.classes_.tolist() == ["a", "b", "c"]
        assert "c" not in model.predict(X)
        model.fit(X, y, w, X_val=X, y_val=y)
        assert model.predict_proba(X).shape == (60, 3)
    soft = VotingClassifier(
        [(name, TabularMLPClassifier(**SMALL)) for name in "pq"], voting="soft"
    )
    assert soft.fit(X, y, sample_weight=w).predict_proba(X).shape == (60, 3)
    one = TabularMLPClassifier(**SMALL).fit(
        X, y, sample_weight=np.repeat([1, 0, 0], 20)
    )
    assert set(one.predict(X)) == {"a"}
    w = np.tile([1.0, 2.0, 0.0], 20)
    absent = TabularMLPClassifier(**SMALL).fit(X[w > 0], y[w > 0], w[w > 0])
    present = TabularMLPClassifier(**SMALL).fit(X, y, w)
    np.testing.assert_array_equal(absent.predict_proba(X), present.predict_proba(X))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.arange(60) + 0.5, "Unknown label type"),
        (np.full(60, np.nan), "y contains NaN"),
        (["a", None, "b"] * 20, "y must have a value for each row.* 20 missing"),
        ([f"id {i}" for i in range(60)], "y must have a class with at least 2 rows"),
        (np.zeros((60, 2, 2)), "dim"),
    ],
)
def test_targets_that_are_refused(y, message):
    X = np.random.RandomState(0).randn(60, 2)
    with pytest.raises(ValueError, match=message):
        TabularMLPClassifier(**SMALL).fit(X, y)


def test_a_single_class_is_certain():
    X = np.arange(20.0)[:, None]
    model = TabularMLPClassifier(n_estimators=2, max_iter=2, random_state=0)
    with pytest.warns(UserWarning, match="y has a single class, 'a'"):
        model.fit(X, ["a"] * 20)
    assert (model.n_iter_, model.n_estimators_) == (1, 1)
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((20, 1)))
    np.testing.assert_array_equal(model.predict_log_proba(X), np.zeros((20, 1)))
    assert set(model.predict(X)) == {"a"}


def test_balanced_weights_are_those_of_the_training_rows():
    X = np.random.RandomState(0).randn(90, 3)
    y = np.repeat(["a", "b", "c"], [60, 25, 5])
    settings = {"n_estimators": 1, "max_iter": 3, "random_state": 0}
    balanced = TabularMLPClassifier(class_weight="balanced", **settings)
    by_hand = TabularMLPClassifier(
        class_weight={"a": 90 / 180, "b": 90 / 75, "c": 90 / 15}, **settings
    )
    # Rows to validate on of two classes, as often as each other.
    given = {"X_val": X[50:70], "y_val": y[50:70]}
    expected = by_hand.fit(X, y, **given)
    balanced.fit(X, y, **given)
    np.testing.assert_allclose(
        balanced.predict_proba(X), expected.predict_proba(X), rtol=1e-5
    )
    assert balanced.best_loss_ == pytest.approx(expected.best_loss_)


def test_classes_without_weight_are_not_trained_on():
    X = np.random.RandomState(0).randn(100, 3)
    y = np.repeat(["m", "r"], [90, 10])
    model = TabularMLPClassifier(max_iter=2, class_weight={"m": 0}, random_state=0)
    probability = model.fit(X, y).predict_proba(X)
    assert (probability[:, 1] > 0.5).all()
    # In no time one row is left to train on, which has to be one with a weight.
    with pytest.warns(UserWarning, match="was over before training"):
        in_no_time = clone(model).set_params(max_time=1e-6).fit(X, y)
    assert np.isfinite(in_no_time.loss_curve_).all()
    with pytest.raises(ValueError, match="class_weight must have at least one"):
        model.set_params(class_weight={"m": 0, "r": 0}).fit(X, y)


@pytest.mark.filterwarnings("ignore:1 of 2 classes have a single row")
def test_class_weights_must_leave_two_rows():
    model = TabularMLPClassifier(class_weight={"a": 1.0, "b": 1e-50})
    with pytest.raises(ValueError, match="class_weight must leave at least 2 rows"):
        model.fit(np.arange(5.0)[:, None], ["a", "b", "b", "b", "b"])
