"""Scorers of scikit-learn: the score of a fitted model."""

from numbers import Real
from typing import Any

import numpy as np
from sklearn.metrics import check_scoring

from .checks import GivenRows


def score_by(scoring: Any, model: object, rows: GivenRows) -> float:
    """The score of a fitted model; ValueError if it is not finite.

    The scorer gets `sample_weight` if the rows have weights.
    """
    X, y, w = rows
    weights = {} if w is None else {"sample_weight": w}
    scorer = check_scoring(model, scoring)
    try:
        score = scorer(model, X, y, **weights)
    except Exception as error:
        with_weights = ", with weights" if weights else ""
        error.add_note(
            f"Raised by scoring={scoring!r} on the {y.shape[0]} rows{with_weights}."
        )
        raise
    if not (isinstance(score, Real) and np.isfinite(float(score))):
        raise ValueError(
            "scoring must give a finite number for the rows. "
            f"Got {score!r} from {scoring!r}."
        )
    return float(score)
