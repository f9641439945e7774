"""Rows of the data: a table (X, y, w) and the parts of it that a step is given."""

from collections.abc import Iterator
from typing import NamedTuple

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
