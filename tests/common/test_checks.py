"""Checks of sample weights and targets."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skmlp.common.checks import (
    check_precision,
    check_sample_weight,
    targets_in_range,
)
from skmlp.core.heads import REGRESSION_HEADS


@pytest.mark.parametrize("weights", [[1, 2, 0], np.ones(3, int), 2.0])
def test_sample_weight(weights):
    checked = check_sample_weight(weights, 3, np.float32)
    assert checked.dtype == np.float32
    np.testing.assert_array_equal(checked, np.broadcast_to(weights, 3))
    assert check_sample_weight(None, 3, np.float32) is None


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"shape \(3,\).*Got shape \(2,\)"),
        ([[1], [2], [3]], r"Got shape \(3, 1\)"),
        ([1, -2, 3], "must be >= 0. Got a weight of -2"),
        ([1, np.nan, 3], "sample_weight contains NaN"),
        (
            np.ma.array([1, 2, 3], mask=[0, 1, 1]),
            "sample_weight .*2 weights are masked",
        ),
        ([1, np.inf, 3], "sample_weight contains infinity"),
        ([0, 0, 0], "at least one positive weight"),
        (0.0, "at least one positive weight"),
        ("abc", "sample_weight must be None, a number or an array.*Got str"),
        (["a", "b", "c"], "sample_weight must be .*Got list"),
        ({0: 1}, "sample_weight must be .*Got dict"),
        ([10**400] * 3, "sample_weight must be .*Got list.*too large"),
        (np.arange(3).astype("M8[D]"), "weights are dates or durations"),
        ([np.timedelta64(1, "D")] * 3, "weights are dates or durations"),
        (pd.date_range("2024", periods=3, tz="UTC"), "weights are dates or durations"),
        (
            [1e308, 1e308, 1e308],
            "sample_weight .* a finite inverse in float64",
        ),
        (
            [1e-320, 0, 0],
            "sample_weight .* a finite inverse in float64",
        ),
    ],
)
def test_wrong_sample_weight(weights, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check_sample_weight(weights, 3, np.float64)


def test_weights_too_small_for_the_precision():
    with pytest.raises(
        ValueError, match="a finite sum with a finite inverse in float32"
    ):
        check_sample_weight([1e-50, 0, 0], 3, np.float32)


@pytest.mark.parametrize(
    ("name", "dtype", "y", "message"),
    [
        (
            "squared_error",
            np.float32,
            [1, 1e40],
            "finite numbers in float32.* to 1e\\+40",
        ),
        (
            "gamma",
            np.float32,
            [1e-50, 1],
            "finite numbers > 0 in float32.* from 1e-50 to 1.0",
        ),
        (
            "gamma",
            np.float64,
            [0, 1],
            "finite numbers > 0 in float64.* from 0.0 to 1.0",
        ),
    ],
)
def test_targets_out_of_range_are_shown_as_they_were_given(name, dtype, y, message):
    with pytest.raises(ValueError, match=f"y must be {message}") as raised:
        targets_in_range(REGRESSION_HEADS[name], np.array(y, float), dtype, "a model")
    lost = "float32 holds magnitudes from 1.4e-45 to 3.4e+38" in str(raised.value)
    assert lost == (dtype is np.float32)


def test_targets_get_the_precision():
    found = targets_in_range(
        REGRESSION_HEADS["gamma"], np.array([1, 2]), np.float32, ""
    )
    assert found.dtype == np.float32
    assert found.tolist() == [[1], [2]]


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_values_beyond_the_precision_of_the_model(make):
    X = np.array([[0.0, 1.0], [2.0, 3.4e38]])
    check_precision(make(X), np.float32)
    check_precision(make(1e200 * X[:1]), np.float64)
    check_precision(make(np.array([[2**62, 1]])), np.float32)
    check_precision(make(0 * X), np.float32)
    for sign in (1, -1):
        X[0, 0] = sign * 1e300
        with pytest.raises(ValueError, match=r"X must .* float32.*Got .* of 1e\+300"):
            check_precision(make(X), np.float32)
