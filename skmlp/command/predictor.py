"""Predictions for columns of values, without a frame where the encoder needs none."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..common.constraints import Interval, check_parameter
from ..core.scoring import RowScores
from ..tabular.assembly import encode
from ..tabular.base import BaseTabularMLP
from ..tabular.codes import Coded
from ..tabular.column_encoders import Numeric
from ..tabular.columns import LABELS, NUMBERS, Column
from ..tabular.distinct import distinct
from ..tabular.labelled import Labelled
from ..tabular.prediction import EncodedRows, Known, KnownScores
from ..tabular.texts import Text
from .dates import DATED
from .io import optional
from .kinds import NUMBER, as_kind
from .models import Classifier, Model, SavedModel

COVERAGE = Interval(0, 1, "()")


class Predicted(NamedTuple):
    """An estimator, and rows that it takes."""

    estimator: Any
    X: Any

    def predict(self) -> Any:
        """The predictions of the rows."""
        return self.estimator.predict(self.X)

    def call(self, name: str, **options: Any) -> Any:
        """The result of another method for the rows."""
        return getattr(self.estimator, name)(self.X, **options)

    def answers(self, coverage: float | None) -> Iterator[dict[str, Any]]:
        """For each row its prediction, with probabilities, and an interval or a set."""
        found: dict[str, Any] = {"prediction": self.predict().tolist()}
        if not isinstance(self.estimator, Classifier):
            if coverage is not None:
                ends = self.call("predict_interval", coverage=coverage)
                found["interval"] = ends.tolist()
        else:
            classes = self.estimator.classes_
            found["probabilities"] = [
                dict(zip(classes.tolist(), row, strict=True))
                for row in self.call("predict_proba").tolist()
            ]
            if coverage is not None:
                sets = self.call("predict_set", coverage=coverage)
                found["set"] = [classes[one].tolist() for one in sets]
        for values in zip(*found.values(), strict=True):
            yield dict(zip(found, values, strict=True))


def check_coverage(estimator: Model, coverage: float) -> None:
    """Raise an error if there are no intervals or sets of this coverage."""
    check_parameter("answers", "coverage", coverage, COVERAGE)
    classifier = isinstance(estimator, Classifier)
    check_has(estimator, "predict_set" if classifier else "predict_interval")


def check_has(estimator: Model, name: str) -> None:
    """Raise AttributeError unless the estimator has a method."""
    if not hasattr(estimator, name):
        raise AttributeError(f"A {type(estimator).__name__} has no {name}.")


class Predictor:
    """Gives columns of values to the estimator of a saved model.

    A frame for one row takes longer than its prediction. So the encoder gets numbers and
    labels as they are, and the programs of the networks are recorded once.
    """

    def __init__(self, saved: SavedModel):
        self.saved = saved
        self.estimator: Any = saved.model
        self._is_plain = is_plain(saved)
        self._score_row: RowScores | None = None

    def __call__(self, columns: dict[str, Any]) -> Predicted:
        """The estimator, and the rows as it takes them."""
        if not self._is_plain:
            return Predicted(self.estimator, self._frame(columns))
        encoder = self.estimator.encoder_
        each = [column_of(name, values) for name, values in columns.items()]
        numbers = encode(encoder._encoders, encoder._with_rows(each))
        if len(numbers) > 1:
            return Predicted(self.estimator, EncodedRows(numbers))
        return self._row(numbers)

    def _frame(self, columns: dict[str, Any]) -> Any:
        """The columns as a frame of the kinds of the model."""
        pandas, kinds = optional("pandas"), self.saved.columns
        series = {}
        for name, values in columns.items():
            dtype = float if kinds[name] == NUMBER else object
            one = pandas.Series(values, name=name, dtype=dtype)
            series[name] = as_kind(one, kinds[name]) if kinds[name] in DATED else one
        return self.saved.dates_of_fit(pandas.DataFrame(series))

    def _row(self, numbers: Any) -> Predicted:
        """The estimator that knows the scores of one row, and the row."""
        model, X = self.estimator, EncodedRows(numbers)
        if self._score_row is None:
            self._score_row = RowScores(model._networks, model._theta, numbers.shape[1])
        pairs = zip(self._score_row(numbers), model._weights, strict=True)
        parts = [Known(slice(None), s, weight) for s, weight in pairs]
        return Predicted(model._knowing(model._theta, KnownScores(X, 1, parts)), X)


def labels_of(saved: SavedModel) -> dict[str, tuple[Any, ...]]:
    """The labels that training has seen of each column of labels."""
    if not isinstance(saved.model, BaseTabularMLP):
        return {}
    pairs = zip(saved.columns, saved.model.encoder_._columns, strict=True)
    return {
        name: one._with_rare.labels for name, one in pairs if isinstance(one, Labelled)
    }


def is_plain(saved: SavedModel) -> bool:
    """Whether all columns are numbers and labels that the encoder takes as they are."""
    if not isinstance(saved.model, BaseTabularMLP):
        return False
    pairs = zip(saved.columns.values(), saved.model.encoder_._columns, strict=True)
    return not any(
        kind in DATED
        or not isinstance(one, Numeric | Coded if kind == NUMBER else Labelled | Text)
        for kind, one in pairs
    )


def column_of(name: str, values: Any) -> Column:
    """A column of numbers, or of texts."""
    if isinstance(values, np.ndarray):
        return Column(name, NUMBERS, values)
    found = distinct(np.array(values, dtype=object))
    return Column(name, LABELS, found.places, found.values)
