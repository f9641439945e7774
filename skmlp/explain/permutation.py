"""Permutation importances of the columns of a table, which is encoded once."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

from ..common._types import ArrayLike, ScoringLike, Seed, TableLike, TargetLike
from ..common.checks import GivenRows, check_n_values, check_sample_weight
from ..common.constraints import Integer, check_parameter
from ..common.scorers import score_by
from ..common.target_values import read_target
from ..tabular.prediction import EncodedRows
from .columns import EncodedTable, check_model, limit_of
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
        About the most seconds. If they are too few, a part of the rows is used, at least
        100, and groups of columns are shuffled together, of which those that matter most
        are halved, down to single columns. The other columns get NaN. At least one column
        is measured. None: no limit.
    random_state : int, RandomState or None, default=None
        The seed of the shuffles.

    Returns
    -------
    Bunch
        With `importances_mean` and `importances_std` of shape (n_features,), and
        `importances` of shape (n_features, n_repeats): the score of the rows minus the
        score with the shuffled column.

    Raises
    ------
    ValueError
        If X has other columns than in fit, a parameter is invalid, or the score is not
        finite.
    TypeError
        If `model` is no tabular estimator.

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
    limit = limit_of(max_time, owner)
    table = EncodedTable(model, X)
    target: Any = read_target(y, model, numeric=model._numeric_target)
    check_n_values(target, table.n_rows)
    w: Any = check_sample_weight(sample_weight, table.n_rows, np.float64)
    rng = check_random_state(random_state)
    n = _rows_in_time(model, table, n_repeats, limit)
    if n < table.n_rows:
        some = np.sort(rng.permutation(table.n_rows)[:n])
        table, target = table.take(some), target[some]
        w = None if w is None else w[some]
    orders = [rng.permutation(table.n_rows) for _ in range(n_repeats)]

    def score(rows: EncodedRows) -> float:
        return score_by(scoring, model, GivenRows(rows, target, w))

    start = perf_counter()
    whole = score(EncodedRows(table.numbers))
    seconds = perf_counter() - start

    def decrease(columns: Any, repeats: int) -> list[float]:
        return [
            whole - score(table.with_values(columns, one)) for one in orders[:repeats]
        ]

    n_columns = len(table.names)
    found = by_halves(n_columns, decrease, n_repeats, seconds, limit)
    importances = np.full((n_columns, n_repeats), np.nan)
    for column, values in found.items():
        importances[column] = values
    return Bunch(
        importances_mean=importances.mean(axis=1),
        importances_std=importances.std(axis=1),
        importances=importances,
    )


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
