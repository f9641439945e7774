"""Dates and times of day in each form, against Python's calendar."""

from datetime import date, datetime, time, timedelta, timezone
from itertools import product

import numpy as np
import pytest

from skmlp.command.dates import (
    DATE,
    DURATION,
    EXAMPLES,
    ORDERS,
    TIME,
    as_numbers,
    dates_as_numbers,
    kind_of_objects,
    kinds_of_dates,
    numbers_of,
    why_no_dates,
)

pandas = pytest.importorskip("pandas")

EPOCH = date(1970, 1, 1)
DAYS = [
    date(1, 1, 1),
    date(1677, 9, 21),
    date(1900, 3, 1),
    date(1969, 12, 31),
    EPOCH,
    date(2000, 2, 29),
    date(2024, 2, 29),
    date(2262, 4, 12),
    date(9999, 12, 31),
]
CLOCKS = {
    "": 0,
    " 00:00": 0,
    "T23:59:59.5": 86_399.5,
    " 9:05": 32_700,
    " 12:00 AM": 0,
    " 12:30:01 pm": 45_001,
    " 10:00Z": 36_000,
    "T10:00:00+02:00": 28_800,
    " 10:00-0530": 55_800,
    " 10:00 UTC": 36_000,
}


def texts(*values):
    return pandas.Series(values, dtype=object)


def written(day, kind):
    separator, order = ORDERS[kind]
    parts = {"year": f"{day.year:04}", "month": str(day.month), "day": f"{day.day:02}"}
    return separator.join(parts[part] for part in order)


@pytest.mark.parametrize("kind", ORDERS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_dates_of_every_kind_and_year(kind, clock):
    words = texts(*(written(day, kind) + clock for day in DAYS))
    expected = [(day - EPOCH).days + CLOCKS[clock] / 86_400 for day in DAYS]
    np.testing.assert_allclose(numbers_of(words, kind), expected, rtol=0, atol=1e-9)
    assert kinds_of_dates(words) == [kind]


@pytest.mark.parametrize("kind", ORDERS)
def test_every_day_of_some_years(kind):
    days = [date(1999, 12, 1) + timedelta(i) for i in range(460)]
    found = numbers_of(texts(*(written(day, kind) for day in days)), kind)
    assert found.tolist() == [(day - EPOCH).days for day in days]


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-01-32",
        "2024-01-00",
        "24-01-01",
        "2024-01-01 24:00",
        "2024-01-01 10:60",
        "2024-01-01 13:00 pm",
        "2024-01-01 10",
        "2024-01-01 10:00 CET",
        "x2024-01-01",
        "2024-01-01x",
        "2024-1",
        "",
        "2024/01-01",
    ],
)
def test_what_is_no_date(text):
    for kind in EXAMPLES:
        assert np.isnan(numbers_of(texts(text), kind)).all()
    assert kinds_of_dates(texts("2024-01-01", text)) == []


def test_times_of_day():
    words = texts("00:00", "8:05:30", "23:59:59.25", "12:15 am", "1:00 PM")
    assert kinds_of_dates(words) == [TIME]
    expected = [0, 29_130, 86_399.25, 900, 46_800]
    assert numbers_of(words, TIME).tolist() == expected
    assert kinds_of_dates(texts("24:00")) == kinds_of_dates(texts("1:5")) == []


def test_day_and_month_are_not_guessed():
    for separator, (day, month) in product("/-", [(1, 2), (12, 12)]):
        words = texts(f"{day}{separator}{month}{separator}2024")
        assert len(kinds_of_dates(words)) == 2
        assert "day and month of" in why_no_dates(words)
    assert kinds_of_dates(texts("1/2/2024", "13/2/2024")) == ["date day/month/year"]
    assert kinds_of_dates(texts("1/2/2024", "2/13/2024")) == ["date month/day/year"]
    assert kinds_of_dates(texts("13/2/2024", "2/13/2024")) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["1/2/2024", "3/4/2024"], "day and month of '1/2/2024' may be exchanged"),
        (["31.12.2024", "unknown"], "'unknown' cannot be read"),
        (["31.12.2024", "1.1.2024", "?", "-"], "'?' and 1 more cannot be read"),
        (["13/2/2024", "2/13/2024"], "'2/13/2024' cannot be read"),
        (["31.12.24", "1.1.25"], "'31.12.24' has another form"),
        (["31 Dec 2024", "Jan 1, 2025"], "'31 Dec 2024' has another form"),
        (["a", "b", "31.12.2024"], ""),
        (["1.5", "2.5"], ""),
        ([], ""),
    ],
)
def test_why_a_column_is_text(words, why):
    assert why_no_dates(texts(*words)) == why


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_datetimes_of_every_unit_and_zone(unit, zone):
    moments = np.array(["2024-07-01T12:00", "NaT", "1970-01-01"], f"M8[{unit}]")
    series = pandas.Series(moments)
    if zone is not None:
        series = series.dt.tz_localize("UTC").dt.tz_convert(zone)
    expected = [(date(2024, 7, 1) - EPOCH).days + 0.5, np.nan, 0]
    np.testing.assert_array_equal(as_numbers(series, DATE), expected)


def test_objects_of_python_and_periods():
    zone = timezone(timedelta(hours=2))
    given = texts(DAYS[0], None, DAYS[-1], datetime(1970, 1, 2, 2, tzinfo=zone))
    for kind in ORDERS:
        expected = [-719_162, np.nan, 2_932_896, 1]
        np.testing.assert_array_equal(as_numbers(given, kind), expected)
    assert as_numbers(texts(time(1, 0, 0, 500_000)), TIME).tolist() == [3600.5]
    periods = pandas.Series(pandas.period_range("1970-02", periods=2, freq="M"))
    assert as_numbers(periods, DATE).tolist() == [31, 59]
    assert kind_of_objects([DAYS[0], datetime(2024, 1, 1)]) == DATE
    assert kind_of_objects([time(1)]) == TIME
    assert kind_of_objects([time(1, tzinfo=zone)]) is None
    assert kind_of_objects([DAYS[0], time(1)]) is None


def test_iso_dates_are_clear_among_dates_of_another_kind():
    words = texts("2024-12-31", "31.12.2024", None, "12/31/2024")
    found = as_numbers(words, "date day.month.year")
    assert found[0] == found[1] == (date(2024, 12, 31) - EPOCH).days
    assert np.isnan(found[2:]).all()
    assert np.isnan(as_numbers(words, DATE)[1:]).all()
    assert np.isnan(as_numbers(pandas.Series(pandas.to_datetime(["2024"])), TIME)).all()


def test_the_examples_are_of_their_kind():
    for kind, example in EXAMPLES.items():
        assert kind in kinds_of_dates(texts(example))


def test_a_table_of_dates_as_numbers():
    frame = pandas.DataFrame(
        {
            "day": pandas.to_datetime(["1970-01-03", None]),
            "at": [time(1), None],
            "took": [timedelta(1), None],
            "x": 1,
        }
    )
    kinds = {"day": DATE, "at": TIME, "took": DURATION, "x": "number"}
    found = dates_as_numbers(frame, kinds).to_numpy()
    np.testing.assert_array_equal(found, [[2, 3600, 86_400, 1], [*[np.nan] * 3, 1]])
