"""A table in files: the sample in memory, and the other rows in a second pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ..common.checks import GivenRows
from ..common.errors import shown
from ..common.frames import some_of
from ..core.batches import row_blocks
from ..tabular.totals import Totals
from .arrow import arrow
from .sources import Source, checksum
from .summary import Summary, label_columns, summarise

SMALL_BYTES = 100_000_000
"""Files of less than so many bytes are read as a whole."""

ENCODED_ROWS = 16_384
"""The most rows that are encoded at a time."""

MOST_CLASSES = 10_000
"""The most classes of a target."""

SECONDS_PER_REPORT = 10.0
"""Progress is said after so many seconds."""


class Names(NamedTuple):
    """The names of columns: the target, the weights or None, and the features."""

    targets: list[str]
    weight: str | None
    features: list[str]

    @property
    def all(self) -> list[str]:
        """The names of all these columns."""
        return [*self.features, *self.targets, *([self.weight] if self.weight else [])]


class Checksums:
    """The checksums of the blocks of a table, to see whether it stays the same."""

    def __init__(self) -> None:
        self.known: list[int] = []

    def check(self, i: int, table: Any) -> None:
        """Raise ValueError unless the i-th block is as it was in the first pass."""
        if i >= len(self.known) or checksum(table) != self.known[i]:
            raise ValueError(
                "X must stay the same while fit reads it. Got other values in the second "
                f"pass, in block {i + 1}: the file has changed."
            )


class LargeTable:
    """A table of which a sample of rows is in memory, or all of them.

    `rows` are these rows, and `numbers` their numbers in the table. `totals` are None if
    these are all rows. `n_others` is the number of others that have a weight.
    """

    def __init__(self, source: Source, names: Names, say: Callable[[str], None]):
        self.source, self.names, self.say = source, names, say
        self.checksums = Checksums()
        self.numbers: Any = None
        self.totals: Totals | None = None
        self.n_rows = self.n_others = 0
        self._said = perf_counter()

    @property
    def is_small(self) -> bool:
        """Whether the files are read as a whole."""
        return self.source.n_bytes < SMALL_BYTES

    def read(self, labelled: Sequence[str], *, numeric: bool) -> LargeTable:
        """Read all rows of small files, or a sample.

        `labelled` are the columns of labels beside those of text, `numeric` says whether
        the target has numbers.
        """
        if self.is_small:
            self.rows = self._given(self.source.table(self.names.all))
        else:
            self._read_sample(labelled, numeric=numeric)
        return self

    def _read_sample(self, labelled: Sequence[str], *, numeric: bool) -> None:
        """Read the rows of a sample, and count labels."""
        self.say("Reading the table to find its columns and a sample of its rows.")
        whole, n_all = Summary(), 0
        targets = dict.fromkeys(self.names.targets, numeric)
        for block in self.source.blocks(self.names.all):
            self.checksums.known.append(checksum(block))
            self._check(block, n_all, numeric=numeric)
            whole.merge(self._summary(block, n_all, labelled, targets))
            n_all += block.num_rows
            if not numeric and len(whole.ends) > MOST_CLASSES:
                raise ValueError(
                    f"y must have at most {MOST_CLASSES:,} classes. Got more in the first "
                    f"{n_all:,} rows of column {self.names.targets[0]!r}."
                )
            self._report(n_all, "read")
        if not whole.n_rows:
            raise ValueError(
                "sample_weight must have at least one positive weight. Got "
                f"{self.names.weight!r}, a column with zeros only."
            )
        self.n_rows = n_all
        table, self.numbers = whole.sample()
        arrow().default_memory_pool().release_unused()
        self.rows = self._given(table)
        self.n_others = whole.n_rows - self._n_weighted(table)
        if self.n_others:
            names = self._labelled(block.schema, labelled)
            labels = {name: whole.labels_of(name) for name in names}
            self.totals = Totals(whole.n_rows, labels, frozenset(whole.missing))

    def others(self) -> Iterator[GivenRows]:
        """The rows that are not in the sample and have a weight, in blocks."""
        start = 0
        for i, block in enumerate(self.source.blocks(self.names.all)):
            self.checksums.check(i, block)
            keep = np.ones(block.num_rows, bool)
            ends = np.searchsorted(self.numbers, [start, start + block.num_rows])
            keep[self.numbers[ends[0] : ends[1]] - start] = False
            start += block.num_rows
            if self.names.weight:
                keep &= weights_of(block, self.names.weight) > 0
            rows = np.flatnonzero(keep)
            for some in row_blocks(len(rows), ENCODED_ROWS):
                yield self._given(block.take(arrow().array(rows[some])))
            self._report(start, "encoded")

    def _summary(
        self, block: Any, first: int, labelled: Sequence[str], targets: dict[str, bool]
    ) -> Summary:
        """The summary of a block; a row without a weight shows its class only."""
        numbers = np.arange(first, first + block.num_rows)
        names = self._labelled(block.schema, labelled)
        if self.names.weight is None:
            return summarise(block, numbers, names, targets)
        has = weights_of(block, self.names.weight) > 0
        parts = [
            summarise(block.filter(arrow().array(one)), numbers[one], names, targets)
            for one in (has, ~has)
            if one.any()
        ]
        found = parts[0] if has.any() else Summary()
        if not has.all() and not any(targets.values()):
            found.merge(Summary(ends=parts[-1].ends))
        return found

    def _labelled(self, schema: Any, others: Sequence[str]) -> list[str]:
        names = label_columns(schema, others)
        return [name for name in names if name in self.names.features]

    def _n_weighted(self, table: Any) -> int:
        """The number of rows with a weight."""
        if self.names.weight is None:
            return int(table.num_rows)
        return int((weights_of(table, self.names.weight) > 0).sum())

    def _check(self, block: Any, first: int, *, numeric: bool) -> None:
        """Raise an error if a target is missing or no number, or a weight is invalid."""
        for name in self.names.targets:
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
        if self.names.weight:
            w = weights_of(block, self.names.weight)
            wrong = ~(np.isfinite(w) & (w >= 0))
            if wrong.any():
                place = int(wrong.argmax())
                raise ValueError(
                    "sample_weight must be a column of finite numbers >= 0. Got "
                    f"{w[place]} in row {first + place + 1:,} of the table."
                )

    def _given(self, table: Any) -> GivenRows:
        """The features, the target and the weights of a table."""
        targets, weight = self.names.targets, self.names.weight
        each = [values_of(table.column(name)) for name in targets]
        y = each[0] if len(each) == 1 else np.column_stack(each)
        w = weights_of(table, weight) if weight else None
        return GivenRows(table.select(self.names.features), y, w)

    def _report(self, n_rows: int, what: str) -> None:
        """Say now and then how many rows are done; of how many, if it is known."""
        now = perf_counter()
        if now - self._said >= SECONDS_PER_REPORT:
            self._said = now
            every = f" of {self.n_rows:,}" if self.n_rows else ""
            self.say(f"{n_rows:,}{every} rows {what}.")


def is_number(dtype: Any) -> bool:
    """Whether a type of pyarrow is one of numbers or booleans."""
    if str(dtype).startswith("dictionary"):
        dtype = dtype.value_type
    types = arrow("types")
    tests = types.is_integer, types.is_floating, types.is_decimal, types.is_boolean
    return any(test(dtype) for test in tests)


def values_of(column: Any) -> Any:
    """The values of a column as an array of NumPy; text as objects."""
    if str(column.type).startswith("dictionary"):
        column = column.cast(column.type.value_type)
    return column.to_numpy()


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
