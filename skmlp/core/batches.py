"""Rows of the data: a table (X, y, w) and the parts of it that a step is given.

And parts of long vectors: both keep what is worked on at a time small.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ._types import Array, Features, Rows


class Table(NamedTuple):
    """Features X (n, d), dense or CSR; targets y (n, K); weights w (n,), or None."""

    X: Features
    y: Array
    w: Array | None = None

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.y.shape[0])

    def take(self, rows: Rows | slice) -> "Table":
        """Those rows: a view for a slice of dense data, a copy for row numbers."""
        w = self.w
        return Table(self.X[rows], self.y[rows], None if w is None else w[rows])


def row_blocks(n_rows: int, size: int) -> Iterator[slice]:
    """Slices of `size` rows, in order; the last one may be smaller."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


PIECE = 2**13
"""Entries of a vector that are worked on at a time: several vectors' fit in the cache."""


def pieces(*vectors: Any) -> Iterator[tuple[Any, ...]]:
    """Vectors of one length in pieces, for several operations on each while in the cache.

    A number among them stands for itself.
    """
    size = vectors[0].size
    if size <= PIECE:
        yield vectors
        return
    for part in row_blocks(size, PIECE):
        yield tuple(v[part] if isinstance(v, np.ndarray) else v for v in vectors)
