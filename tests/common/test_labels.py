import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.preprocessing import LabelBinarizer

from skmlp import MLPClassifier
from skmlp.common.labels import (
    Labels,
    binarize,
    check_repeated,
    places,
    smoothed,
    weights_by_class,
)

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
    np.testing.assert_array_equal(labels.encode(y)[1], expected.transform(y))


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


rng = np.random.RandomState(0)
X = rng.randn(60, 4)
CODES = (X[:, 0] > 0.5).astype(int) + (X[:, 1] > 0.8)
TARGETS = {
    "binary": np.array(["no", "yes"])[(X[:, 0] > 0.5).astype(int)],
    "multiclass": np.array(["ant", "bee", "cat"])[CODES],
    "multilabel": (X[:, :3] > 0.4).astype(int),
}
SOLVERS = pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
TASKS = pytest.mark.parametrize("task", TARGETS)


def make(**parameters):
    return MLPClassifier(**{"max_iter": 15, "random_state": 0, **parameters})


def parameters_of(model):
    return np.concatenate([a.ravel() for a in model.coefs_ + model.intercepts_])


@pytest.mark.parametrize("y", [CODES, CODES > 0, CODES.astype(float)], ids=str)
def test_keys_are_labels_of_any_kind(y):
    for kind in (int, float, np.int64):
        given = {kind(label): 1.0 + label for label in np.unique(y)}
        weights = weights_by_class(
            given, np.unique(y), np.unique(y, return_inverse=True)[1], None, float
        )
        np.testing.assert_array_equal(weights, 1.0 + y)


def test_smoothed_targets():
    one_hot = np.eye(4, dtype=np.float32)
    y = smoothed(one_hot, 0.2, 4)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, 0.8 * one_hot + 0.05, rtol=1e-6)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
    column = np.array([[0.0], [1.0]])
    np.testing.assert_allclose(smoothed(column, 0.2, 2), [[0.1], [0.9]])


@pytest.mark.parametrize(
    ("classes", "y", "expected"),
    [
        (np.array([0, 1]), np.array([1.0, 0.0, 2.0]), [1, 0, -1]),
        (np.array([0, 2**53 + 1]), np.array([2.0**53, 0.5]), [-1, -1]),
        (np.array([0, 2**62 + 1]), np.array([2**62 + 1, 2**62], np.uint64), [1, -1]),
        (np.array([7, 2**63 + 1], np.uint64), np.array([-1, 7]), [-1, 0]),
        (np.array([0.0, 2.0**63]), np.array([2**63, 2**63 + 1], np.uint64), [1, -1]),
        (np.array([False, True]), np.array([1, 2]), [1, -1]),
        (np.array([1, 2]), np.array(["1", "2"]), [-1, -1]),
        (np.array(["1", "2"]), np.array([1, 2]), [-1, -1]),
        (np.array(["a", "b"]), np.array(["b", "c"], dtype=object), [1, -1]),
        (np.array([0, 2**24 + 1]), np.array([2**24, 5], np.float32), [1, -1]),
        (np.array([0.0, 1e300]), np.array([np.inf, 0], np.float32), [1, 0]),
        (np.array([0, 2**24], np.float32), np.array([2**24 + 1, 0]), [-1, 0]),
        (np.array([0, 2**24, 2**24 + 1]), np.array([0, 5], np.float32), [0, -1]),
        (
            np.array(["2024-01-01", "2024-01-02"], "M8[D]"),
            np.array(["2024-01-02T00", "2024-01-02T01"], "M8[h]"),
            [1, -1],
        ),
        (
            np.array(["0001-01-01", "2024-01-02"], "M8[D]"),
            np.array(["2024-01-02", "2024-01-03"], "M8[ns]"),
            [1, -1],
        ),
    ],
)
def test_labels_match_if_they_are_exactly_equal(classes, y, expected):
    np.testing.assert_array_equal(places(y, classes), expected)


def test_a_label_of_low_precision_that_two_classes_round_to_is_refused():
    with pytest.raises(ValueError, match=r"the classes \[16777216, 16777217\] apart"):
        places(np.array([2**24], np.float32), np.array([0, 2**24, 2**24 + 1]))


def test_labels_come_back_as_the_classes():
    labels, _ = binarize(np.array([2**53 + 1, 5, 2**53 + 1]))
    y, indicator = labels.encode(np.array([5, 2**53 + 1], np.uint64))
    assert (y.dtype, y.tolist()) == (np.int64, [5, 2**53 + 1])
    np.testing.assert_array_equal(indicator, [[0], [1]])


def test_text_that_numpy_would_cut_off_is_refused():
    with pytest.raises(ValueError, match=r"y must have labels without .*NUL.*'a\\x00'"):
        binarize(np.array(["a", "a\0", "b"], dtype=object))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array([0.5, 1, 2]), "Unknown label type: continuous"),
        (np.array([[0, 1], [2, 3]]), "Multioutput target data is not supported"),
    ],
)
def test_numbers_that_are_no_labels(y, message):
    with pytest.raises(ValueError, match=message):
        binarize(y)


def test_classes_with_a_single_row():
    with pytest.warns(UserWarning, match="y has a single class, 7: the model predicts"):
        check_repeated(*binarize(np.array([7, 7])))
    for y in ([0, 0, 1, 1], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]):
        check_repeated(*binarize(np.array(y)))
    for y, single in (([0, 1, 1], [0]), ([0, 1], [0, 1]), ([3, 3, 1, 2], [1, 2])):
        with pytest.warns(UserWarning, match="have a single row") as caught:
            check_repeated(*binarize(np.array(y)))
        assert f"row: {single}" in str(caught[0].message)
    with pytest.raises(ValueError, match="3 classes in 3 rows.*identify the rows"):
        check_repeated(*binarize(np.array([4, 5, 6])))
    # A class without rows has no weight, and its label is known.
    check_repeated(Labels("multiclass", np.arange(3)), np.eye(3)[[0, 0, 1, 1]])
