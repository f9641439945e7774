"""Encoders of one column of a table: of numbers, and of labels."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from scipy.special import ndtri

from ..common.frames import some_of
from ..common.values import all_numbers, described, kind_of, kinds_in
from .columns import NUMBERS, Column, floats

ROWS_PER_QUANTILE, MIN_QUANTILES, MAX_QUANTILES = 30, 10, 1000
"""The rows for each quantile of a column, and the limits of the number of quantiles."""

SMALLEST = float(np.finfo(np.float64).tiny)
"""Smaller ranges count as 0: the inverse of this one is still finite."""

FAR = 1e9
"""Scaled numbers are clipped to [-FAR, FAR]; smooth clipping maps the ends to -3 and 3."""

LIMIT = 3.5
"""Normal quantiles are clipped to [-LIMIT, LIMIT]: 1 in 4,000 is beyond each limit."""


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


def interpolate(x: Any, xp: Any, fp: Any) -> Any:
    """Interpolate the points (xp, fp) at x, as np.interp, for all finite numbers.

    np.interp multiplies by slopes. Where points are closer than SMALLEST they overflow, and
    so do differences of points that are far apart. A quotient of differences does not.
    """
    gaps, factors = difference(xp[1:], xp[:-1])
    if np.all(factors == 1) and not ((gaps > 0) & (gaps < SMALLEST)).any():
        return np.interp(x, xp, fp)
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
    ONE_HOT = 3
    CODE = 4


@dataclass(frozen=True, eq=False)
class Numeric:
    """A column of numbers: centred, scaled, and smoothly clipped to (-3, 3).

    `center` is the median. `scale` is 1 / interquartile range; if that range is 0, it is
    1 / half the range of all values, and 0 for a constant column. Ranges up to SMALLEST
    count as 0. Every finite number becomes a finite one. x becomes
    z / sqrt(1 + (z / 3)^2) with z = (x - center) * scale. Missing values become the mean;
    if fit saw any, an indicator column marks them. With `quantiles`, a further column has
    the normal quantile of the fraction of rows below x. A constant column has no quantiles:
    any other value would be below or above all rows.
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
        if column.kind == NUMBERS:
            return column.values
        if all_numbers(column.values):
            return floats(column.name, column.values)
        if self.has_values:
            raise _kind_error(column, "numbers")
        return np.full(len(column.values), np.nan)

    def transform(self, values: Any) -> list[Any]:
        missing = np.isnan(values)
        filled = np.where(missing, self.mean, values)
        distance, factor = difference(filled, self.center)
        with np.errstate(over="ignore"):
            z = np.clip(distance * self.scale * factor, -FAR, FAR)
        columns = [z / np.sqrt(1 + (z / 3) ** 2)]
        if self.quantiles is not None:
            columns.append(self._normal_quantile(filled))
        return [*columns, missing] if self.has_missing else columns

    def _normal_quantile(self, values: Any) -> Any:
        """The normal quantiles of the fractions of rows below each value."""
        q = self.quantiles
        fractions = np.linspace(0, 1, len(q))
        # The fractions of rows < x and <= x differ if several rows have the value x.
        below = 1 - interpolate(-values, -q[::-1], fractions)
        up_to = interpolate(values, q, fractions)
        # Rounding can take a fraction out of [0, 1].
        fraction = np.clip((below + up_to) / 2, 0, 1)
        with np.errstate(divide="ignore"):
            return np.clip(ndtri(fraction), -LIMIT, LIMIT)

    def check_sizes(self) -> None:
        """Raise ValueError if a value from a file has a wrong shape."""
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
        """The group of each column that `transform` returns."""
        quantile = [] if self.quantiles is None else [Group.QUANTILE]
        return [Group.SCALED, *quantile, *[Group.MISSING] * self.has_missing]


@dataclass(frozen=True)
class Labelled:
    """A column of labels: one-hot encoded, or with `as_numbers` as integer codes.

    One-hot encoding gives a column of 0 and 1 for each label. Two labels give a single
    column of -1 and 1. Codes count from 1. A missing or unseen label is 0 in all columns.
    """

    labels: tuple[Any, ...]
    as_numbers: bool

    @classmethod
    def fit(cls, values: Any, max_one_hot: int) -> "Labelled":
        """Learn the labels; more than `max_one_hot` become codes."""
        labels = {value for value in values if value is not None}
        return cls(tuple(sorted(labels)), len(labels) > max_one_hot)

    @property
    def has_values(self) -> bool:
        return bool(self.labels)

    @property
    def groups(self) -> list[Group]:
        """The group of each column that `transform` returns."""
        if self.as_numbers:
            return [Group.CODE]
        return [Group.ONE_HOT] * (1 if len(self.labels) == 2 else len(self.labels))

    def values_of(self, column: Column) -> Any:
        """The labels of a column, of the same kind as in fit; missing ones are None."""
        kinds = kinds_in(column.values).keys()
        if not (self.labels and kinds):
            return column.values
        kind = kind_of(self.labels[0])
        if kinds != {kind}:
            raise _kind_error(column, kind)
        return column.values if column.precision is None else self._nearest(column)

    def _nearest(self, column: Column) -> list[Any]:
        """The labels that become the values of a column when rounded to its precision."""
        rounded = [_rounded(label, column.precision) for label in self.labels]
        if len(set(rounded)) < len(rounded):
            raise ValueError(
                f"Column {column.name!r} of X must have a dtype that tells the labels of "
                f"fit apart, {some_of(self.labels)}. Got {np.dtype(column.precision)}, in "
                f"which some of them are equal."
            )
        labels = dict(zip(rounded, self.labels, strict=True))
        return [labels.get(value, value) for value in column.values]

    def codes(self, values: Any) -> Any:
        """The code of each label; 0 for missing and unseen ones."""
        code = {label: i for i, label in enumerate(self.labels, start=1)}
        return np.array([code.get(value, 0) for value in values])

    def unseen(self, values: Any) -> list[Any]:
        """The values that are labels, but were not in fit."""
        known = {None, *self.labels}
        return [value for value in values if value not in known]

    def transform(self, values: Any) -> list[Any]:
        codes = self.codes(values)
        if self.as_numbers:
            return [codes]
        if len(self.labels) == 2:
            return [np.array([0, -1, 1])[codes]]
        return [codes == i for i in range(1, len(self.labels) + 1)]

    def check_sizes(self) -> None:
        """Raise ValueError if the labels from a file are not different values."""
        labels = self.labels
        kinds = kinds_in(labels).keys()
        if not isinstance(labels, tuple) or len(set(labels)) < len(labels):
            raise ValueError("the labels of a column are not different")
        if len(kinds) > 1 or not kinds <= {"text", "numbers"}:
            raise ValueError("the labels of a column are neither text nor numbers")

    def names(self, name: str) -> list[str]:
        if self.as_numbers:
            return [f"{name}_number"]
        if len(self.labels) == 2:
            return [f"{name}_{self.labels[1]}"]
        return [f"{name}_{label}" for label in self.labels]


def _rounded(label: Any, precision: Any) -> float:
    """A number as NumPy rounds it to that precision."""
    with np.errstate(over="ignore"):
        try:
            return float(np.array(label).astype(precision))
        except OverflowError:
            return np.inf


def _kind_error(column: Column, kind: str) -> TypeError:
    return TypeError(
        f"Column {column.name!r} of X must hold {kind}, as it did in fit. "
        f"Got {described(column.values)}."
    )
