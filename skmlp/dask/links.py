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
from itertools import count
from typing import Any, NamedTuple, TypeVar

import numpy as np
from distributed import Future

from ..common.threads import at_most
from ..core._types import Array, Rows
from ..core.batches import Block, Dataset, Part
from ..core.runners import StepSums
from ..core.training import TrainingConfig, TrainingState, train_blocks
from ..streaming.blocks import Layout, MemberBlocks, Piece, RowsOfTable
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
        futures = [
            self.cluster.submit("effects", i, applied, function, self.layout, piece)
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
    """A part of an epoch without its rows: `piece` is the number of a piece.

    It has the first rows of the piece, with the effects of `tables`; or else `rows` of the
    sample, with the columns `own`.
    """

    start: float
    stop: float
    n_rows: int
    piece: int | None = None
    tables: Sequence[Any] | None = None
    rows: Rows | None = None
    own: OwnColumns | None = None

    @classmethod
    def of(cls, part: Part) -> Description:
        """The description of a part."""
        block, start, stop = part
        if isinstance(block, MemberRows):
            return cls(start, stop, block.n_rows, rows=block.rows, own=block.own)
        assert isinstance(block, Piece)
        tables = None
        if block.tables is not None:
            tables = block.tables.of(block.held, block.number % FOLDS)
        return cls(start, stop, block.n_rows, block.number, tables)

    def part(self, rows: Any, sample: Dataset, layout: Layout, place: slice) -> Part:
        """The part with the rows of its piece."""
        block: Block
        if self.rows is not None:
            block = MemberRows(sample, self.rows, self.own)
        else:
            block = LoadedPiece(rows[: self.n_rows], layout, place, self.tables)
        return Part(block, self.start, self.stop)


class Link(NamedTuple):
    """The value of a link: parameters, state, sums of steps, the last learning rate."""

    theta: Array
    state: TrainingState
    sums: StepSums
    rate: float


def link(
    training: tuple[TrainingConfig, Array, TrainingState],
    descriptions: Sequence[Description],
    pieces: Sequence[Any],
    sample: Dataset,
    stored: tuple[Layout, slice],
) -> Link:
    """Train on some blocks; a function that changes nothing that it gets."""
    config, theta, state = training
    theta, state = theta.copy(), deepcopy(state)
    both = zip(descriptions, pieces, strict=True)
    parts = [one.part(rows, sample, *stored) for one, rows in both]
    with np.errstate(all="ignore"), at_most(1):
        return Link(theta, state, *train_blocks(config, theta, state, parts))


@dataclass(frozen=True, eq=False)
class BlocksOnWorkers:
    """The blocks of a network, which trains where they are; `name` is that of its tasks."""

    blocks: MemberBlocks
    stored: StoredOnWorkers
    sample: Future
    name: str
    numbers: Iterator[int]

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

    def map(self, function: Callable[[Dataset, Array], T], x: Array) -> Iterator[T]:
        """The values of a function of the rows of each block, and x, on the workers."""
        cluster, stored = self.stored.cluster, self.stored
        step = next(self.numbers)
        given = cluster.kept("parameters", step, x)
        futures = []
        for i, block in enumerate(self.blocks.every):
            one = Description.of(Part(block, 0.0, 1.0))
            piece = None if one.piece is None else stored.pieces[one.piece]
            futures.append(
                cluster.submit(
                    self.name,
                    f"s{step}-b{i}",
                    *(applied_to_block, function, one, piece, self.sample),
                    *((stored.layout, stored.place), given),
                )
            )
        return map(cluster.result, futures)

    def train(
        self,
        config: TrainingConfig,
        theta: Array,
        state: TrainingState,
        parts: Sequence[Part],
    ) -> tuple[StepSums, float]:
        """Train `theta` in place on blocks of an epoch, one link after the other."""
        sums, rate = StepSums(), 0.0
        stored, cluster = self.stored, self.stored.cluster
        for window in windows(parts, stored.layout.width):
            some = [Description.of(part) for part in window]
            numbers = [one.piece for one in some]
            pieces = [None if i is None else stored.pieces[i] for i in numbers]
            future = cluster.submit(
                self.name,
                f"e{state.n_epochs}-w{next(self.numbers)}",
                *(link, (config, theta.copy(), state), some, pieces),
                *(self.sample, (stored.layout, stored.place)),
            )
            done = cluster.result(future)
            theta[...] = done.theta
            vars(state).update(vars(done.state))
            sums, rate = sums.plus(done.sums), done.rate
        return sums, rate


def applied_to_block(
    function: Callable[[Dataset, Array], T],
    description: Description,
    piece: Any,
    sample: Dataset,
    stored: tuple[Layout, slice],
    x: Array,
) -> T:
    """The value of a function of the rows of a block, and x."""
    block = description.part(piece, sample, *stored).block
    with np.errstate(all="ignore"), at_most(1):
        return function(block.load(), x)


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

    stored: StoredOnWorkers

    def __init__(self, rows: RowsOfTable):
        self.rows, self.stored = rows, rows.stored
        cluster = self.stored.cluster
        self.n_rows = rows.n_rows
        self._sample = cluster.kept("sample", 0, rows.sample)
        self._numbers = count()

    def _on_workers(self, blocks: MemberBlocks, name: str) -> BlocksOnWorkers:
        return BlocksOnWorkers(blocks, self.stored, self._sample, name, self._numbers)

    def own_columns(self, folds: Sequence[Fold]) -> list[OwnColumns]:
        """The columns of the sample that only the member of each fold has."""
        return self.rows.own_columns(folds)

    def blocks(
        self, folds: Sequence[Fold], seeds: Sequence[int], n_rows: int
    ) -> list[BlocksOnWorkers]:
        """For each fold all rows but the held-out ones; an epoch has about `n_rows`."""
        each = enumerate(self.rows.blocks(folds, seeds, n_rows))
        return [self._on_workers(one, f"member{i}") for i, one in each]

    def all_blocks(
        self, rows: Rows | None, rng: np.random.RandomState
    ) -> BlocksOnWorkers:
        """The blocks of all rows, but of the sample only these; None: all of it."""
        return self._on_workers(self.rows.all_blocks(rows, rng), "member")

    def facts(self) -> dict[str, Any]:
        """What training depends on beside the sample."""
        return self.rows.facts()

    def close(self) -> None:
        """Let the workers forget the rows."""
        self.rows.close()
