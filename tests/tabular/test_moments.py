"""Dates of every library as seconds, against Python's datetime."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from skmlp.common.frames import series_of
from skmlp.tabular.moments import (
    DATES,
    DURATIONS,
    TIMES,
    by_clock,
    of_type,
    of_values,
    seconds_of,
    zone_of,
)

pd = pytest.importorskip("pandas")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = [
    datetime(1931, 5, 17, 23, 59, 58),
    datetime(1970, 1, 1),
    datetime(2024, 2, 29, 12, 0, 0, 250_000),
    datetime(2024, 10, 27, 1, 30),
]
SECONDS = [(one.replace(tzinfo=UTC) - EPOCH).total_seconds() for one in MOMENTS]


def series(values, library, zone=None):
    """A column of a library, as columns of frames come."""
    if library == "numpy":
        return np.array(values, "M8[us]")
    if library == "pandas":
        found = pd.Series(np.array(values, "M8[ns]"))
        return (
            found if zone is None else found.dt.tz_localize("UTC").dt.tz_convert(zone)
        )
    if library == "polars":
        pl = pytest.importorskip("polars")
        found = pl.Series(values).cast(pl.Datetime("ms"))
        if zone is None:
            return found
        return found.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    pa = pytest.importorskip("pyarrow", exc_type=ImportError)
    column = pa.array(values, pa.timestamp("us", tz=zone))
    if library == "pandas with arrow":
        return pd.Series(column, dtype=pd.ArrowDtype(column.type))
    return next(series_of(pa.table({"x": column})))


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize(
    "library", ["numpy", "pandas", "polars", "arrow", "pandas with arrow"]
)
def test_moments_of_every_library(library, zone):
    if library == "numpy" and zone:
        pytest.skip("NumPy has no zones")
    found = of_type(series([*MOMENTS, None], library, zone))
    assert (found.kind, found.zone) == (DATES, zone or "")
    np.testing.assert_allclose(found.seconds, [*SECONDS, np.nan], atol=1e-6, rtol=0)


YEAR = 365.2425 * 86_400
LENGTHS = {"Y": YEAR, "M": YEAR / 12, "W": 604_800, "D": 86_400, "h": 3600, "m": 60}


@pytest.mark.parametrize("unit", [*LENGTHS, "s", "ms", "us", "ns"])
def test_every_unit_of_numpy(unit):
    values = np.array(["1931-05-17", "2024-10-27", "NaT"], f"M8[{unit}]")
    starts = values[:2].astype("M8[s]").astype(object)
    expected = [(one - datetime(1970, 1, 1)).total_seconds() for one in starts]
    np.testing.assert_array_equal(seconds_of(values), [*expected, np.nan])
    lengths = seconds_of(np.array([3, "NaT"], f"m8[{unit}]"))
    fraction = {"ms": 1e3, "us": 1e6, "ns": 1e9}.get(unit, 1)
    expected = 3 * LENGTHS.get(unit, 1) / fraction
    np.testing.assert_array_equal(lengths, [expected, np.nan])


def test_units_of_several_and_far_dates():
    assert seconds_of(np.array([2], "M8[15m]")).tolist() == [1800]
    assert seconds_of(np.array(["0001-01-01"], "M8[D]")).tolist() == [-62_135_596_800]
    assert np.isnan(seconds_of(np.array(["NaT"], "M8"))).all()


@pytest.mark.parametrize(
    ("value", "kind", "seconds"),
    [
        (date(1, 1, 1), DATES, -62_135_596_800),
        (date(9999, 12, 31), DATES, 253_402_214_400),
        (MOMENTS[2], DATES, SECONDS[2]),
        (np.datetime64(MOMENTS[2], "ms"), DATES, SECONDS[2]),
        (pd.Timestamp(MOMENTS[2]), DATES, SECONDS[2]),
        (pd.Period("1970-02", "M"), DATES, 31 * 86_400),
        (time(8, 30, 1), TIMES, 30_601),
        (timedelta(hours=-1), DURATIONS, -3600),
        (np.timedelta64(2, "D"), DURATIONS, 172_800),
        (pd.Timedelta(5, "s"), DURATIONS, 5),
    ],
)
def test_objects(value, kind, seconds):
    found = of_values([value], np.array([0, -1]))
    assert (found.kind, found.zone) == (kind, "")
    np.testing.assert_array_equal(found.seconds, [seconds, np.nan])


def test_zones_of_objects():
    rows = np.arange(2)
    berlin = [one.replace(tzinfo=ZoneInfo("Europe/Berlin")) for one in MOMENTS[2:]]
    found = of_values(berlin, rows)
    assert found.zone == "Europe/Berlin"
    assert found.seconds.tolist() == [(one - EPOCH).total_seconds() for one in berlin]
    summer = timezone(timedelta(hours=2))
    assert of_values([berlin[0], MOMENTS[0].replace(tzinfo=summer)], rows).zone == "UTC"
    with pytest.raises(TypeError, match="a time zone beside dates without"):
        of_values([berlin[0], MOMENTS[0]], rows)


def test_a_fixed_offset_counts_whatever_its_name():
    zone = timezone(timedelta(hours=-2.5), "CEST")
    moment = MOMENTS[2].replace(tzinfo=zone)
    for found in (
        of_values([moment], np.arange(1)),
        of_type(pd.Series([moment])),
    ):
        assert found.seconds == pytest.approx(SECONDS[2] + 9000, abs=1e-6)
        clock = by_clock(found.seconds, found.zone)
        assert clock == pytest.approx(SECONDS[2], abs=1e-6)


@pytest.mark.parametrize("library", ["polars", "arrow", "pandas with arrow"])
def test_dates_durations_and_times_with_a_type(library):
    pa = pytest.importorskip("pyarrow", exc_type=ImportError)
    given = {
        "date32": ([date(1931, 5, 17), None], pa.date32(), DATES, -14_109 * 86_400),
        "duration": ([timedelta(1), None], pa.duration("ms"), DURATIONS, 86_400),
        "time": ([time(8, 30), None], pa.time64("us"), TIMES, 30_600),
    }
    for values, dtype, kind, seconds in given.values():
        column = pa.array(values, dtype)
        if library == "polars":
            one = pytest.importorskip("polars").from_arrow(column)
        elif library == "arrow":
            one = next(series_of(pa.table({"x": column})))
        else:
            one = pd.Series(column, dtype=pd.ArrowDtype(dtype))
        found = of_type(one)
        assert found.kind == kind
        np.testing.assert_array_equal(found.seconds, [seconds, np.nan])


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC", "-03:30"]
)
def test_clocks_against_python(zone):
    starts = np.array([SECONDS[0], SECONDS[2], SECONDS[3], SECONDS[3] + 3600])
    found = by_clock(np.append(starts, np.nan), zone)
    there = ZoneInfo(zone) if zone[0] != "-" else timezone(-timedelta(hours=3.5))
    for seconds, clock in zip(starts, found, strict=False):
        moment = (EPOCH + timedelta(seconds=seconds)).astimezone(there)
        wall = moment.replace(tzinfo=UTC) - EPOCH
        assert clock == wall.total_seconds()
    assert np.isnan(found[-1])


def test_clocks_without_a_zone_and_beyond_the_calendar():
    assert by_clock(np.array([5.0]), "").tolist() == [5]
    assert by_clock(np.array([1e15, -1e15]), "+01:00").tolist() == [
        1e15 + 3600,
        -1e15 + 3600,
    ]


@pytest.mark.parametrize("name", ["Europe/Nowhere", "../etc", "Europe", "tzlocal()"])
def test_a_zone_needs_a_name(name):
    with pytest.raises(ValueError, match="must have a time zone with a name"):
        zone_of(name)
