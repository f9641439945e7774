"""Validation rows: the split of the training data, and the score on them."""

from abc import abstractmethod
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from math import ceil
from typing import Any, Self

import numpy as np
from sklearn.model_selection import train_test_split

from ..common.checks import GivenRows, check_some_weight
from ..common.errors import InvalidParameterError
from ..common.labels import stratify_by
from ..common.parameters import Settings
from ..common.scorers import score_by
from ..core._types import Array, Rows
from ..core.batches import Dataset
from ..core.heads import Head
from ..core.history import NOT_VALIDATED, Validation
from ..core.network import Network
from ..core.objective import Objective


@dataclass(frozen=True)
class ValidationScorer:
    """Scores parameters on validation rows.

    `score` computes the score from theta and the prediction. None: minus the loss.
    """

    objective: Objective
    data: Dataset
    score: Callable[[Array, Array], float] | None

    def __call__(self, theta: Array) -> Validation:
        """The score and the loss of theta; NaN if a prediction is not finite."""
        objective, data = self.objective, self.data
        s = objective.network.scores(theta, data.X)
        prediction = objective.head.prediction(s)
        if not np.isfinite(prediction).all():
            return NOT_VALIDATED
        loss = objective.mean_loss(s, data)
        score = -loss if self.score is None else self.score(theta, prediction)
        return Validation(score, loss)


class ScoringMixin:
    """The score on validation rows, by the parameter `scoring`."""

    scoring: Any
    _network: Network
    _head: Head
    _theta: Array

    @abstractmethod
    def _validation_score(self, prediction: Array, y: Array, w: Array | None) -> float:
        """The value of the score method, for finite predictions of encoded targets."""

    def _scorer(self, data: Dataset, y: Any) -> ValidationScorer:
        """The score of `scoring` on validation rows; scorers get the targets `y`."""
        scoring, score = self.scoring, None
        rows = GivenRows(data.X, y, data.w)

        def by_score_method(theta: Array, prediction: Array) -> float:
            return self._validation_score(prediction, data.y, data.w)

        def by_scorer(theta: Array, prediction: Array) -> float:
            return score_by(scoring, self._with_parameters(theta), rows)

        if scoring is None:
            score = by_score_method
        elif not (isinstance(scoring, str) and scoring == "loss"):
            score = by_scorer
        return ValidationScorer(Objective(self._network, self._head), data, score)

    def _with_parameters(self, theta: Array) -> Self:
        """A copy that predicts with the parameters theta."""
        model = copy(self)
        model._theta = theta
        # Checked rows have no feature names.
        model.__dict__.pop("feature_names_in_", None)
        return model


def check_used(given: GivenRows | None, settings: Settings) -> None:
    """Raise ValueError if validation data are given without early stopping."""
    lbfgs = settings["solver"] == "lbfgs"
    if given and (lbfgs or not settings["early_stopping"]):
        names = ["X_val", "y_val", "sample_weight_val"]
        there = [n for n, v in zip(names, given, strict=True) if v is not None]
        setting = "solver='lbfgs'" if lbfgs else "early_stopping=False"
        adam = " and solver='adam' or 'sgd'" if lbfgs else ""
        raise ValueError(
            f"X_val and y_val must be None with {setting}, which does not validate. "
            f"Got {' and '.join(there)}. Set early_stopping=True{adam}; with "
            "n_iter_no_change=float('inf') it keeps the best weights but never stops."
        )


def check_scorable(n_rows: int, scoring: Any) -> None:
    """Raise ValueError if the regressor's score is not defined: for a single row."""
    if scoring is None and n_rows < 2:
        raise ValueError(
            "X_val must have at least 2 rows for scoring=None: the score is not defined "
            f"for fewer. Got {n_rows}. With scoring='loss' one row is enough."
        )


def split_rows(
    n_rows: int, fraction: float, codes: Any, rng: np.random.RandomState
) -> tuple[Rows, Rows]:
    """The numbers of the training rows and of the validation rows.

    `codes` are the class numbers to stratify by; None makes a plain split.
    """
    n_validation = ceil(fraction * n_rows)
    too_small = InvalidParameterError(
        "The validation set is too small. Increase 'validation_fraction' or the "
        "size of your dataset. It needs at least 2 validation rows and 1 training row. "
        f"Got validation_fraction={fraction}, n_samples={n_rows}."
    )
    if not 0 < n_validation < n_rows:
        raise too_small
    strata = None if codes is None else stratify_by(codes, n_validation)
    try:
        training, validation = train_test_split(
            np.arange(n_rows), random_state=rng, test_size=n_validation, stratify=strata
        )
    except ValueError as error:
        raise ValueError(
            f"{error} This is the validation split of early_stopping=True, with "
            f"validation_fraction={fraction}."
        ) from None
    if len(validation) < 2:
        raise too_small
    return training, validation


def check_weights_of_split(
    scored: Array | None, trained: Array | None, training: Rows, validation: Rows
) -> None:
    """Raise ValueError if all training rows or all validation rows have weight zero.

    `scored` are the weights for the score, `trained` are the weights for the loss.
    """
    if scored is not None:
        check_some_weight(scored[validation], " among the validation rows")
    if trained is not None:
        name = "sample_weight" if trained is scored else "class_weight"
        check_some_weight(trained[training], " among the training rows", name)
