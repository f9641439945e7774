"""Rows of a table that are encoded once, in which columns get values of other rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..common.constraints import Interval, RandomState, check_parameter
from ..common.errors import shown
from ..common.frames import check_names, is_frame, names_of
from ..common.sources import is_source
from ..core._types import Array
from ..estimators import TabularMLPClassifier, TabularMLPRegressor
from ..tabular.assembly import encode, places_of
from ..tabular.codes import Coded
from ..tabular.columns import LABELS, Column, as_table
from ..tabular.prediction import EncodedRows
from ..tabular.repeated_rows import rows_by_keys


def check_model(model: Any) -> None:
    """Raise unless this is a fitted tabular estimator."""
    if not isinstance(model, TabularMLPClassifier | TabularMLPRegressor):
        raise TypeError(
            "model must be a TabularMLPClassifier or a TabularMLPRegressor. "
            f"Got {shown(model)}."
        )
    check_is_fitted(model)


def limit_of(max_time: float | None, owner: str) -> float:
    """The limit of the seconds; raise unless it is positive or None."""
    check_parameter(owner, "max_time", max_time, Interval(0, ends="()", other=(None,)))
    return np.inf if max_time is None else float(max_time)


def rng_of(random_state: Any, owner: str) -> Any:
    """The generator of a seed; raise unless it is one."""
    check_parameter(owner, "random_state", random_state, RandomState())
    return check_random_state(random_state)


def predictor_of(model: Any) -> Callable[[Any], Any]:
    """What predicts the numbers to explain: probabilities of classes, or targets."""
    predict: Callable[[Any], Any] = (
        getattr(model, "predict_proba", None) or model.predict
    )
    return predict


class EncodedTable:
    """A table as a model encodes it, in which columns get the values of other rows.

    `names` are those of the columns, or their numbers. A model of rows that repeat also
    encodes the whole row. Then there are keys of the values, by which a mixed row can be
    one that fit has seen.
    """

    def __init__(self, model: Any, X: Any):
        if is_source(X):
            raise TypeError(
                f"X must be a frame or an array in memory. Got {shown(X)}, a file; read it "
                "first, for example with pandas."
            )
        X = as_table(X)
        check_names(model, X, reset=False)
        encoder = model.encoder_
        self.names = names_of(X) if is_frame(X) else list(range(X.shape[1]))
        encoders, columns = encoder._encoders, encoder._read(X)
        self.numbers: Array = encode(encoders, columns)
        n, places = len(self.names), list(places_of(encoders))
        self.columns = list(zip(encoders[:n], columns[:n], strict=True))
        self._places, self._of_rows = places[:n], places[n:]
        self._whole = encoders[n:]
        self._keys: Any = None
        if self._whole:
            keys = [one.keys_of(column) for one, column in self.columns]
            self._keys = np.stack(keys, axis=1)

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    @property
    def rows(self) -> EncodedRows:
        """All rows, for a prediction."""
        return EncodedRows(self.numbers)

    def is_label(self, column: int) -> bool:
        """Whether a column has labels or texts, or codes, rather than numbers or dates."""
        one, values = self.columns[column]
        return values.kind == LABELS or isinstance(one, Coded)

    def take(self, rows: Any) -> EncodedTable:
        """These of the rows."""
        keys = None if self._keys is None else self._keys[rows]
        return self._copy(self.numbers[rows], keys)

    def with_columns(
        self, columns: Sequence[int], other: EncodedTable, rows: Any
    ) -> EncodedTable:
        """All rows, with the values of columns in rows of a table: one row, or as many."""
        numbers, keys = self.numbers.copy(), self._keys
        places = [place for column in columns for place in self._places[column]]
        numbers[:, places] = other.numbers[:, places][rows]
        if keys is not None:
            keys = keys.copy()
            keys[:, columns] = other._keys[:, columns][rows]
        return self._copy(numbers, keys)._with_whole_rows()

    def with_values(self, column: int, values: Column) -> EncodedTable:
        """All rows, with other values of a column."""
        numbers, keys = self.numbers.copy(), self._keys
        one, _ = self.columns[column]
        numbers[:, self._places[column]] = encode([one], [values])
        if keys is not None:
            keys = keys.copy()
            keys[:, column] = one.keys_of(values)
        return self._copy(numbers, keys)._with_whole_rows()

    def _copy(self, numbers: Array, keys: Any) -> EncodedTable:
        table = copy(self)
        table.numbers, table._keys = numbers, keys
        return table

    def _with_whole_rows(self) -> EncodedTable:
        """Change the columns of whole rows, and return the table."""
        for one, places in zip(self._whole, self._of_rows, strict=True):
            self.numbers[:, places] = one.transform(rows_by_keys(self._keys.T))
        return self
