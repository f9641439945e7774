"""Soft labels: y has the probability of each class."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import get_scorer

from skmlp import MLPClassifier, TabularMLPClassifier

X, HARD = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
RNG = np.random.RandomState(0)
SOFT = RNG.dirichlet([1, 1, 1], len(X)) / 2 + np.eye(3)[HARD] / 2
NAMES = ["virginica", "setosa", "versicolor"]
COLUMNS = [2, 0, 1]
"""The names of the columns of `named`, and the classes in them."""
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
    np.testing.assert_allclose(found, expected, atol=1e-4)


@BOTH
def test_classes_are_names_of_columns_or_numbers(kind):
    frame = pd.DataFrame(SOFT[:, COLUMNS], columns=NAMES)
    named, plain = made(kind).fit(X, frame), made(kind).fit(X, SOFT)
    assert named.classes_.tolist() == sorted(NAMES)
    assert plain.classes_.tolist() == [0, 1, 2]
    probability = plain.predict_proba(X)
    np.testing.assert_array_equal(named.predict_proba(X), probability)
    best = probability.argmax(axis=1)
    assert named.predict(X).tolist() == [sorted(NAMES)[k] for k in best]
    accuracy = np.mean(best == SOFT.argmax(axis=1))
    assert named.score(X, frame) == plain.score(X, SOFT) == pytest.approx(accuracy)
    assert named.score(X, frame[frame.columns[::-1]]) == pytest.approx(accuracy)
    assert plain.score(X, SOFT.argmax(axis=1)) == pytest.approx(accuracy)
    assert accuracy > 0.8
    # Soft labels of fit are learnt as such: not as certain as labels.
    sure = made(kind).fit(X, HARD).predict_proba(X).max(axis=1).mean()
    assert probability.max(axis=1).mean() < sure
    with pytest.raises(ValueError, match="must have the classes as names"):
        named.score(X, frame.set_axis([*"abc"], axis=1))


@BOTH
@pytest.mark.parametrize("scoring", ["roc_auc_ovr", "neg_log_loss"])
def test_scorers_see_sorted_classes(kind, scoring):
    early = {"early_stopping": True} if kind is MLPClassifier else {}
    found = [
        made(kind, scoring=scoring, **early).fit(
            X, pd.DataFrame(SOFT[:, places], columns=np.array(sorted(NAMES))[places])
        )
        for places in ([0, 1, 2], [2, 0, 1])
    ]
    np.testing.assert_array_equal(found[0]._theta, found[1]._theta)
    assert found[0].best_iter_ == found[1].best_iter_
    truth = np.array(sorted(NAMES))[HARD]
    assert get_scorer("roc_auc_ovr")(found[1], X, truth) > 0.8


@BOTH
def test_two_classes_have_one_score(kind):
    rows = HARD < 2
    soft = SOFT[rows, :2] / SOFT[rows, :2].sum(axis=1, keepdims=True)
    model = made(kind).fit(X[rows], soft)
    assert model.n_outputs_ == 1
    assert model.predict_proba(X).shape == (len(X), 2)
    assert model.score(X[rows], HARD[rows]) > 0.9
    if kind is TabularMLPClassifier:
        assert 0 < model.oof_threshold(soft) < 1


@BOTH
def test_after_soft_labels_columns_of_0_and_1_are_soft(kind):
    one_hot = np.eye(3)[HARD]
    model = made(kind).fit(X, SOFT)
    assert model.score(X, one_hot) == model.score(X, HARD)
    early = {"early_stopping": True} if kind is MLPClassifier else {}
    made(kind, **early).fit(X, SOFT, X_val=X, y_val=one_hot)
    parts = made(kind).partial_fit(X, SOFT, classes=[0, 1, 2])
    assert parts.partial_fit(X, one_hot).n_outputs_ == 3


@BOTH
def test_class_weights_are_the_same_after_hard_labels(kind):
    half = np.tile([0.49, 0.51], (len(X), 1))
    first, second = (
        made(kind, class_weight={0: 3}).partial_fit(X, y, classes=[0, 1])
        for y in (
            (HARD > 0).astype(int),
            np.eye(2)[(HARD > 0).astype(int)] * 0.98 + 0.01,
        )
    )
    for model in (first, second):
        for _ in range(60):
            model.partial_fit(X, half)
        assert model.predict_proba(X)[:, 0].mean() == pytest.approx(0.742, abs=0.05)


@pytest.mark.parametrize("reverse", [False, True])
@BOTH
def test_columns_of_later_calls_are_found_by_name(kind, reverse):
    frame = pd.DataFrame(SOFT[:, COLUMNS], columns=NAMES)
    plain = made(kind).partial_fit(X, SOFT, classes=[0, 1, 2])
    some = frame[frame.columns[::-1]] if reverse else frame
    named = made(kind).partial_fit(X, some, classes=NAMES)
    np.testing.assert_array_equal(plain._theta, named._theta)


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
    with pytest.raises(
        ValueError, match="a column for each of the 3 classes. Got shape"
    ):
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
        "must have different names, all text or all int",
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
def test_a_matrix_of_zeros_and_ones_only_is_an_indicator_of_labels(kind):
    model = made(kind).fit(X, np.eye(3)[HARD])
    assert model.predict(X).shape == (len(X), 3)
