"""Columns that alone predict the target almost perfectly: they may be leaks."""

import shlex
from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .choices import CLASSIFICATION
from .dates import DATED, as_numbers
from .evaluation import TrainTestSplit
from .io import optional
from .kinds import NUMBER

ALMOST, PERHAPS = 0.97, 0.6
"""The share of the target that a column must explain, and that for which it is tried.

The largest one of columns that are no leaks, in 30 tables, is 0.93: the weight of diamonds.
"""

ROWS_PER_BIN = 8
"""About the rows of each group of numbers that are tried together."""

MAX_ROWS, MAX_CLASSES = 2000, 50
"""The most rows, and the most of the classes, that show what a column explains."""

MIN_WRONG = 10
"""The fewest of these rows that are not of the most frequent class."""


def notes_on_leaks(
    rows: TrainTestSplit, columns: dict[str, str], target: str
) -> list[str]:
    """A note on each column that alone predicts the target of training rows."""
    chosen = chosen_rows(rows)
    y = outcome(rows.kind, rows.y_train[chosen])
    if rows.kind == CLASSIFICATION and len(y) - np.bincount(y).max() < MIN_WRONG:
        return []
    X, notes = rows.X_train.iloc[chosen], []
    for name, kind in columns.items():
        by_missing, share = explained(X[name], kind, y, rows.kind)
        if share < ALMOST:
            continue
        what = f"whether {name!r} is missing" if by_missing else f"{name!r} alone"
        measure = (
            f"{100 * share:.3g} % fewer errors than guessing"
            if rows.kind == CLASSIFICATION
            else f"{100 * share:.3g} % of the variance of its ranks"
        )
        notes.append(
            f"{what} predicts {target} almost perfectly ({measure}, in rows left out); "
            "if it is not known when you predict, or made from the target, "
            f"--drop {shlex.quote(name)}"
        )
    return notes


def chosen_rows(rows: TrainTestSplit) -> Any:
    """Training rows drawn at random; of classes about as many of each."""
    rng = np.random.RandomState(0)
    order = rng.permutation(len(rows.y_train))
    if rows.kind != CLASSIFICATION:
        return order[:MAX_ROWS]
    _, codes = np.unique(rows.y_train[order], return_inverse=True)
    counts = np.bincount(codes)
    frequent = np.zeros(len(counts), dtype=bool)
    frequent[np.argsort(-counts, kind="stable")[:MAX_CLASSES]] = True
    by_class = np.argsort(codes, kind="stable")
    places = np.empty(len(codes), dtype=int)
    places[by_class] = np.arange(len(codes)) - np.repeat(
        np.cumsum(counts) - counts, counts
    )
    first = np.argsort(places, kind="stable")
    return rng.permutation(order[first[frequent[codes[first]]][:MAX_ROWS]])


def outcome(kind: str, y: Any) -> Any:
    """The target to predict: codes of classes, or ranks, which no outlier dominates."""
    if kind == CLASSIFICATION:
        return np.unique(y, return_inverse=True)[1]
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[codes]


def explained(series: Any, kind: str, y: Any, task: str) -> tuple[bool, float]:
    """Whether missing values alone explain the target, and the share that is explained.

    It is that of rows whose target was not used: each half by the other.
    """
    factorize = optional("pandas").factorize
    numeric = kind == NUMBER or kind in DATED
    if numeric:
        values = series if kind == NUMBER else as_numbers(series, kind)
        x = factorize(np.asarray(values, float), sort=True)[0]
    else:
        x = factorize(series)[0]
    missing = x < 0
    if missing.any():
        share = share_of(by_label, missing.astype(int), y, task)
        if share >= ALMOST:
            return True, share
    if not numeric:
        return False, share_of(by_label, x, y, task)
    width = 1 + (x.max() + 1) * ROWS_PER_BIN // len(y)
    share = share_of(by_label, x // width, y, task)
    if share >= PERHAPS:
        # A tree takes much longer than a table, and finds where to cut.
        numbers = np.where(missing, np.nan, x)[:, None]
        share = max(share, share_of(by_tree, numbers, y, task))
    return False, share


def share_of(fit: Any, x: Any, y: Any, task: str) -> float:
    """The share of the errors, or of the variance, that predictions take away."""
    predicted, halves = np.empty(len(y)), np.arange(len(y)) % 2 == 0
    for half in (halves, ~halves):
        predicted[~half] = fit(x[half], y[half], x[~half], task)
    if task == CLASSIFICATION:
        guessed = len(y) - np.bincount(y).max()
        return 1 - float((predicted != y).sum() / guessed)
    return 1 - float(((predicted - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def by_tree(x: Any, y: Any, new: Any, task: str) -> Any:
    """The predictions for new numbers by a tree."""
    tree: Any = (
        DecisionTreeClassifier(min_samples_leaf=2, random_state=0)
        if task == CLASSIFICATION
        else DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
    )
    return tree.fit(x, y).predict(new)


def by_label(x: Any, y: Any, new: Any, task: str) -> Any:
    """The mean or the most frequent class of each label, or of all if it is unknown."""
    x, new = x + 1, new + 1
    n = max(x.max(), new.max()) + 1
    counts = np.bincount(x, minlength=n)
    if task == CLASSIFICATION:
        table = np.zeros((n, y.max() + 1))
        np.add.at(table, (x, y), 1)
        found, overall = table.argmax(axis=1), np.bincount(y).argmax()
    else:
        overall = y.mean()
        found = np.bincount(x, y, minlength=n) / np.maximum(counts, 1)
    return np.where(counts > 0, found, overall)[new]
