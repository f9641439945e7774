from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from skmlp.common.values import (
    DATES,
    all_numbers,
    check_plain,
    culprit,
    dates_of_dtype,
    described,
    is_missing,
    kind_of,
    kinds_in,
    with_mask,
)


@pytest.mark.parametrize(
    "value", [None, np.nan, pd.NaT, pd.NA, Decimal("NaN"), np.ma.masked]
)
def test_missing_values(value):
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, "", "nan", False, Decimal("sNaN"), np.inf])
def test_values_that_are_there(value):
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *((one, "numbers") for one in (1, True, np.bool_(True), 2**70, Decimal(1))),
        *((one, "numbers") for one in (Fraction(1, 3), np.float32(1), np.uint64(1))),
        ("a", "text"),
        (np.str_("a"), "text"),
        (b"a", "bytes"),
        (1j, "complex"),
        ([1], "list"),
        (Decimal("sNaN"), "signaling NaN"),
        (date(9999, 1, 1), "dates"),
        (datetime(2020, 1, 1), "dates and times"),
        (pd.Timestamp("2020-01-01", tz="UTC"), "dates and times"),
        (np.datetime64("1066-10-14"), "dates and times"),
        (time(8), "times of day"),
        (timedelta(1), "durations"),
        (np.timedelta64(1, "D"), "durations"),
        (pd.Period("2020-01"), "periods"),
    ],
)
def test_kinds_of_values(value, kind):
    assert kind_of(value) == kind
    assert kinds_in([value, None, value]) == {kind: 2}
    assert all_numbers([None, value]) == (kind == "numbers")


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        (np.dtype("M8[s]"), "dates and times"),
        (np.dtype("m8[s]"), "durations"),
        (pd.DatetimeTZDtype("us", "UTC"), "dates and times"),
        (pd.PeriodDtype("D"), "periods"),
        ("date32[day][pyarrow]", "dates"),
        ("timestamp[us, tz=UTC][pyarrow]", "dates and times"),
        ("time64[us]", "times of day"),
        ("Duration(time_unit='us')", "durations"),
        (np.dtype(float), None),
        (pd.CategoricalDtype(), None),
    ],
)
def test_kinds_of_dates_by_dtype(dtype, kind):
    assert dates_of_dtype(dtype) == kind
    assert kind is None or kind in DATES


def test_what_a_column_holds():
    assert described([1, 2.5, None, "?"]) == "numbers in 2 rows, text in 1 row: '?'"
    assert described(np.array(["b"] * 1500)) == "text in 1,500 rows: 'b'"
    assert described([np.str_("b")]) == "text in 1 row: 'b'"
    assert described([date(9999, 12, 31)]) == "dates in 1 row: 9999-12-31"
    assert len(described(["x" * 1000])) < 80


def test_a_list_of_masked_rows_is_masked():
    row = np.ma.array([1, 2], mask=[False, True])
    assert with_mask([row, row]).mask.tolist() == [[False, True]] * 2
    plain = [[1, 2]]
    assert with_mask(plain) is plain
    with pytest.raises(
        ValueError, match="X must not have masked values.* Got 2 of them"
    ):
        check_plain(with_mask([row, row]))
    assert check_plain(np.ma.array([[1.0]])) is None


@pytest.mark.parametrize(
    ("values", "held"),
    [
        (np.array(["2020-01-01"], "M8[D]"), r"dates and times \(datetime64"),
        (np.array([date(2020, 1, 1), None], object), "dates in 1 row: 2020-01-01"),
        (
            np.array([1.5, np.timedelta64(1, "D")], object),
            "numbers in 1 row, durations",
        ),
    ],
    ids=["dtype", "objects", "mixed"],
)
def test_numpy_would_make_numbers_of_dates(values, held):
    message = f"must hold numbers. Got {held}.*Turn dates into numbers"
    for X, name in ((values[:, None], 0), (pd.DataFrame({"d": values}), "'d'")):
        with pytest.raises(TypeError, match=f"Column {name} of X {message}"):
            check_plain(X)


def test_the_culprit_is_the_first_column_with_other_values():
    X = pd.DataFrame({"a": ["1", "2"], "b": [None, "?"], "c": ["x", "y"]})
    assert culprit(X) == "Column 'b' has text in 1 row: '?'. "
    assert culprit([[1, "2"], [3, "x"]]) == "Column 1 has text in 1 row: 'x'. "
    assert culprit([[1.0]]) == ""
