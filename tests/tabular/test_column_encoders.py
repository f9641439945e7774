from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists, one_of, sampled_from

from skmlp import TableEncoder
from skmlp.tabular.column_encoders import Group, Numeric, interpolate, quantiles_of
from skmlp.tabular.scaling import LIMIT, encode_numbers

VALUES = np.array([3.0, 1.0, np.nan, 2.0, 5.0, 4.0])


def encoded(one, values):
    """The columns that a column of numbers becomes."""
    out = np.empty((len(values), len(one.groups)), np.float32)
    encode_numbers([one], [values], out)
    return out.T


def test_groups_come_in_order():
    assert list(Group) == sorted(Group)
    names = ["SCALED", "QUANTILE", "MISSING", "PART", "ONE_HOT", "EFFECT", "CODE"]
    assert [group.name for group in Group] == names


def test_statistics_of_numbers():
    column = Numeric.fit(VALUES, True)
    assert (column.center, column.scale, column.mean) == (3.0, 0.5, 3.0)
    assert column.has_missing
    np.testing.assert_allclose(column.quantiles, [1, 2, 3, 3, 4, 5])
    assert column.groups == [Group.SCALED, Group.QUANTILE, Group.MISSING]
    assert column.names("x") == ["x", "x_quantile", "x_missing"]
    scaled, quantile, missing = encoded(column, VALUES)
    z = (np.nan_to_num(VALUES, nan=3) - 3) / 2
    np.testing.assert_allclose(scaled, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)
    np.testing.assert_array_equal(quantile.argsort()[[0, -1]], [1, 4])
    np.testing.assert_array_equal(missing, np.isnan(VALUES))


@pytest.mark.parametrize("values", [np.full(3, 7.0), np.full(3, np.nan)])
def test_a_column_of_one_value_or_none_becomes_zero(values):
    column = Numeric.fit(values, True)
    assert column.groups == [Group.SCALED]
    (scaled,) = encoded(column, values + 1)
    np.testing.assert_array_equal(scaled, np.zeros(3))
    assert column.has_values == (not np.isnan(values).any())


LARGEST, SUBNORMAL = np.finfo(np.float64).max, 5e-324
COLUMNS = {
    "p-values": 10.0 ** -np.random.RandomState(0).uniform(0, 330, 300),
    "close quantiles": np.r_[
        np.repeat([0, SUBNORMAL, 1], 40), SUBNORMAL * np.arange(9)
    ],
    "largest": np.array([-1e308, 1.7e308, -1.7e308, LARGEST, -LARGEST]),
    "far halves": np.repeat([-LARGEST, LARGEST], 20),
    "constant, largest": np.full(5, LARGEST),
    "constant but for one": np.r_[np.full(49, -LARGEST), LARGEST],
    "subnormals": SUBNORMAL * np.arange(20),
    "mostly subnormals": np.r_[SUBNORMAL * np.arange(30), 1, 2, 3],
    "two values": np.array([SUBNORMAL, LARGEST] * 3),
    "huge centre": 1e300 + 1e285 * np.arange(-9, 9),
    "large integers": np.array([2**53 + 1, 2**62, -(2**63), 7]),
    "float16": np.array([6e-8, 65504, -65504, 0, 1], np.float16),
    "float32": np.array([1e-45, 3.4e38, -3.4e38, 1], np.float32),
    "missing": np.array([np.nan, LARGEST, np.nan, -LARGEST, SUBNORMAL]),
    "one row": np.array([1e308]),
}
NEW = np.array([-LARGEST, -1e308, -1, -SUBNORMAL, 0, SUBNORMAL, 1e-310, 1, LARGEST])


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS.keys())
def test_every_finite_number_comes_out_finite(values):
    encoder = TableEncoder().fit(values[:, None])
    for rows in (values, NEW):
        encoded = encoder.transform(rows[:, None].astype(np.float64))
        assert np.isfinite(encoded).all()
        assert (np.abs(encoded) <= LIMIT).all()


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS.keys())
def test_the_encoding_rises_with_the_number(values):
    values = values.astype(np.float64)
    new = np.sort(np.r_[NEW, values[~np.isnan(values)]])
    for one in encoded(Numeric.fit(values, True), new)[:2]:
        assert (np.diff(one.astype(float)) >= -1e-12).all()


def exact_quantile(values, level):
    """A quantile in rational numbers."""
    ordered = sorted(Fraction(value) for value in values)
    position = Fraction(level) * (len(ordered) - 1)
    below, above = (
        ordered[int(position)],
        ordered[min(int(position) + 1, len(values) - 1)],
    )
    return below + (above - below) * (position - int(position))


def exact_interpolation(x, xp, fp):
    """np.interp of one number in rational numbers."""
    if x < xp[0] or x >= xp[-1]:
        return Fraction(fp[0] if x < xp[0] else fp[-1])
    i = np.flatnonzero(np.array(xp) <= x)[-1]
    x, left, right, low, high = map(Fraction, (x, *xp[i : i + 2], *fp[i : i + 2]))
    return low + (x - left) / (right - left) * (high - low)


FINITE = floats(allow_nan=False, allow_infinity=False)
EXTREME = sampled_from([*NEW.tolist(), *(-NEW).tolist(), 1e-323, 2.5e-308, 8e307])
NUMBERS_OF_A_COLUMN = lists(one_of(FINITE, EXTREME), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(NUMBERS_OF_A_COLUMN, NUMBERS_OF_A_COLUMN)
def test_any_column_and_any_new_number(values, new):
    column, new = Numeric.fit(np.array(values), True), np.sort([*values, *new])
    for part in encoded(column, new):
        assert np.isfinite(part).all()
        assert (np.diff(part) >= -1e-12).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(NUMBERS_OF_A_COLUMN, floats(0, 1))
def test_quantiles_are_those_in_exact_arithmetic(values, level):
    (found,) = quantiles_of(np.array(values), [level])
    # The rounding of the position between the rows counts too.
    size = max(1e-300, *np.abs(values))
    assert abs(Fraction(float(found)) - exact_quantile(values, level)) <= 1e-13 * size


@settings(max_examples=100, deadline=None, derandomize=True)
@given(NUMBERS_OF_A_COLUMN, NUMBERS_OF_A_COLUMN)
def test_interpolation_is_that_in_exact_arithmetic(points, x):
    xp, fp = np.sort([0.0, *points]), np.linspace(0, 1, len(points) + 1)
    x = np.array([*x, *points])
    exact = [float(exact_interpolation(one, xp.tolist(), fp.tolist())) for one in x]
    np.testing.assert_allclose(interpolate(x, xp, fp), exact, rtol=0, atol=1e-12)


def test_ordinary_columns_have_the_numbers_of_numpy():
    rng = np.random.RandomState(0)
    for values in (rng.randn(500), rng.randint(0, 5, 300), 1e30 * rng.randn(40)):
        x, levels = np.sort(values.astype(float)), np.linspace(0, 1, 40)
        q = quantiles_of(x, levels)
        np.testing.assert_array_equal(q, np.quantile(x, levels))
        np.testing.assert_array_equal(
            interpolate(x, q, levels), np.interp(x, q, levels)
        )
