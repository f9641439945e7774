"""Training on a cluster: blocks of rows on workers, and links of a chain.

A link is a function of the parameters, the state of training and some blocks, and its value
are the next parameters and the next state. This process has them between links. So a worker
that dies costs one link of each network that it trains, and the blocks that it had, which
others make again: the result has the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
from distributed import Future

from ..common.threads import at_most
from ..core._types import Array, Rows
from ..core.batches import Block, Dataset, Part
from ..core.runners import StepSums
from ..core.training import TrainingConfig, TrainingState, train_blocks
from ..streaming.blocks import Layout, MemberBlocks, MemberTables, Piece, RowsOfTable
from ..tabular.folds import Fold
from ..tabular.member_rows import MemberRows, OwnColumns
from ..tabular.target_statistics import FOLDS
from .cluster import Cluster

T = TypeVar("T")

LINK_BYTES = 2**26
"""About the most bytes of the blocks of a link."""


@dataclass(frozen=True, eq=False)
class StoredOnWorkers:
    """Encoded rows in pieces, as `StoredRows` has them in a file."""

    cluster: Cluster
    pieces: list[Future]
    sizes: list[int]
    layout: Layout
    place: slice

    def map(self, function: Callable[[Dataset, Any], Any]) -> Iterator[Any]:
        """The values of a function of the rows and the codes of each piece."""
        given = self.cluster.kept("model", 0, function)
        futures = [
            self.cluster.submit("effects", i, applied, given, self.layout, piece)
            for i, piece in enumerate(self.pieces)
        ]
        return map(self.cluster.result, futures)

    def close(self) -> None:
        """Let the workers forget the rows."""
        self.pieces.clear()


def applied(function: Callable[[Dataset, Any], Any], layout: Layout, rows: Any) -> Any:
    """The value of a function of a piece."""
    return function(*layout.split(rows))


class LoadedPiece(NamedTuple):
    """A block on a worker: a piece, with the effects that a member has."""

    rows: Array
    layout: Layout
    place: slice
    tables: Sequence[Any] | None

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def load(self) -> Dataset:
        """The rows as the network gets them."""
        return self.layout.with_effects(self.rows, self.place, self.tables)


class Description(NamedTuple):
    """A block without its rows: the first ones of a piece, or `rows` of the sample."""

    n_rows: int
    piece: int | None = None
    rows: Rows | None = None

    @classmethod
    def of(cls, block: Piece | MemberRows) -> Description:
        """The description of a block."""
        if isinstance(block, MemberRows):
            return cls(block.n_rows, rows=block.rows)
        return cls(block.n_rows, block.number)


class Known(NamedTuple):
    """What workers know of a network: its blocks, and the rows that it holds out.

    These are rows of the sample, of which the columns `own` are those of the network.
    """

    blocks: Sequence[Description]
    held: Rows
    own: OwnColumns | None
    layout: Layout
    place: slice


class RowsThere(NamedTuple):
    """The rows of a network on a worker, without those of its pieces.

    `tables` are None if labels have no effects.
    """

    known: Known
    sample: Dataset
    tables: MemberTables | None

    def block(self, number: int, piece: Any) -> Block:
        """The block with a number; `piece` are the rows of its piece, if it has one."""
        one, known = self.known.blocks[number], self.known
        if one.rows is not None:
            return MemberRows(self.sample, one.rows, known.own)
        tables = None
        if self.tables is not None and one.piece is not None:
            tables = self.tables.of(known.held, one.piece % FOLDS)
        return LoadedPiece(piece[: one.n_rows], known.layout, known.place, tables)

    @property
    def held_out(self) -> MemberRows:
        """The rows that the network holds out."""
        return MemberRows(self.sample, self.known.held, self.known.own)


class Link(NamedTuple):
    """The value of a link: parameters, state, sums of steps, the last learning rate."""

    theta: Array
    state: TrainingState
    sums: StepSums
    rate: float


class NumberedPart(NamedTuple):
    """The number of a block, and the part of the epoch in which a network trains on it."""

    number: int
    start: float
    stop: float


def link(
    training: tuple[TrainingConfig, Array, TrainingState],
    numbered: Sequence[NumberedPart],
    pieces: Sequence[Any],
    there: Sequence[Any],
) -> Link:
    """Train on some blocks; a function that changes nothing that it gets."""
    config, theta, state = training
    theta, state = theta.copy(), deepcopy(state)
    rows = RowsThere(*there)
    parts = [
        Part(rows.block(number, piece), start, stop)
        for (number, start, stop), piece in zip(numbered, pieces, strict=True)
    ]
    with np.errstate(all="ignore"), at_most(1):
        return Link(theta, state, *train_blocks(config, theta, state, parts))


def of_block(
    function: Callable[[Dataset, Array], T],
    number: int,
    piece: Any,
    there: Sequence[Any],
    x: Array,
) -> T:
    """The value of a function of the rows of a block, and x."""
    with np.errstate(all="ignore"), at_most(1):
        return function(RowsThere(*there).block(number, piece).load(), aligned(x))


def of_held_out(
    function: Callable[[Dataset, Array], T], there: Sequence[Any], x: Array
) -> T:
    """The value of a function of the rows that a network holds out, and x."""
    with np.errstate(all="ignore"), at_most(1):
        return RowsThere(*there).held_out.value(function, aligned(x))


def aligned(x: Array) -> Array:
    """An array that C takes; those of a message can begin at any byte."""
    return np.require(x, requirements="A")


class TableThere(NamedTuple):
    """All rows of a table on workers, and numbers for the tasks that use them."""

    stored: StoredOnWorkers
    sample: Future
    tables: Future | None
    numbers: Iterator[int]

    def submit(self, what: str, name: object, function: Any, *args: Any) -> Future:
        """The future of a call in a task that has a number."""
        key = f"{name}-{next(self.numbers)}"
        return self.stored.cluster.submit(what, key, function, *args)

    def kept(self, what: str, value: Any) -> Future:
        """A value on the workers."""
        return self.stored.cluster.kept(what, next(self.numbers), value)

    def result(self, future: Future) -> Any:
        """The result of a future."""
        return self.stored.cluster.result(future)


@dataclass(frozen=True, eq=False)
class BlocksOnWorkers:
    """The blocks of a network, which trains where they are; `name` is that of its tasks.

    `held` are the rows of the sample that the network holds out, and `own` the columns that
    only it has.
    """

    blocks: MemberBlocks
    table: TableThere
    name: str
    held: Rows
    own: OwnColumns | None = None

    @property
    def n_rows(self) -> int:
        """About the number of rows of an epoch."""
        return self.blocks.n_rows

    def of_epoch(self, number: int) -> Sequence[Block]:
        """The blocks of an epoch."""
        return self.blocks.of_epoch(number)

    def part(self, fraction: float) -> BlocksOnWorkers:
        """The same with a fraction of the rows of an epoch."""
        return replace(self, blocks=self.blocks.part(fraction))

    @property
    def held_out(self) -> HeldOnWorkers:
        """The rows that the network holds out."""
        return HeldOnWorkers(self)

    @cached_property
    def there(self) -> list[Any]:
        """What each task of the network needs: it is sent to the workers once."""
        stored, each = self.table.stored, map(Description.of, self.blocks.every)
        known = Known([*each], self.held, self.own, stored.layout, stored.place)
        future = self.table.kept("network", known)
        return [future, self.table.sample, self.table.tables]

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """The number of each block, by its identity."""
        return {id(one): i for i, one in enumerate(self.blocks.every)}

    def _piece(self, block: Block) -> Future | None:
        """The piece that has the rows of a block."""
        if isinstance(block, Piece):
            return self.table.stored.pieces[block.number]
        return None

    def map(self, function: Callable[[Dataset, Array], T], x: Array) -> Iterator[T]:
        """The values of a function of the rows of each block, and x, on the workers."""
        given = self.table.kept("parameters", x)
        futures = [
            self.table.submit(
                *(self.name, f"b{i}", of_block, function, i, self._piece(block)),
                *(self.there, given),
            )
            for i, block in enumerate(self.blocks.every)
        ]
        return map(self.table.result, futures)

    def train(
        self,
        config: TrainingConfig,
        theta: Array,
        state: TrainingState,
        parts: Sequence[Part],
    ) -> tuple[StepSums, float]:
        """Train `theta` in place on blocks of an epoch, one link after the other."""
        sums, rate = StepSums(), 0.0
        for window in windows(parts, self.table.stored.layout.width):
            future = self.table.submit(
                *(self.name, f"e{state.n_epochs}", link, (config, theta.copy(), state)),
                [NumberedPart(self._numbers[id(b)], *times) for b, *times in window],
                *([self._piece(part.block) for part in window], self.there),
            )
            done: Link = self.table.result(future)
            theta[...] = done.theta
            vars(state).update(vars(done.state))
            sums, rate = sums.plus(done.sums), done.rate
        return sums, rate


@dataclass(frozen=True, eq=False)
class HeldOnWorkers:
    """The rows that a network holds out, on the workers."""

    blocks: BlocksOnWorkers

    def value(self, function: Callable[[Dataset, Array], T], x: Array) -> T:
        """The value of a function of these rows and an array."""
        table, name = self.blocks.table, self.blocks.name
        args = of_held_out, function, self.blocks.there, x
        value: T = table.result(table.submit("validate", name, *args))
        return value


def windows(parts: Sequence[Part], width: int) -> Iterator[list[Part]]:
    """The parts of links, one after the other."""
    window: list[Part] = []
    n_rows = 0
    for part in parts:
        window.append(part)
        n_rows += part.block.n_rows
        if n_rows * width * 4 >= LINK_BYTES:
            yield window
            window, n_rows = [], 0
    if window:
        yield window


class RowsOnWorkers:
    """All rows of a table, as `RowsOfTable`, with blocks that train on workers."""

    def __init__(self, rows: RowsOfTable):
        self.rows, self.n_rows = rows, rows.n_rows
        cluster, sums = rows.stored.cluster, rows.sums
        tables = None if sums is None else cluster.kept("sums", 0, MemberTables(sums))
        sample = cluster.kept("sample", 0, rows.sample)
        self._table = TableThere(rows.stored, sample, tables, count())

    def own_columns(self, folds: Sequence[Fold]) -> list[OwnColumns]:
        """The columns of the sample that only the member of each fold has."""
        return self.rows.own_columns(folds)

    def blocks(
        self, folds: Sequence[Fold], seeds: Sequence[int], n_rows: int
    ) -> list[BlocksOnWorkers]:
        """For each fold all rows but the held-out ones; an epoch has about `n_rows`."""
        own = self.own_columns(folds) or repeat(None, len(folds))
        each = zip(self.rows.blocks(folds, seeds, n_rows), folds, own, strict=True)
        return [
            BlocksOnWorkers(one, self._table, f"member{i}", fold.validation, columns)
            for i, (one, fold, columns) in enumerate(each)
        ]

    def all_blocks(
        self, rows: Rows | None, rng: np.random.RandomState
    ) -> BlocksOnWorkers:
        """The blocks of all rows, but of the sample only these; None: all of it."""
        every = np.arange(self.rows.sample.n_rows)
        held = every[:0] if rows is None else np.setdiff1d(every, rows)
        blocks = self.rows.all_blocks(rows, rng)
        return BlocksOnWorkers(blocks, self._table, "member", held)

    def facts(self) -> dict[str, Any]:
        """What training depends on beside the sample."""
        return self.rows.facts()

    def close(self) -> None:
        """Let the workers forget the rows."""
        self.rows.close()
