"""How fast predictions change with the numbers of a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..common._types import TableLike
from ..core._types import Array
from ..tabular.column_encoders import Numeric
from ..tabular.columns import NUMBERS, Column
from .columns import EncodedTable, check_model, predictor_of

LEAST_STEP = 0.01
"""The least step to a neighbour, in interquartile ranges: predictions are rounded."""


def input_gradients(model: Any, X: TableLike) -> Array:
    """Compute by how much predictions change for one unit more in a column of numbers.

    A network gets the rank of a number in fit, beside its value. Ranks of integers and of
    other repeated numbers change in steps, which have no derivative. So this is the slope
    between the two neighbours of the number among the quantiles of the column in fit: the
    change of the prediction divided by that of the number. The other columns keep their
    values. There are `n_rows / 30` quantiles, at least 10 and at most 1,000.

    Parameters
    ----------
    model : TabularMLPClassifier or TabularMLPRegressor
        A fitted model.
    X : frame or array-like of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    ndarray of shape (n_samples, n_features) or (n_samples, n_outputs, n_features)
        The slopes, in units of the prediction for a unit of the column. NaN for missing
        numbers, and for columns that are not numbers: labels, codes, text, dates. 0 for a
        column that was constant in fit. Predictions are those of `predict`, for a
        classifier those of `predict_proba`, with an output for each class.

    Raises
    ------
    ValueError
        If X has other columns than in fit.
    TypeError
        If `model` is no tabular estimator.

    References
    ----------
    Williams, "Using the margins command to estimate and interpret adjusted predictions and
    marginal effects", The Stata Journal 12(2), 2012. Simonyan, Vedaldi and Zisserman, "Deep
    inside convolutional networks: visualising image classification models and saliency
    maps", arXiv:1312.6034.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import TabularMLPRegressor
    >>> from skmlp.explain import input_gradients
    >>> table = pd.DataFrame({"area": range(20, 220), "city": ["Bonn", "Ulm"] * 100})
    >>> rent = 9 * table["area"]
    >>> model = TabularMLPRegressor(n_estimators=2, random_state=0).fit(table, rent)
    >>> slopes = input_gradients(model, table)
    >>> bool(7 < slopes[:, 0].mean() < 11), bool(pd.isna(slopes[:, 1]).all())
    (True, True)
    """
    check_model(model)
    table = EncodedTable(model, X)
    predict = predictor_of(model)
    shape = predict(table.rows).shape
    found = np.full((*shape, len(table.names)), np.nan)
    for i, (one, column) in enumerate(table.columns):
        if type(one) is not Numeric:
            continue
        low, high = neighbours(one, one.values_of(column))
        below, above = (
            predict(table.with_values(i, Column(column.name, NUMBERS, end)).rows)
            for end in (low, high)
        )
        steps = (high - low).reshape(-1, *(1,) * (len(shape) - 1))
        found[..., i] = (above - below) / steps
    return found


def neighbours(number: Numeric, x: Any) -> tuple[Any, Any]:
    """For each number the next quantile below it and above it; beyond them itself."""
    if not number.scale:
        return x, x + 1
    step = LEAST_STEP / number.scale
    q = np.unique(number.quantiles)
    below = np.searchsorted(q, x - step, side="right") - 1
    above = np.searchsorted(q, x + step)
    low = np.where(below >= 0, q[below], x)
    high = np.where(above < len(q), q[np.minimum(above, len(q) - 1)], x)
    return low, high
