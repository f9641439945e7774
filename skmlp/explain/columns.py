"""Rows of a table that are encoded once, in which columns get values of other rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..common.constraints import Interval, check_parameter
from ..common.errors import shown
from ..common.frames import check_names
from ..core._types import Array
from ..estimators import TabularMLPClassifier, TabularMLPRegressor
from ..tabular.assembly import places_of
from ..tabular.columns import as_table
from ..tabular.prediction import EncodedRows


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


def predictor_of(model: Any) -> Callable[[Any], Any]:
    """What predicts the numbers to explain: probabilities of classes, or targets."""
    predict: Callable[[Any], Any] = (
        getattr(model, "predict_proba", None) or model.predict
    )
    return predict


class EncodedTable:
    """A table as a model encodes it, and the places of each column."""

    def __init__(self, model: Any, X: Any):
        X = as_table(X)
        check_names(model, X, reset=False)
        encoder = model.encoder_
        self.numbers: Array = encoder.transform(X)
        self.names = list(encoder.column_kinds_)
        # After the columns there may be one of whole rows.
        encoders, n = encoder._encoders, len(self.names)
        places = list(places_of(encoders))
        self.places, self.of_rows = places[:n], places[n:]
        self._of_new_row = [one.of_new_row() for one in encoders[n:]]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    def take(self, rows: Any) -> EncodedTable:
        """These of the rows."""
        table = copy(self)
        table.numbers = self.numbers[rows]
        return table

    def put(self, into: Array, columns: Sequence[int], rows: Any) -> None:
        """Give these columns of encoded rows the values that they have in `rows`."""
        places = [place for column in columns for place in self.places[column]]
        self._put(into, places, self.numbers[rows][:, places])

    def _put(self, into: Array, places: list[int], values: Any) -> None:
        """Change encoded rows, which then count as rows that fit has not seen."""
        into[:, places] = values
        for places, new in zip(self.of_rows, self._of_new_row, strict=True):
            into[:, places] = new

    def with_values(self, columns: Sequence[int], rows: Any) -> EncodedRows:
        """All rows, with the values that these columns have in `rows`: one, or as many."""
        numbers = self.numbers.copy()
        self.put(numbers, columns, rows)
        return EncodedRows(numbers)

    def with_encoded(self, column: int, values: Array) -> EncodedRows:
        """All rows, with other encoded values of a column, (n_rows, n_encoded)."""
        numbers = self.numbers.copy()
        self._put(numbers, self.places[column], values)
        return EncodedRows(numbers)
