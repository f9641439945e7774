"""Rare labels: how many rows a label needs before its mean says more than it misleads.

A label of few rows has a mean target that is mostly noise, and a network that gives it an
embedding of its own memorises its rows. Such labels are better off as unknown ones.
"""

from typing import Any

import numpy as np

from ..common.checks import check_n_values
from ..common.target_values import read_target

MOST_NEEDED = 100
"""The most rows that a label can need: a label with more may matter with other columns."""


def rows_needed(codes: Any, y: Any) -> float:
    """The variance of y within labels divided by that between labels, at most MOST_NEEDED.

    With this many rows, the mean of a label is as close to its expectation as labels are to
    each other. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical
    attributes in classification and prediction problems", SIGKDD Explorations 3(1), 2001,
    shrinks means by this ratio. Both variances are estimated without bias (analysis of
    variance with random effects) and added up over the columns of y, which have variance 1.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        The label of each row: 1, 2, ...; missing ones are 0.
    y : ndarray of shape (n_samples, n_outputs)
        The targets.
    """
    there = codes > 0
    sizes = np.bincount(codes[there])
    labels = np.flatnonzero(sizes)
    places, sizes = np.searchsorted(labels, codes[there]), sizes[labels]
    n, n_labels = int(sizes.sum()), len(sizes)
    if not 1 < n_labels < n:
        return MOST_NEEDED
    within: Any = 0.0
    between: Any = 0.0
    for column in standardised(y[there]).T:
        means = np.bincount(places, column) / sizes
        explained = float(sizes @ means**2)
        noise = max(n - explained, 0) / (n - n_labels) if column.any() else 0.0
        within += noise
        between += (explained - (n_labels - 1) * noise) / (n - sizes @ sizes / n)
    return float(min(within / between, MOST_NEEDED)) if between > 0 else MOST_NEEDED


def standardised(y: Any) -> Any:
    """Columns with mean 0 and variance 1, or 0 if they are constant."""
    y = np.asarray(y, float)
    largest = np.abs(y).max(axis=0)
    y = y / np.where(largest > 0, largest, 1)
    y -= y.mean(axis=0)
    deviation = y.std(axis=0)
    return np.where(deviation > 1e-12, y / np.where(deviation > 0, deviation, 1), 0)


def target_numbers(y: Any, owner: object, n_rows: int) -> Any:
    """The target as numbers, (n_samples, n_outputs); text becomes indicators of classes.

    Raises ValueError or TypeError for a target that is missing, invalid or too short.
    """
    if y is None:
        raise ValueError("min_frequency='auto' needs y in fit. Got None.")
    y = read_target(y, owner, numeric=False)
    check_n_values(y, n_rows)
    y = y.reshape(n_rows, -1)
    if y.dtype.kind in "biuf":
        return y
    return np.hstack([one[:, None] == np.unique(one) for one in y.T])
