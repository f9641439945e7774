"""Scores for prediction by networks whose parameters are in single precision.

C computes them in single precision, and a row does not depend on the other rows. In NumPy,
products in single precision depend on the number of rows, by up to 1e-6, so it computes
them in double.
"""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

import numpy as np

from ._types import Array
from .batches import Dataset
from .compiled import compiled_scores
from .network import Network, thetas_of
from .objective import Objective


def scores_of_each(
    networks: Sequence[Network], theta: Array, X: Array
) -> Iterator[Array]:
    """The scores (n, K) by each of the networks, in double precision.

    `theta` has the parameters of all networks, one after the other.
    """
    for one in _programs(networks, theta, X):
        yield _scores(X, *one)


def _programs(
    networks: Sequence[Network], theta: Array, X: Array
) -> Iterator[tuple[Network, Array, Any]]:
    """Each network, its parameters, and its program for X, or None; recorded once."""
    known: dict[int, Any] = {}
    for network, own in thetas_of(networks, theta):
        if id(network) not in known:
            known[id(network)] = compiled_scores(network, own, X)
        yield network, own, known[id(network)]


def _scores(X: Array, network: Network, own: Array, compiled: Any) -> Array:
    """The scores of a network in double precision; `compiled` computes them, or None."""
    s: Array | None = None if compiled is None else compiled(own).astype(np.float64)
    # Scores beyond single precision can be finite in double.
    if s is None or not np.isfinite(s).all():
        s = network.scores(own.astype(np.float64), X)
    return s


class RowScores:
    """The scores of one row after the other, the same as those of `scores_of_each`.

    Programs are recorded once, and not for each row. Threads take turns.
    """

    def __init__(self, networks: Sequence[Network], theta: Array, n_columns: int):
        self._row = np.zeros((1, n_columns), np.float32)
        self._lock = Lock()
        self._each = list(_programs(networks, theta, self._row))

    def __call__(self, row: Array) -> list[Array]:
        """The scores (1, K) by each network; `row` has the shape (1, n_columns)."""
        with self._lock:
            self._row[:] = row
            return [_scores(self._row, *one) for one in self._each]


def validation_scores(network: Network, theta: Array, X: Array) -> Array:
    """The scores (n, K) in the precision of theta; in NumPy they can depend on all rows."""
    compiled = compiled_scores(network, theta, X)
    return network.scores(theta, X) if compiled is None else compiled(theta)


def loss_and_scores(
    objective: Objective, with_scores: bool, data: Dataset, theta: Array
) -> tuple[float, Array | None]:
    """The loss of rows, and their scores if these are wanted."""
    s = validation_scores(objective.network, theta, data.X)
    return objective.mean_loss(s, data), s if with_scores else None


def scores_for_prediction(network: Network, data: Dataset, theta: Array) -> Array:
    """The scores of rows, as predictions have them."""
    (s,) = scores_of_each([network], theta, data.X)
    return s
