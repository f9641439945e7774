"""From a table to the mean over the networks, and predictions that are known before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..common.checks import GivenRows
from ..common.frames import check_names
from ..common.scorers import score_by
from ..common.sources import is_source
from ..core._types import Array, Rows
from ..core.network import Network
from ..core.scoring import scores_of_each
from .columns import as_table
from .encoder import TableEncoder
from .folds import FitRows
from .members import Score


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Rows that the encoder has encoded: predictions take them in place of a table."""

    numbers: Array

    def __len__(self) -> int:
        return len(self.numbers)


class Known(NamedTuple):
    """The scores of a network for some rows, by their places, and its weight."""

    rows: Any
    s: Array
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class KnownScores:
    """The scores of networks for the rows of X, each network for some of the rows."""

    X: Any
    n_rows: int
    parts: list[Known]

    def mean(self, X: Any, of_scores: Callable[[Any], Any]) -> Any:
        """The mean over the networks of a function of their scores, for each row."""
        if X is not self.X:
            raise ValueError(
                "scoring must predict the X that it gets, all rows at once. Got another X."
            )
        total, n = summed(self.parts, self.n_rows, of_scores)
        return total / n.reshape(-1, *(1,) * (total.ndim - 1))


def summed(
    parts: Sequence[Known], n_rows: int, of_scores: Callable[[Any], Any]
) -> tuple[Any, Any]:
    """The sum of a function of scores for each row, and the sum of the weights."""
    total: Any = 0.0
    n = np.zeros(n_rows)
    for rows, s, weight in parts:
        values = of_scores(s)
        if not n.any():
            total = np.zeros((n_rows, *values.shape[1:]))
        total[rows] += weight * values
        n[rows] += weight
    return total, n


class PredictionMixin:
    """Predictions as means over the networks, by their weights."""

    encoder_: TableEncoder
    scoring: Any
    _networks: tuple[Network, ...]
    _weights: tuple[float, ...]
    _theta: Array
    _blocks_of: Callable[[Any], Iterator[Any]]

    _known: KnownScores | None = None
    """What a copy for a scorer predicts from."""

    def _scores(self, X: Any) -> Iterator[Array]:
        """The scores of the rows by each network, (n_samples, n_scores)."""
        check_is_fitted(self)
        if isinstance(X, EncodedRows):
            return scores_of_each(self._networks, self._theta, X.numbers)
        X = as_table(X)
        check_names(self, X, reset=False)
        numbers = self.encoder_.transform(X)
        return scores_of_each(self._networks, self._theta, numbers)

    def _mean(self, X: Any, of_scores: Callable[[Any], Any]) -> Any:
        """The mean over the networks of a function of their scores."""
        if self._known is not None:
            return self._known.mean(X, of_scores)
        if is_source(X):
            check_is_fitted(self)
            blocks = self._blocks_of(X)
            return np.concatenate([self._mean(one, of_scores) for one in blocks])
        total: Any = 0.0
        for s, weight in zip(self._scores(X), self._weights, strict=True):
            total = total + weight * of_scores(s)
        return total / sum(self._weights)

    def _knowing(self, theta: Array, known: KnownScores) -> Self:
        """A copy with parameters `theta` that predicts from these scores alone."""
        model = copy(self)
        model._theta, model._known = theta, known
        return model

    def _scorer(self, rows: FitRows) -> Callable[[Rows], Score] | None:
        """The score of the validation rows with some numbers; None: minus the loss."""
        scoring = self.scoring
        if isinstance(scoring, str) and scoring == "loss":
            return None
        model = copy(self)
        vars(model).pop("_skl_callbacks", None)
        return lambda some: ScoreByScorer(
            scoring, model, rows.for_scorer(some, scoring)
        )


def check_weights(weights: Any, n_networks: int) -> None:
    """Raise ValueError unless weights from a file are positive, one for each network."""
    known = np.asarray(weights)
    if known.dtype.kind != "f" or known.shape != (n_networks,):
        raise ValueError(f"it has no {n_networks} weights of networks")
    if not (np.isfinite(known) & (known > 0)).all():
        raise ValueError("the weights of networks are not positive")


@dataclass(frozen=True, eq=False)
class ScoreByScorer:
    """The score of a member on its validation rows, by a scorer of scikit-learn.

    `model` has all that a prediction needs but theta.
    """

    scoring: Any
    model: PredictionMixin
    rows: GivenRows

    def __call__(self, theta: Array, s: Array) -> float:
        known = KnownScores(
            self.rows.X, len(s), [Known(slice(None), s.astype(np.float64))]
        )
        return score_by(self.scoring, self.model._knowing(theta, known), self.rows)
