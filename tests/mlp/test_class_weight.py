"""Class weights of MLPClassifier."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import scale
from sklearn.utils.class_weight import compute_sample_weight

from skmlp import MLPClassifier
from skmlp.common.errors import InvalidParameterError
from tests.helpers import CODES, LABELS, X, classifier, parameters_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
TASKS = pytest.mark.parametrize("task", LABELS)
WEIGHTS = {
    "binary": [{"no": 0.5, "yes": 3}, {"yes": 2.5}, "balanced"],
    "multiclass": [{"ant": 2, "bee": 0, "cat": 7.5}, {"cat": 3}, "balanced"],
    "multilabel": [[{0: 1, 1: 5}, {1: 2}, {}], "balanced"],
}
CASES = [(task, weights) for task in LABELS for weights in WEIGHTS[task]]


def row_weights(task, class_weight):
    """scikit-learn's, which wants a weight for both values of each label."""
    y = LABELS[task]
    if task == "multilabel" and class_weight != "balanced":
        class_weight = [{0: 1, 1: 1, **one} for one in class_weight]
    return compute_sample_weight(class_weight, y)


@SOLVERS
@pytest.mark.parametrize(("task", "class_weight"), CASES)
def test_class_weights_are_weights_of_rows_to_the_bit(task, class_weight, solver):
    y, w = LABELS[task], np.random.RandomState(1).uniform(0.5, 2, 60)
    by_row = row_weights(task, class_weight)
    model = classifier(solver=solver, class_weight=class_weight)
    plain = classifier(solver=solver)
    for given, expected in ((None, by_row), (w, w * by_row)):
        np.testing.assert_array_equal(
            parameters_of(model.fit(X, y, given)),
            parameters_of(plain.fit(X, y, expected)),
        )
        assert model.loss_curve_ == plain.loss_curve_
    assert not np.array_equal(parameters_of(plain.fit(X, y)), parameters_of(model))


def test_class_weights_keep_the_precision():
    model = classifier(class_weight="balanced", label_smoothing=0.1)
    for solver in ("adam", "lbfgs"):
        model.set_params(solver=solver).fit(X.astype(np.float32), LABELS["binary"])
        assert model.predict_proba(X).dtype == np.float32


@pytest.mark.parametrize(
    ("task", "class_weight"), [case for case in CASES if case[1] != "balanced"]
)
def test_partial_fit_takes_class_weights(task, class_weight):
    y = LABELS[task]
    by_row = row_weights(task, class_weight)
    classes = np.arange(3) if task == "multilabel" else np.unique(y)
    weighted, plain = classifier(class_weight=class_weight), classifier()
    # Not each of the parts has all of the classes.
    order = np.argsort(y[:, 0] if y.ndim > 1 else y)
    for rows in (order[::2], order[-20:]):
        weighted.partial_fit(X[rows], y[rows], classes=classes)
        plain.partial_fit(X[rows], y[rows], by_row[rows], classes)
    np.testing.assert_array_equal(parameters_of(weighted), parameters_of(plain))


def test_partial_fit_refuses_balanced_and_stays_as_it_was():
    model = classifier(class_weight="balanced").fit(X, CODES)
    before = pickle.dumps(model)
    message = "partial_fit does not support class_weight='balanced'"
    with pytest.raises(ValueError, match=message):
        model.partial_fit(X, CODES)
    assert pickle.dumps(model) == before
    with pytest.raises(ValueError, match=message):
        classifier(class_weight="balanced").partial_fit(X, CODES, classes=[0, 1, 2])


BAD_WEIGHTS = [
    ("binary", {"no": 1, "maybe": 2}, r"class_weight .*'no', 'yes'.*has \['maybe'\]"),
    ("multiclass", {0: 1}, r"class_weight .*'ant', 'bee', 'cat'.*Got \{0: 1\}"),
    ("multiclass", [{"ant": 1}], "class_weight must be a dict of weights"),
    ("multilabel", {0: 1, 1: 5}, "class_weight must be .* a list of 3 dicts"),
    ("multilabel", [{1: 5}] * 2, "a list of 3 dicts"),
    ("multilabel", [{}, {}, {2: 1}], r"class_weight\[2\] .*has \[2\]"),
    ("binary", {"no": -1.0}, "'class_weight' parameter of MLPClassifier"),
    ("binary", {"no": np.inf}, "'class_weight' parameter"),
    ("binary", "equal", "'class_weight' parameter .*Got 'equal'"),
    ("binary", [0.3, 0.7], "'class_weight' parameter"),
]


@pytest.mark.parametrize(("task", "class_weight", "message"), BAD_WEIGHTS)
def test_bad_class_weights_are_refused_by_name(task, class_weight, message):
    model = classifier(class_weight=class_weight)
    with pytest.raises(InvalidParameterError, match=message):
        model.fit(X, LABELS[task])
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize(
    ("class_weight", "w", "message"),
    [
        ({"no": 0, "yes": 0}, None, "class_weight must have at least one positive"),
        ({"no": 1e308, "yes": 1e308}, None, "class_weight must have a finite sum"),
        (
            {"no": 1e308},
            1e10,
            "class_weight times sample_weight must have a finite sum",
        ),
    ],
)
def test_weights_that_leave_no_mean_are_refused(class_weight, w, message):
    with pytest.raises(ValueError, match=message):
        classifier(class_weight=class_weight).fit(X, LABELS["binary"], w)


def test_class_weights_that_leave_no_training_rows_are_refused():
    y, w = np.zeros(60, int), np.ones(60)
    y[:4] = 1
    model = classifier(
        early_stopping=True, class_weight={0: 0}, validation_fraction=0.75
    )
    rows = train_test_split(
        np.arange(60), test_size=45, random_state=replay(), stratify=y
    )
    w[rows[0][y[rows[0]] == 1]] = 0
    with pytest.raises(ValueError, match="class_weight must .* the training rows"):
        model.fit(X, y, w)


def replay():
    """The generator of seed 0 once the weights 4 -> 100 -> 1 are drawn."""
    generator = np.random.RandomState(0)
    generator.uniform(size=4 * 100 + 100 + 100 + 1)
    return generator


@TASKS
@pytest.mark.parametrize(
    "parameters", [{"class_weight": "balanced"}, {"label_smoothing": 0.3}], ids=str
)
def test_early_stopping_scores_true_labels_and_the_user_s_weights(task, parameters):
    y, w, seen = LABELS[task], np.random.RandomState(1).uniform(0.5, 2, 60), []

    class Recording(MLPClassifier):
        def _validation_score(self, prediction, y, w):
            seen.append((y, w))
            return super()._validation_score(prediction, y, w)

    for given in (parameters, {}):
        settings = {"early_stopping": True, "max_iter": 1, "random_state": 0}
        Recording(**settings, **given).fit(X, y, w)
    for ours, plain in zip(*seen, strict=True):
        np.testing.assert_array_equal(ours, plain)


def test_balanced_weights_find_more_of_a_rare_class():
    X, y = load_breast_cancer(return_X_y=True)
    rare = np.flatnonzero(y == 0)[:20]
    rows = np.concatenate([rare, np.flatnonzero(y == 1)])
    others = np.flatnonzero(y == 0)[20:]
    X = scale(X)[:, :3]
    plain = classifier(max_iter=200).fit(X[rows], y[rows])
    balanced = clone(plain).set_params(class_weight="balanced").fit(X[rows], y[rows])
    recalls = [
        recall_score(y[others], model.predict(X[others]), pos_label=0)
        for model in (plain, balanced)
    ]
    assert recalls[1] > recalls[0] + 0.1
    assert balanced_accuracy_score(y, balanced.predict(X)) > 0.85


def test_class_weights_in_a_grid_search():
    grid = {"class_weight": [None, "balanced", {0: 2.0}], "label_smoothing": [0, 0.1]}
    search = GridSearchCV(
        classifier(max_iter=50), grid, cv=3, scoring="balanced_accuracy"
    )
    assert search.fit(X, (CODES > 0).astype(int)).best_score_ > 0.5


def test_one_class_only():
    model = classifier(class_weight={"only": 2.0}, label_smoothing=0.1)
    y = np.full(60, "only")
    np.testing.assert_array_equal(model.fit(X, y).predict(X), y)
