"""Out-of-fold predictions: each row predicted by the networks that held it out."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..common._types import Predictions
from ..common.checks import GivenRows
from ..common.scorers import score_by
from .conformal import Calibration, Conformity, check_coverage, shrinkage
from .folds import FitRows
from .prediction import EncodedRows, Known, KnownScores, PredictionMixin

PREDICTION, SCORE = "_oof_prediction", "_oof_score"
CALIBRATION = "_calibration"
"""The attributes in which a fitted model keeps them, and what intervals need of them."""


SOME_ROWS = 2000
"""How many rows show how networks differ."""


class HeldOut(NamedTuple):
    """Encoded rows that networks held out, and `model`, which predicts them by those.

    `X` is what it predicts from, `parts` are the scores of the networks.
    """

    model: Any
    X: Any
    rows: FitRows
    parts: list[Known]

    def some(self, n: int) -> tuple[EncodedRows, Any]:
        """At most n of the rows, evenly spread, and their encoded targets."""
        X, y, _ = self.rows.data
        places = np.arange(min(n, len(y))) * len(y) // min(n, len(y))
        return EncodedRows(X[places]), y[places]


class OutOfFoldMixin(PredictionMixin):
    """`oof_prediction_` and `oof_score_`, and the scores of rows for intervals and sets."""

    scoring: Any
    store_oof: Any
    _numeric_target: bool
    _calibration: Calibration

    @abstractmethod
    def _outcome(self, scores: Any) -> Any:
        """What a network predicts; means over networks are compared with targets."""

    @abstractmethod
    def _conformity(self, outcome: Any, y: Any) -> Conformity | None:
        """How badly encoded targets fit mean outcomes; None: it is not defined."""

    @abstractmethod
    def _point(self, scores: Any, y: Any) -> Any:
        """What of a network's prediction makes the errors of `_conformity`, by target."""

    @property
    def oof_prediction_(self) -> Predictions:
        """The prediction of each row of fit by the networks that held it out."""
        prediction: Predictions = self._out_of_fold(
            PREDICTION, ", and copies and files leave it out unless store_oof=True"
        )
        return prediction

    @property
    def oof_score_(self) -> float:
        """The score of these predictions."""
        score: float = self._out_of_fold(SCORE, "")
        return score

    def _out_of_fold(self, name: str, otherwise: str) -> Any:
        """The attribute; AttributeError if it is not there."""
        check_is_fitted(self)
        if name not in vars(self):
            raise AttributeError(
                f"{type(self).__name__} has no {name[1:]}_: a fit with X_val holds out no "
                "row of X, a fit to files of 100 MB or more holds out few of them"
                f"{otherwise}."
            )
        return vars(self)[name]

    def _store_out_of_fold(
        self, rows: FitRows, found: list[Known], *, whole: bool
    ) -> None:
        """Predict each row by the networks that held it out; score whole tables."""
        held = np.unique(np.concatenate([one.rows for one in found]))
        parts = [one._replace(rows=np.searchsorted(held, one.rows)) for one in found]
        given = rows.for_scorer(held, self.scoring)
        model = self._knowing(self._theta, KnownScores(given.X, len(held), parts))
        self._calibrate(HeldOut(model, given.X, rows.take(held), parts))
        if not whole:
            return
        predict: Any = getattr(model, "predict_proba", None) or model.predict  # type: ignore[attr-defined]
        known = _in_single(predict(given.X))
        prediction = np.full((len(rows.y), *known.shape[1:]), np.nan, known.dtype)
        prediction[rows.numbers[held]] = known
        score = _score(self.scoring, model, given, numeric=self._numeric_target)
        vars(self).update({PREDICTION: prediction, SCORE: score})

    def _calibrate(self, held: HeldOut) -> None:
        """Keep how far the targets of rows are from what was predicted for them."""
        outcome = held.model._mean(held.X, self._outcome)
        found = self._conformity(outcome, held.rows.data.y)
        if found is None:
            return
        factor: Any = 1.0
        if found.errors is not None:
            variance = self._variance(*held.some(SOME_ROWS))
            factor = shrinkage(found.errors, variance, held.parts, self._weights)
        self._calibration = Calibration.of(found.nearer(factor))

    def _variance(self, rows: EncodedRows, y: Any) -> Any:
        """The variance of `_point` between networks, by row and target."""

        def moments(scores: Any) -> Any:
            z = self._point(scores, y)
            return np.stack([z, z**2], axis=-1)

        mean, square = np.moveaxis(self._mean(rows, moments), -1, 0)
        return np.maximum(square - mean**2, 0)

    def _calibrated(self, coverage: Any) -> Any:
        """The score that a new row exceeds in 1 - `coverage` of rows, by target."""
        coverage = check_coverage(coverage)
        check_is_fitted(self)
        if CALIBRATION not in vars(self):
            raise ValueError(
                f"This {type(self).__name__} cannot tell how far targets are from its "
                "predictions: a fit with X_val holds out no row of X, partial_fit few of "
                "them, and models stored by release 0.3 or before did not keep it."
            )
        return self._calibration.bound(coverage)

    def _forget_out_of_fold(self) -> None:
        """Drop the predictions of the last fit."""
        for name in (PREDICTION, SCORE, CALIBRATION):
            vars(self).pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        if not self.store_oof:
            state.pop(PREDICTION, None)
        return state


def _in_single(values: Any) -> Any:
    """Predictions in single precision, unless it is too small for them."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    return single if np.isfinite(single).all() else values


def _score(scoring: Any, model: Any, rows: GivenRows, *, numeric: bool) -> float:
    """The score by a scorer; by default that of the score method, NaN where undefined."""
    if not (scoring is None or (isinstance(scoring, str) and scoring == "loss")):
        return score_by(scoring, model, rows)
    if numeric and len(rows.y) < 2:
        return float(np.nan)
    with np.errstate(all="ignore"):
        return float(model.score(*rows))
