"""Rare labels: how many rows a label needs before its mean says more than it misleads.

A label of few rows has a mean target that is mostly noise, and a network that gives it an
embedding of its own memorises its rows. Such labels are better off as unknown ones.
"""

from typing import Any

import numpy as np
from scipy.sparse import issparse

from ..common.checks import check_n_values
from ..common.target_values import as_labels

MOST_NEEDED = 100
"""The most rows that a label can need: one with more may matter with other columns."""

FEW_LABELS = 100
"""With up to so many labels in a column, all are kept: they leave little to memorise."""

LINEAR_ROWS = 20_000
"""The most rows that a linear regression learns from."""

RIDGE = 10.0
"""The penalty of the linear regression, for columns of variance 1."""


def rows_needed_in(codes: Any, Z: Any, y: Any) -> list[float]:
    """The rows needed in each row of `codes`; Z are the other columns of the table."""
    y, residuals = standardised(y), left_by_linear(Z, y)
    return [rows_needed(one, y, residuals) for one in codes]


def rows_needed(codes: Any, y: Any, residuals: Any) -> float:
    """The noise in y divided by the variance between labels, at most MOST_NEEDED.

    With this many rows, the mean of a label is as close to its expectation as labels are to
    each other. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical
    attributes in classification and prediction problems", SIGKDD Explorations 3(1), 2001,
    shrinks means by this ratio. The noise is what labels and other columns leave: the
    variance of the residuals within labels. The variance between labels is that of y or of
    the residuals, whichever is larger.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        The label of each row: 1, 2, ...; missing ones are 0.
    y : ndarray of shape (n_samples, n_outputs)
        The targets, as `standardised` returns them.
    residuals : ndarray of shape (n_samples, n_outputs)
        What a regression on other columns leaves of y.
    """
    there = codes > 0
    labels, places, sizes = np.unique(
        codes[there], return_inverse=True, return_counts=True
    )
    if len(labels) <= FEW_LABELS:
        return 1
    if len(labels) == len(places):
        return MOST_NEEDED
    noise, between = variances(places, sizes, residuals[there])
    between = max(between, variances(places, sizes, y[there])[1])
    return min(noise / between, MOST_NEEDED) if between > 0 else MOST_NEEDED


def variances(places: Any, sizes: Any, y: Any) -> tuple[float, float]:
    """The variance within labels and that between them, added up over the columns of y.

    The estimates are unbiased (analysis of variance with random effects). `places` are the
    labels of rows, from 0, and `sizes` the numbers of rows of labels.
    """
    n, n_labels = len(places), len(sizes)
    within = explained = 0.0
    for column in (y - y.mean(axis=0)).T:
        between = float(sizes @ (np.bincount(places, column) / sizes) ** 2)
        within += max(float(column @ column) - between, 0) / (n - n_labels)
        explained += between
    return within, (explained - (n_labels - 1) * within) / (n - sizes @ sizes / n)


def left_by_linear(Z: Any, y: Any) -> Any:
    """The residuals of a linear regression of y on the columns of Z."""
    Z, y = standardised(Z), standardised(y)
    some = slice(None, None, max(1, len(Z) // LINEAR_ROWS))
    penalty = RIDGE * np.eye(Z.shape[1])
    W = np.linalg.solve(Z[some].T @ Z[some] + penalty, Z[some].T @ y[some])
    return y - Z @ W


def standardised(y: Any) -> Any:
    """Columns with mean 0 and variance 1, or 0 if they are constant."""
    y = np.asarray(y, float)
    largest = np.abs(y).max(axis=0)
    y = y / np.where(largest > 0, largest, 1)
    y -= y.mean(axis=0)
    deviation = y.std(axis=0)
    return np.where(deviation > 1e-12, y / np.where(deviation > 0, deviation, 1), 0)


def target_numbers(y: Any, n_rows: int) -> Any:
    """The target as numbers, (n_samples, n_outputs); text becomes indicators of classes.

    Raises ValueError or TypeError for a target that is missing, invalid or too short.
    """
    if y is None:
        raise ValueError("min_frequency='auto' needs y in fit. Got None.")
    y = as_labels(y)
    check_n_values(y, n_rows)
    y = (y.toarray() if issparse(y) else y).reshape(n_rows, -1)
    if y.dtype.kind in "biuf":
        return y
    return np.hstack([one[:, None] == np.unique(one) for one in y.T])
