"""Encoders of one column of a table: what they share, and that of numbers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Any, cast

import numpy as np

from ..common.values import all_numbers
from .columns import LABELS, NUMBERS, Column, floats

ROWS_PER_QUANTILE, MIN_QUANTILES, MAX_QUANTILES = 30, 10, 1000
"""The rows for each quantile of a column, and the limits of the number of quantiles."""

SMALLEST = float(np.finfo(np.float64).tiny)
"""Smaller ranges count as 0: the inverse of this one is still finite."""


def quantiles_of(values: Any, levels: Any) -> Any:
    """The quantiles of finite values, also where the difference of two overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.quantile(values, levels)
    wide = ~np.isfinite(found)
    if wide.any():
        found[wide] = 2 * np.quantile(values / 2, np.asarray(levels)[wide])
    return found


def difference(a: Any, b: Any) -> tuple[Any, Any]:
    """(d, f) with a - b = d f: f is 1, or 2 where a - b overflows."""
    with np.errstate(over="ignore"):
        d = np.subtract(a, b)
    wide = np.isinf(d)
    if not wide.any():
        return d, 1.0
    return np.where(wide, a / 2 - b / 2, d), np.where(wide, 2.0, 1.0)


def is_smooth(xp: Any) -> bool:
    """Whether np.interp has no difference and no slope between points that overflows."""
    gaps, factors = difference(xp[1:], xp[:-1])
    return bool(np.all(factors == 1) and not ((gaps > 0) & (gaps < SMALLEST)).any())


def interpolate(x: Any, xp: Any, fp: Any) -> Any:
    """Interpolate the points (xp, fp) at x, as np.interp, for all finite numbers.

    np.interp multiplies by slopes. Where points are closer than SMALLEST they overflow, and
    so do differences of points that are far apart. A quotient of differences does not.
    """
    if is_smooth(xp):
        return np.interp(x, xp, fp)
    gaps, factors = difference(xp[1:], xp[:-1])
    left = np.searchsorted(xp, x, side="right") - 1
    inside = (left >= 0) & (left < len(gaps))
    left = np.where(inside, left, 0)
    (d, factor), factors = difference(x, xp[left]), np.broadcast_to(factors, len(gaps))
    # Outside, and at the last point, the quotient has no meaning.
    quotient = np.divide(d, gaps[left], out=np.zeros_like(d), where=inside)
    part = quotient * (factor / factors[left])
    between = fp[left] + part * (fp[left + 1] - fp[left])
    ends = np.where(x < xp[0], fp[0], fp[-1])
    return np.where(inside, np.minimum(between, fp[left + 1]), ends)


class Group(IntEnum):
    """The groups of the columns that the encoder returns, in their order."""

    SCALED = 0
    QUANTILE = 1
    MISSING = 2
    PART = 3
    ONE_HOT = 4
    EFFECT = 5
    CODE = 6


class ColumnEncoder(ABC):
    """What a column becomes: numbers that are scaled together, and other columns."""

    @property
    @abstractmethod
    def has_values(self) -> bool:
        """Whether a value was there in fit."""

    @property
    @abstractmethod
    def groups(self) -> list[Group]:
        """The group of each column that it becomes, in the order of the groups."""

    @abstractmethod
    def names(self, name: str) -> list[str]:
        """The name of each column that it becomes, by that of the column."""

    @abstractmethod
    def check_sizes(self) -> None:
        """Raise ValueError if a value from a file is not one that fit learns."""

    @property
    def numbers(self) -> list["Numeric"]:
        """The encoders of its columns of numbers, which `encode_numbers` applies."""
        return []

    def numbers_of(self, column: Column) -> list[Any]:
        """The values of `numbers` in a column; missing ones are NaN."""
        return []

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of codes of each column of codes."""
        return ()

    def labelled(self, column: Column) -> Any:
        """The encoder of its labels and a column as one of labels; None without labels."""
        return None

    def with_labelled(self, one: Any) -> "ColumnEncoder":
        """The same with another encoder of its labels."""
        return self

    @abstractmethod
    def keys_of(self, column: Column) -> Any:
        """A uint64 for each row, the same where values are the same."""

    def transform(self, column: Column) -> Any:
        """Its columns that are no numbers, (n_rows, n_columns)."""
        return np.empty((len(column.values), 0), np.float32)

    def __getstate__(self) -> dict[str, Any]:
        """The state to pickle or copy, without cached properties."""
        return {one.name: getattr(self, one.name) for one in fields(cast(Any, self))}


@dataclass(frozen=True, eq=False)
class Numeric(ColumnEncoder):
    """A column of numbers: centred, scaled, and smoothly clipped to (-3, 3).

    `center` is the median. `scale` is 1 / interquartile range; if that range is 0, it is
    1 / half the range of all values, and 0 for a constant column. Ranges up to SMALLEST
    count as 0. Missing values become the mean; if fit saw any, an indicator column marks
    them. With `quantiles`, a further column has the normal quantile of the fraction of rows
    below x. A constant column has no quantiles: any other value would be below or above all
    rows. `encode_numbers` applies all this to the columns of a table together.
    """

    center: float
    scale: float
    mean: float
    has_missing: bool
    quantiles: Any = None
    has_values: bool = True

    @classmethod
    def fit(cls, values: Any, with_quantiles: bool) -> "Numeric":
        """Learn centre, scale and quantiles; a column without values becomes 0."""
        seen = values[~np.isnan(values)]
        has_missing = len(seen) < len(values)
        if len(seen) == 0:
            return cls(0.0, 0.0, 0.0, False, has_values=False)
        low, first, median, third, high = quantiles_of(seen, [0, 0.25, 0.5, 0.75, 1])
        width, factor = difference(third, first)
        if width <= SMALLEST:
            width, factor = high / 2 - low / 2, 1.0
        scale = 1 / width / factor if width > SMALLEST else 0.0
        with np.errstate(over="ignore"):
            mean = float(np.clip((seen / len(seen)).sum(), low, high))
        quantiles = None
        if with_quantiles and scale:
            n = max(len(values) // ROWS_PER_QUANTILE, MIN_QUANTILES)
            n = max(min(n, MAX_QUANTILES, len(values)), 2)
            filled = np.where(np.isnan(values), mean, values)
            quantiles = quantiles_of(filled, np.linspace(0, 1, n))
        return cls(float(median), float(scale), mean, has_missing, quantiles)

    def values_of(self, column: Column) -> Any:
        """The values of a column, which must hold numbers; missing ones are NaN."""
        values = numbers_in(column)
        if values is not None:
            return values
        if self.has_values and not column.is_empty:
            raise kind_error(column, "numbers")
        return np.full(len(column.values), np.nan)

    @property
    def numbers(self) -> list["Numeric"]:
        return [self]

    def numbers_of(self, column: Column) -> list[Any]:
        return [self.values_of(column)]

    def keys_of(self, column: Column) -> Any:
        # The same numbers may come in single precision next time.
        with np.errstate(over="ignore"):
            return bits_of(self.values_of(column).astype(np.float32))

    def fractions(self, values: Any) -> Any:
        """The fraction of rows below each value: the mean of those < x and those <= x.

        It is linear between the points of `_lines`.
        """
        if self._lines is None:
            return self._fractions(values)
        return np.interp(values, *self._lines)

    def _fractions(self, values: Any) -> Any:
        q = self.quantiles
        fractions = np.linspace(0, 1, len(q))
        # The fractions of rows < x and <= x differ if several rows have the value x.
        below = 1 - interpolate(-values, -q[::-1], fractions)
        up_to = interpolate(values, q, fractions)
        return (below + up_to) / 2

    @cached_property
    def _lines(self) -> tuple[Any, Any] | None:
        """Points x and their fractions; None where np.interp would overflow.

        Where quantiles are equal, the fraction has steps from the number before to the
        quantile and on to the number after. These numbers are points, too.
        """
        q = self.quantiles
        if not is_smooth(q):
            return None
        steps = q[1:][q[1:] == q[:-1]]
        with np.errstate(over="ignore"):
            near = [np.nextafter(steps, end) for end in (-np.inf, np.inf)]
        points = np.unique(np.concatenate([q, *near]))
        return points, self._fractions(points)

    def check_sizes(self) -> None:
        q = self.quantiles
        if q is None:
            return
        if q.ndim != 1 or q.dtype.kind != "f" or not 2 <= len(q) <= MAX_QUANTILES:
            raise ValueError(f"the quantiles of a column have shape {q.shape}")

    def names(self, name: str) -> list[str]:
        more = [f"{name}_missing"] if self.has_missing else []
        return [name, *([] if self.quantiles is None else [f"{name}_quantile"]), *more]

    @property
    def groups(self) -> list[Group]:
        quantile = [] if self.quantiles is None else [Group.QUANTILE]
        return [Group.SCALED, *quantile, *[Group.MISSING] * self.has_missing]


def bits_of(values: Any) -> Any:
    """The bits of floats as uint64, the same for both zeros and for all NaN."""
    values = np.where(np.isnan(values), np.nan, values + 0.0)
    return values.astype(np.float64).view(np.uint64)


def numbers_in(column: Column) -> Any:
    """The values of numbers, also of labels that are numbers; None for other columns."""
    if column.kind == NUMBERS:
        return column.values
    if column.kind == LABELS and all_numbers(column.labels):
        return floats(column.name, [*column.labels, None])[column.values]
    return None


def kind_error(column: Column, kind: str, held: str = "") -> TypeError:
    """The error for a column that holds something else than in fit."""
    return TypeError(
        f"Column {column.name!r} of X must hold {kind}, as it did in fit. "
        f"Got {held or column.held}."
    )
