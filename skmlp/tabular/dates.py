"""The encoder of a column of dates: elapsed time, and the parts that come again."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .column_encoders import Group, Numeric, kind_error
from .columns import Column
from .moments import DATES, DAY, DURATIONS, TIMES, by_clock, zone_of

HOUR, WEEKDAY, YEAR = "hour", "weekday", "day_of_year"
WEEKDAYS = (
    *("monday", "tuesday", "wednesday", "thursday"),
    *("friday", "saturday", "sunday"),
)
PARTS = {
    HOUR: ("hour_sin", "hour_cos"),
    WEEKDAY: WEEKDAYS,
    YEAR: ("day_of_year_sin", "day_of_year_cos"),
}
"""The parts of dates that come again, and the columns that each becomes."""

SOME_WEEKS, ABOUT_A_YEAR = 21 * DAY, 330 * DAY
"""The ranges from which dates have weekdays, and days of the year."""

THURSDAY = 3
"""The weekday of 1970-01-01."""


@dataclass(frozen=True, eq=False)
class Dated:
    """A column of dates, times of day or durations.

    The elapsed seconds are encoded as numbers. Parts are those of the clock in the time
    zone of fit: the hour and the day of the year become sine and cosine, the weekday seven
    columns of 0 and 1. A missing date is 0 in all of them.
    """

    kind: str
    zone: str
    elapsed: Numeric
    parts: tuple[str, ...]

    @classmethod
    def fit(cls, column: Column, with_quantiles: bool) -> "Dated":
        """Learn the scale of the elapsed time, and which parts the dates have."""
        try:
            clock = by_clock(column.values, column.zone)
        except ValueError as error:
            raise ValueError(f"Column {column.name!r} of X {error}") from None
        elapsed = Numeric.fit(column.values, with_quantiles)
        return cls(column.kind, column.zone, elapsed, parts_of(column.kind, clock))

    @property
    def has_values(self) -> bool:
        return self.elapsed.has_values

    @property
    def groups(self) -> list[Group]:
        """The group of each column that it becomes."""
        return [*self.elapsed.groups, *[Group.PART] * len(self._names_of_parts)]

    @property
    def _names_of_parts(self) -> list[str]:
        return [name for part in self.parts for name in PARTS[part]]

    def names(self, name: str) -> list[str]:
        parts = [f"{name}_{part}" for part in self._names_of_parts]
        return [*self.elapsed.names(name), *parts]

    def values_of(self, column: Column) -> Any:
        """The seconds of a column, which must hold what it did in fit."""
        if column.is_empty or not self.has_values:
            return np.full(len(column.values), np.nan)
        if column.kind != self.kind:
            raise kind_error(column, self.kind)
        if bool(column.zone) != bool(self.zone):
            kinds = ("dates without a time zone", "dates with a time zone")
            raise kind_error(column, kinds[bool(self.zone)], kinds[bool(column.zone)])
        return column.values

    def transform(self, column: Column) -> Any:
        """The columns of the parts, (n_rows, n_columns)."""
        clock = by_clock(self.values_of(column), self.zone)
        known = ~np.isnan(clock)
        out = np.zeros((len(clock), len(self._names_of_parts)), np.float32)
        if self.parts:
            encoded = [ENCODED[part](clock[known]) for part in self.parts]
            out[known] = np.column_stack(encoded)
        return out

    def check_sizes(self) -> None:
        """Raise ValueError if a value from a file is not one that fit learns."""
        if type(self.elapsed) is not Numeric or self.kind not in (
            *(DATES, DURATIONS, TIMES),
        ):
            raise ValueError("a column of dates has no scale or another kind")
        if not isinstance(self.parts, tuple) or not set(self.parts) <= set(PARTS):
            raise ValueError("a column of dates has unknown parts")
        if self.zone:
            zone_of(self.zone)
        self.elapsed.check_sizes()


def parts_of(kind: str, clock: Any) -> tuple[str, ...]:
    """The parts that the range and the resolution of the seconds support.

    Hours need different times and more than a day, weekdays dates of some weeks, and days
    of the year dates of about a year. The first or last days of months have no weekday.
    """
    seen = np.unique(clock[~np.isnan(clock)])
    if kind == DURATIONS or len(seen) < 2:
        return ()
    if kind == TIMES:
        return (HOUR,)
    length, days = seen[-1] - seen[0], days_of(seen)
    firsts, lasts = days == _starts(days, "M")[0], days + 1 == _starts(days, "M")[1]
    monthly = firsts.all() or lasts.all()
    supported = {
        HOUR: length > DAY and len(np.unique(seen % DAY)) > 1,
        WEEKDAY: length >= SOME_WEEKS and not monthly and len(set(_weekdays(days))) > 1,
        YEAR: length >= ABOUT_A_YEAR and len(set(days - _starts(days, "Y")[0])) > 1,
    }
    return tuple(part for part, there in supported.items() if there)


def days_of(clock: Any) -> Any:
    """The days since 1970 of seconds since then."""
    return np.floor(clock / DAY).astype(np.int64)


def _starts(days: Any, unit: str) -> tuple[Any, Any]:
    """The first days of the months or years of days, and of the next ones."""
    months = days.astype("M8[D]").astype(f"M8[{unit}]")
    return tuple(one.astype("M8[D]").astype(np.int64) for one in (months, months + 1))


def _weekdays(days: Any) -> Any:
    return (days + THURSDAY) % 7


def _hours(clock: Any) -> Any:
    return _circle(clock % DAY / DAY)


def _one_hot_weekdays(clock: Any) -> Any:
    return _weekdays(days_of(clock))[:, None] == np.arange(7)


def _days_of_year(clock: Any) -> Any:
    first, following = _starts(days_of(clock), "Y")
    return _circle((clock / DAY - first) / (following - first))


def _circle(phase: Any) -> Any:
    """Sine and cosine of a fraction of the period."""
    return np.column_stack([np.sin(2 * np.pi * phase), np.cos(2 * np.pi * phase)])


ENCODED = {HOUR: _hours, WEEKDAY: _one_hot_weekdays, YEAR: _days_of_year}
"""The columns of each part, by the seconds that clocks show."""
