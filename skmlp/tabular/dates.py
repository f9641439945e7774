"""The encoder of a column of dates: elapsed time, and the parts that come again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .column_encoders import ColumnEncoder, Group, Numeric, bits_of, kind_error
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
"""The parts of dates that come again, and the plain columns that each becomes."""


SOME_WEEKS, ABOUT_A_YEAR = 21 * DAY, 330 * DAY
"""The ranges from which dates have weekdays, and days of the year."""

THURSDAY = 3
"""The weekday of 1970-01-01."""


@dataclass(frozen=True, eq=False)
class Dated(ColumnEncoder):
    """A column of dates, times of day or durations.

    The elapsed seconds are encoded as numbers. Parts are those of the clock in the time
    zone of fit: the hour and the day of the year become numbers, the `cycles`, with their
    sine and cosine, and the weekday seven columns of 0 and 1. A missing date is 0 in the
    plain columns, and the mean in numbers.
    """

    kind: str
    zone: str
    elapsed: Numeric
    parts: tuple[str, ...]
    cycles: tuple[Numeric, ...] = ()

    @classmethod
    def fit(cls, column: Column, with_quantiles: bool) -> "Dated":
        """Learn the scale of the elapsed time, and which parts the dates have."""
        try:
            clock = by_clock(column.values, column.zone)
        except ValueError as error:
            raise ValueError(f"Column {column.name!r} of X {error}") from None
        elapsed = Numeric.fit(column.values, with_quantiles)
        parts, known = parts_of(column.kind, clock), clock[~np.isnan(clock)]
        phases = [PHASES[part](known) for part in cycles_of(column.kind, parts)]
        cycles = tuple(Numeric.fit(phase, with_quantiles) for phase in phases)
        return cls(column.kind, column.zone, elapsed, parts, cycles)

    @property
    def numbers(self) -> list[Numeric]:
        return [self.elapsed, *self.cycles]

    @property
    def has_values(self) -> bool:
        return self.elapsed.has_values

    @property
    def groups(self) -> list[Group]:
        numbers = [group for one in self.numbers for group in one.groups]
        return [*numbers, *[Group.PART] * len(self._names_of_parts)]

    @property
    def _names_of_parts(self) -> list[str]:
        return [name for part in self.parts for name in PARTS[part]]

    def names(self, name: str) -> list[str]:
        names = [name, *(f"{name}_{part}" for part in cycles_of(self.kind, self.parts))]
        both = zip(self.numbers, names, strict=True)
        numbers = [out for one, given in both for out in one.names(given)]
        return [*numbers, *(f"{name}_{part}" for part in self._names_of_parts)]

    def numbers_of(self, column: Column) -> list[Any]:
        seconds = self.values_of(column)
        parts = cycles_of(self.kind, self.parts)
        if not parts:
            return [seconds]
        clock = by_clock(seconds, self.zone)
        known, found = ~np.isnan(clock), np.full((len(parts), len(clock)), np.nan)
        for row, part in zip(found, parts, strict=True):
            row[known] = PHASES[part](clock[known])
        return [seconds, *found]

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

    def keys_of(self, column: Column) -> Any:
        return bits_of(self.values_of(column))

    def transform(self, column: Column) -> Any:
        clock = by_clock(self.values_of(column), self.zone)
        known = ~np.isnan(clock)
        out = np.zeros((len(clock), len(self._names_of_parts)), np.float32)
        if self.parts:
            encoded = [plain_columns(part, clock[known]) for part in self.parts]
            out[known] = np.column_stack(encoded)
        return out

    def check_sizes(self) -> None:
        if type(self.elapsed) is not Numeric or self.kind not in (
            *(DATES, DURATIONS, TIMES),
        ):
            raise ValueError("a column of dates has no scale or another kind")
        if not isinstance(self.parts, tuple) or not set(self.parts) <= set(PARTS):
            raise ValueError("a column of dates has unknown parts")
        cycles = cycles_of(self.kind, self.parts)
        if not isinstance(self.cycles, tuple) or len(self.cycles) != len(cycles):
            raise ValueError("a column of dates has another number of cycles")
        for one in self.cycles:
            if type(one) is not Numeric:
                raise ValueError("a column of dates has a cycle that is no number")
            one.check_sizes()
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


def cycles_of(kind: str, parts: Sequence[str]) -> list[str]:
    """The parts of dates that are numbers, too: networks tell single days by them."""
    return [part for part in parts if part in PHASES and kind == DATES]


def days_of(clock: Any) -> Any:
    """The days since 1970 of seconds since then."""
    return np.floor(clock / DAY).astype(np.int64)


def _starts(days: Any, unit: str) -> tuple[Any, Any]:
    """The first days of the months or years of days, and of the next ones."""
    months = days.astype("M8[D]").astype(f"M8[{unit}]")
    return tuple(one.astype("M8[D]").astype(np.int64) for one in (months, months + 1))


def _weekdays(days: Any) -> Any:
    return (days + THURSDAY) % 7


def _fraction_of_year(clock: Any) -> Any:
    first, following = _starts(days_of(clock), "Y")
    return (clock / DAY - first) / (following - first)


PHASES: dict[str, Any] = {
    HOUR: lambda clock: clock % DAY / DAY,
    YEAR: _fraction_of_year,
}
"""The fraction of the period that has passed, by the seconds that clocks show."""


def plain_columns(part: str, clock: Any) -> Any:
    """The columns of a part by the seconds that clocks show, (n_rows, n_columns)."""
    if part == WEEKDAY:
        return _weekdays(days_of(clock))[:, None] == np.arange(len(WEEKDAYS))
    turns = 2 * np.pi * PHASES[part](clock)
    return np.column_stack([np.sin(turns), np.cos(turns)])
