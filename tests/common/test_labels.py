import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.preprocessing import LabelBinarizer

from skmlp import MLPClassifier
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
