"""Rows of data: a data set (X, y, w), blocks of its rows and mini-batches."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ._types import Array, Features, Rows

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


def row_blocks(n_rows: int, size: int) -> Iterator[slice]:
    """Slices of `size` rows, in order; the last one may be smaller."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


class MiniBatches:
    """The mini-batches of a data set; each epoch may have another order of the rows.

    Shuffled rows must be copied. Dense rows are copied for several batches at a time:
    one call for each batch would be slow, one copy of all rows would need too much memory.
    All copies use the same buffers, and the batches are views of these, made once.
    """

    def __init__(self, table: Dataset, n_rows: int, batch_size: int, copied_rows: int):
        """`n_rows` is the number of rows in an epoch, all rows of the table or fewer.

        A copy has whole batches: about `copied_rows` rows, fewer if X has many columns.
        """
        self.table = table
        self.n_rows, self.batch_size = n_rows, batch_size
        if isinstance(table.X, np.ndarray):
            rows = min(copied_rows, COPIED_ENTRIES // table.X.shape[1])
            per_copy = max(1, min(rows // batch_size, MOST_BATCHES))
            self.copies = list(row_blocks(n_rows, per_copy * batch_size))
            full = self.copies[0].stop
            buffers = Dataset(
                np.empty((full, *table.X.shape[1:]), table.X.dtype),
                np.empty((full, *table.y.shape[1:]), table.y.dtype),
                None if table.w is None else np.empty(full, table.w.dtype),
            )
            views = {
                n: [buffers.take(batch) for batch in row_blocks(n, batch_size)]
                for n in {copy.stop - copy.start for copy in self.copies}
            }
            self.views = [views[copy.stop - copy.start] for copy in self.copies]
            self.buffers = buffers

    def in_order(self, order: Rows | None) -> Iterator[Dataset]:
        """Yield the batches of an epoch, each valid until the next. None: unshuffled."""
        if order is None:
            for batch in row_blocks(self.n_rows, self.batch_size):
                yield self.table.take(batch)
        elif not isinstance(self.table.X, np.ndarray):
            for batch in row_blocks(self.n_rows, self.batch_size):
                yield self.table.take(order[batch])
        else:
            for copy, views in zip(self.copies, self.views, strict=True):
                for array, buffer in zip(self.table, self.buffers, strict=True):
                    _take_rows(array, order[copy], buffer)
                yield from views


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
