"""Dates, durations and times of day of any library as seconds, and clocks of time zones."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ..common.values import dates_of_dtype, kinds_in
from .distinct import distinct

DATES, DURATIONS, TIMES = "dates", "durations", "times of day"
KINDS = {
    "dates and times": DATES,
    "dates": DATES,
    "periods": DATES,
    "durations": DURATIONS,
    "times of day": TIMES,
}
"""What a column holds, by the kinds of its values."""

DAY = 86_400.0
"""Seconds."""

UNITS = {
    **{"W": 7 * DAY, "D": DAY, "h": 3600.0, "m": 60.0, "s": 1.0, "generic": 1.0},
    **{"Y": 365.2425 * DAY, "M": 365.2425 / 12 * DAY},
}
"""Seconds of the units of NumPy. Years and months are so long in durations only."""

FRACTIONS = {"ms": 1e3, "us": 1e6, "ns": 1e9, "ps": 1e12, "fs": 1e15, "as": 1e18}
"""How many of a unit are a second."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = -62_135_510_400.0, 253_402_214_400.0
"""Seconds from 1970 to the second day of Python's calendar, and to its last one."""

CHANGES = 900.0
"""Clocks change at quarters of an hour."""

OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d):?(\d\d)")


class Moments(NamedTuple):
    """The seconds of each row, float64, NaN where missing; of which kind they are.

    They count from 1970, UTC, or from midnight, or are the length of a duration. `zone` is
    the name of the time zone of dates; '' without one, where the dates count as UTC.
    """

    kind: str
    seconds: Any
    zone: str = ""


def kinds_of_moments(kinds: set[str]) -> set[str]:
    """What a column holds whose values are of these kinds, all of them of dates."""
    return {KINDS[kind] for kind in kinds}


def of_type(series: Any) -> Moments:
    """The moments of a column whose type is one of dates."""
    dtype = series.dtype
    values = series if isinstance(series, np.ndarray) else _as_numpy(series)
    if values.dtype.kind not in "mM":
        found = distinct(series)
        return of_values(found.values, found.places, str(dates_of_dtype(dtype)))
    zone = getattr(dtype, "tz", None) or getattr(dtype, "time_zone", None)
    return Moments(KINDS[str(dates_of_dtype(dtype))], seconds_of(values), _name(zone))


def _as_numpy(series: Any) -> Any:
    """A column of dates as datetime64 in UTC, timedelta64, or else objects."""
    dtype = series.dtype
    if str(dtype).startswith("period"):
        series = series.dt.to_timestamp()
    if hasattr(dtype, "tz"):
        return series.to_numpy(dtype=f"M8[{dtype.unit}]")
    return series.to_numpy()


def seconds_of(values: Any) -> Any:
    """datetime64 or timedelta64 of any unit as seconds; NaN for NaT."""
    unit, n = np.datetime_data(values.dtype)
    if values.dtype.kind == "M" and unit in "YM":
        values, unit, n = values.astype("M8[D]"), "D", 1
    numbers = values.astype(np.int64) * float(n)
    # A quotient of integers is exact if it is an integer.
    seconds = numbers / FRACTIONS[unit] if unit in FRACTIONS else numbers * UNITS[unit]
    return np.where(np.isnat(values), np.nan, seconds)


def of_values(values: Sequence[Any], places: Any, kind: str | None = None) -> Moments:
    """The moments of rows: row i has the value `values[places[i]]`, -1 is missing.

    The values are of one kind, by default that of the first one.

    Raises
    ------
    TypeError
        If dates with a time zone are beside ones without.
    """
    kind = next(iter(kinds_in(values)), None) or kind
    zones = {_name(one.tzinfo) for one in values if isinstance(one, datetime)}
    if "" in zones or any(not isinstance(one, datetime) for one in values):
        if zones - {""}:
            raise TypeError("dates with a time zone beside dates without")
        zones = {""}
    zone = zones.pop() if len(zones) == 1 else "UTC" * bool(zones)
    seconds = np.array([*map(_seconds, values), np.nan])
    return Moments(KINDS[str(kind)], seconds[places], zone)


def _seconds(value: Any) -> float:
    """The seconds of a value of Python, NumPy or pandas."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return float(seconds_of(np.asarray(value)))
    if isinstance(value, timedelta):
        return value.total_seconds()
    if hasattr(value, "to_timestamp"):
        value = value.to_timestamp()
    days = value.toordinal() - EPOCH.toordinal() if isinstance(value, date) else 0
    names = ("hour", "minute", "second", "microsecond", "nanosecond")
    units = (3600, 60, 1, 1e-6, 1e-9)
    parts = (getattr(value, name, 0) for name in names)
    seconds = days * DAY + sum(n * unit for n, unit in zip(parts, units, strict=True))
    ahead = value.utcoffset() if isinstance(value, datetime) else None
    return seconds - ahead.total_seconds() if ahead else seconds


def _name(zone: Any) -> str:
    """The name of a time zone; '' for None, and the offset of one with no other.

    A name such as CEST, which zones of Python can have, does not say what the offset is.
    """
    if zone is None:
        return ""
    if isinstance(zone, timezone):
        return str(timezone(zone.utcoffset(None)))
    return str(getattr(zone, "key", None) or getattr(zone, "zone", None) or zone)


def zone_of(name: str) -> tzinfo:
    """The time zone of a name, such as Europe/Berlin, UTC or +02:00.

    Raises
    ------
    ValueError
        If there is none.
    """
    offset = OFFSET.fullmatch(name)
    if name == "UTC":
        return UTC
    if offset:
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if sign == "-" else ahead)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            "must have a time zone with a name that zoneinfo knows, such as "
            f"Europe/Berlin or UTC. Got {name!r}. Windows needs the package tzdata."
        ) from None


def by_clock(seconds: Any, zone: str) -> Any:
    """What clocks show in a time zone, as seconds since 1970."""
    if not zone:
        return seconds
    there, clocks = zone_of(zone), np.full(len(seconds), np.nan)
    known = ~np.isnan(seconds)
    quarters, places = np.unique(
        np.clip(seconds[known], FIRST, LAST) // CHANGES, return_inverse=True
    )
    ahead = np.array([_ahead(there, one * CHANGES) for one in quarters])
    clocks[known] = seconds[known] + ahead[places]
    return clocks


def _ahead(zone: tzinfo, seconds: float) -> float:
    """By how many seconds a clock is ahead of UTC at a moment."""
    ahead = (EPOCH + timedelta(seconds=seconds)).astimezone(zone).utcoffset()
    return ahead.total_seconds() if ahead else 0.0
