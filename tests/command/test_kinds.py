"""The kinds of columns, and their values."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from skmlp.command.dates import DATE, DURATION, TIME
from skmlp.command.kinds import LABEL, NUMBER, OTHER, TEXT, as_kind, as_kinds, kind_of
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")

DAY = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], NUMBER),
        ([True, None], NUMBER),
        ([None, None], NUMBER),
        ([Decimal("1.5"), 2], NUMBER),
        (pandas.array([1, None], dtype="Int64"), NUMBER),
        (pandas.array([True, None], dtype="boolean"), NUMBER),
        (["a", None], TEXT),
        (["a", 1], TEXT),
        (pandas.Categorical([1, 2]), TEXT),
        (["2024-01-02", "soon"], TEXT),
        (["2024-13-02", "2024-01-02"], TEXT),
        (["2024-01-02", None], DATE),
        (["2024-01-02 10:00", "2024-01-02T10:00:01Z"], DATE),
        ([DAY, None], DATE),
        (pandas.to_datetime(["2024-01-02", None]), DATE),
        (pandas.to_datetime(["2024-01-02", None], utc=True), DATE),
        ([timedelta(1)] * 2, DURATION),
        (pandas.Series([timedelta(1), None], dtype=object), DURATION),
        ([[1], [2]], OTHER),
        ([1j, 2], OTHER),
        (pandas.Series([1j, 2], dtype=object), OTHER),
        ([time(1, 30), None], TIME),
        (["1:30", "23:59:59"], TIME),
        (["31.12.2024", "1.1.2024 10:00"], "date day.month.year"),
        (["1/2/2024", "1/13/2024"], "date month/day/year"),
        (["1/2/2024", "2/1/2024"], TEXT),
        (pandas.period_range("2024-01", periods=2, freq="M"), DATE),
    ],
)
def test_kinds(values, kind):
    assert kind_of(pandas.Series(values)) == kind


def test_values_of_each_kind():
    def values(given, kind):
        return as_kind(pandas.Series(given, name="c"), kind).tolist()

    assert values([True, False], NUMBER) == [1, 0]
    assert np.isnan(values(pandas.array([1, None], dtype="Int64"), NUMBER)[1])
    assert values([Decimal("1.5"), 2], NUMBER) == [1.5, 2]
    assert values(["a", None, 1], TEXT) == ["a", None, "1"]
    noon = datetime(1970, 1, 1, 12)
    assert values(["1970-01-02", "1970-01-01T12:00"], DATE) == [
        datetime(1970, 1, 2),
        noon,
    ]
    assert values([DAY, None], DATE) == [datetime(*DAY.timetuple()[:3]), None]
    zoned = pandas.to_datetime(["1970-01-03"]).tz_localize("Europe/Berlin")
    assert values(zoned, DATE) == [zoned[0]]
    far = np.array(["0001-01-01", "9999-12-31"], dtype="M8[s]")
    assert values(far, DATE) == far.tolist()
    assert values(["0001-01-01", "9999-12-31"], DATE) == far.tolist()
    length = timedelta(1, 2, 3)
    assert values([length, None], DURATION)[0] == length
    assert values(pandas.Series([None, length], dtype=object), DURATION)[1] == length
    assert values(["1:30", None, "13:00:00.25"], TIME) == [
        time(1, 30),
        None,
        time(13, 0, 0, 250_000),
    ]


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ([1, "two"], NUMBER, "as in training: 1 of 2 values is no number: 'two';"),
        (["2024-01-02", "soon"], DATE, "'c' must hold dates as in training, such as"),
        (["2024-01-02", "31.12.2024"], DATE, "2024-12-31. Got '31.12.2024' (1 row)."),
        (
            ["1/2/2024"] * 2,
            "date day.month.year",
            "as 31.12.2024. Got '1/2/2024' (2 row",
        ),
        (["1h"], DURATION, "'c' must hold durations as in training. Got '1h' (1 row)."),
        ([True, False], DATE, "'c' must hold dates as in training, such as"),
        (
            ["noon"],
            TIME,
            "hold times of day as in training, such as 14:05:00. Got 'noo",
        ),
        (pandas.to_datetime([DAY]), NUMBER, "as in training. Got Timestamp("),
        (pandas.to_datetime([None]), NUMBER, "as in training. Got dtype('<M8["),
        (
            [1.0, np.inf],
            NUMBER,
            "'c' has infinite values; replace them by",
        ),
    ],
)
def test_values_of_another_kind(given, kind, message):
    with pytest.raises(UserError, match=re.escape(message)):
        as_kinds(pandas.DataFrame({"c": given}), {"c": kind})


@pytest.mark.parametrize("given", [["007", "8"], ["7", "8"], [b"7", 8], [[7], 8]])
def test_texts_never_become_numbers(given):
    with pytest.raises(
        UserError, match="Column 'c' must hold numbers as in training: "
    ):
        as_kinds(pandas.DataFrame({"c": given}), {"c": NUMBER})


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float64", "float32", object])
def test_labels_are_the_same_whatever_their_type(dtype):
    values = pandas.Series([7, 12], dtype=dtype)
    assert as_kind(values, TEXT).tolist() == ["7", "12"]
    assert as_kind(pandas.Series([1.5, True, "02139"]), TEXT).tolist() == [
        "1.5",
        "True",
        "02139",
    ]


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (4.0, "4"),
        ("4.0", "4"),
        (" +7", "7"),
        ("7e1", "70"),
        ("12.50", "12.5"),
        (True, "True"),
        ("true", "True"),
        (2**60 + 1, str(2**60 + 1)),
        (str(2**60 + 1), str(2**60 + 1)),
        ("x1", "x1"),
        (None, None),
    ],
)
def test_labels_of_numbers(value, label):
    series = pandas.Series([value, "other"], dtype=object)
    assert as_kind(series, LABEL).tolist() == [label, "other"]
