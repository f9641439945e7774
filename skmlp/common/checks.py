"""Checks of data: targets, sample weights, validation data, a head of the user's own."""

from numbers import Real
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array, column_or_1d

from .constraints import Integer
from .errors import InvalidParameterError


def check_sample_weight(
    sample_weight: Any, n_rows: int, dtype: Any, name: str = "sample_weight"
) -> Any:
    """`sample_weight` as an array of shape (n_rows,), or None; a number is for all rows.

    Raises
    ------
    ValueError
        If a weight is missing, infinite or negative, or none is positive.
    TypeError
        If the weights are no numbers.
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_rows, sample_weight)
    try:
        weights = check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, input_name=name
        )
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name} must be None, a number or an array of shape ({n_rows},) of "
            f"numbers. Got {type(sample_weight).__name__}: {error}"
        ) from None
    if weights.shape != (n_rows,):
        raise ValueError(
            f"{name} must have shape ({n_rows},), one weight for each row of X. "
            f"Got shape {weights.shape}."
        )
    if (weights < 0).any():
        raise ValueError(f"{name} must be >= 0. Got a weight of {weights.min()}.")
    return rounded_weights(weights, dtype, name)


def rounded_weights(weights: Any, dtype: Any, name: str = "sample_weight") -> Any:
    """The weights in that precision, if that leaves a sum to divide by."""
    check_some_weight(weights, name=name)
    with np.errstate(all="ignore"):
        weights = weights.astype(dtype)
        total = weights.sum()
        too_large_or_small = not (np.isfinite(total) and np.isfinite(1 / total))
    if too_large_or_small:
        raise ValueError(
            f"{name} must have a sum that {np.dtype(dtype)} can hold, and divide "
            f"by. Got the sum {total}."
        )
    return weights


def check_some_weight(weights: Any, of: str = "", name: str = "sample_weight") -> None:
    """Raise ValueError if all the weights are zero, since then nothing is to be learnt."""
    if not weights.any():
        raise ValueError(
            f"{name} must have at least one positive weight{of}. "
            f"Got {len(weights)} weights, all of them zero."
        )


def ravel_single_column(y: Any) -> Any:
    """Targets (n, 1) as (n,), with scikit-learn's warning; others as they are."""
    return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y


def as_numbers(y: Any) -> Any:
    """Targets as numbers: objects as floats, as scikit-learn does; else `check_numbers`."""
    y = y.astype(np.float64) if y.dtype.kind == "O" else y
    check_numbers(y)
    return y


def check_numbers(y: Any) -> None:
    """Raise TypeError unless y is a dense array of real numbers."""
    if issparse(y) or y.dtype.kind not in "biuf":
        kind = "a sparse one" if issparse(y) else f"dtype {y.dtype}"
        raise TypeError(f"y must be a dense array of real numbers. Got {kind}.")


def check_head(head: Any, y: Any) -> None:
    """Raise InvalidParameterError unless a user's loss gives what the core needs."""
    n_rows, n_targets = y.shape
    n_scores = head.n_scores(n_targets)
    if not Integer(1).accepts(n_scores):
        raise InvalidParameterError(
            f"loss must have n_scores that returns an int >= 1. Got {n_scores!r} for "
            f"{n_targets} target(s), of {head!r}."
        )
    s = np.zeros((n_rows, n_scores), y.dtype)
    with np.errstate(all="ignore"):
        found = [np.shape(part) for part in head.loss_and_gradient(y, s)]
        found.append(np.shape(head.prediction(s))[:1])
    if found != [(n_rows,), s.shape, (n_rows,)]:
        raise InvalidParameterError(
            "loss must have a loss_and_gradient(y, s) that returns the losses (n,) and "
            "the gradient, in the shape of s, and a prediction for each row. Got the "
            f"shapes {found} for s of shape {s.shape}, of {head!r}."
        )


def check_pair(X_val: Any, y_val: Any, sample_weight_val: Any) -> list[str]:
    """The names of fit's validation arguments that were given; X and y go together."""
    given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
    names = [name for name, value in given.items() if value is not None]
    if names and (X_val is None or y_val is None):
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(
            "X_val and y_val must be given together, and sample_weight_val only with "
            f"them. Got {' and '.join(names)} without {missing}."
        )
    return names
