from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skmlp.tabular.columns import (
    LABELS,
    NUMBERS,
    columns_of,
    mask_of,
)
from tests.helpers import as_polars

FRAME = pd.DataFrame(
    {
        "float": [1.5, np.nan, 3.0],
        "int": [1, 2, 3],
        "bool": [True, False, True],
        "text": ["a", None, "b"],
        "category": pd.Categorical(["u", "v", None]),
        "nullable": pd.array([1, None, 3], dtype="Int64"),
        "objects": pd.Series([1, None, 2.5], dtype=object),
        "numbered": pd.Categorical([3, 1, 3]),
    }
)
KINDS = [NUMBERS, NUMBERS, NUMBERS, LABELS, LABELS, NUMBERS, NUMBERS, LABELS]


def test_kinds_of_columns():
    assert [column.kind for column in columns_of(FRAME, None)] == KINDS
    assert [column.name for column in columns_of(FRAME, None)] == list(FRAME)


def test_values_of_columns():
    found = {column.name: column.values for column in columns_of(FRAME, None)}
    np.testing.assert_array_equal(found["float"], [1.5, np.nan, 3])
    np.testing.assert_array_equal(found["nullable"], [1, np.nan, 3])
    np.testing.assert_array_equal(found["objects"], [1, np.nan, 2.5])
    np.testing.assert_array_equal(found["bool"], [1, 0, 1])
    assert found["text"].tolist() == ["a", None, "b"]
    assert found["category"].tolist() == ["u", "v", None]
    assert found["numbered"].tolist() == [3, 1, 3]


def test_polars_frames_and_arrays_are_the_same():
    plain = FRAME.drop(columns=["objects", "numbered"])
    for other in (as_polars(plain), plain.to_numpy(dtype=object)):
        for a, b in zip(columns_of(plain, None), columns_of(other, None), strict=True):
            assert a.kind == b.kind
            if a.kind == NUMBERS:
                np.testing.assert_array_equal(a.values, b.values)
            else:
                assert a.values.tolist() == b.values.tolist()


def test_numbers_can_be_said_to_be_categories():
    (column,) = columns_of(np.array([[3.0], [np.nan], [1.0]]), [True])
    assert column.kind == LABELS
    assert column.values.tolist() == [3.0, None, 1.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pd.to_datetime(["2020-01-01"]), "Column 'x' of X must hold numbers, booleans"),
        (pd.to_timedelta([1], unit="D"), "Column 'x' of X must hold numbers, booleans"),
        (
            [[1, 2]],
            "Column 'x' of X must hold either text or numbers. Got list in 1 row: .1, 2.",
        ),
        (
            ["a", 1],
            "either text or numbers. Got text in 1 row, numbers in 1 row: 1.",
        ),
        (
            ["a", b"a"],
            "either text or numbers. Got text in 1 row, bytes in 1 row: b'a'.",
        ),
        (
            np.array([1j, 2], dtype=object),
            "either text or numbers. Got complex in 1 row, numbers in 1 row: 2.",
        ),
        ([np.inf], "Column 'x' of X must hold finite numbers"),
        ([1j], "Column 'x' of X must hold numbers, booleans"),
        (
            [np.ones(2), np.ones(3)],
            "Column 'x' of X must hold either text or numbers. Got ndarray",
        ),
    ],
)
def test_columns_that_are_refused_by_name(values, message):
    with pytest.raises((TypeError, ValueError), match=message):
        list(columns_of(pd.DataFrame({"x": values}), None))


def test_integers_beyond_double_precision_are_refused():
    with pytest.raises(ValueError, match="Column 0 of X must hold finite numbers"):
        list(columns_of(np.array([[10**400]], object), None))


def test_decimals_are_numbers():
    values = [Decimal("1.5"), None, Decimal("NaN"), Decimal(2)]
    (column,) = columns_of(pd.DataFrame({"x": values}), None)
    assert column.kind == NUMBERS
    np.testing.assert_array_equal(column.values, [1.5, np.nan, np.nan, 2])


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_text_that_is_said_to_be_numbers(dtype):
    frame = pd.DataFrame({"x": pd.Series(["a", "b"], dtype=dtype)})
    with pytest.raises(ValueError, match="must hold numbers, as categorical_features"):
        list(columns_of(frame, [False]))
    numbered = pd.DataFrame({"x": pd.Categorical([3, 1, None])})
    (column,) = columns_of(numbered, [False])
    np.testing.assert_array_equal(column.values, [3, 1, np.nan])


@pytest.mark.parametrize(
    ("given", "mask"),
    [
        ("from_dtype", None),
        ([True, False, True], [True, False, True]),
        ([0, -1], [True, False, True]),
        (["b"], [False, True, False]),
        ([], [False, False, False]),
        (np.array([1]), [False, True, False]),
    ],
)
def test_masks(given, mask):
    assert mask_of(given, ["a", "b", "c"]) == mask


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([True], "mask with one entry"),
        (["z"], "name columns"),
        ([3], "indices of"),
    ],
)
def test_masks_of_other_columns(given, message):
    with pytest.raises(ValueError, match=f"categorical_features must .*{message}"):
        mask_of(given, ["a", "b", "c"])


def test_categories_that_are_intervals_or_dates_go_by_their_text():
    ages = pd.cut(pd.Series([3.0, 30.0, np.nan, 70.0]), [0, 18, 65, 99])
    days = pd.Series(pd.to_datetime(["2020-01-01", None, "2020-01-02", "2020-01-01"]))
    table = pd.DataFrame({"age": ages, "day": days.astype("category")})
    age, day = columns_of(table, None)
    low, middle, high = map(str, ages.cat.categories)
    assert age.values.tolist() == [low, middle, None, high]
    assert day.values[0] == day.values[3] != day.values[2]
    assert day.values[1] is None


@pytest.mark.parametrize(
    "values",
    [
        np.array([np.inf, 1]),
        np.array([np.longdouble(10) ** 400, 1]),
        np.array([10**400, 1], dtype=object),
    ],
    ids=["infinite", "longdouble", "int"],
)
def test_numbers_outside_double_precision_are_refused(values):
    with pytest.raises(ValueError, match="Got a number that is infinite in double"):
        list(columns_of(values[:, None], None))
