"""Blocks of encoded rows: pieces of a file and a part of the sample, for each network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..common.checks import GivenRows
from ..core._types import Array, Rows
from ..core.batches import Dataset
from ..tabular.member_rows import MemberRows, OwnColumns
from ..tabular.target_statistics import FOLDS
from .effects import FoldSums, numbers_of
from .rows_file import RowsFile, piece_rows

Encoded = tuple[Dataset, list[Any]]
"""Rows as the loss sees them, and the codes of their labels that have effects."""

Encode = Callable[[GivenRows], Encoded]
T = TypeVar("T")


class Layout(NamedTuple):
    """The numbers of columns of a file: encoded ones, codes, targets, and weights."""

    n_columns: int
    n_codes: int
    n_targets: int
    n_weights: int

    @property
    def width(self) -> int:
        """The number of all columns."""
        return sum(self)

    def joined(self, data: Dataset, codes: Sequence[Any]) -> Array:
        """Encoded rows side by side with their codes, targets and weights."""
        weights = [] if data.w is None else [data.w[:, None]]
        parts: list[Any] = [data.X, *(one[:, None] for one in codes), data.y, *weights]
        return np.hstack([np.asarray(one, np.float32) for one in parts])

    def split(self, rows: Array) -> tuple[Dataset, Any]:
        """The encoded rows, and their codes, (n_codes, n_rows)."""
        ends = np.cumsum(self)
        X, codes, y, w = np.split(rows, ends[:3], axis=1)
        weights = w[:, 0].copy() if self.n_weights else None
        data = Dataset(np.ascontiguousarray(X), np.ascontiguousarray(y), weights)
        return data, codes.T.astype(np.int64)

    def with_effects(
        self, rows: Array, place: slice, tables: Sequence[Any] | None
    ) -> Dataset:
        """The encoded rows, with the effects of the tables at a place if there are some."""
        data, codes = self.split(rows)
        if tables is not None:
            data.X[:, place] = numbers_of(tables, codes)
        return data


@dataclass(frozen=True, eq=False)
class StoredRows:
    """The rows of a file with their layout; `place` is where effects of labels are.

    A piece is one of FOLDS folds, whose rows do not see each other's targets.
    """

    file: RowsFile
    layout: Layout
    place: slice

    @property
    def sizes(self) -> list[int]:
        """The number of rows of each piece."""
        sizes: list[int] = self.file.sizes.tolist()
        return sizes

    def map(self, function: Callable[[Dataset, Any], T]) -> Iterator[T]:
        """The values of a function of the rows and the codes of each piece."""
        for i in range(len(self.sizes)):
            yield function(*self.layout.split(self.file.piece(i)))

    def close(self) -> None:
        """Remove the file."""
        self.file.close()

    def piece(self, i: int, tables: Sequence[Any] | None) -> Dataset:
        """The rows of a piece, with the effects of the tables if there are some."""
        return self.layout.with_effects(self.file.piece(i), self.place, tables)


class MemberTables:
    """The numbers of labels for one member at a time: those of all would be large."""

    def __init__(self, sums: FoldSums):
        self.sums = sums
        self._lock = Lock()
        self._held: Rows | None = None
        self._tables: list[Any] = []

    def __reduce__(self) -> Any:
        # A lock belongs to a process.
        return MemberTables, (self.sums,)

    def of(self, held: Rows, fold: int) -> Sequence[Any]:
        """For rows of a fold, and a member that holds out these rows of the sample."""
        with self._lock:
            if self._held is not held:
                others = self.sums.without(held)
                self._tables = [others.tables(one) for one in range(FOLDS)]
                self._held = held
            tables: Sequence[Any] = self._tables[fold]
            return tables


class Piece(NamedTuple):
    """A block: a piece of the file, with the effects that a member has."""

    stored: StoredRows
    number: int
    n_rows: int
    tables: MemberTables | None = None
    held: Any = None

    def load(self) -> Dataset:
        """The rows, read from the file."""
        tables = None
        if self.tables is not None:
            tables = self.tables.of(self.held, self.number % FOLDS)
        data = self.stored.piece(self.number, tables)
        return data if data.n_rows == self.n_rows else data.take(slice(0, self.n_rows))


@dataclass(frozen=True, eq=False)
class MemberBlocks:
    """All rows that a member trains on, in blocks.

    In a pass over the table each block comes once, in a random order by `seed`. An epoch
    has the next `n_blocks` of them.
    """

    every: Sequence[Piece | MemberRows]
    seed: int
    n_blocks: int

    @classmethod
    def of(
        cls, every: Sequence[Piece | MemberRows], seed: int, n_rows: int
    ) -> MemberBlocks:
        """With about `n_rows` rows in an epoch, at most all."""
        total = sum(one.n_rows for one in every)
        n = round(len(every) * min(n_rows / total, 1))
        return cls(every, seed, max(n, 1))

    @property
    def n_rows(self) -> int:
        """About the number of rows of an epoch."""
        total = sum(one.n_rows for one in self.every)
        return round(total * self.n_blocks / len(self.every))

    def of_epoch(self, number: int) -> list[Piece | MemberRows]:
        """The blocks of an epoch, which counts from 0."""
        first, n = number * self.n_blocks, len(self.every)
        turns = range(first // n, (first + self.n_blocks - 1) // n + 1)
        order = np.concatenate([self._order(turn) for turn in turns])
        start = first - turns[0] * n
        return [self.every[i] for i in order[start : start + self.n_blocks]]

    def map(self, function: Callable[[Dataset, Any], T], x: Any) -> Iterator[T]:
        """The values of a function of the rows of each block, and x."""
        return (function(one.load(), x) for one in self.every)

    def _order(self, turn: int) -> Any:
        """The order of the blocks in one pass over the table."""
        return np.random.RandomState([self.seed, turn]).permutation(len(self.every))

    def part(self, fraction: float) -> MemberBlocks:
        """The same with a fraction of the rows of an epoch."""
        n = self.n_blocks * fraction
        if n >= 1:
            return replace(self, n_blocks=round(n))
        return replace(self, every=[smaller(one, n) for one in self.every], n_blocks=1)


def smaller(block: Piece | MemberRows, fraction: float) -> Piece | MemberRows:
    """A block with that fraction of the rows, at least one."""
    n = max(int(block.n_rows * fraction), 1)
    if isinstance(block, Piece):
        return block._replace(n_rows=n)
    return block._replace(rows=block.rows[np.arange(n) * block.n_rows // n])


@dataclass(frozen=True, eq=False)
class RowsOfTable:
    """The rows of a table: a sample, encoded, and the others in a file.

    `sums` have the effects of labels by all rows; None: there are none. The columns of a
    fold are computed once for the settings of a preset.
    """

    n_rows: int
    sample: Dataset
    stored: Any
    sums: FoldSums | None
    checksums: Sequence[int]
    _own: dict[int, tuple[Any, OwnColumns]] = field(
        init=False, repr=False, default_factory=dict
    )

    def own_columns(self, folds: Sequence[Any]) -> list[OwnColumns]:
        """The columns of the sample that only the member of each fold has."""
        if self.sums is None:
            return []
        for fold in folds:
            if id(fold) not in self._own:
                # The fold is kept, so that no other one has its identity.
                self._own[id(fold)] = fold, self.sums.own_columns(*fold)
        return [self._own[id(fold)][1] for fold in folds]

    def blocks(
        self, folds: Sequence[Any], seeds: Sequence[int], n_rows: int
    ) -> list[MemberBlocks]:
        """For each fold all rows but the held-out ones; an epoch has about `n_rows`."""
        own = self.own_columns(folds) or repeat(None, len(folds))
        tables = None if self.sums is None else MemberTables(self.sums)
        found = []
        for fold, seed, columns in zip(folds, seeds, own, strict=True):
            pieces = self._pieces(tables, fold.validation)
            every = [*pieces, *self._of_sample(fold.training, columns)]
            found.append(MemberBlocks.of(every, seed, n_rows))
        return found

    def all_blocks(self, rows: Rows | None, rng: np.random.RandomState) -> MemberBlocks:
        """The blocks of all rows, but of the sample only these; None: all of it."""
        some = np.arange(self.sample.n_rows) if rows is None else rows
        every = [*self._pieces(None, None), *self._of_sample(some, None)]
        return MemberBlocks.of(every, int(rng.randint(2**31)), self.n_rows)

    def _of_sample(self, rows: Rows, own: OwnColumns | None) -> list[MemberRows]:
        """These rows of the sample, dealt out to blocks of the size of a piece."""
        n = -(-len(rows) // piece_rows(self.stored.layout.width))
        return [MemberRows(self.sample, rows[i::n], own) for i in range(n)]

    def _pieces(
        self, tables: MemberTables | None, held: Rows | None
    ) -> list[Piece | MemberRows]:
        sizes = enumerate(self.stored.sizes)
        return [Piece(self.stored, i, n, tables, held) for i, n in sizes if n]

    def close(self) -> None:
        """Remove the file."""
        self.stored.close()

    def facts(self) -> dict[str, Any]:
        """What training depends on beside the sample."""
        return {"other rows": list(self.checksums), "number of rows": self.n_rows}
