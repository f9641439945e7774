"""Rows of data: a data set (X, y, w), blocks of rows and mini-batches."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from ._types import Array, Features, Rows

T = TypeVar("T")

COPIED_ENTRIES, MOST_BATCHES = 2**13, 8
"""The limits of one copy: entries of X and batches. It has at least one batch."""


class Dataset(NamedTuple):
    """Features X (n, d), dense or CSR; targets y (n, K); weights w (n,), or None."""

    X: Features
    y: Array
    w: Array | None = None

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return int(self.y.shape[0])

    @property
    def weight(self) -> float:
        """The sum of the weights; without weights, the number of rows."""
        return self.y.shape[0] if self.w is None else float(self.w.sum())

    def take(self, rows: Rows | slice) -> "Dataset":
        """The given rows: a view for a slice of dense data, a copy for row numbers."""
        w = self.w
        return Dataset(self.X[rows], self.y[rows], None if w is None else w[rows])

    def value(self, function: "Callable[[Dataset, Array], T]", x: Array) -> T:
        """The value of a function of these rows and an array."""
        return function(self, x)


class HeldOut(Protocol):
    """Rows on which a network is validated, in this process or on other machines.

    `value` has that of a function of these rows and an array.
    """

    def value(self, function: Callable[[Dataset, Array], T], x: Array) -> T: ...


class Block(Protocol):
    """Some training rows, which are in memory only while a network trains on them."""

    @property
    def n_rows(self) -> int: ...

    def load(self) -> Dataset: ...


class Blocks(Protocol):
    """All training rows in blocks.

    `n_rows` is about the number of rows of an epoch, and `of_epoch` has the blocks of an
    epoch, which counts from 0. `map` has the values of a function of the rows of each block
    and an array.
    """

    @property
    def n_rows(self) -> int: ...

    def of_epoch(self, number: int) -> Sequence[Block]: ...

    def map(self, function: Callable[[Dataset, Array], T], x: Array) -> Iterator[T]: ...


class Part(NamedTuple):
    """A block, and the part of the epoch in which a network trains on it."""

    block: Block
    start: float
    stop: float


def parts_of(epoch: Sequence[Block]) -> list[Part]:
    """The blocks of an epoch, each with its part of it, by the numbers of rows."""
    ends = np.cumsum([0, *(block.n_rows for block in epoch)])
    both = zip(epoch, pairwise((ends / ends[-1]).tolist()), strict=True)
    return [Part(block, start, stop) for block, (start, stop) in both]


@runtime_checkable
class BlocksElsewhere(Protocol):
    """Blocks on other machines, which train a network there.

    `train` does what `train_blocks` of `skmlp.core.training` does. `held_out` are the rows
    on which the network is validated.
    """

    @property
    def held_out(self) -> HeldOut: ...

    def train(
        self, config: Any, theta: Array, state: Any, parts: Sequence[Part]
    ) -> tuple[Any, float]: ...


def row_blocks(n_rows: int, size: int) -> Iterator[slice]:
    """Slices of `size` rows, in order; the last one may be smaller."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


class MiniBatches:
    """The mini-batches of the rows of a data set.

    Shuffled rows must be copied. Dense rows are copied for several batches at a time:
    one call for each batch would be slow, one copy of all rows would need too much memory.
    All copies use the same buffers, and the batches are views of these, made once.
    """

    def __init__(self, table: Dataset, batch_size: int, copied_rows: int):
        """A copy has whole batches: about `copied_rows` rows, fewer for many columns."""
        self.table, self.batch_size = table, batch_size
        rows = min(copied_rows, COPIED_ENTRIES // int(table.X.shape[1]))
        n_batches = max(1, min(rows // batch_size, MOST_BATCHES))
        self.rows_per_copy = n_batches * batch_size
        self.views: dict[int, list[Dataset]] = {}
        if isinstance(table.X, np.ndarray):
            full = min(self.rows_per_copy, table.n_rows)
            self.buffers = Dataset(
                np.empty((full, *table.X.shape[1:]), table.X.dtype),
                np.empty((full, *table.y.shape[1:]), table.y.dtype),
                None if table.w is None else np.empty(full, table.w.dtype),
            )

    def of(self, rows: Rows | slice) -> Iterator[Dataset]:
        """Yield the batches of the rows, each valid until the next.

        Rows are a slice of any length, or at most `rows_per_copy` row numbers.
        """
        size = self.batch_size
        if isinstance(rows, slice):
            for start in range(rows.start, rows.stop, size):
                yield self.table.take(slice(start, min(start + size, rows.stop)))
        elif not isinstance(self.table.X, np.ndarray):
            for batch in row_blocks(len(rows), size):
                yield self.table.take(rows[batch])
        else:
            for array, buffer in zip(self.table, self.buffers, strict=True):
                _take_rows(array, rows, buffer)
            yield from self._views(len(rows))

    def _views(self, n_rows: int) -> list[Dataset]:
        """The batches of the first `n_rows` rows of the buffers."""
        found = self.views.get(n_rows)
        if found is None:
            blocks = row_blocks(n_rows, self.batch_size)
            found = self.views[n_rows] = [self.buffers.take(block) for block in blocks]
        return found


def _take_rows(array: Array | None, rows: Rows, buffer: Array | None) -> None:
    """Copy rows of the array into the first rows of the buffer."""
    if array is None or buffer is None:
        return
    if array.flags.c_contiguous:
        # Row numbers are valid: mode="clip" avoids the buffering of mode="raise".
        np.take(array, rows, axis=0, out=buffer[: len(rows)], mode="clip")
    else:
        # np.take would first copy the whole array.
        buffer[: len(rows)] = array[rows]
