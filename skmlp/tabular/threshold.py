"""The decision threshold with the best score, for known probabilities of two classes."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import FixedThresholdClassifier

from ..common.checks import GivenRows
from ..common.constraints import Scoring, check_parameter
from ..common.scorers import score_by
from ..core._types import Array

N_QUANTILES = 50
"""The number of thresholds to try, by the quantiles of each class."""


class KnownProbabilities(ClassifierMixin, BaseEstimator):
    """A fitted classifier of two classes that knows the probabilities of its rows."""

    def __init__(self, classes: Any, probability: Array):
        self.classes = classes
        self.probability = probability

    @property
    def classes_(self) -> Any:
        """The class labels, in the order of the columns."""
        return self.classes

    def fit(self, X: Any, y: Any) -> Self:
        """Do nothing: it is fitted."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict_proba(self, X: Any) -> Array:
        """The probabilities; X are the row numbers of all rows."""
        return self.probability


def best_threshold(
    classes: Any, probability: Array, rows: GivenRows, scoring: Any
) -> float:
    """The threshold on the probability of the second class that has the best score.

    It is halfway between two probabilities. If several have the best score, it is the one
    nearest to 1/2. X of the rows, which a scorer gets, are their numbers.
    """
    check_parameter("oof_threshold", "scoring", scoring, Scoring(own=()))
    known = KnownProbabilities(classes, probability)
    thresholds = _candidates(probability[:, 1], rows.y == classes[1])
    scores = []
    for threshold in thresholds:
        model = FixedThresholdClassifier(
            known, threshold=threshold, response_method="predict_proba"
        )
        scores.append(score_by(scoring, model, rows))
    best = thresholds[np.equal(scores, max(scores))]
    return float(best[np.abs(best - 0.5).argmin()])


def _candidates(p: Array, positive: Any) -> Any:
    """Numbers between the probabilities, near the quantiles of those of each class."""
    values = np.unique(p).astype(np.float64)
    if len(values) == 1:
        return np.array([0.5])
    between = (values[:-1] + values[1:]) / 2
    levels = np.linspace(0, 1, N_QUANTILES)
    of_classes = [p[positive], p[~positive]]
    near = [np.quantile(some, levels) for some in of_classes if len(some)]
    places = np.searchsorted(between, np.concatenate(near))
    return between[np.unique(places.clip(max=len(between) - 1))]
