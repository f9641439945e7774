"""A table in files: the sample in memory, and the other rows in a second pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ..common.checks import GivenRows
from ..core.batches import row_blocks
from ..tabular.totals import Totals
from .arrow import arrow
from .blocks import Encode, Layout, RowsOfTable, StoredRows
from .names import Names, weights_of
from .rows_file import RowsFile, folder_for, n_pieces
from .sources import Source, checksum
from .summary import Summary

SMALL_BYTES = 100_000_000
"""Files of less than so many bytes are read as a whole."""

ENCODED_ROWS = 16_384
"""The most rows that are encoded at a time."""

MOST_CLASSES = 10_000
"""The most classes of a target."""

SECONDS_PER_REPORT = 10.0
"""Progress is said after so many seconds."""


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


class Found(NamedTuple):
    """What is known of a table: rows of a sample, their numbers, and the totals.

    `n_others` is the number of other rows that have a weight; the totals are None if it
    is 0.
    """

    rows: GivenRows
    numbers: Any
    n_others: int
    totals: Totals | None


def found_in(whole: Summary, names: Names, labelled: Sequence[str]) -> Found:
    """What the summary of all rows says of a table."""
    if not whole.n_rows:
        raise ValueError(
            "sample_weight must have at least one positive weight. Got "
            f"{names.weight!r}, a column with zeros only."
        )
    table, numbers = whole.sample()
    n_others = whole.n_rows - names.n_weighted(table)
    totals = None
    if n_others:
        labels = {name: whole.labels_of(name) for name in labelled}
        totals = Totals(whole.n_rows, labels, frozenset(whole.missing))
    return Found(names.given(table), numbers, n_others, totals)


def check_classes(whole: Summary, names: Names, n_rows: int, *, numeric: bool) -> None:
    """Raise ValueError if the first rows have too many classes."""
    if not numeric and len(whole.ends) > MOST_CLASSES:
        raise ValueError(
            f"y must have at most {MOST_CLASSES:,} classes. Got more in the first "
            f"{n_rows:,} rows of column {names.targets[0]!r}."
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
            self.rows = self.names.given(self.source.table(self.names.all))
        else:
            self._read_sample(labelled, numeric=numeric)
        return self

    def _read_sample(self, labelled: Sequence[str], *, numeric: bool) -> None:
        """Read the rows of a sample, and count labels."""
        self.say("Reading the table to find its columns and a sample of its rows.")
        whole, n_all = Summary(), 0
        for block in self.source.blocks(self.names.all):
            self.checksums.known.append(checksum(block))
            whole.merge(self.names.summary(block, n_all, labelled, numeric=numeric))
            n_all += block.num_rows
            check_classes(whole, self.names, n_all, numeric=numeric)
            self._report(n_all, "read")
        self.n_rows = n_all
        names = self.names.labelled(block.schema, labelled)
        found = found_in(whole, self.names, names)
        self.rows, self.numbers, self.n_others, self.totals = found
        arrow().default_memory_pool().release_unused()

    def others(self) -> Iterator[GivenRows]:
        """The rows that are not in the sample and have a weight, in blocks."""
        start = 0
        for i, block in enumerate(self.source.blocks(self.names.all)):
            self.checksums.check(i, block)
            yield from others_in(block, start, self.names, self.numbers)
            start += block.num_rows
            self._report(start, "encoded")

    def stored(
        self, layout: Layout, place: slice, encode: Encode, temp_folder: Any
    ) -> StoredRows:
        """The other rows, encoded and shuffled, in a temporary file that must be closed."""
        n_rows, width = self.n_others, layout.width
        folder = folder_for(temp_folder, n_rows * width * 4, self.say)
        file = RowsFile(folder, n_rows, width, n_pieces(n_rows, width))
        with ExitStack() as stack:
            stack.callback(file.close)
            for rows in self.others():
                file.add(layout.joined(*encode(rows)))
            file.check_full()
            stack.pop_all()
        return StoredRows(file, layout, place)

    def trained(self, rows: RowsOfTable) -> RowsOfTable:
        """The rows in the form in which networks train on them."""
        return rows

    def _report(self, n_rows: int, what: str) -> None:
        """Say now and then how many rows are done; of how many, if it is known."""
        now = perf_counter()
        if now - self._said >= SECONDS_PER_REPORT:
            self._said = now
            every = f" of {self.n_rows:,}" if self.n_rows else ""
            self.say(f"{n_rows:,}{every} rows {what}.")


def others_in(
    block: Any, first: int, names: Names, numbers: Any
) -> Iterator[GivenRows]:
    """The rows of a block that have a weight and are not the rows with these numbers.

    `first` is the number of the first row of the block.
    """
    keep = np.ones(block.num_rows, bool)
    ends = np.searchsorted(numbers, [first, first + block.num_rows])
    keep[numbers[ends[0] : ends[1]] - first] = False
    if names.weight:
        keep &= weights_of(block, names.weight) > 0
    rows = np.flatnonzero(keep)
    for some in row_blocks(len(rows), ENCODED_ROWS):
        yield names.given(block.take(arrow().array(rows[some])))
