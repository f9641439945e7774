"""Permutation importances of the columns of a table, which is encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..common._types import ArrayLike, ScoringLike, Seed, TableLike, TargetLike
from ..common.checks import GivenRows, check_n_values, check_sample_weight
from ..common.constraints import Integer, check_parameter
from ..common.scorers import score_by
from ..common.target_values import read_named_target
from ..tabular.prediction import EncodedRows
from .columns import EncodedTable, check_model, limit_of, rng_of
from .halving import by_halves

FEW_ROWS, AT_LEAST = 100, 3
"""The least rows, and the columns for which there is time with more of them."""


def permutation_importance(
    model: Any,
    X: TableLike,
    y: TargetLike,
    *,
    scoring: ScoringLike | None = None,
    n_repeats: int = 5,
    sample_weight: ArrayLike | None = None,
    max_time: float | None = None,
    random_state: Seed | None = None,
) -> Bunch:
    """Measure how much the score falls if the values of a column are shuffled.

    What `sklearn.inspection.permutation_importance` computes, for the tabular estimators:
    the table is encoded once, so it takes a part of the time, and the time can be limited.

    Parameters
    ----------
    model : TabularMLPClassifier or TabularMLPRegressor
        A fitted model.
    X : frame or array-like of shape (n_samples, n_features)
        Rows that were not in fit.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    scoring : str, callable or None, default=None
        The name of a scorer, or a callable ``scorer(model, X, y)``, whose X are encoded
        rows that only `model` can predict. None: `score` of the model.
    n_repeats : int, default=5
        How often each column is shuffled.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows for the scorer.
    max_time : float, default=None
        About the most seconds of the shuffles. If they are too few, a part of the rows is
        used, at least 100, in which classes are as frequent as in all; and groups of
        columns are shuffled together, of which those that matter most are halved, down to
        single columns, each at least once. What is not measured is NaN. At least one column
        is measured. None: no limit.
    random_state : int, RandomState or None, default=None
        The seed of the shuffles.

    Returns
    -------
    Bunch
        With `importances_mean` and `importances_std` of shape (n_features,), and
        `importances` of shape (n_features, n_repeats): the score of the rows minus the
        score with the shuffled column. Scorers get the most probable class of soft labels.

    Raises
    ------
    ValueError
        If X has other columns than in fit, a parameter is invalid, or the score is not
        finite.
    TypeError
        If `model` is no tabular estimator, X is a file, or a column has values of another
        kind than in fit.
    NotFittedError
        If the model is not fitted.

    References
    ----------
    Breiman, "Random forests", Machine Learning 45, 2001, section 10.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import TabularMLPRegressor
    >>> from skmlp.explain import permutation_importance
    >>> table = pd.DataFrame({"area": range(20, 220), "city": ["Bonn", "Ulm"] * 100})
    >>> rent = 9 * table["area"]
    >>> model = TabularMLPRegressor(n_estimators=2, random_state=0).fit(table, rent)
    >>> found = permutation_importance(model, table, rent, random_state=0)
    >>> bool(found.importances_mean[0] > 1 > found.importances_mean[1])
    True
    """
    check_model(model)
    owner = "permutation_importance"
    check_parameter(owner, "n_repeats", n_repeats, Integer(1))
    limit, rng = limit_of(max_time, owner), rng_of(random_state, owner)
    table = EncodedTable(model, X)
    target: Any = _target(model, y)
    check_n_values(target, table.n_rows)
    w: Any = check_sample_weight(sample_weight, table.n_rows, np.float64)
    n = _rows_in_time(model, table, n_repeats, limit)
    if n < table.n_rows:
        some = _some_rows(n, table.n_rows, w, _classes(model, target), rng)
        table, target = table.take(some), target[some]
        w = None if w is None else w[some]
    orders = [rng.permutation(table.n_rows) for _ in range(n_repeats)]

    def score(rows: EncodedRows) -> float:
        return score_by(scoring, model, GivenRows(rows, target, w))

    start = perf_counter()
    whole = score(table.rows)
    seconds = perf_counter() - start

    def decrease(columns: Sequence[int], repeats: int) -> list[float]:
        found: list[float] = []
        for order in orders[:repeats]:
            if not found or perf_counter() - start < limit:
                mixed = table.with_columns(columns, table, order)
                found.append(whole - score(mixed.rows))
        return found

    n_columns = len(table.names)
    found = by_halves(n_columns, decrease, n_repeats, seconds, limit)
    importances = np.full((n_columns, n_repeats), np.nan)
    mean, std = np.full((2, n_columns), np.nan)
    for column, values in found.items():
        importances[column, : len(values)] = values
        mean[column], std[column] = np.mean(values), np.std(values)
    return Bunch(importances_mean=mean, importances_std=std, importances=importances)


def _target(model: Any, y: Any) -> Any:
    """The target for scorers: of soft labels the most probable class."""
    numeric = model._numeric_target
    target, names = read_named_target(y, model, numeric=numeric)
    if not numeric and model._labels.is_soft(target):
        target, _ = model._encode_target(target, all_classes=False, names=names)
    return target


def _classes(model: Any, target: Any) -> Any:
    """The number of the class of each row; the same for all if it has no single class."""
    if model._numeric_target or target.ndim > 1:
        return np.zeros(len(target), np.intp)
    return np.unique(target, return_inverse=True)[1]


def _some_rows(n: int, n_rows: int, w: Any, classes: Any, rng: Any) -> Any:
    """Rows drawn at random among those with a weight, with the same part of each class."""
    order = rng.permutation(n_rows if w is None else np.flatnonzero(w))
    own = classes[order]
    sizes = np.bincount(own)
    # How many of its class come before a row, as a part of the class.
    by_class = np.argsort(own, kind="stable")
    before = np.empty(len(own))
    firsts = np.cumsum(sizes) - sizes
    before[by_class] = np.arange(len(own)) - firsts[own[by_class]]
    part = before / sizes[own]
    return np.sort(order[np.argsort(part, kind="stable")[:n]])


def _rows_in_time(model: Any, table: EncodedTable, n_repeats: int, limit: float) -> int:
    """The number of rows for which there is time, at least a few."""
    if limit == np.inf or table.n_rows <= FEW_ROWS:
        return table.n_rows
    # The first prediction may take longer.
    model.predict(EncodedRows(table.numbers[:1]))
    start = perf_counter()
    model.predict(EncodedRows(table.numbers[:FEW_ROWS]))
    seconds = (perf_counter() - start) / FEW_ROWS
    n_scores = AT_LEAST * (2 * np.ceil(np.log2(len(table.names))) + n_repeats)
    # A coarse clock may say 0 seconds.
    n_rows = limit / max(n_scores * seconds, 1e-9)
    return int(np.clip(n_rows, FEW_ROWS, table.n_rows))
