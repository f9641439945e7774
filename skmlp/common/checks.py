"""Checks of data: targets, sample weights, validation data; of a user's own objects."""

from collections.abc import Callable
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array

from ..core._types import Array
from ..core.activations import ACTIVATIONS, Activation
from ..core.batches import Dataset
from ..core.finite import largest_magnitude
from ..core.heads import Head
from ..core.network import Network
from .constraints import Integer
from .errors import InvalidParameterError, error_context, shown


class GivenRows(NamedTuple):
    """Rows as a user gives them."""

    X: Any
    y: Any
    sample_weight: Any = None


def check_n_values(y: Any, n_rows: int) -> None:
    """Raise ValueError unless y has a value for each of the rows of X."""
    if y.shape[0] != n_rows:
        raise ValueError(
            "y must have a value for each row of X. Found input variables with "
            f"inconsistent numbers of samples: [{n_rows}, {y.shape[0]}]."
        )


def check_sample_weight(
    sample_weight: Any, n_rows: int, dtype: Any, name: str = "sample_weight"
) -> Any:
    """`sample_weight` as an array (n_rows,), or None; a number is each row's weight.

    Raises
    ------
    ValueError
        If a weight is missing, infinite or negative, or none is positive.
    TypeError
        If the weights are not numbers.
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_rows, sample_weight)
    allowed = f"None, a number or an array of shape ({n_rows},) of numbers"
    with error_context(name, allowed, sample_weight):
        if np.ma.is_masked(sample_weight):
            raise ValueError(
                f"{np.ma.getmaskarray(sample_weight).sum()} weights are masked"
            )
        kind = str(getattr(sample_weight, "dtype", np.asarray(sample_weight).dtype))
        if kind.lower().startswith(("date", "time", "duration")):
            # Their conversion to numbers depends on the unit.
            raise TypeError("weights are dates or durations")
        weights = check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, input_name=name
        )
    if weights.shape != (n_rows,):
        raise ValueError(
            f"{name} must have shape ({n_rows},), one weight for each row of X. "
            f"Got shape {weights.shape}."
        )
    if (weights < 0).any():
        raise ValueError(f"{name} must be >= 0. Got a weight of {weights.min()}.")
    return rounded_weights(weights, dtype, name)


def rounded_weights(weights: Any, dtype: Any, name: str = "sample_weight") -> Any:
    """The weights in that precision; ValueError unless sum and 1 / sum are finite."""
    check_some_weight(weights, name=name)
    with np.errstate(all="ignore"):
        weights = weights.astype(dtype)
        total = weights.sum()
        too_large_or_small = not (np.isfinite(total) and np.isfinite(1 / total))
    if too_large_or_small:
        raise ValueError(
            f"{name} must have a finite sum with a finite inverse in {np.dtype(dtype)}. "
            f"Got the sum {total}."
        )
    return weights


def check_some_weight(
    weights: Any, where: str = "", name: str = "sample_weight"
) -> None:
    """Raise ValueError if all weights are zero; `where` is added to the message."""
    if not weights.any():
        raise ValueError(
            f"{name} must have at least one positive weight{where}. "
            f"Got {len(weights)} weights, all of them zero."
        )


def held_by(dtype: Any) -> str:
    """The magnitudes that a precision holds, for messages."""
    largest, smallest = np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal
    return f"{np.dtype(dtype)} holds magnitudes from {smallest:.1e} to {largest:.1e}"


def targets_in_range(head: Head, y: Any, dtype: Any, owner: object) -> Any:
    """Encoded targets as (n, n_outputs) in that precision.

    Raises ValueError if the head does not allow them; the message shows `owner`.
    """
    given = y.reshape(y.shape[0], -1)
    with np.errstate(over="ignore"):
        target = given.astype(dtype)
        if head.in_range(target):
            return target
        lost = head.in_range(given.astype(np.float64))
    raise ValueError(
        f"y must be {head.y_allowed} in {target.dtype} for {owner}. "
        f"Got values from {y.min()} to {y.max()}{f'; {held_by(dtype)}' if lost else ''}."
    )


def check_precision(X: Any, dtype: Any) -> None:
    """Raise ValueError if a row X has a finite value that is infinite in that precision."""
    if X.dtype.kind != "f" or X.dtype.itemsize <= np.dtype(dtype).itemsize:
        return
    largest = largest_magnitude(X.data if issparse(X) else X)
    if largest > float(np.finfo(dtype).max):
        raise ValueError(
            f"X must have values that are finite in {np.dtype(dtype)}, the precision of "
            f"the fitted model. Got a magnitude of {largest:g}; {held_by(dtype)}."
        )


def check_head(head: Head, y: Any) -> None:
    """Raise InvalidParameterError unless a user's head returns the right shapes."""
    n_rows, n_targets = y.shape
    n_scores = head.n_scores(n_targets)
    if not Integer(1).accepts(n_scores):
        raise InvalidParameterError(
            f"loss must have n_scores that returns an int >= 1. Got {n_scores!r} for "
            f"{n_targets} target(s), of {head!r}."
        )
    s = np.zeros((n_rows, n_scores), y.dtype)
    with np.errstate(all="ignore"):
        found = head.loss_and_gradient(y, s)
        parts = [*found] if isinstance(found, tuple | list) else [found]
        *shapes, shape = map(np.shape, [*parts, head.prediction(s)])
    fits = shape[:2] == y.shape and len(shape) <= 3
    if shapes != [(n_rows,), s.shape] or not fits:
        raise InvalidParameterError(
            "loss must have a loss_and_gradient(y, s) that returns losses of shape (n,) "
            "and a gradient of the shape of s, and a prediction(s) of shape "
            "(n, n_targets) or (n, n_targets, q). Got losses and gradient of the shapes "
            f"{shapes} and a prediction of shape {shape}, for y of shape {y.shape} and s "
            f"of shape {s.shape}, of {head!r}."
        )


def check_activations(network: Network, dtype: Any) -> None:
    """Raise InvalidParameterError if a user's own activation breaks the protocol."""
    for layer in network.layers:
        activation = getattr(layer, "activation", None)
        if activation is None or any(activation is r for r in ACTIVATIONS.values()):
            continue
        s = np.linspace(-2, 2, 2 * layer.n_out, dtype=dtype).reshape(2, -1)
        try:
            with np.errstate(all="ignore"):
                needed, how = _broken_rule(activation, s), ""
        except TypeError as error:
            needed, how = "value(s, out) and derivative(s, h, out)", f": {error}"
        if needed:
            raise InvalidParameterError(
                f"activation must have {needed}. Got {shown(activation)}{how}."
            )


def _broken_rule(activation: Activation, s: Array) -> str:
    """What the activation must have and has not; empty if it follows the protocol."""
    given, result = (
        s.copy(),
        "writes {} into out and returns it, like s in shape and dtype",
    )
    h = activation.value(given, out=np.empty_like(s))
    if not _is_like(h, s):
        return f"a value(s, out) that {result.format('r(s)')}"
    h, again = h.copy(), s.copy()
    if not _same(given, s) or not _same(activation.value(again, out=again), h):
        return "a value(s, out) that returns the same if out is s, and else keeps s"
    slope = activation.derivative(given, h.copy(), out=np.empty_like(s))
    if not _is_like(slope, s):
        return f"a derivative(s, h, out) that {result.format('the slope of r')}"
    slope, out = slope.copy(), h.copy()
    if not activation.keeps_s:
        # In a layer, h overwrites s.
        if not _same(activation.derivative(out, out, out=out), slope):
            return "keeps_s=True, or a derivative(s, h, out) of h alone, where out may be h"
    elif not _same(activation.derivative(given, out, out=out), slope) or not _same(
        given, s
    ):
        return "a derivative(s, h, out) that returns the same if out is h, and keeps s"
    return ""


def _is_like(found: Any, s: Array) -> bool:
    """Whether a result is an array with the shape and dtype of s."""
    is_array = isinstance(found, np.ndarray)
    return is_array and (found.shape, found.dtype) == (s.shape, s.dtype)


def _same(found: Any, expected: Array) -> bool:
    """Whether a result is the expected one, up to rounding."""
    return _is_like(found, expected) and np.allclose(
        found, expected, rtol=1e-3, atol=1e-3, equal_nan=True
    )


def given_validation(
    X_val: Any, y_val: Any, sample_weight_val: Any
) -> GivenRows | None:
    """The validation data passed to fit; None if there are none.

    Raises
    ------
    ValueError
        If only one of X and y is given, or weights without them.
    """
    given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
    names = [name for name, value in given.items() if value is not None]
    if not names:
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(
            "X_val and y_val must be given together, and sample_weight_val only with "
            f"them. Got {' and '.join(names)} without {missing}."
        )
    return GivenRows(X_val, y_val, sample_weight_val)


def read_validation_data(
    given: GivenRows,
    read_features: Callable[[Any], Any],
    read_targets: Callable[[Any], tuple[Any, Any]],
    n_outputs: int,
) -> tuple[Dataset, Any]:
    """Validation data as numbers, and y for scorers.

    `read_features` and `read_targets` check and convert in the same way as fit.
    `read_targets` returns y for scorers, and the encoded targets.
    """
    with error_context("X_val", "rows with the features of X", given.X):
        X = read_features(given.X)
    with error_context("y_val", "the targets of X_val", given.y):
        y, target = read_targets(given.y)
        if y.shape[0] != X.shape[0]:
            raise ValueError(f"X_val has {X.shape[0]} rows")
        if target.shape[1] != n_outputs:
            raise ValueError(f"y has {n_outputs} outputs")
    w = check_sample_weight(
        given.sample_weight, X.shape[0], X.dtype, "sample_weight_val"
    )
    return Dataset(X, target, w), y
