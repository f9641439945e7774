"""Heads as nodes: from scores to predictions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.heads import (
    AbsoluteError,
    Gamma,
    Gaussian,
    Huber,
    Poisson,
    Quantile,
    Sigmoid,
    Softmax,
    SquaredError,
)
from .graph import Graph, exported


class Scores:
    """Scores (..., n, n_scores) of a graph, of networks or of one network."""

    def __init__(self, graph: Graph, tensor: str, n_scores: int, dtype: Any):
        self.graph, self.tensor = graph, tensor
        self.n_scores, self.dtype = n_scores, dtype


def _at_least_tiny(graph: Graph, p: str, dtype: Any) -> str:
    return graph("Max", p, dtype(np.finfo(dtype).tiny))


def _identity(s: Scores, head: Any, n_axes: int) -> str:
    return s.tensor


def _sigmoid(s: Scores, head: Any, n_axes: int) -> str:
    """e^min(s, 0) / (1 + e^-|s|).

    The operator Sigmoid loses the relative precision of small probabilities.
    """
    graph, one = s.graph, s.dtype(1)
    below = graph("Add", graph("Exp", graph("Neg", graph("Abs", s.tensor))), one)
    above = graph("Exp", graph("Min", s.tensor, s.dtype(0)))
    return _at_least_tiny(graph, graph("Div", above, below), s.dtype)


def _softmax(s: Scores, head: Any, n_axes: int) -> str:
    return _at_least_tiny(s.graph, s.graph("Softmax", s.tensor, axis=-1), s.dtype)


def _poisson(s: Scores, head: Any, n_axes: int) -> str:
    return s.graph("Exp", s.tensor)


def _gamma(s: Scores, head: Any, n_axes: int) -> str:
    return _at_least_tiny(s.graph, s.graph("Exp", s.tensor), s.dtype)


def _quantile(s: Scores, head: Any, n_axes: int) -> str:
    n_levels = len(head.levels)
    if np.ndim(head.quantile) == 0:
        return s.tensor
    shape = [*[0] * (n_axes - 1), s.n_scores // n_levels, n_levels]
    by_target = s.graph.reshape(s.tensor, shape)
    k = np.array([n_levels], np.int64)
    return s.graph("TopK", by_target, k, axis=-1, largest=0, sorted=1, n_outputs=2)


def _gaussian(s: Scores, head: Any, n_axes: int) -> str:
    return s.graph.slice(s.tensor, 0, s.n_scores // 2)


NODES: dict[type, Callable[[Scores, Any, int], str]] = {
    **dict.fromkeys((SquaredError, AbsoluteError, Huber), _identity),
    Sigmoid: _sigmoid,
    Softmax: _softmax,
    Poisson: _poisson,
    Gamma: _gamma,
    Quantile: _quantile,
    Gaussian: _gaussian,
}
"""For each class of heads, what adds its nodes: (scores, head, axes) -> prediction."""


def predicted(s: Scores, head: Any, n_axes: int) -> str:
    """The prediction of a head; NotImplementedError for a head of a user."""
    return exported(NODES, head, "losses")(s, head, n_axes)
