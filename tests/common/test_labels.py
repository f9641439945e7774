import pickle

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import LabelBinarizer, scale
from sklearn.utils.class_weight import compute_sample_weight

from skmlp import MLPClassifier
from skmlp.common.errors import InvalidParameterError, error_context
from skmlp.common.labels import binarize, smoothed, weights_by_class

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

Y = [
    np.array([2, 0, 2, 5]),
    np.array([True, False, True]),
    np.array(["b", "a", "c", "a"]),
    np.array(["b", "a", "c", "a"], dtype=object),
    np.array([1.0, -1.0, 1.0]),
    np.array([7, 7, 7]),
    np.array([[1, 0, 1], [0, 1, 1]]),
]


@pytest.mark.parametrize("y", Y, ids=str)
def test_binarize_is_what_scikit_learn_makes_of_it(y):
    labels, indicator = binarize(y)
    expected = LabelBinarizer().fit(y)
    assert labels.kind == expected.y_type_
    np.testing.assert_array_equal(labels.classes, expected.classes_)
    np.testing.assert_array_equal(
        np.asarray(indicator).reshape(len(y), -1), expected.transform(y)
    )
    np.testing.assert_array_equal(labels.encode(y), expected.transform(y))


@pytest.mark.parametrize(
    "container", [np.array, csr_array, csr_matrix, csc_array], ids=lambda c: c.__name__
)
def test_an_indicator_comes_back_as_scikit_learn_gives_it(container):
    y = container([[1, 0, 1], [0, 1, 1]])
    labels, indicator = binarize(y)
    expected = LabelBinarizer().fit(y)
    np.testing.assert_array_equal(indicator, expected.transform(y))
    probability = np.array([[0.2, 0.5, 0.7], [0.6, 0.1, 0.9], [0.0, 0.0, 0.4]])
    given = labels.indicator(probability > 0.5)
    wanted = expected.inverse_transform(probability)
    assert (type(given), given.dtype) == (type(wanted), wanted.dtype)
    if labels.sparse:
        given, wanted = given.toarray(), wanted.toarray()
    np.testing.assert_array_equal(given, wanted)


def test_several_labels_are_refused_where_one_was_known():
    labels, _ = binarize(np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="a label for each row"):
        labels.encode(np.array([[1, 0, 1], [0, 1, 1]]))


def test_named_adds_name_allowed_and_given():
    with (
        pytest.raises(
            TypeError, match=r"y must be good\. Got list of shape \(2,\): bad"
        ),
        error_context("y", "good", [1, 2]),
    ):
        raise TypeError("bad")


rng = np.random.RandomState(0)
X = rng.randn(60, 4)
CODES = (X[:, 0] > 0.5).astype(int) + (X[:, 1] > 0.8)
TARGETS = {
    "binary": np.array(["no", "yes"])[(X[:, 0] > 0.5).astype(int)],
    "multiclass": np.array(["ant", "bee", "cat"])[CODES],
    "multilabel": (X[:, :3] > 0.4).astype(int),
}
WEIGHTS = {
    "binary": [{"no": 0.5, "yes": 3}, {"yes": 2.5}, "balanced"],
    "multiclass": [{"ant": 2, "bee": 0, "cat": 7.5}, {"cat": 3}, "balanced"],
    "multilabel": [[{0: 1, 1: 5}, {1: 2}, {}], "balanced"],
}
CASES = [(task, weights) for task in TARGETS for weights in WEIGHTS[task]]
SOLVERS = pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
TASKS = pytest.mark.parametrize("task", TARGETS)


def make(**parameters):
    return MLPClassifier(**{"max_iter": 15, "random_state": 0, **parameters})


def parameters_of(model):
    return np.concatenate([a.ravel() for a in model.coefs_ + model.intercepts_])


def row_weights(task, class_weight):
    """scikit-learn's, which wants a weight for both values of each label."""
    y = TARGETS[task]
    if task == "multilabel" and class_weight != "balanced":
        class_weight = [{0: 1, 1: 1, **one} for one in class_weight]
    return compute_sample_weight(class_weight, y)


@SOLVERS
@pytest.mark.parametrize(("task", "class_weight"), CASES)
def test_class_weights_are_weights_of_rows_to_the_bit(task, class_weight, solver):
    y, w = TARGETS[task], rng.uniform(0.5, 2, 60)
    by_row = row_weights(task, class_weight)
    model = make(solver=solver, class_weight=class_weight)
    plain = make(solver=solver)
    for given, expected in ((None, by_row), (w, w * by_row)):
        np.testing.assert_array_equal(
            parameters_of(model.fit(X, y, given)),
            parameters_of(plain.fit(X, y, expected)),
        )
        assert model.loss_curve_ == plain.loss_curve_
    assert not np.array_equal(parameters_of(plain.fit(X, y)), parameters_of(model))


def test_class_weights_keep_the_precision():
    model = make(class_weight="balanced", label_smoothing=0.1)
    for solver in ("adam", "lbfgs"):
        model.set_params(solver=solver).fit(X.astype(np.float32), TARGETS["binary"])
        assert model.predict_proba(X).dtype == np.float32


@pytest.mark.parametrize("y", [CODES, CODES > 0, CODES.astype(float)], ids=str)
def test_keys_are_labels_of_any_kind(y):
    for kind in (int, float, np.int64):
        given = {kind(label): 1.0 + label for label in np.unique(y)}
        weights = weights_by_class(
            given, np.unique(y), np.unique(y, return_inverse=True)[1], None, float
        )
        np.testing.assert_array_equal(weights, 1.0 + y)


@pytest.mark.parametrize(
    ("task", "class_weight"), [case for case in CASES if case[1] != "balanced"]
)
def test_partial_fit_takes_class_weights(task, class_weight):
    y = TARGETS[task]
    by_row = row_weights(task, class_weight)
    classes = np.arange(3) if task == "multilabel" else np.unique(y)
    weighted, plain = make(class_weight=class_weight), make()
    # Not each of the parts has all of the classes.
    order = np.argsort(y[:, 0] if y.ndim > 1 else y)
    for rows in (order[::2], order[-20:]):
        weighted.partial_fit(X[rows], y[rows], classes=classes)
        plain.partial_fit(X[rows], y[rows], by_row[rows], classes)
    np.testing.assert_array_equal(parameters_of(weighted), parameters_of(plain))


def test_partial_fit_refuses_balanced_and_stays_as_it_was():
    model = make(class_weight="balanced").fit(X, CODES)
    before = pickle.dumps(model)
    message = "partial_fit does not support class_weight='balanced'"
    with pytest.raises(ValueError, match=message):
        model.partial_fit(X, CODES)
    assert pickle.dumps(model) == before
    with pytest.raises(ValueError, match=message):
        make(class_weight="balanced").partial_fit(X, CODES, classes=[0, 1, 2])


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
    model = make(class_weight=class_weight)
    with pytest.raises(InvalidParameterError, match=message):
        model.fit(X, TARGETS[task])
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize(
    ("class_weight", "w", "message"),
    [
        ({"no": 0, "yes": 0}, None, "class_weight must have at least one positive"),
        ({"no": 1e308, "yes": 1e308}, None, "class_weight must have a sum"),
        ({"no": 1e308}, 1e10, "class_weight times sample_weight must have a sum"),
    ],
)
def test_weights_that_leave_no_mean_are_refused(class_weight, w, message):
    with pytest.raises(ValueError, match=message):
        make(class_weight=class_weight).fit(X, TARGETS["binary"], w)


def test_class_weights_that_leave_no_training_rows_are_refused():
    y, w = np.zeros(60, int), np.ones(60)
    y[:4] = 1
    model = make(early_stopping=True, class_weight={0: 0}, validation_fraction=0.75)
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
    y, w, seen = TARGETS[task], rng.uniform(0.5, 2, 60), []

    class Recording(MLPClassifier):
        def _validation_score(self, prediction, table):
            seen.append(table)
            return super()._validation_score(prediction, table)

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
    plain = make(max_iter=200).fit(X[rows], y[rows])
    balanced = clone(plain).set_params(class_weight="balanced").fit(X[rows], y[rows])
    recalls = [
        recall_score(y[others], model.predict(X[others]), pos_label=0)
        for model in (plain, balanced)
    ]
    assert recalls[1] > recalls[0] + 0.1
    assert balanced_accuracy_score(y, balanced.predict(X)) > 0.85


def test_class_weights_in_a_grid_search():
    grid = {"class_weight": [None, "balanced", {0: 2.0}], "label_smoothing": [0, 0.1]}
    search = GridSearchCV(make(max_iter=50), grid, cv=3, scoring="balanced_accuracy")
    assert search.fit(X, (CODES > 0).astype(int)).best_score_ > 0.5


def test_smoothed_targets():
    one_hot = np.eye(4, dtype=np.float32)
    y = smoothed(one_hot, 0.2, 4)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, 0.8 * one_hot + 0.05, rtol=1e-6)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
    column = np.array([[0.0], [1.0]])
    np.testing.assert_allclose(smoothed(column, 0.2, 2), [[0.1], [0.9]])


@TASKS
def test_a_linear_model_predicts_the_smoothed_shares_on_average(task):
    """The gradient by the free biases is the mean error, which is zero at the end."""
    model = make(
        hidden_layer_sizes=(), solver="lbfgs", tol=1e-8, max_iter=5000, alpha=1e-2
    )
    y = TARGETS[task]
    encoded = LabelBinarizer().fit_transform(y)
    share = (1 - 0.4) * encoded.mean(axis=0) + 0.4 / (3 if task == "multiclass" else 2)
    model.set_params(label_smoothing=0.4).fit(X, y)
    probability = model.predict_proba(X).mean(axis=0)
    np.testing.assert_allclose(probability[-len(share) :], share, atol=1e-5)


@SOLVERS
def test_label_smoothing_lowers_the_confidence_and_keeps_the_accuracy(solver):
    X, y = load_breast_cancer(return_X_y=True)
    parts = train_test_split(scale(X), y, random_state=0)
    X_train, X_test, y_train, y_test = parts
    confidence = []
    for share in (0.0, 0.1, 0.4):
        model = make(
            solver=solver,
            label_smoothing=share,
            learning_rate_init=0.01,
            max_iter=200,
            alpha=1e-3,
        ).fit(X_train, y_train)
        assert model.score(X_test, y_test) > 0.94
        confidence.append(model.predict_proba(X_test).max(axis=1).mean())
    assert confidence[0] > confidence[1] + 0.01
    assert confidence[1] > confidence[2] + 0.05
    assert confidence[2] == pytest.approx(0.8, abs=0.1)


@TASKS
def test_no_smoothing_changes_nothing(task):
    y = TARGETS[task]
    np.testing.assert_array_equal(
        parameters_of(make(label_smoothing=0).fit(X, y)),
        parameters_of(make().fit(X, y)),
    )


@pytest.mark.parametrize("share", [1, -0.1, True, "0.1", None, np.nan])
def test_bad_label_smoothing_is_refused_by_name(share):
    with pytest.raises(
        InvalidParameterError, match=r"'label_smoothing' parameter .*\[0, 1\)"
    ):
        make(label_smoothing=share).fit(X, CODES)


def test_one_class_only():
    model = make(class_weight={"only": 2.0}, label_smoothing=0.1)
    y = np.full(60, "only")
    np.testing.assert_array_equal(model.fit(X, y).predict(X), y)
