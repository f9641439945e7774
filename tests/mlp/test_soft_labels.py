"""Soft labels: y has the probability of each class."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from skmlp import MLPClassifier, TabularMLPClassifier

X, HARD = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
RNG = np.random.RandomState(0)
SOFT = RNG.dirichlet([1, 1, 1], len(X)) / 2 + np.eye(3)[HARD] / 2
NAMES = ["setosa", "versicolor", "virginica"]
KINDS = {
    MLPClassifier: {
        "hidden_layer_sizes": (8,),
        "max_iter": 60,
        "learning_rate_init": 0.05,
    },
    TabularMLPClassifier: {
        "n_estimators": 2,
        "hidden_layer_sizes": (8,),
        "max_iter": 10,
    },
}
BOTH = pytest.mark.parametrize("kind", KINDS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def made(kind, **params):
    return kind(**{**KINDS[kind], "random_state": 0, **params})


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, {0: 2.0, 1: 0.5}, {0: 0.0}])
def test_a_row_is_as_one_row_of_each_class_with_its_probability(
    class_weight, n_classes
):
    soft = SOFT[:, :n_classes] / SOFT[:, :n_classes].sum(axis=1, keepdims=True)
    params = {"solver": "lbfgs", "alpha": 1.0, "max_iter": 2000, "tol": 1e-9}
    model = MLPClassifier((), class_weight=class_weight, random_state=0, **params)
    found = model.fit(X, soft).predict_proba(X)
    several = np.repeat(X, n_classes, axis=0)
    labels = np.tile(np.arange(n_classes), len(X))
    expected = model.fit(several, labels, soft.ravel()).predict_proba(X)
    if n_classes == 2:
        # One score has half of the penalty of two that differ in sign.
        model.set_params(alpha=0.5)
        expected = model.fit(several, labels, soft.ravel()).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@BOTH
def test_classes_are_names_of_columns_or_numbers(kind):
    frame = pd.DataFrame(SOFT, columns=NAMES)
    named, plain = made(kind).fit(X, frame), made(kind).fit(X, SOFT)
    assert named.classes_.tolist() == NAMES
    assert plain.classes_.tolist() == [0, 1, 2]
    probability = plain.predict_proba(X)
    np.testing.assert_array_equal(named.predict_proba(X), probability)
    best = probability.argmax(axis=1)
    assert named.predict(X).tolist() == [NAMES[k] for k in best]
    accuracy = np.mean(best == SOFT.argmax(axis=1))
    assert named.score(X, frame) == plain.score(X, SOFT) == pytest.approx(accuracy)
    assert plain.score(X, SOFT.argmax(axis=1)) == pytest.approx(accuracy)
    assert accuracy > 0.8
    # Soft labels of fit are learnt as such: not as certain as labels.
    sure = made(kind).fit(X, HARD).predict_proba(X).max(axis=1).mean()
    assert probability.max(axis=1).mean() < sure


@BOTH
@pytest.mark.parametrize("first", ["soft", "hard"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_validation_rows_may_have_the_other_kind(kind, first, n_classes):
    rows = n_classes > HARD
    soft = SOFT[rows, :n_classes] / SOFT[rows, :n_classes].sum(axis=1, keepdims=True)
    hard = HARD[rows]
    y, y_val = (soft, hard) if first == "soft" else (hard, soft)
    early = {"early_stopping": True} if kind is MLPClassifier else {}
    model = made(kind, **early).fit(X[rows], y, X_val=X[rows], y_val=y_val)
    assert model.predict_proba(X).shape == (len(X), n_classes)
    assert model.score(X[rows], hard) == model.score(
        X[rows], np.eye(n_classes)[hard] / 2 + 0.5 / n_classes
    )


@BOTH
def test_other_ways_to_train(kind):
    model = made(kind, class_weight="balanced").fit(X, SOFT)
    assert model.score(X, SOFT) > 0.7
    parts = made(kind)
    for _ in range(3):
        parts.partial_fit(X, SOFT, classes=[0, 1, 2])
    assert parts.n_outputs_ == 3
    with pytest.raises(ValueError, match="a column for each of the 3 classes. Got 2"):
        parts.partial_fit(X, np.full((len(X), 2), 0.5))
    if kind is MLPClassifier:
        early = made(kind, early_stopping=True).fit(X, SOFT)
        assert early.score(X, SOFT) > 0.7
        again = made(kind, warm_start=True).fit(X, SOFT).fit(X, SOFT)
        assert again.n_iter_ > 0
    else:
        assert model.oof_score_ > 0.6
        assert model.predict_set(X).any(axis=1).all()


def test_splitters_and_scorers_of_fit_get_the_most_probable_class():
    model = made(TabularMLPClassifier, scoring="balanced_accuracy", cv=3)
    assert model.fit(X, SOFT).oof_score_ > 0.6


WRONG = {
    "a sum": (SOFT * 1.01, "must have the probability of each class.*Got 150 other"),
    "a negative one": (
        np.vstack([SOFT[:-1], [[-0.1, 0.6, 0.5]]]),
        r"Got 1 other rows of 150, such as row 149, \[-0.1, 0.6, 0.5\]",
    ),
    "one column": (SOFT[:, :1], "Unknown label type: continuous"),
    "one column with another": (
        np.column_stack([HARD, SOFT[:, 0]]),
        "must have the probability of each class",
    ),
    "the same names": (
        pd.DataFrame(SOFT, columns=["a", "a", "b"]),
        "y has columns of the same name",
    ),
}


@BOTH
@pytest.mark.parametrize("case", WRONG)
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_what_are_no_probabilities(kind, case):
    y, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        made(kind).fit(X, y)


def test_rounding_of_sums_is_no_error():
    rounded = SOFT.astype(np.float32).round(5)
    model = made(MLPClassifier).fit(X, rounded)
    assert model.n_outputs_ == 3


@BOTH
def test_a_row_of_zeros_and_ones_only_is_an_indicator_of_labels(kind):
    model = made(kind).fit(X, np.eye(3)[HARD])
    assert model.predict(X).shape == (len(X), 3)
