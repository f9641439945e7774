"""Which targets are soft labels, and which of them are probabilities."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skmlp.common.soft_labels import (
    checked_soft,
    classes_of,
    in_order,
    is_soft,
    weighted,
)

HALF = np.array([[0.5, 0.5], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (HALF, True),
        (HALF.astype(np.float32), True),
        (np.array([[0.5], [0.2]]), True),
        (np.eye(2), False),
        (np.array([[1.0, 2.0], [0.0, 3.0]]), False),
        (np.eye(2, dtype=int), False),
        (np.array([0.5, 0.5]), False),
        (csr_array(HALF), False),
        (np.array([["a", "b"]]), False),
    ],
)
def test_fractions_in_columns_are_soft(y, expected):
    assert is_soft(y) is expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_are_made_1(dtype):
    y = np.random.RandomState(0).dirichlet(np.ones(5), 100).astype(dtype)
    found = checked_soft(y * np.float32(1.0005))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(found, y, rtol=1e-3)
    assert checked_soft(np.array([[-1e-9, 1.0]])).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (HALF + 0.01, r"Got 2 other rows of 2, such as row 0, \[0.51, 0.51\], with"),
        (
            np.array([[0.5, 0.5], [-0.5, 1.5]]),
            r"such as row 1, \[-0.5, 1.5\], with the",
        ),
        (np.array([[0.3, 0.3], [0.5, 0.5]]), "divide each row by its sum"),
        (np.array([[0.0, 0.0], [0.5, 0.5]]), "such as row 0"),
    ],
)
def test_what_are_no_probabilities(y, message):
    with pytest.raises(ValueError, match=message):
        checked_soft(y)


def test_columns_are_in_the_order_of_sorted_names():
    classes = classes_of(3, ["c", "a", "b"])
    assert classes.tolist() == ["a", "b", "c"]
    assert classes_of(3, [2, 0, 1]).tolist() == [0, 1, 2]
    assert classes_of(3, None).tolist() == [0, 1, 2]
    y = np.arange(6).reshape(2, 3)
    assert in_order(y, ["c", "a", "b"], classes).tolist() == [[1, 2, 0], [4, 5, 3]]
    assert in_order(y, None, classes) is y


@pytest.mark.parametrize(
    "names", [["a", "a"], ["a", 1], [0.5, 1.5], [None, "a"], [("a", 1), ("b", 2)]]
)
def test_names_that_are_no_classes(names):
    with pytest.raises(
        ValueError, match="must have different names, all text or all int"
    ):
        classes_of(2, names)


def test_columns_that_are_not_the_classes():
    classes = np.array(["a", "b"])
    with pytest.raises(ValueError, match="for each of the 2 classes. Got shape"):
        in_order(np.zeros((4, 3)), None, classes)
    with pytest.raises(ValueError, match=r"as names: \['a', 'b'\]. Got \['a', 'x'\]"):
        in_order(np.zeros((4, 2)), ["a", "x"], classes)


@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [2.0, 0.5, 0.0], [0.0, 0.0, 1.0]])
def test_weights_of_classes_are_those_of_the_terms_of_the_loss(weights):
    rng = np.random.RandomState(0)
    y, log_p = rng.dirichlet(np.ones(3), 20), np.log(rng.dirichlet(np.ones(3), 20))
    y[0] = [1, 0, 0]
    shares, total = weighted(y, np.array(weights))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    loss = -total * (shares * log_p).sum(axis=1)
    np.testing.assert_allclose(loss, -(np.array(weights) * y * log_p).sum(axis=1))
