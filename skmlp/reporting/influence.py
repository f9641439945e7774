"""Which columns matter, and how predictions change with them."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from sklearn.inspection import partial_dependence as of_sklearn
from sklearn.inspection import permutation_importance as by_sklearn

from ..common.frames import rows_of
from ..explain import partial_dependence, permutation_importance
from .evidence import Evidence, Influence
from .scores import R2, Judged

MOST_ROWS, REPEATS = 2000, 3
"""The most test rows for importances, and how often each column is shuffled."""

DEPENDENCE_ROWS, POINTS = 300, 20
"""The rows and the values of partial dependence."""

N_CURVES = 4
"""The columns whose partial dependence is shown."""


class Curve(NamedTuple):
    """The mean prediction with values of a column, for each of `outputs`."""

    column: Any
    grid: Sequence[Any]
    lines: Any
    outputs: Sequence[str]


def score(model: Any, X: Any, y: Any) -> float:
    """R2, or minus the mean loss of a classifier."""
    judged = Judged.of("", model, X, y)
    if judged.classes is None:
        return judged.scores()[R2]
    return -float(judged.losses.mean())


def influence(evidence: Evidence) -> Influence | None:
    """The importance of each column for the test rows; None if there is no time for it."""
    n = len(evidence.y)
    some = np.random.RandomState(evidence.seed).permutation(n)[:MOST_ROWS]
    X, y = rows_of(evidence.X, some), evidence.y[some]
    what = what_falls(evidence)
    settings: dict[str, Any] = {"n_repeats": REPEATS, "random_state": evidence.seed}
    settings["scoring"] = score
    start = perf_counter()
    if not np.isfinite(score(evidence.model, X, y)):
        return None
    seconds = perf_counter() - start
    if evidence.is_tabular:
        settings["max_time"] = evidence.max_time
        found = permutation_importance(evidence.model, X, y, **settings)
    elif seconds * REPEATS * len(evidence.columns) > evidence.max_time:
        return None
    else:
        found = by_sklearn(evidence.model, X, y, **settings)
    return Influence(what, found.importances_mean, found.importances_std)


def what_falls(evidence: Evidence) -> str:
    """The name of the importances."""
    ours = evidence.ours
    if ours.classes is None:
        return "drop in R2"
    return "increase in errors" if ours.probability is None else "increase in log-loss"


def curves(evidence: Evidence, places: Sequence[int]) -> list[Curve]:
    """The partial dependence of columns; those that have none are left out."""
    n = len(evidence.y)
    some = np.random.RandomState(evidence.seed).permutation(n)[:DEPENDENCE_ROWS]
    X = rows_of(evidence.X, some)
    names, outputs = outputs_of(evidence)
    found = []
    for place in places:
        column = evidence.columns[place]
        try:
            grid, average = averages(evidence, X, column)
        except Exception:
            # Columns of text have no partial dependence by scikit-learn, and estimators of
            # others may raise what they like.
            continue
        if average.ndim > 1:
            average = average[:, outputs]
        found.append(Curve(column, grid, average, names))
    return found


def averages(evidence: Evidence, X: Any, column: Any) -> tuple[Sequence[Any], Any]:
    """Values of a column, and the mean predictions with them, (n_values, n_outputs)."""
    if evidence.is_tabular:
        found = partial_dependence(evidence.model, X, column, n_points=POINTS)
        return found.grid_values, found.average
    # Some trees would give the decision function for the probability.
    settings: dict[str, Any] = {"method": "brute", "grid_resolution": POINTS}
    if evidence.ours.probability is not None:
        settings["response_method"] = "predict_proba"
    theirs = of_sklearn(evidence.model, X, [column], **settings)
    average = theirs["average"].T
    if evidence.ours.probability is not None and average.shape[1] == 1:
        average = np.hstack([1 - average, average])
    return theirs["grid_values"][0].tolist(), average


def outputs_of(evidence: Evidence) -> tuple[list[str], list[int]]:
    """The names and the places of the outputs to show: at most three classes."""
    ours = evidence.ours
    if ours.classes is None:
        return [evidence.target], [0]
    if len(ours.classes) == 2:
        if ours.probability is None:
            return [f"decision function of {ours.classes[1]}"], [0]
        return [str(ours.classes[1])], [1]
    counts = [(ours.y == one).sum() for one in ours.classes]
    places = np.argsort(-np.array(counts), kind="stable")[:3].tolist()
    return [str(ours.classes[i]) for i in places], places
