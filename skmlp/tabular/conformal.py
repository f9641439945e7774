"""How far targets are from predictions of networks that have not seen them.

Conformal prediction: Vovk, Gammerman and Shafer, "Algorithmic learning in a random world",
2005; with the predictions of folds: Vovk, "Cross-conformal predictors", Annals of
Mathematics and Artificial Intelligence 74, 2015. A row's score says how badly its target
fits the prediction of the networks that held the row out. If new rows are like these, a new
score is among the smallest ceil(coverage (n + 1)) of n + 1 scores with the probability
`coverage` or more.

New rows are predicted by the mean over all networks, which has smaller errors than the
networks that held out a row. `shrinkage` estimates by how much, from how the networks
differ. So the coverage is measured, not guaranteed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from ..common.constraints import Interval
from ..common.errors import InvalidParameterError, shown
from .prediction import Known

MOST_SCORES = 10_000
"""The most scores that a model keeps."""

MOST_SHARE, WINSOR = 0.5, 0.99
"""Limits on how much smaller the errors of all networks can be."""

ROUNDING = 1e-12
"""The part of a rank that rounding may add."""


class Conformity(NamedTuple):
    """The scores of rows by what the networks predicted that held them out, by target.

    Scores by all networks are nearer to `center`, as the mean of more networks has smaller
    errors. `errors` are those whose size shrinks alike; None: scores stay as they are. Only
    the part `trusted` of what they shrink counts.
    """

    scores: Any
    errors: Any = None
    center: Any = 0.0
    trusted: float = 1.0

    def nearer(self, factor: Any) -> Any:
        """The scores, nearer to the center by a factor."""
        factor = 1 - self.trusted * (1 - factor)
        return self.center + factor * (self.scores - self.center)


class Band(NamedTuple):
    """What networks predict for each row and target: from `low` to `high`.

    The score of a target is its distance from there in multiples of `unit`.
    """

    low: Any
    high: Any
    unit: Any

    @classmethod
    def of(cls, mean: Any) -> Band:
        """The band in the mean over the networks of bands as one array."""
        return cls(*np.moveaxis(mean, -1, 0))

    def stacked(self) -> Any:
        """As one array, for a mean over the networks."""
        return np.stack(np.broadcast_arrays(*self), axis=-1)

    def scores(self, y: Any) -> Any:
        """The score of each target; negative within the band."""
        return np.maximum(self.low - y, y - self.high) / self.unit

    def widened(self, score: Any) -> Any:
        """The lowest and the highest target with at most this score, the last axis."""
        low, high = self.low - score * self.unit, self.high + score * self.unit
        # A negative score can be larger than a narrow band.
        middle = (self.low + self.high) / 2
        return np.stack([np.minimum(low, middle), np.maximum(high, middle)], axis=-1)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Scores of `n_rows` rows, ascending, with a column for each target.

    Of many rows these are the scores at evenly spaced ranks.
    """

    scores: Any
    n_rows: int

    @classmethod
    def of(cls, scores: Any) -> Calibration:
        """Those of all rows."""
        n_rows = len(scores)
        n = min(n_rows, MOST_SCORES)
        ranks = (np.arange(1, n + 1) * n_rows + n - 1) // n
        return cls(np.sort(scores, axis=0)[ranks - 1], n_rows)

    def check_sizes(self, n_targets: int) -> None:
        """Raise ValueError unless there are finite scores of each target."""
        if type(self.n_rows) is not int or not 1 <= self.n_rows < 2**63:
            raise ValueError("the number of scores of rows is not positive")
        n, scores = min(self.n_rows, MOST_SCORES), self.scores
        if type(scores) is not np.ndarray or scores.dtype.kind != "f":
            raise ValueError("the scores of rows are no numbers")
        if scores.shape != (n, n_targets):
            raise ValueError(f"the scores of rows have shape {scores.shape}")
        if not (np.isfinite(scores).all() and (np.diff(scores, axis=0) >= 0).all()):
            raise ValueError("the scores of rows are not finite and sorted")

    def bound(self, coverage: float) -> Any:
        """For each target the score that a new one exceeds in 1 - `coverage` of rows."""
        rank = rank_of(coverage, self.n_rows)
        if rank > self.n_rows:
            raise ValueError(
                f"coverage={coverage!r} needs at least {rows_needed(coverage)} rows that "
                f"networks held out. fit had {self.n_rows}."
            )
        return self.scores[ceil(rank * len(self.scores) / self.n_rows) - 1]


def rank_of(coverage: float, n_rows: int) -> int:
    """The rank among the scores of rows that a new score exceeds in 1 - `coverage`."""
    return ceil(coverage * (n_rows + 1) * (1 - ROUNDING))


def rows_needed(coverage: float) -> int:
    """The least number of rows that shows a score for the coverage."""
    n_rows = max(int(coverage / (1 - coverage)) - 1, 1)
    while rank_of(coverage, n_rows) > n_rows:
        n_rows += 1
    return n_rows


def check_coverage(coverage: Any) -> float:
    """The coverage as a float; raise unless it is a number between 0 and 1."""
    inside = Interval(0, 1, "()")
    if not inside.accepts(coverage):
        raise InvalidParameterError(
            f"coverage must be {inside.allowed}. Got {shown(coverage)}."
        )
    return float(coverage)


def shrinkage(
    errors: Any, variance: Any, parts: Sequence[Known], weights: Sequence[float]
) -> Any:
    """The size of errors of all networks, relative to those of networks that held rows out.

    One number for each target. `errors` are those of the mean over the networks of `parts`,
    which held the rows out. `variance` is that between all networks, with `weights`, for
    some rows. If it is v, the mean of m networks has the variance v / m.

    A few rows with large values count as less large, and at most `MOST_SHARE` of the
    squared error counts as that of single networks.
    """
    n_rows = 1 + max(int(one.rows.max()) for one in parts)
    total, squares = np.zeros(n_rows), np.zeros(n_rows)
    for one in parts:
        total[one.rows] += one.weight
        squares[one.rows] += one.weight**2
    of_some = float(np.mean(squares / total**2))
    of_all = float(np.sum(np.square(weights)) / np.sum(weights) ** 2)
    error = winsorised_mean(np.square(errors))
    if of_all >= of_some:
        return np.ones_like(error)
    between = winsorised_mean(variance) / (1 - of_all) * of_some
    share = np.minimum(between / np.where(error > 0, error, 1), MOST_SHARE)
    return np.sqrt(1 - np.where(error > 0, share, 0) * (1 - of_all / of_some))


def winsorised_mean(values: Any) -> Any:
    """The mean of each column, where the largest numbers count as a quantile."""
    most = np.quantile(values, WINSOR, axis=0)
    return np.minimum(values, most).mean(axis=0)
