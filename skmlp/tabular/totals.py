"""What is known of a whole table, beside the sample that an encoder learns from."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Totals(NamedTuple):
    """Numbers of rows: of the table, and for columns of labels, by name, of each label.

    `missing` are the names of the columns that have missing values.
    """

    n_rows: int
    labels: Mapping[Any, Mapping[Any, int]]
    missing: frozenset[Any] = frozenset()
