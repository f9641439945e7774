"""From a file or a dataset to the rows that the MLPs train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from ..common.checks import GivenRows, targets_in_range
from ..common.sources import SourceHooks
from ..common.target_values import read_named_target
from ..core.batches import Dataset
from ..mlp.combinations import check_in_blocks
from .arrow import arrow
from .blocks import Encoded, RowsOfTable
from .fitting import names_of_fit, opened, rows_of_table, target_of
from .large import LargeTable
from .sources import source_of


class MatrixSources(SourceHooks):
    """X of the MLPs as a path or a dataset: a table of numbers."""

    verbose: Any
    _head: Any
    _numeric_target: ClassVar[bool]
    _settings: Callable[[], Any]
    _checked: Callable[..., Any]
    _encode_target: Callable[..., Any]
    _training_target: Callable[..., Any]

    def _table_of(self, rows: GivenRows, temp_folder: Any) -> Any:
        table = opened(rows, self.verbose, temp_folder)
        if not table.is_small:
            check_in_blocks(self._settings())
        table.read([], numeric=self._numeric_target)
        if table.totals is not None:
            check_numbers(table)
            table.rows = in_single(table.rows)
        return table

    def _rows_of_table(
        self, table: LargeTable, data: Any, temp_folder: Any
    ) -> RowsOfTable:
        fitted = data.scored.y

        def encode(rows: GivenRows) -> Encoded:
            X = self._checked(in_single(rows).X, (np.float32,))
            y, names = read_named_target(rows.y, self, numeric=self._numeric_target)
            _, encoded = self._encode_target(y, all_classes=False, names=names)
            target = targets_in_range(self._head, encoded, np.float32, self)
            w = rows.sample_weight
            w = None if w is None else w.astype(np.float32)
            return Dataset(X, *self._training_target(target, w, fitted)), []

        found = rows_of_table(table, data.trained, None, encode, temp_folder)
        return table.trained(found)

    def _target_of(self, X: Any, y: Any) -> Any:
        return target_of(self, X, y)

    def _blocks_of(self, source: Any) -> Iterator[Any]:
        yield from source_of(source).blocks(names_of_fit(self))


def check_numbers(table: LargeTable) -> None:
    """Raise ValueError or TypeError if a feature has missing values or no numbers."""
    advice = (
        "TabularMLPClassifier and TabularMLPRegressor take text and missing values."
    )
    totals = table.totals
    missing = [
        name for name in table.names.features if totals and name in totals.missing
    ]
    if missing:
        raise ValueError(
            f"X must have a number in each row. Got column {missing[0]!r}, in which some "
            f"are missing. {advice}"
        )
    # An array has one type, which the estimators check.
    for field in getattr(table.rows.X, "schema", ()):
        types = arrow("types")
        known = (
            types.is_integer,
            types.is_floating,
            types.is_boolean,
            types.is_decimal,
        )
        if not any(one(field.type) for one in known):
            raise TypeError(
                f"X must have columns of numbers. Got column {field.name!r} with type "
                f"{field.type}. {advice}"
            )


def in_single(rows: GivenRows) -> GivenRows:
    """The same rows with features in single precision."""
    pyarrow, X = arrow(), rows.X
    if isinstance(X, np.ndarray):
        return rows._replace(X=X.astype(np.float32))
    fields = [(name, pyarrow.float32()) for name in X.column_names]
    return rows._replace(X=X.cast(pyarrow.schema(fields), safe=False))
