"""Soft labels: targets that are the probability of each class."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from scipy.sparse import issparse

from .errors import shown

SUM_TO_1, BELOW_0 = 1e-3, 1e-6
"""How far the sum of a row may be from 1, and a number below 0."""


def is_soft(y: Any) -> bool:
    """Whether y has columns of fractions, which must be probabilities of classes."""
    if y.ndim < 2 or issparse(y) or y.dtype.kind != "f":
        return False
    return has_fractions(y)


def has_fractions(y: Any) -> bool:
    """Whether numbers are not all whole."""
    return bool((y != np.rint(y)).any())


def classes_of(n_columns: int, names: Sequence[Any] | None) -> Any:
    """The classes, sorted: the names of the columns, or else 0, 1, 2, ..."""
    if names is None:
        return np.arange(n_columns)
    kinds = [all(isinstance(one, kind) for one in names) for kind in (str, Integral)]
    if not any(kinds) or len(set(names)) < len(names):
        raise ValueError(
            "The columns of y must have different names, all text or all int. "
            f"Got {shown(list(names))}."
        )
    return np.array(sorted(names))


def in_order(y: Any, names: Sequence[Any] | None, classes: Any) -> Any:
    """The columns of y in the order of the classes, by their names if they have any."""
    if y.ndim < 2 or y.shape[1] != len(classes):
        raise ValueError(
            f"y must have a column for each of the {len(classes)} classes. "
            f"Got shape {y.shape}."
        )
    if names is None:
        return y
    places = {name: i for i, name in enumerate(names)}
    if set(places) != set(classes.tolist()):
        raise ValueError(
            f"The columns of y must have the classes as names: {shown(classes.tolist())}. "
            f"Got {shown(list(names))}."
        )
    return y[:, [places[label] for label in classes.tolist()]]


def checked_soft(y: Any) -> Any:
    """Soft labels in double precision, with rows that sum to 1.

    Raises ValueError unless no number is negative and rows sum to 1, within rounding.
    """
    y = y.astype(np.float64)
    total = y.sum(axis=1)
    bad = np.flatnonzero((y < -BELOW_0).any(axis=1) | ~(np.abs(total - 1) <= SUM_TO_1))
    if len(bad):
        row = y[bad[0]]
        raise ValueError(
            "y with fractions must have the probability of each class: numbers >= 0 that "
            f"sum to 1 in each row; divide each row by its sum. Got {len(bad)} other rows "
            f"of {len(y)}, such as row {bad[0]}, {shown(row.tolist())}, with the sum "
            f"{total[bad[0]]:g}."
        )
    y = np.maximum(y, 0)
    return y / y.sum(axis=1, keepdims=True)


def weighted(y: Any, weights: Any) -> tuple[Any, Any]:
    """Soft labels whose loss is that of y with weights of the classes in each row.

    The second array are weights of the rows. A row of which all classes have the weight 0
    stays as it is.
    """
    shares = y * weights
    total = shares.sum(axis=1)
    some = total > 0
    return np.where(some[:, None], shares / np.where(some, total, 1)[:, None], y), total
