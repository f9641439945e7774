"""Which targets are soft labels, and which of them are probabilities."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skmlp.common.soft_labels import checked_soft, is_soft

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
    found = checked_soft(y * np.float32(1.00005), 5)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(found, y, rtol=1e-4)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (HALF[:, :1], "a column for each of the 2 classes. Got 1 columns"),
        (HALF + 0.001, r"Got 2 other rows of 2, such as row 0, \[0.501, 0.501\], with"),
        (
            np.array([[0.5, 0.5], [-0.5, 1.5]]),
            r"such as row 1, \[-0.5, 1.5\], with the",
        ),
        (np.array([[0.3, 0.3], [0.5, 0.5]]), "numbers >= 0 that sum to 1 in each row"),
    ],
)
def test_what_are_no_probabilities(y, message):
    with pytest.raises(ValueError, match=message):
        checked_soft(y, 2)
