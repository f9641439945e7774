"""The rows that training does not see, and what is measured on them."""

from copy import copy
from dataclasses import dataclass
from math import ceil
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from ..common.checks import (
    as_numbers,
    check_pair,
    check_sample_weight,
    check_some_weight,
    ravel_single_column,
)
from ..common.errors import InvalidParameterError, error_context
from ..core._types import Array, Rows
from ..core.batches import Dataset
from ..core.history import Validation


@dataclass(frozen=True)
class ValidationScorer:
    """Rows held out, with their targets `y` as a scorer sees them, and `scoring`."""

    estimator: Any
    table: Dataset
    y: Any

    def __call__(self, theta: Array) -> Validation:
        """The score and the loss of theta; NaN if a prediction is not finite."""
        model, table = self.estimator, self.table
        s = model._network.scores(theta, table.X)
        prediction = model._head.prediction(s)
        if not np.isfinite(prediction).all():
            return Validation(np.nan, np.nan)
        losses, _ = model._head.loss_and_gradient(table.y, s)
        loss = float(np.average(losses, weights=table.w))
        if model.scoring is None:
            return Validation(float(model._validation_score(prediction, table)), loss)
        if isinstance(model.scoring, str) and model.scoring == "loss":
            return Validation(-loss, loss)
        return Validation(self._score(theta), loss)

    def _score(self, theta: Array) -> float:
        """What the scorer says of the model with those parameters."""
        model = copy(self.estimator)
        model._theta = theta
        # The rows are the checked ones, which have no names.
        vars(model).pop("feature_names_in_", None)
        weights = {} if self.table.w is None else {"sample_weight": self.table.w}
        scorer = check_scoring(model, model.scoring)
        try:
            score = scorer(model, self.table.X, self.y, **weights)
        except Exception as error:
            of_weights = ", with weights" if weights else ""
            error.add_note(
                f"Raised by scoring={model.scoring!r} on the {self.table.n_rows} "
                f"validation rows{of_weights}."
            )
            raise
        if not (isinstance(score, Real) and np.isfinite(float(score))):
            raise ValueError(
                "scoring must give a finite number for the validation rows. "
                f"Got {score!r} from {model.scoring!r}."
            )
        return float(score)


def given_rows(
    estimator: Any, table: Dataset, X: Any, y: Any, sample_weight: Any
) -> ValidationScorer:
    """The X_val, y_val and sample_weight_val of fit, checked as its X and y were.

    `table` are the training rows, with the encoded targets.
    """
    dtype, n_outputs = table.X.dtype, table.y.shape[1]
    with error_context("X_val", "rows with the features of X", X):
        X = validate_data(estimator, X, accept_sparse="csr", dtype=dtype, reset=False)
    with error_context("y_val", "the targets of X_val, as y is of X", y):
        y = check_array(y, accept_sparse="csr", ensure_2d=False, dtype=None)
        if is_regressor(estimator):
            y = as_numbers(y)
        y = ravel_single_column(y)
        if y.shape[0] != X.shape[0]:
            raise ValueError(f"X_val has {X.shape[0]} rows")
        target = estimator._encode_target(y, known=True, incremental=True)
        target = estimator._target_for_head(target, X)
        if target.shape[1] != n_outputs:
            raise ValueError(f"y has {n_outputs} outputs")
    if is_regressor(estimator) and estimator.scoring is None and X.shape[0] < 2:
        raise ValueError(
            "X_val must have at least 2 rows for scoring=None, as the score method has no "
            "value for fewer. Got 1. With scoring='loss' it may be one."
        )
    weights = check_sample_weight(sample_weight, X.shape[0], dtype, "sample_weight_val")
    return ValidationScorer(estimator, Dataset(X, target, weights), y)


def check_given(
    early_stopping: bool, X_val: Any, y_val: Any, sample_weight_val: Any
) -> None:
    """Raise ValueError where one of fit's validation arguments has no use."""
    names = check_pair(X_val, y_val, sample_weight_val)
    if names and not early_stopping:
        raise ValueError(
            "X_val and y_val must be None with early_stopping=False, which does not "
            f"validate. Got {' and '.join(names)}. Set early_stopping=True; with "
            "n_iter_no_change=float('inf') it only watches and keeps the best weights."
        )


def split_rows(
    estimator: Any, table: Dataset, training: Dataset, rng: Any
) -> tuple[Rows, Rows]:
    """The numbers of the rows to train on and of those held out for early stopping."""
    share, n_rows = estimator.validation_fraction, table.n_rows
    n_held_out = ceil(share * n_rows)
    too_small = InvalidParameterError(
        "The validation set is too small. Increase 'validation_fraction' or the "
        "size of your dataset. At least 2 rows must be held out and 1 left. Got "
        f"validation_fraction={share}, n_samples={n_rows}."
    )
    if not 0 < n_held_out < n_rows:
        raise too_small
    strata = estimator._strata(table, n_held_out)
    try:
        train_rows, held_out = train_test_split(
            np.arange(n_rows), random_state=rng, test_size=n_held_out, stratify=strata
        )
    except ValueError as error:
        raise ValueError(
            f"{error} The split is that of early_stopping=True, with "
            f"validation_fraction={share}."
        ) from None
    if len(held_out) < 2:
        raise too_small
    if table.w is not None:
        check_some_weight(table.w[held_out], " among the validation rows")
    if training.w is not None:
        check_some_weight(
            training.w[train_rows],
            " among the training rows",
            "sample_weight" if training.w is table.w else "class_weight",
        )
    return train_rows, held_out
