"""Shapley values by table column, from random orders of the columns."""

from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ..common._types import Seed, TableLike
from ..common.constraints import Integer, check_parameter
from ..common.errors import error_context
from ..common.frames import rows_of
from ..tabular.columns import as_table
from ..tabular.prediction import EncodedRows
from .columns import EncodedTable, check_model, limit_of, predictor_of, rng_of

MOST_ROWS = 20_000
"""The most rows that are predicted at a time."""


class ShapleyValues(NamedTuple):
    """What `shapley_values` finds, which says what the fields are."""

    values: Any
    base_values: Any
    std_errors: Any
    feature_names: list[Any]


def shapley_values(
    model: Any,
    X: TableLike,
    background: TableLike,
    *,
    n_background: int = 50,
    n_repeats: int = 1,
    max_time: float | None = None,
    random_state: Seed | None = None,
) -> ShapleyValues:
    """Explain predictions by the columns of the table: interventional Shapley values.

    The value of a column says by how much it moves the prediction of a row away from the
    mean prediction of other rows, the background. The values of a row sum to this
    difference. A column of any kind has one value: numbers, text, categories, dates.

    For each row of the background, a random order of the columns and the reverse order:
    the columns of the background row get the values of the explained row one after the
    other, and the change of the prediction counts for the column. The mean over all orders
    estimates the Shapley value.

    Parameters
    ----------
    model : TabularMLPClassifier or TabularMLPRegressor
        A fitted model.
    X : frame or array-like of shape (n_samples, n_features)
        The rows to explain.
    background : frame or array-like of shape (n_rows, n_features)
        Rows to compare with, such as those of fit.
    n_background : int, default=50
        The most rows of the background that are used, drawn at random.
    n_repeats : int, default=1
        The number of pairs of orders for each row of the background.
    max_time : float, default=None
        About the most seconds. Fewer rows of the background and fewer orders are used then,
        at least one pair of orders, which takes 2 (n_features + 1) predictions of a row of
        X. None: no limit.
    random_state : int, RandomState or None, default=None
        The seed of the rows of the background and of the orders.

    Returns
    -------
    ShapleyValues
        A named tuple with `values` of shape (n_samples, n_features), or (n_samples,
        n_features, n_outputs) for several numbers in a prediction; `base_values`, the mean
        prediction of the background, a float or of shape (n_outputs,); `std_errors` of the
        shape of `values`, their standard errors if the rows of the background that are used
        are a sample of all, NaN if only one is; and `feature_names`. Predictions are those
        of `predict`, for a classifier those of `predict_proba`.

    Raises
    ------
    ValueError
        If X or the background has other columns than in fit, or a parameter is invalid.
    TypeError
        If `model` is no tabular estimator, X is a file, or a column has values of another
        kind than in fit.
    NotFittedError
        If the model is not fitted.

    References
    ----------
    Strumbelj and Kononenko, "Explaining prediction models and individual predictions with
    feature contributions", Knowledge and Information Systems 41, 2014. Mitchell, Cooper,
    Frank and Holmes, "Sampling permutations for Shapley value estimation", Journal of
    Machine Learning Research 23, 2022, about reverse orders.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skmlp import TabularMLPRegressor
    >>> from skmlp.explain import shapley_values
    >>> table = pd.DataFrame({"area": range(20, 220), "city": ["Bonn", "Ulm"] * 100})
    >>> rent = 9 * table["area"]
    >>> model = TabularMLPRegressor(n_estimators=2, random_state=0).fit(table, rent)
    >>> found = shapley_values(model, table[:3], table, random_state=0)
    >>> sums = found.base_values + found.values.sum(axis=1)
    >>> bool(np.allclose(sums, model.predict(table[:3])))
    True
    """
    check_model(model)
    owner = "shapley_values"
    check_parameter(owner, "n_background", n_background, Integer(1))
    check_parameter(owner, "n_repeats", n_repeats, Integer(1))
    start, limit = perf_counter(), limit_of(max_time, owner)
    rng = rng_of(random_state, owner)
    table = EncodedTable(model, X)
    with error_context("background", "rows with the columns of fit", background):
        rows = as_table(background)
        chosen = rng.permutation(rows.shape[0])[:n_background]
        others = EncodedTable(model, rows_of(rows, chosen))
    predict = predictor_of(model)
    total, squares, base, n_done = 0.0, 0.0, 0.0, 0
    for number in range(others.n_rows):
        pairs: list[Any] = []
        for _ in range(n_repeats):
            if (n_done or pairs) and perf_counter() - start >= limit:
                break
            pairs.append(_of_a_pair(predict, table, others.take([number]), rng))
        if not pairs:
            break
        values = np.mean([one for one, _ in pairs], axis=0)
        total, squares = total + values, squares + values**2
        base, n_done = base + pairs[0][1], n_done + 1
    mean = total / n_done
    variance = np.maximum(squares / n_done - mean**2, 0) / max(n_done - 1, 1)
    errors = np.sqrt(variance) if n_done > 1 else np.full(np.shape(mean), np.nan)
    return ShapleyValues(mean, base / n_done, errors, table.names)


def _of_a_pair(predict: Any, table: EncodedTable, other: EncodedTable, rng: Any) -> Any:
    """The values by a random order and its reverse, and the prediction of the other row."""
    order = rng.permutation(len(table.names))
    one, base = _of_an_order(predict, table, other, order)
    reverse, _ = _of_an_order(predict, table, other, order[::-1])
    return (one + reverse) / 2, base


def _of_an_order(
    predict: Any, table: EncodedTable, other: EncodedTable, order: Any
) -> Any:
    """The change of the prediction by each column, put into the other row in this order."""
    n_rows, n_columns = table.n_rows, len(order)
    state = other.take(np.zeros(n_rows, np.intp))
    steps, outputs = [state.numbers], []
    for n, column in enumerate(order, 1):
        state = state.with_columns([column], table, slice(None))
        steps.append(state.numbers)
        if (len(steps) + 1) * n_rows > MOST_ROWS or n == n_columns:
            found = predict(EncodedRows(np.concatenate(steps)))
            outputs.append(found.reshape(len(steps), n_rows, *found.shape[1:]))
            steps = []
    changes = np.diff(np.concatenate(outputs), axis=0)
    values = np.empty((n_rows, n_columns, *changes.shape[2:]))
    values[:, order] = np.swapaxes(changes, 0, 1)
    return values, outputs[0][0, 0]
