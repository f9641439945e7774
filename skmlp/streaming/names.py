"""Columns of a table by what they are for: features, the target, weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..common.checks import GivenRows
from ..common.errors import shown
from ..common.frames import some_of
from .arrow import arrow
from .parquet_files import without_dictionary
from .sources import Source
from .summary import Summary, label_columns, summarise


class Names(NamedTuple):
    """The names of columns: the target, the weights or None, and the features."""

    targets: list[str]
    weight: str | None
    features: list[str]

    @property
    def all(self) -> list[str]:
        """The names of all these columns."""
        return [*self.features, *self.targets, *([self.weight] if self.weight else [])]

    def summary(
        self, block: Any, first: int, labelled: Sequence[str], *, numeric: bool
    ) -> Summary:
        """The summary of a block, of which `first` is the number of the first row.

        A row without a weight shows its class only. `labelled` are columns of labels beside
        those of text, `numeric` says whether the target has numbers.
        """
        self._check(block, first, numeric=numeric)
        targets = {name: numeric or self._is_soft(block, name) for name in self.targets}
        numbers = np.arange(first, first + block.num_rows)
        names = self.labelled(block.schema, labelled)
        if self.weight is None:
            return summarise(block, numbers, names, targets)
        has = weights_of(block, self.weight) > 0
        parts = [
            summarise(block.filter(arrow().array(one)), numbers[one], names, targets)
            for one in (has, ~has)
            if one.any()
        ]
        found = parts[0] if has.any() else Summary()
        if not has.all() and not any(targets.values()):
            found.merge(Summary(ends=parts[-1].ends))
        return found

    def _is_soft(self, block: Any, name: str) -> bool:
        """Whether a target may be the probability of a class; it is no label then."""
        is_fraction = arrow("types").is_floating(block.column(name).type)
        return len(self.targets) > 1 and is_fraction

    def labelled(self, schema: Any, others: Sequence[str]) -> list[str]:
        """The columns of labels, by their types and these names."""
        names = label_columns(schema, others)
        return [name for name in names if name in self.features]

    def n_weighted(self, table: Any) -> int:
        """The number of rows with a weight."""
        if self.weight is None:
            return int(table.num_rows)
        return int((weights_of(table, self.weight) > 0).sum())

    def _check(self, block: Any, first: int, *, numeric: bool) -> None:
        """Raise an error if a target is missing or no number, or a weight is invalid."""
        for name in self.targets:
            column = block.column(name)
            # NaN counts as missing.
            missing = column.is_null(nan_is_null=True)
            place = arrow("compute").index(missing, True).as_py()
            if place >= 0:
                raise ValueError(
                    "y must have a value in each row. Got a missing one in column "
                    f"{name!r}, row {first + place + 1:,} of the table."
                )
            if numeric and not is_number(column.type):
                raise TypeError(
                    f"y must be a column of numbers. Got {name!r}, which has "
                    f"{column.type}."
                )
        if self.weight:
            w = weights_of(block, self.weight)
            wrong = ~(np.isfinite(w) & (w >= 0))
            if wrong.any():
                place = int(wrong.argmax())
                raise ValueError(
                    "sample_weight must be a column of finite numbers >= 0. Got "
                    f"{w[place]} in row {first + place + 1:,} of the table."
                )

    def given(self, table: Any) -> GivenRows:
        """The features, the target and the weights of a table."""
        w = weights_of(table, self.weight) if self.weight else None
        y = target_in(table, self.targets)
        return GivenRows(table.select(self.features), y, w)


def target_in(table: Any, names: list[str]) -> Any:
    """The values of a column, or several columns, whose names may be those of classes."""
    return table.select(names) if len(names) > 1 else values_of(table.column(names[0]))


def is_number(dtype: Any) -> bool:
    """Whether a type of pyarrow is one of numbers or booleans."""
    if str(dtype).startswith("dictionary"):
        dtype = dtype.value_type
    types = arrow("types")
    tests = types.is_integer, types.is_floating, types.is_decimal, types.is_boolean
    return any(test(dtype) for test in tests)


def values_of(column: Any) -> Any:
    """The values of a column as an array of NumPy; text as objects."""
    return without_dictionary(column).to_numpy()


def weights_of(table: Any, name: str) -> Any:
    """The weights in a column, NaN where missing."""
    try:
        return table.column(name).cast("float64").to_numpy()
    except Exception as error:
        # pyarrow has many types of errors for types that are not numbers.
        raise TypeError(
            f"sample_weight must be a column of numbers. Got {name!r}, which has "
            f"{table.column(name).type}."
        ) from error


def names_in(source: Source, y: Any, sample_weight: Any) -> Names:
    """The columns of a source by what `fit` gets; raises if they are not there."""
    targets = [y] if isinstance(y, str) else y
    if not isinstance(targets, list | tuple) or not targets:
        raise TypeError(
            "y must be the name of a column, or a list of names, if X is a file or a "
            f"dataset. Got {shown(y)}."
        )
    if sample_weight is not None and not isinstance(sample_weight, str):
        raise TypeError(
            "sample_weight must be the name of a column, or None, if X is a file or a "
            f"dataset. Got {shown(sample_weight)}."
        )
    given = {
        "y": list(targets),
        "sample_weight": [sample_weight] if sample_weight else [],
    }
    for argument, names in given.items():
        for name in names:
            if name not in source.columns:
                raise ValueError(
                    f"{argument} must name columns of X, {some_of(source.columns)}. "
                    f"Got {name!r}."
                )
    once = [*given["y"], *given["sample_weight"]]
    twice = [name for name in once if once.count(name) > 1]
    if twice:
        raise ValueError(
            f"y and sample_weight must be different columns. Got {twice[0]!r} twice."
        )
    used = {*targets, sample_weight}
    features = [name for name in source.columns if name not in used]
    if not features:
        raise ValueError("X must have a column beside y and sample_weight. Got none.")
    return Names(list(targets), sample_weight, features)
