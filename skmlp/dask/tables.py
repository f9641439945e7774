"""A table in partitions: a sample in this process, and all rows on the workers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from typing import Any, NamedTuple

import dask
import numpy as np

from ..common.checks import GivenRows
from ..common.sources import TableElsewhere
from ..core._types import Array
from ..streaming.blocks import Encode, Layout, RowsOfTable
from ..streaming.large import Checksums, Found, check_classes, found_in, others_in
from ..streaming.names import Names
from ..streaming.rows_file import piece_rows
from ..streaming.summary import Summary
from .cluster import Cluster
from .links import RowsOnWorkers, StoredOnWorkers
from .partitions import Described, Partitions, checked, common_schema, described

FAN_IN = 8
"""So many summaries are merged at a time."""

MIXED = 32
"""Pieces have rows of so many partitions, drawn at random."""


class ClusterTable(TableElsewhere):
    """A table in partitions; `read` finds its sample and its totals."""

    def __init__(self, cluster: Cluster, parts: Partitions):
        self.cluster, self.parts = cluster, parts
        self.names = parts.names
        self.checksums = Checksums()

    @property
    def is_small(self) -> bool:
        """Whether all rows are in memory before they are read."""
        return False

    def read(self, labelled: Sequence[str], *, numeric: bool) -> ClusterTable:
        """Read a sample, and count labels."""
        cluster = self.cluster
        cluster.check()
        cluster.say(f"Reading {len(self.parts.tables):,} partitions of the table.")
        tasks = [
            cluster.delayed("describe", i, described, one)
            for i, one in enumerate(self.parts.tables)
        ]
        self.known: list[Described] = cluster.results(cluster.compute(tasks))
        self.checksums.known = [one.checksum for one in self.known]
        self.starts = np.cumsum([0, *(one.n_rows for one in self.known)]).tolist()
        self.filled = [i for i, one in enumerate(self.known) if one.n_rows]
        if not self.filled:
            raise ValueError("X must have at least one row. Got a table without rows.")
        self.schema = common_schema(self.known)
        whole = self._summary(labelled, numeric=numeric)
        check_classes(whole, self.names, self.starts[-1], numeric=numeric)
        names = self.names.labelled(self.schema, labelled)
        found: Found = found_in(whole, self.names, names)
        rows, self.numbers, self.n_others, self.totals = found
        # Where the numbers of each partition begin.
        self.places = np.searchsorted(self.numbers, self.starts).tolist()
        self.rows = without_names(rows) if self.parts.is_array else rows
        return self

    def _table(self, i: int) -> Any:
        """A partition, read once more."""
        return dask.delayed(checked)(self.parts.tables[i], self.known[i], self.schema)

    def _summary(self, labelled: Sequence[str], *, numeric: bool) -> Summary:
        """The summary of all rows, merged on the workers."""
        cluster = self.cluster
        summary = partial(self.names.summary, numeric=numeric)
        level = [
            cluster.delayed(
                *("stats", i, summary), *(self._table(i), self.starts[i], [*labelled])
            )
            for i in self.filled
        ]
        while len(level) > 1:
            level = [
                dask.delayed(merged)(level[i : i + FAN_IN])
                for i in range(0, len(level), FAN_IN)
            ]
        found: Summary = cluster.result(cluster.compute(level)[0])
        return found

    def stored(
        self, layout: Layout, place: slice, encode: Encode, temp_folder: Any
    ) -> StoredOnWorkers:
        """The rows that are not in the sample, encoded and mixed, on the workers."""
        encoding = dask.delayed(
            Encoding(self.names, encode, layout, self.parts.is_array), pure=False
        )
        order = np.random.RandomState(0).permutation(self.filled).tolist()
        pieces: list[Any] = []
        for first in range(0, len(order), MIXED):
            pieces += self._mixed(
                order[first : first + MIXED], encoding, layout, len(pieces)
            )
        largest = max(one.n_bytes for one in self.known)
        self.cluster.check_memory(self.n_others * layout.width * 4, largest)
        futures = self.cluster.compute(pieces)
        self.cluster.say(f"Encoding {self.n_others:,} rows in {len(pieces):,} pieces.")
        sizes = self.cluster.results(
            [self.cluster.submit("size", i, len, one) for i, one in enumerate(futures)]
        )
        if sum(sizes) != self.n_others:
            raise RuntimeError(
                f"The workers must encode {self.n_others} rows. Got {sum(sizes)}."
            )
        return StoredOnWorkers(self.cluster, futures, sizes, layout, place)

    def _mixed(
        self, group: Sequence[int], encoding: Any, layout: Layout, n_before: int
    ) -> list[Any]:
        """Pieces of the rows of some partitions."""
        sampled = {i: self.numbers[slice(*self.places[i : i + 2])] for i in group}
        n_rows = sum(self.known[i].n_rows - len(sampled[i]) for i in group)
        n_pieces = max(-(-n_rows // piece_rows(layout.width)), 1)
        hands = [
            self.cluster.delayed(
                *("block", i, dealt),
                *(self._table(i), self.starts[i], sampled[i], encoding, (n_pieces, i)),
            )
            for i in group
        ]
        return [
            dask.delayed(np.vstack)(
                [one[q] for one in hands],
                dask_key_name=self.cluster.key("piece", n_before + q),
            )
            for q in range(n_pieces)
        ]

    def trained(self, rows: RowsOfTable) -> RowsOnWorkers:
        """The rows in the form in which networks train on them."""
        return RowsOnWorkers(rows)


def merged(summaries: Sequence[Summary]) -> Summary:
    """One summary of several."""
    return reduce(Summary.merge, summaries, Summary())


def without_names(rows: GivenRows) -> GivenRows:
    """The rows with their features as an array."""
    each = [one.to_numpy() for one in rows.X.columns]
    return rows._replace(X=np.column_stack(each))


class Encoding(NamedTuple):
    """How rows are encoded."""

    names: Names
    encode: Encode
    layout: Layout
    is_array: bool


def dealt(
    table: Any, first: int, numbers: Any, encoding: Encoding, hands: tuple[int, int]
) -> list[Array]:
    """The encoded rows of a partition that are not in the sample, dealt out at random.

    `first` is the number of the first row, `numbers` are those of rows of the sample, and
    `hands` are the number of hands and a seed.
    """
    names, encode, layout, is_array = encoding
    n_hands, seed = hands
    parts = [np.empty((0, layout.width), np.float32)]
    for rows in others_in(table, first, names, numbers):
        parts.append(layout.joined(*encode(without_names(rows) if is_array else rows)))
    whole = np.vstack(parts)
    order = np.random.RandomState([seed, 1]).permutation(len(whole))
    return [whole[one] for one in np.array_split(order, n_hands)]
