"""Columns of integers that are codes, such as zip codes: found by the target.

The order of codes says little about the target. A network learns smooth functions of a
number, so a code is better off as a number and a label at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from .column_encoders import ColumnEncoder, Group, Numeric
from .columns import LABELS, NUMBERS, Column
from .labelled import Labelled, WithLabels

FEWEST, MOST = 10, 64
"""The numbers of different codes: a smooth function can have any values for fewer, and a
network memorises more."""

ROWS_PER_CODE = 20
"""The fewest rows of a code, in the median."""

PIECES = 8
"""The pieces of the function of a number that counts as smooth."""

LEAST_CERTAINTY = 6.0
"""The least distance of the means of codes from each other, in standard deviations."""

LEAST_GAIN = 0.02
"""The least part of the variance of the residuals that the means of codes explain."""

MOST_ROWS = 50_000
"""About the most rows that decide."""

RIDGE = 1e-3
"""The penalty of the functions of a number."""


@dataclass(frozen=True, eq=False)
class Coded(ColumnEncoder):
    """A column of numbers that are codes: encoded as numbers and as labels."""

    number: Numeric
    label: Labelled

    @classmethod
    def fit(cls, number: Numeric, column: Column, max_one_hot: int) -> "Coded":
        """Learn the codes of a column; `number` has its scale."""
        return cls(number, Labelled.fit(as_labels(column).labels, max_one_hot))

    def labelled(self, column: Column) -> WithLabels:
        values = self.number.values_of(column)
        return WithLabels(self.label, as_labels(column._replace(values=values)))

    def with_labelled(self, one: Labelled) -> "Coded":
        return replace(self, label=one)

    @property
    def has_values(self) -> bool:
        return self.number.has_values

    @property
    def groups(self) -> list[Group]:
        return [*self.number.groups, *self.label.groups]

    def names(self, name: str) -> list[str]:
        return [*self.number.names(name), *self.label.names(name)]

    @property
    def numbers(self) -> list[Numeric]:
        return [self.number]

    def numbers_of(self, column: Column) -> list[Any]:
        return self.number.numbers_of(column)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        return self.label.cardinalities

    def keys_of(self, column: Column) -> Any:
        return self.number.keys_of(column)

    def transform(self, column: Column) -> Any:
        return self.label.transform(self.labelled(column).column)

    def check_sizes(self) -> None:
        if type(self.number) is not Numeric or type(self.label) is not Labelled:
            raise ValueError("a column of codes has no scale or no labels")
        self.number.check_sizes()
        self.label.check_sizes()


def as_labels(column: Column) -> Column:
    """A column of numbers as one of labels."""
    there = ~np.isnan(column.values)
    different, places = np.unique(column.values[there], return_inverse=True)
    labels = [int(one) if one.is_integer() else one for one in different.tolist()]
    rows = np.full(len(there), -1)
    rows[there] = places
    return Column(column.name, LABELS, rows, labels)


def may_be_codes(column: Column) -> bool:
    """Whether a column holds integers, with some rows for each."""
    if column.kind != NUMBERS:
        return False
    x = column.values[~np.isnan(column.values)]
    if not (x == np.floor(x)).all():
        return False
    sizes = np.unique(x, return_counts=True)[1]
    enough = bool(FEWEST <= len(sizes) <= MOST)
    return enough and float(np.median(sizes)) >= ROWS_PER_CODE


def are_codes(
    columns: Sequence[Column], candidates: Sequence[bool], residuals: Any
) -> list[bool]:
    """For each column, whether it is a candidate and holds codes by the target.

    Parameters
    ----------
    columns : list of Column
        All columns of the table, with the rows that decide.
    candidates : list of bool
        Whether each column may hold codes.
    residuals : ndarray of shape (n_samples, n_outputs)
        What a linear regression on the columns of the table leaves of the target.
    """
    values = [one.values for one in columns]
    numbers = [x for x, one in zip(values, columns, strict=True) if one.kind == NUMBERS]
    left = additive_residuals(numbers, residuals)
    both = zip(candidates, values, strict=True)
    return [candidate and differ(x, left) for candidate, x in both]


def differ(x: Any, residuals: Any) -> bool:
    """Whether the means of residuals differ between the numbers, and enough."""
    there = ~np.isnan(x)
    if not there.any():
        # All values are in rows that do not decide.
        return False
    _, places, sizes = np.unique(x[there], return_inverse=True, return_counts=True)
    smooth = Smooth.through(x[there])
    if smooth.basis.shape[1] >= len(sizes):
        return False
    certainty, gain = evidence(places, sizes, smooth.residuals(residuals[there]))
    return certainty > LEAST_CERTAINTY and gain > LEAST_GAIN


class Smooth(NamedTuple):
    """The functions that are linear between quantiles of a column of numbers.

    `basis` has their values for each row, and `gram` their products.
    """

    basis: Any
    gram: Any

    @classmethod
    def through(cls, x: Any) -> "Smooth":
        """The functions of these numbers."""
        knots = np.unique(np.quantile(x, np.linspace(0, 1, PIECES + 1)))
        basis = np.column_stack(
            [np.interp(x, knots, row) for row in np.eye(len(knots))]
        )
        return cls(basis, basis.T @ basis + RIDGE * np.eye(len(knots)))

    def residuals(self, y: Any) -> Any:
        """What the best of these functions leaves of y."""
        return y - self.basis @ np.linalg.solve(self.gram, self.basis.T @ y)


def additive_residuals(numbers: Sequence[Any], residuals: Any) -> Any:
    """What smooth functions of each column of numbers leave of residuals: backfitting."""
    for x in numbers:
        there = ~np.isnan(x)
        if there.any():
            residuals = residuals.copy()
            residuals[there] = Smooth.through(x[there]).residuals(residuals[there])
    return residuals


def evidence(places: Any, sizes: Any, y: Any) -> tuple[float, float]:
    """How certain it is that the means of labels differ, and what they explain.

    The mean product of y in pairs of rows of a label estimates the variance between labels,
    also where the noise of labels differs (a U-statistic: Hoeffding, "A class of statistics
    with asymptotically normal distribution", Ann. Math. Statist. 19(3), 1948).

    Parameters
    ----------
    places : ndarray of shape (n_samples,)
        The label of each row, from 0.
    sizes : ndarray of shape (n_labels,)
        The number of rows of each label.
    y : ndarray of shape (n_samples, n_outputs)
        The targets, with mean 0.

    Returns
    -------
    tuple of float
        This variance divided by its standard deviation, of the column of y where that is
        largest; and the part of the variance of y that shrunken means explain in new rows.
    """
    several = sizes > 1
    pairs = sizes[several] - 1
    between, certainty = 0.0, 0.0
    for column in y.T:
        total, squares, fourth = (
            np.bincount(places, column**n)[several] for n in (1, 2, 4)
        )
        products = ((total**2 - squares) / pairs).sum()
        variance = (2 * np.maximum(squares**2 - fourth, 0) / pairs**2).sum()
        if variance > 0:
            certainty = max(certainty, products / np.sqrt(variance))
        between += products / len(y)
    whole = (y**2).sum() / len(y)
    if between <= 0:
        return certainty, 0.0
    noise = max(whole - between, 1e-12)
    of_labels = between * between / (between + noise / sizes)
    return float(certainty), float(sizes @ of_labels / len(places) / whole)
