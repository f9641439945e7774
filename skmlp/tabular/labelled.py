"""The encoder of a column of labels: one-hot, or codes and effects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..common.frames import some_of
from ..common.values import kind_of, kinds_in
from .column_encoders import ColumnEncoder, Group, kind_error
from .columns import Column


@dataclass(frozen=True, eq=False)
class Labelled(ColumnEncoder):
    """A column of labels: one-hot encoded, or with `as_numbers` as integer codes.

    One-hot encoding gives a column of 0 and 1 for each label. Two labels give a single
    column of -1 and 1. Codes count from 1. A missing, unseen or rare label is 0 in all
    columns. `effects` are numbers of each label, float32, by `codes_for_effects`.
    """

    labels: tuple[Any, ...]
    as_numbers: bool
    rare: tuple[Any, ...] = ()
    effects: Any = None

    @classmethod
    def fit(cls, values: Sequence[Any], max_one_hot: int) -> "Labelled":
        """Learn the labels that occur; more than `max_one_hot` become codes."""
        labels = set(values)
        return cls(tuple(sorted(labels)), len(labels) > max_one_hot)

    def labelled(self, column: Column) -> "WithLabels | None":
        return WithLabels(self, column)

    def with_labelled(self, one: "Labelled") -> "ColumnEncoder":
        return one

    def without_rare(self, sizes: Any, min_frequency: float) -> "Labelled":
        """The same, with labels of fewer rows as rare ones; `sizes` are their rows."""
        is_rare = (sizes < min_frequency).tolist()
        both = list(zip(self.labels, is_rare, strict=True))
        return replace(
            self,
            labels=tuple(label for label, rare in both if not rare),
            rare=tuple(label for label, rare in both if rare),
        )

    @property
    def has_values(self) -> bool:
        return bool(self.labels or self.rare)

    @property
    def groups(self) -> list[Group]:
        if self.as_numbers:
            return [*[Group.EFFECT] * self.n_effects, Group.CODE]
        return [Group.ONE_HOT] * (1 if len(self.labels) == 2 else len(self.labels))

    @property
    def n_effects(self) -> int:
        """The number of columns of effects."""
        return 0 if self.effects is None else self.effects.shape[1]

    @cached_property
    def _with_rare(self) -> "Labelled":
        """The same with codes for rare labels, too, and without effects."""
        return Labelled(tuple(sorted((*self.labels, *self.rare))), self.as_numbers)

    def codes_for_effects(self, column: Column) -> Any:
        """The code of each row: 0 if it is unseen, then labels in order, then missing."""
        every = self._with_rare
        return np.array([*every.codes(column), len(every.labels) + 1])[column.values]

    def keys_of(self, column: Column) -> Any:
        return self.codes_for_effects(column).astype(np.uint64)

    @cached_property
    def _codes(self) -> dict[Any, int]:
        return {label: i for i, label in enumerate(self.labels, start=1)}

    def codes(self, column: Column) -> list[int]:
        """The code of each label of a column; 0 for unseen and rare ones.

        Labels of less than double precision are compared with rounded ones.
        """
        kinds = kinds_in(column.labels).keys()
        codes = self._codes
        if self.has_values and kinds:
            kind = kind_of((self.labels or self.rare)[0])
            if kinds != {kind}:
                raise kind_error(column, kind)
            codes = codes if column.precision is None else self._rounded(column)
        return [codes.get(label, 0) for label in column.labels]

    def _rounded(self, column: Column) -> dict[Any, int]:
        """The code of each label rounded to the precision of the column."""
        codes = {_rounded(one, column.precision): i for one, i in self._codes.items()}
        if len(codes) < len(self.labels):
            raise ValueError(
                f"Column {column.name!r} of X must have a dtype that tells the labels of "
                f"fit apart, {some_of(self.labels)}. Got {np.dtype(column.precision)}, in "
                f"which some of them are equal."
            )
        return codes

    def unseen(self, column: Column) -> list[Any]:
        """The labels of the rows that were not in fit."""
        new = np.array([*(code == 0 for code in self._with_rare.codes(column)), False])
        return list(column.objects()[new[column.values]])

    @property
    def cardinalities(self) -> tuple[int, ...]:
        return (len(self.labels) + 1,) if self.as_numbers else ()

    def transform(self, column: Column) -> Any:
        n = len(self.labels)
        if self.as_numbers:
            rows: Any = np.arange(n + 1)[:, None]
        elif n == 2:
            rows = np.array([[0], [-1], [1]])
        else:
            rows = np.eye(n + 1, n, -1)
        encoded = rows.astype(np.float32)[self.codes_of_rows(column)]
        if self.effects is None:
            return encoded
        return np.hstack([self.effects[self.codes_for_effects(column)], encoded])

    def codes_of_rows(self, column: Column) -> Any:
        """The code of each row of a column."""
        # Missing labels have the place -1.
        return np.array([*self.codes(column), 0])[column.values]

    def check_sizes(self) -> None:
        both = (self.labels, self.rare)
        labels = tuple(chain.from_iterable(both))
        kinds = kinds_in(labels).keys()
        tuples = all(isinstance(one, tuple) for one in both)
        if not tuples or len(set(labels)) < len(labels):
            raise ValueError("the labels of a column are not different")
        if len(kinds) > 1 or not kinds <= {"text", "numbers"}:
            raise ValueError("the labels of a column are neither text nor numbers")
        if self.effects is not None and not (
            isinstance(self.effects, np.ndarray)
            and self.effects.dtype == np.float32
            and self.effects.ndim == 2
            and len(self.effects) == len(labels) + 2
        ):
            raise ValueError("the effects of a column are not those of its labels")

    def names(self, name: str) -> list[str]:
        if self.as_numbers:
            return [*names_of_effects(name, self.n_effects), f"{name}_number"]
        if len(self.labels) == 2:
            return [f"{name}_{self.labels[1]}"]
        return [f"{name}_{label}" for label in self.labels]


class HasEffects(Protocol):
    """An encoder of labels that can have effects."""

    @property
    def labels(self) -> Any: ...

    @property
    def as_numbers(self) -> bool: ...

    @property
    def effects(self) -> Any: ...

    def codes_for_effects(self, column: Column) -> Any: ...

    def codes_of_rows(self, column: Column) -> Any: ...

    def without_rare(self, sizes: Any, min_frequency: float) -> Any: ...


class WithLabels(NamedTuple):
    """An encoder of labels, and a column of labels."""

    encoder: HasEffects
    column: Column


def names_of_effects(name: str, n_effects: int) -> list[str]:
    """One for each column of the target, and one for the number of rows."""
    n = n_effects - 1
    numbers = [""] if n == 1 else [f"_{i}" for i in range(n)]
    more = [f"{name}_rows"] if n_effects else []
    return [*(f"{name}_effect{number}" for number in numbers[:n]), *more]


def _rounded(label: Any, precision: Any) -> float:
    """A number as NumPy rounds it to that precision."""
    with np.errstate(over="ignore"):
        try:
            return float(np.array(label).astype(precision))
        except OverflowError:
            return np.inf
