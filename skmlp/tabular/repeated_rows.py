"""Rows that repeat: a row of which others are equal is a label, which has an effect.

A smooth function has close values for rows that are close. Where equal rows have targets
that are closer to each other, the targets of equal rows say more. So the whole row is one
more label, with an effect on the target.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .column_encoders import ColumnEncoder, Group
from .columns import Column
from .labelled import WithLabels, names_of_effects
from .rare_labels import FEW_LABELS, rows_needed
from .target_statistics import labelled_rows

ROW, ROWS = "row", "rows"
"""The name and the kind of the column of whole rows."""

LEAST_GAIN = 0.12
"""The least part of what a linear function and labels leave of the variance of y that the
other equal rows explain. Chosen by experiment: docs/tabular.md."""

LEAST_SINGLE = 0.1
"""The least part of the rows that occur once. New rows are like them. Without them, as in
an experiment with repetitions, a network would not learn what to predict for new rows."""

GAMMA, FACTORS = 0x9E3779B97F4A7C15, (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""The numbers of `mixed`."""


@dataclass(frozen=True, eq=False)
class Repeated(ColumnEncoder):
    """The column of whole rows: their effects, and their number of rows.

    `keys` are those of the rows of fit, sorted. `effects` are numbers of each of them,
    float32, by `codes_for_effects`. A new row has those of code 0.
    """

    keys: Any
    effects: Any = None

    @property
    def labels(self) -> Any:
        """The different rows, as labels."""
        return self.keys

    @property
    def as_numbers(self) -> bool:
        """Whether labels have effects."""
        return True

    @property
    def has_values(self) -> bool:
        return False

    @property
    def groups(self) -> list[Group]:
        return [Group.EFFECT] * (0 if self.effects is None else self.effects.shape[1])

    def names(self, name: str) -> list[str]:
        return names_of_effects(name, len(self.groups))

    def labelled(self, column: Column) -> WithLabels:
        return WithLabels(self, column)

    def with_labelled(self, one: ColumnEncoder) -> ColumnEncoder:
        return one

    def codes_of_rows(self, column: Column) -> Any:
        """The code of each row, from 1; 0 for new rows."""
        places = np.searchsorted(self.keys, column.values)
        places = np.minimum(places, len(self.keys) - 1)
        return np.where(self.keys[places] == column.values, places + 1, 0)

    def codes_for_effects(self, column: Column) -> Any:
        """The same: no row is missing."""
        return self.codes_of_rows(column)

    def without_rare(self, sizes: Any, min_frequency: float) -> "Repeated":
        """The same: rows have no embedding, so none is too rare for one."""
        return self

    def keys_of(self, column: Column) -> Any:
        return column.values

    def transform(self, column: Column) -> Any:
        if self.effects is None:
            return super().transform(column)
        return self.effects[self.codes_for_effects(column)]

    def check_sizes(self) -> None:
        keys, effects = self.keys, self.effects
        if (
            keys.dtype != np.uint64
            or keys.ndim != 1
            or not (keys[1:] > keys[:-1]).all()
        ):
            raise ValueError("the keys of rows are not sorted")
        if effects.dtype != np.float32 or effects.shape[:1] != (len(keys) + 2,):
            raise ValueError("the effects of rows are not those of their keys")


def repeated_rows(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column], y: Any
) -> list[ColumnEncoder]:
    """The encoder of the column of whole rows, if equal rows explain enough of y."""
    rows = column_of_rows(encoders, columns).values
    keys, places, sizes = np.unique(rows, return_inverse=True, return_counts=True)
    others = sizes[places] - 1
    repeated = np.mean(others > 0)
    # So few labels have no effects.
    if len(keys) <= FEW_LABELS:
        return []
    if not LEAST_GAIN <= repeated <= 1 - LEAST_SINGLE:
        return []
    needed = rows_needed(places, labelled_rows(encoders, columns, y, 1).left)
    gain = np.mean(others / (others + needed)) / (1 + needed)
    return [Repeated(keys)] if gain >= LEAST_GAIN else []


def column_of_rows(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column]
) -> Column:
    """The column of whole rows."""
    both = zip(encoders, columns, strict=True)
    return rows_by_keys(one.keys_of(column) for one, column in both)


def rows_by_keys(keys: Iterable[Any]) -> Column:
    """The column of whole rows by the keys of the values of each column.

    A row has a key of 64 bits, equal for equal rows.
    """
    whole = np.uint64(0)
    for one in keys:
        whole = mixed((whole + np.uint64(GAMMA)) ^ one)
    return Column(ROW, ROWS, whole)


def mixed(keys: Any) -> Any:
    """Keys of which each bit depends on all bits of the given ones.

    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    first, second = (np.uint64(factor) for factor in FACTORS)
    keys = (keys ^ (keys >> np.uint64(30))) * first
    keys = (keys ^ (keys >> np.uint64(27))) * second
    return keys ^ (keys >> np.uint64(31))
