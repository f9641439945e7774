"""Columns of dates as nodes, against `Dated`."""

import numpy as np
import pandas as pd
import pytest

from skmlp.export import dates
from skmlp.tabular.columns import columns_of
from skmlp.tabular.dates import Dated, days_of
from skmlp.tabular.moments import by_clock

ZONES = [
    *("", "UTC", "+05:30", "Europe/Berlin", "America/New_York"),
    *("Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"),
]
FIRST, LAST = -2_200_000_000, 4_100_000_000
"""Seconds from 1900 to 2099."""


def moments(n, zone=""):
    """Microseconds from 1900 to 2099, and a missing one."""
    seconds = np.random.RandomState(0).randint(FIRST, LAST, n)
    changes = dates.offsets(zone)[0]
    near = np.concatenate([changes, changes - 1]).astype(np.int64)
    whole = np.concatenate([seconds, near, [0, -1, 86_399, 951_782_399]])
    return np.append(whole * 1_000_000, dates.MISSING)[:, None]


def seconds_of(x):
    return np.where(x == dates.MISSING, np.nan, x / 1e6)[:, 0]


@pytest.mark.parametrize("zone", ZONES)
def test_clocks(zone):
    from .runs import run_graph

    x = moments(2000, zone)
    found = run_graph(
        lambda graph, name: dates.by_zone(graph, dates.seconds(graph, name), zone), x
    )
    np.testing.assert_array_equal(found[:, 0], by_clock(seconds_of(x), zone))


def test_a_zone_that_never_changes_its_clocks():
    changes, ahead = dates.offsets("+05:30")
    assert (len(changes), ahead.tolist()) == (0, [19_800.0])


def test_years_of_centuries():
    from .runs import run_graph

    days = np.arange("1500-01-01", "2500-01-01", dtype="M8[D]").astype(np.int64)
    x = (days * 86_400_000_000 + 43_200_000_000)[:, None]

    def build(graph, name):
        return dates.PHASES["day_of_year"](graph, dates.seconds(graph, name))

    found, clock = run_graph(build, x)[:, 0], x[:, 0] / 1e6
    years = days_of(clock).astype("M8[D]").astype("M8[Y]")
    starts, ends = (one.astype("M8[D]").astype(np.int64) for one in (years, years + 1))
    np.testing.assert_array_equal(found, (clock / 86_400 - starts) / (ends - starts))


def columns():
    """Columns of dates, durations and times of day, by what they are."""
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "years": pd.to_datetime(rng.randint(FIRST, LAST, 300), unit="s"),
            "weeks": pd.to_datetime(rng.randint(0, 40, 300) * 86_400, unit="s"),
            "hours": pd.to_datetime(rng.randint(0, 200_000, 300), unit="s"),
            "one": pd.Timestamp("2020-02-29"),
            "none": pd.Series([pd.NaT] * 300, dtype="datetime64[ns]"),
            "duration": pd.to_timedelta(rng.randint(0, 10**6, 300), unit="s"),
        }
    )
    frame["zone"] = frame["years"].dt.tz_localize("UTC").dt.tz_convert("Europe/Rome")
    frame.loc[::9, ["years", "duration", "zone"]] = pd.NaT
    times = pd.Timestamp(0) + pd.to_timedelta(rng.randint(0, 86_400, 300), unit="s")
    frame["time"] = times.time
    return {one.name: one for one in columns_of(frame, None)}


COLUMNS = columns()


@pytest.mark.parametrize("name", COLUMNS)
def test_encoded_dates(name):
    from .runs import run_graph

    column = COLUMNS[name]
    one = Dated.fit(column, False)
    seconds = column.values
    gaps = np.isnan(seconds)
    x = np.where(gaps, dates.MISSING, np.where(gaps, 0, seconds * 1e6).astype(np.int64))
    x = x[:, None]

    def numbers(graph, given):
        found = dates.numbers_of(graph, one, dates.seconds(graph, given))
        return graph.concat(found, 1)

    expected = np.column_stack(one.numbers_of(column))
    np.testing.assert_array_equal(run_graph(numbers, x), expected)
    if one.parts:
        found = run_graph(
            lambda graph, given: dates.plain_of(
                graph, one, dates.seconds(graph, given)
            ),
            x,
        )
        np.testing.assert_array_equal(found, one.transform(column))
