import warnings
from datetime import date, time, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skmlp.tabular.columns import (
    LABELS,
    NUMBERS,
    as_table,
    columns_of,
)
from skmlp.tabular.kinds import mask_of
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
    columns = {column.name: column for column in columns_of(FRAME, None)}
    found = {name: column.values for name, column in columns.items()}
    np.testing.assert_array_equal(found["float"], [1.5, np.nan, 3])
    np.testing.assert_array_equal(found["nullable"], [1, np.nan, 3])
    np.testing.assert_array_equal(found["objects"], [1, np.nan, 2.5])
    np.testing.assert_array_equal(found["bool"], [1, 0, 1])
    assert columns["text"].objects().tolist() == ["a", None, "b"]
    assert columns["category"].objects().tolist() == ["u", "v", None]
    assert columns["numbered"].objects().tolist() == [3, 1, 3]


def test_polars_frames_and_arrays_are_the_same():
    plain = FRAME.drop(columns=["objects", "numbered"])
    for other in (as_polars(plain), plain.to_numpy(dtype=object)):
        for a, b in zip(columns_of(plain, None), columns_of(other, None), strict=True):
            assert a.kind == b.kind
            if a.kind == NUMBERS:
                np.testing.assert_array_equal(a.values, b.values)
            else:
                assert a.objects().tolist() == b.objects().tolist()


def test_numbers_can_be_said_to_be_categories():
    (column,) = columns_of(np.array([[3.0], [np.nan], [1.0]]), [True])
    assert column.kind == LABELS
    assert column.objects().tolist() == [3.0, None, 1.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
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
    with pytest.raises(ValueError, match="numbers or dates, as categorical_features"):
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
    assert age.objects().tolist() == [low, middle, None, high]
    assert day.values.tolist() == [0, -1, 1, 0]
    assert day.labels == ["2020-01-01 00:00:00", "2020-01-02 00:00:00"]


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


def arrow_column(values, *types):
    pytest.importorskip("narwhals")
    pa = pytest.importorskip("pyarrow")
    return pa.table({"x": pa.array(values, *types)}), pa


LARGE = [2**53 + 1, None, 2**53, 7]
UNSIGNED = [2**64 - 1, None, 2**63, 7]
IDS = [12345678901234567890123, None, -(10**21), 7]
WITH_GAPS = np.ma.array([2**53 + 1, 99, 2**53, 7], mask=[0, 1, 0, 0])


def frame_of(values, dtype):
    return pd.DataFrame({"x": pd.array(values, dtype=dtype)})


def categories(values):
    return pd.DataFrame({"x": pd.Categorical(pd.array(values, dtype="Int64"))})


def dictionary(values):
    table, pa = arrow_column(values)
    return pa.table({"x": table["x"].dictionary_encode()})


CONTAINERS = {
    "list": (lambda values: [[one] for one in values], (LARGE, UNSIGNED, IDS)),
    "objects": (
        lambda values: np.array(values, object)[:, None],
        (LARGE, UNSIGNED, IDS),
    ),
    "object column": (lambda values: frame_of(values, object), (LARGE, UNSIGNED, IDS)),
    "Int64": (lambda values: frame_of(values, "Int64"), (LARGE,)),
    "UInt64": (lambda values: frame_of(values, "UInt64"), (LARGE, UNSIGNED)),
    "category": (categories, (LARGE,)),
    "masked": (lambda values: WITH_GAPS[:, None], (LARGE,)),
    "list of masked rows": (lambda values: list(WITH_GAPS[:, None]), (LARGE,)),
    "polars": (lambda values: as_polars(frame_of(values, "UInt64")), (LARGE, UNSIGNED)),
    "arrow": (lambda values: arrow_column(values)[0], (LARGE,)),
    "arrow uint64": (
        lambda values: arrow_column(values, arrow_column([])[1].uint64())[0],
        (UNSIGNED,),
    ),
    "arrow decimal": (
        lambda values: arrow_column(
            [None if one is None else Decimal(one) for one in values]
        )[0],
        (LARGE, UNSIGNED, IDS),
    ),
    "arrow dictionary": (dictionary, (LARGE,)),
}


@pytest.mark.parametrize(
    ("make", "values"),
    [
        pytest.param(make, values, id=f"{name} {values[0]}")
        for name, (make, some) in CONTAINERS.items()
        for values in some
    ],
)
def test_integers_of_any_size_are_exact_labels(make, values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (column,) = columns_of(as_table(make(values)), [True])
    assert column.kind == LABELS
    assert column.objects().tolist() == values
    assert set(map(type, column.labels)) <= {int, Decimal}
    assert column.precision is None


def test_a_list_without_large_integers_stays_an_array_of_numbers():
    assert as_table([[1, 2], [3, 4.5]]).dtype == float
    assert as_table([[1, 2**53]]).dtype == int
    assert as_table([[-1, 2**63]]).tolist() == [[-1, 2**63]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, bool])
def test_masked_values_are_missing(dtype):
    values = np.ma.array([[1, 1], [0, 1]], dtype=dtype, mask=[[0, 1], [0, 0]])
    for X in (values, list(values)):
        first, second = columns_of(as_table(X), None)
        np.testing.assert_array_equal(first.values, [1, 0])
        np.testing.assert_array_equal(second.values, [np.nan, 1])
    assert values.data[0, 1] == 1


def test_masked_text_is_missing():
    values = np.ma.array([["a"], ["b"]], mask=[[0], [1]])
    (column,) = columns_of(as_table(values), None)
    assert column.objects().tolist() == ["a", None]


def test_masked_values_with_fields_are_refused():
    values = np.ma.zeros(3, dtype=[("a", float)])
    with pytest.raises(
        ValueError, match="X is invalid. Expected 2D array, got 1D array"
    ):
        as_table(values)


ARROW_NUMBERS = {
    "int64": [2**53 + 1, None, -3],
    "uint64": [2**64 - 1, None, 3],
    "bool": [True, None, False],
    "float": [0.1, None, 2.0],
    "decimal": [Decimal("1.10"), None, Decimal(-2)],
    "none": [None, None, None],
}


@pytest.mark.parametrize("values", ARROW_NUMBERS.values(), ids=ARROW_NUMBERS)
def test_numbers_of_arrow_become_floats(values):
    types = [arrow_column([])[1].uint64()] if 2**64 - 1 in values else []
    table, _ = arrow_column(values, *types)
    (column,) = columns_of(table, None)
    assert column.kind == NUMBERS
    expected = [np.nan if one is None else float(one) for one in values]
    np.testing.assert_array_equal(column.values, expected)


@pytest.mark.parametrize("kind", ["string", "large_string", "binary"])
def test_text_of_arrow_is_labels(kind):
    _, pa = arrow_column([])
    values = [b"a", None, b"b"] if kind == "binary" else ["a", None, "b"]
    table, _ = arrow_column(values, getattr(pa, kind)())
    typed = pd.DataFrame({"x": pd.array(values, pd.ArrowDtype(getattr(pa, kind)()))})
    for frame in (table, typed):
        (column,) = columns_of(frame, None)
        assert column.kind == LABELS
        assert column.objects().tolist() == values


def test_a_dictionary_of_arrow_is_labels():
    table = dictionary(LARGE)
    dtype = pd.ArrowDtype(table["x"].type)
    for frame in (table, pd.DataFrame({"x": pd.array(table["x"], dtype)})):
        (column,) = columns_of(frame, None)
        assert column.kind == LABELS
        assert column.objects().tolist() == LARGE


DAYS = pd.to_datetime(["2020-01-01", None])
NEW_YEAR = 1_577_836_800.0
DATED = [
    (pd.DataFrame({"x": DAYS}), "dates", NEW_YEAR, ""),
    (pd.DataFrame({"x": DAYS.tz_localize("UTC")}), "dates", NEW_YEAR, "UTC"),
    (pd.DataFrame({"x": DAYS}, dtype=object), "dates", NEW_YEAR, ""),
    (pd.DataFrame({"x": DAYS.to_period("D")}), "dates", NEW_YEAR, ""),
    (pd.DataFrame({"x": DAYS.to_period("D")}, dtype=object), "dates", NEW_YEAR, ""),
    (np.array([["2020-01-01"], ["NaT"]], "M8[h]"), "dates", NEW_YEAR, ""),
    ([[np.datetime64("2020-01-01")], [None]], "dates", NEW_YEAR, ""),
    ([[date(2020, 1, 1)], [pd.NaT]], "dates", NEW_YEAR, ""),
    ([[time(8, 30)], [None]], "times of day", 30_600.0, ""),
    (pd.DataFrame({"x": DAYS - pd.Timestamp("2019-12-31")}), "durations", 86_400.0, ""),
    ([[timedelta(1)], [None]], "durations", 86_400.0, ""),
]


@pytest.mark.parametrize(("X", "kind", "seconds", "zone"), DATED)
def test_dates_are_seconds(X, kind, seconds, zone):
    for categorical in (None, [False]):
        (column,) = columns_of(as_table(X), categorical)
        assert (column.kind, column.zone, column.held) == (kind, zone, kind)
        np.testing.assert_array_equal(column.values, [seconds, np.nan])
        assert not column.is_empty
    with pytest.raises(
        TypeError, match="of X must hold text or numbers, because it has"
    ):
        columns_of(as_table(X), [True])


@pytest.mark.parametrize("dtype", ["M8[s]", "m8[s]"])
def test_categories_without_values_have_any_type(dtype):
    (column,) = columns_of(np.array([["NaT"], ["NaT"]], dtype), [True])
    assert (column.kind, column.labels, column.held) == (LABELS, (), "no values")
    assert column.values.tolist() == [-1, -1]


@pytest.mark.parametrize(
    "values",
    [[date(2020, 1, 1), time(8)], [pd.Timestamp("2020", tz="UTC"), date(2020, 1, 1)]],
)
def test_dates_of_several_kinds(values):
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    with pytest.raises(TypeError, match="Column 'x' of X must hold either dates"):
        columns_of(frame, None)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1] * 79 + ["?"], r"numbers in 79 rows, text in 1 row: '\?'"),
        ([Decimal(1), Decimal("sNaN")], "numbers in 1 row, signaling NaN in 1 row"),
        ([1, 2.5, date(2020, 1, 1)], "numbers in 2 rows, dates in 1 row"),
        (["a", "b", b"c"], "text in 2 rows, bytes in 1 row: b'c'"),
        ([1.0, 2.0, 1j], "numbers in 2 rows, complex in 1 row: 1j"),
    ],
)
def test_columns_of_several_kinds(values, message):
    array = np.array([*values, None], dtype=object)[:, None]
    for X in (pd.DataFrame({"x": pd.Series(values, dtype=object)}), array):
        with pytest.raises(TypeError, match=f"Column .* must hold either.*{message}"):
            list(columns_of(as_table(X), None))
    said = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    with pytest.raises(ValueError, match=f"categorical_features does not.*{message}"):
        list(columns_of(said, [False]))


@pytest.mark.parametrize("name", [None, np.nan, 3, ("a", 1)])
def test_names_are_all_text_or_none(name):
    index = pd.Index(["a", name], dtype=object, tupleize_cols=False)
    with pytest.raises(TypeError, match="all text, or none. Got .* beside text"):
        as_table(pd.DataFrame([[1, 2]], columns=index))
    index = pd.Index([4, name], dtype=object, tupleize_cols=False)
    table = as_table(pd.DataFrame([[1, 2]], columns=index))
    assert [one.values.tolist() for one in columns_of(table, None)] == [[1], [2]]


def test_nested_values_of_polars_are_refused():
    pl = pytest.importorskip("polars")
    for values in ([[1], [2]], [{"a": 1}, {"a": 2}]):
        with pytest.raises(TypeError, match="'x' of X must hold .*turn nested"):
            list(columns_of(pl.DataFrame({"x": values}), None))


class Counted(str):
    """A name that counts how often it is compared."""

    n = 0

    def __eq__(self, other):
        Counted.n += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def wide(n):
    names = pd.Index([Counted(f"c{i}") for i in range(n)], dtype=object)
    frame = pd.DataFrame(np.arange(2.0 * n).reshape(2, n))
    return frame.set_axis(names, axis=1)


def count(call):
    before = Counted.n
    call()
    return Counted.n - before


@pytest.mark.parametrize(
    "read",
    [
        as_table,
        lambda X: list(columns_of(X, None)),
        lambda X: mask_of([str(name) for name in X], list(X)),
    ],
    ids=["table", "columns", "mask"],
)
def test_the_cost_is_linear_in_the_columns(read):
    for n in (100, 200):
        X = wide(n)
        assert count(lambda: read(X)) <= 4 * n  # noqa: B023


def test_a_long_list_of_names_is_cut():
    names = [f"c{i}" for i in range(10_000)]
    with pytest.raises(ValueError, match="'c4'. and 9,995 more. Got 'z'"):
        mask_of(["z"], names)
