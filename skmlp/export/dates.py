"""Columns of dates as nodes: elapsed seconds, and the parts that clocks show."""

from datetime import UTC
from functools import cache
from typing import Any

import numpy as np

from ..tabular.dates import HOUR, THURSDAY, WEEKDAY, YEAR, Dated, cycles_of
from ..tabular.moments import CHANGES, DAY, by_clock, zone_of
from .functions import count_below, looked_up
from .graph import DOUBLE, FLOAT, Graph

MISSING = np.iinfo(np.int64).min
"""The integer of a missing date, which NaT of NumPy is."""

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""The years in which clocks of time zones are exact."""

MICROSECONDS = 1e6
"""Those of a second."""


def seconds(graph: Graph, x: str) -> str:
    """Microseconds (n, 1) as seconds, NaN where missing."""
    found = graph("Div", graph.cast(x, DOUBLE), np.float64(MICROSECONDS))
    gaps = graph("Equal", x, np.int64(MISSING))
    return graph("Where", gaps, np.float64(np.nan), found)


def numbers_of(graph: Graph, one: Dated, passed: str) -> list[str]:
    """The columns of numbers by the elapsed seconds, each (n, 1)."""
    parts = cycles_of(one.kind, one.parts)
    if not parts:
        return [passed]
    clock = by_zone(graph, passed, one.zone)
    return [passed, *(PHASES[part](graph, clock) for part in parts)]


def plain_of(graph: Graph, one: Dated, passed: str) -> str | None:
    """The plain columns of the parts, 0 where the date is missing; None without parts."""
    if not one.parts:
        return None
    clock = by_zone(graph, passed, one.zone)
    gaps = graph("IsNaN", clock)
    clock = graph("Where", gaps, np.float64(0), clock)
    both = graph.concat([_plain(graph, part, clock) for part in one.parts], 1)
    return graph("Where", gaps, np.float32(0), both)


def by_zone(graph: Graph, passed: str, zone: str) -> str:
    """What clocks of a time zone show, as seconds since 1970."""
    changes, ahead = offsets(zone)
    if not len(changes):
        return passed if not ahead[0] else graph("Add", passed, ahead[0])
    counts = count_below(graph, passed, [changes])
    return graph("Add", passed, looked_up(graph, counts, [ahead]))


@cache
def offsets(zone: str) -> tuple[Any, Any]:
    """When clocks change, and how many seconds they are ahead of UTC before and after."""
    there = zone_of(zone) if zone else UTC
    if there.utcoffset(None) is not None:
        return np.empty(0), by_clock(np.zeros(1), zone)
    start, end = (
        np.datetime64(f"{year}-01-01", "s").astype(np.int64) // int(CHANGES)
        for year in (FIRST_YEAR, LAST_YEAR + 1)
    )
    # Clocks are not changed twice within ten days, or not to be exact is no harm.
    quarters = np.arange(start, end, 960)

    def ahead_at(some: Any) -> Any:
        moments = some * CHANGES
        return by_clock(moments, zone) - moments

    ahead = ahead_at(quarters)
    places = np.flatnonzero(np.diff(ahead))
    low, high, after = quarters[places], quarters[places + 1], ahead[places + 1]
    while len(low) and (high - low).max() > 1:
        middle = (low + high) // 2
        changed = ahead_at(middle) == after
        low, high = np.where(changed, low, middle), np.where(changed, middle, high)
    return high * CHANGES, np.concatenate([ahead[:1], after])


def _days(graph: Graph, clock: str) -> str:
    return graph("Floor", graph("Div", clock, np.float64(DAY)))


def _fraction_of_day(graph: Graph, clock: str) -> str:
    full = graph("Mul", _days(graph, clock), np.float64(DAY))
    return graph("Div", graph("Sub", clock, full), np.float64(DAY))


def _first_days(graph: Graph, year: str) -> str:
    """The day since 1970 on which a year begins, in the Gregorian calendar."""
    days = graph("Mul", graph("Sub", year, np.float64(1970)), np.float64(365))
    for start, length, sign in ((1969, 4, 1), (1901, 100, -1), (1601, 400, 1)):
        passed = graph("Sub", year, np.float64(start))
        leaps = graph("Floor", graph("Div", passed, np.float64(length)))
        days = graph("Add" if sign > 0 else "Sub", days, leaps)
    return days


def _fraction_of_year(graph: Graph, clock: str) -> str:
    """The part of the year that has passed.

    A year of mean length finds the year, but for one; of its neighbours one has the day.
    """
    days = _days(graph, clock)
    mean = graph("Floor", graph("Div", days, np.float64(365.2425)))
    years = graph("Add", mean, np.float64(1970) + np.arange(-1.0, 3.0))
    starts = _first_days(graph, years)
    begun = graph("LessOrEqual", starts, days)
    ends = np.float64(-np.inf), np.float64(np.inf)
    axes = np.array([1], np.int64)
    first = graph("ReduceMax", graph("Where", begun, starts, ends[0]), axes)
    following = graph("ReduceMin", graph("Where", begun, ends[1], starts), axes)
    passed = graph("Sub", graph("Div", clock, np.float64(DAY)), first)
    return graph("Div", passed, graph("Sub", following, first))


PHASES = {HOUR: _fraction_of_day, YEAR: _fraction_of_year}
"""The fraction of the period that has passed, by the seconds that clocks show."""


def _plain(graph: Graph, part: str, clock: str) -> str:
    """The columns of a part."""
    if part == WEEKDAY:
        days = graph("Add", _days(graph, clock), np.float64(THURSDAY))
        weeks = graph("Floor", graph("Div", days, np.float64(7)))
        weekday = graph("Sub", days, graph("Mul", weeks, np.float64(7)))
        return graph.cast(graph("Equal", weekday, np.arange(7.0)), FLOAT)
    turns = graph("Mul", PHASES[part](graph, clock), np.float64(2 * np.pi))
    # Old releases of onnxruntime have no cosine in double precision.
    turned = graph("Add", turns, np.float64(np.pi / 2))
    both = graph.concat([graph("Sin", turns), graph("Sin", turned)], 1)
    return graph.cast(both, FLOAT)
