"""The rows of one member of an ensemble: some rows of all, with columns of its own."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from ..core._types import Array, Rows
from ..core.batches import Dataset

T = TypeVar("T")


class OwnColumns(NamedTuple):
    """Columns of an encoded table that a member has instead of those of all members."""

    place: slice
    values: Array

    def put_into(self, data: Dataset) -> Dataset:
        """All rows with these columns, as a copy."""
        X = data.X.copy()
        X[:, self.place] = self.values
        return data._replace(X=X)


def some_rows(X: Any, rows: Rows, own: OwnColumns | None) -> Any:
    """These rows of X, with a member's own columns if it has some."""
    X = X[rows]
    if own is not None:
        X[:, own.place] = own.values[rows]
    return X


class MemberRows(NamedTuple):
    """A block: some rows, with the columns that only a member has."""

    data: Dataset
    rows: Rows
    own: OwnColumns | None

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def load(self) -> Dataset:
        """A copy of these rows."""
        X, y, w = self.data
        some = some_rows(X, self.rows, self.own)
        return Dataset(some, y[self.rows], None if w is None else w[self.rows])

    def value(self, function: Callable[[Dataset, Array], T], x: Array) -> T:
        """The value of a function of these rows and an array.

        They are copied when they are needed, as copies for all members would be as large as
        the table.
        """
        return function(self.load(), x)
