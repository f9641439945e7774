"""Rare labels: how many rows a label needs before its mean says more than it misleads.

A label of few rows has a mean target that is mostly noise, and a network that gives it an
embedding of its own memorises its rows.
"""

from typing import Any

import numpy as np
from scipy.sparse import issparse

from ..common.checks import check_n_values
from ..common.target_values import as_labels

FIRST_NEEDED, LEAST_NEEDED, MOST_NEEDED = 10.0, 0.1, 1e6
"""The rows that a label needs: a first estimate, the fewest and the most."""

FEW_LABELS = 100
"""With up to so many labels in a column, all are kept: they leave little to memorise."""


MOST_OUTPUTS = 10
"""At most so many columns of the target decide about encoders, those that vary most."""


def rows_needed(codes: Any, y: Any) -> float:
    """The noise in y divided by the variance between labels, within limits.

    With this many rows, the mean of a label is as close to its expectation as labels are to
    each other. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical
    attributes in classification and prediction problems", SIGKDD Explorations 3(1), 2001,
    shrinks means by this ratio.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        The label of each row.
    y : ndarray of shape (n_samples, n_outputs)
        What other columns leave of the targets.
    """
    labels, places, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    if len(labels) in (1, len(places)):
        return MOST_NEEDED
    noise, between = variances(places, sizes, y)
    if between <= 0:
        return MOST_NEEDED
    return float(np.clip(noise / between, LEAST_NEEDED, MOST_NEEDED))


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


def standardised(y: Any, dtype: Any = np.float64) -> Any:
    """Columns with mean 0 and variance 1, or 0 if they are constant."""
    out = np.zeros(y.shape, dtype)
    # Each column by itself: copies of all in double precision would be large.
    for i, column in enumerate(y.T):
        values = np.asarray(column, float)
        largest = np.abs(values).max(initial=0)
        values = values / largest if largest > 0 else values
        values = values - values.mean()
        deviation = values.std()
        if deviation > 1e-12:
            out[:, i] = values / deviation
    return out


def target_numbers(y: Any, n_rows: int) -> Any:
    """The target as numbers, (n_samples, n_outputs); text becomes indicators of classes.

    Two classes become one column. At most MOST_OUTPUTS columns are kept.

    Raises ValueError or TypeError for a target that is missing, invalid or too short.
    """
    if y is None:
        raise ValueError("min_frequency='auto' needs y in fit. Got None.")
    y = as_labels(y)
    check_n_values(y, n_rows)
    y = (y.toarray() if issparse(y) else y).reshape(n_rows, -1)
    if y.dtype.kind not in "biuf":
        columns = [(one[:, None], np.unique(one)) for one in y.T]
        y = np.hstack([one == classes[len(classes) == 2 :] for one, classes in columns])
    return y[:, most_varied(y)]


def most_varied(y: Any) -> Any:
    """At most MOST_OUTPUTS columns of the target, those that vary most."""
    if y.shape[1] <= MOST_OUTPUTS:
        return np.arange(y.shape[1])
    with np.errstate(over="ignore"):
        # Each column by itself: with many classes, floats for all of them are large.
        negated = [-float(np.var(one)) for one in y.T]
    return np.argsort(negated, kind="stable")[:MOST_OUTPUTS]
