"""How predictions change with a column of any kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..common._types import TableLike
from ..common.constraints import Integer, check_parameter
from ..common.errors import shown
from ..common.frames import is_frame, series_of
from ..common.values import is_missing
from ..tabular.columns import as_table
from .columns import EncodedTable, check_model, predictor_of


class PartialDependence(NamedTuple):
    """What `partial_dependence` finds, which says what the fields are."""

    grid_values: list[Any]
    average: Any
    individual: Any


def partial_dependence(
    model: Any, X: TableLike, column: str | int, *, n_points: int = 50
) -> PartialDependence:
    """Predict rows with other values of a column: partial dependence and single lines.

    What `sklearn.inspection.partial_dependence` computes, for columns of any kind: numbers,
    integers, dates, categories and text. The values are those of rows of X. If there are
    more than `n_points`, they are the most frequent labels, codes and texts, and numbers
    and dates at evenly spaced ranks of the rows. The table is encoded once.

    Parameters
    ----------
    model : TabularMLPClassifier or TabularMLPRegressor
        A fitted model.
    X : frame or array-like of shape (n_samples, n_features)
        The rows.
    column : str or int
        The name of the column; of an array its number.
    n_points : int, default=50
        The most values.

    Returns
    -------
    PartialDependence
        A named tuple with `grid_values`, a list of different values in order, that of
        ordered categories if they have one; `average`,
        the mean prediction of all rows with each value in the column, of shape (n_points,)
        or (n_points, n_outputs); and `individual`, the prediction of each row (individual
        conditional expectation), of shape (n_samples, n_points) or (n_samples, n_points,
        n_outputs). Predictions are those of `predict`, for a classifier those of
        `predict_proba`. `individual` takes 8 bytes for each number.

    Raises
    ------
    ValueError
        If X has other columns than in fit, no such column, or no value in it, or if
        `n_points` is invalid.
    TypeError
        If `model` is no tabular estimator, X is a file, or a column has values of another
        kind than in fit.
    NotFittedError
        If the model is not fitted.

    References
    ----------
    Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
    Statistics 29, 2001, section 8.2. Goldstein, Kapelner, Bleich and Pitkin, "Peeking
    inside the black box", Journal of Computational and Graphical Statistics 24, 2015.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import TabularMLPRegressor
    >>> from skmlp.explain import partial_dependence
    >>> table = pd.DataFrame({"area": range(20, 220), "city": ["Bonn", "Ulm"] * 100})
    >>> rent = 9 * table["area"] + 200 * (table["city"] == "Bonn")
    >>> model = TabularMLPRegressor(n_estimators=2, random_state=0).fit(table, rent)
    >>> found = partial_dependence(model, table, "city")
    >>> found.grid_values, bool(found.average[0] > found.average[1] + 100)
    (['Bonn', 'Ulm'], True)
    """
    check_model(model)
    check_parameter("partial_dependence", "n_points", n_points, Integer(1))
    table = EncodedTable(model, X)
    place = place_of(table.names, column)
    series = _series(as_table(X), place)
    values = list(series)
    rows = rows_of_values(
        values, n_points, labels=table.is_label(place), order=_order_of(series)
    )
    if not rows:
        raise ValueError(f"Column {column!r} of X must have a value. All are missing.")
    predict = predictor_of(model)
    lines = [predict(table.with_columns([place], table, [row]).rows) for row in rows]
    individual = np.stack(lines, axis=1)
    grid = [values[row] for row in rows]
    return PartialDependence(grid, individual.mean(axis=0), individual)


def place_of(names: Sequence[Any], column: Any) -> int:
    """The place of a column by its name, or by its number in an array."""
    places = {name: i for i, name in enumerate(names)}
    known = isinstance(column, Hashable) and not isinstance(column, bool | float)
    if not known or column not in places:
        raise ValueError(f"column must be one of {shown(names)}. Got {shown(column)}.")
    return places[column]


def _series(X: Any, place: int) -> Any:
    """The values of a column."""
    if not is_frame(X):
        return X[:, place]
    (series,) = series_of(X, [place])
    return series


def _order_of(values: Any) -> Sequence[Any]:
    """The categories of a column that has an order of them, else none."""
    dtype = values.dtype
    categories = getattr(dtype, "categories", None)
    if categories is None or not getattr(dtype, "ordered", True):
        return []
    return list(categories)


def rows_of_values(
    values: Sequence[Any], n_points: int, *, labels: bool, order: Sequence[Any] = ()
) -> list[int]:
    """Rows with different values, in the order of the values, or of categories.

    If there are too many values: the most frequent `labels`, or numbers at ranks.
    """
    first: dict[Any, int] = {}
    present = [i for i, value in enumerate(values) if not is_missing(value)]
    for i in present:
        first.setdefault(values[i], i)
    if len(first) > n_points and not labels:
        ordered = sorted(present, key=values.__getitem__)
        ends = np.linspace(0, len(ordered) - 1, n_points + 2 * (n_points == 1))
        places = ends.round().astype(int)[n_points == 1 :][:n_points]
        chosen = dict.fromkeys(values[ordered[i]] for i in places)
        return [first[value] for value in chosen]
    frequent = Counter(values[i] for i in present).most_common(n_points)
    rank = {value: i for i, value in enumerate(order)}
    found = [value for value, _ in frequent]
    try:
        found.sort(key=rank.__getitem__ if rank else None)
    except TypeError:
        # Values of several types have no order.
        found.sort(key=lambda value: (type(value).__name__, str(value)))
    return [first[value] for value in found]
