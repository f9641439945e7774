"""Soft labels: targets that are the probability of each class."""

from typing import Any

import numpy as np
from scipy.sparse import issparse

from .errors import shown

SUM_TO_1 = 1e-4
"""How far the sum of a row may be from 1."""


def is_soft(y: Any) -> bool:
    """Whether y has columns of fractions, which must be probabilities of classes."""
    if y.ndim < 2 or issparse(y) or y.dtype.kind != "f":
        return False
    return bool((y != np.rint(y)).any())


def checked_soft(y: Any, n_classes: int) -> Any:
    """Soft labels in double precision, whose rows sum to 1 exactly.

    Raises ValueError unless there is a column for each class, no number is negative, and
    rows sum to 1 within 1e-4.
    """
    if y.shape[1] != n_classes:
        raise ValueError(
            f"y must have a column for each of the {n_classes} classes. "
            f"Got {y.shape[1]} columns of probabilities."
        )
    y = y.astype(np.float64)
    total = y.sum(axis=1)
    bad = np.flatnonzero((y < 0).any(axis=1) | (np.abs(total - 1) > SUM_TO_1))
    if len(bad):
        row = y[bad[0]]
        raise ValueError(
            "y with fractions must have the probability of each class: numbers >= 0 that "
            f"sum to 1 in each row. Got {len(bad)} other rows of {len(y)}, such as row "
            f"{bad[0]}, {shown(row.tolist())}, with the sum {total[bad[0]]:g}."
        )
    return y / total[:, None]
