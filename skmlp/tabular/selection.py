"""Weights of settings, by the loss of their predictions for rows that were held out.

Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models",
ICML 2004: in each round the setting that lowers the loss of the mean most joins it, maybe
again. The weight of a setting is the part of the rounds in which it joined, up to the round
with the smallest loss.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import logit

from ..core._types import Array, Rows
from ..core.heads import Head

ROUNDS = 30
"""The rounds of the selection."""

Parts = Sequence[tuple[Rows, Array]]
"""For each network of a setting, rows that it held out, and its scores for them."""


def selected(
    parts: Sequence[Parts], head: Head, y: Array, w: Array | None
) -> tuple[list[float], list[float]]:
    """The loss and the weight of each setting, by the rows that all held out.

    Weights sum to 1. A setting without a finite loss has the weight 0. Without rows that
    all held out, losses are NaN and weights are equal.
    """
    found = [mean_response(one, head, len(y)) for one in parts]
    known = np.flatnonzero(np.all([n > 0 for _, n in found], axis=0))
    if not len(known):
        return [np.nan] * len(parts), [1 / len(parts)] * len(parts)
    means = [total[known] / n[known, None] for total, n in found]
    y, w = y[known], None if w is None else w[known]

    def loss(mean: Array) -> float:
        losses, _ = head.loss_and_gradient(y, scores_of(mean, head, y))
        return float(np.average(losses, weights=w))

    losses = [loss(mean) for mean in means]
    return losses, greedy_weights(means, loss)


def greedy_weights(
    means: Sequence[Array], loss: Callable[[Array], float]
) -> list[float]:
    """The weights of predictions, by the loss of their mean; equal if no loss is finite."""
    total, counts = np.zeros_like(means[0]), np.zeros(len(means))
    least, best = np.inf, np.ones(len(means))
    for n in range(1, ROUNDS + 1):
        losses = [loss((total + one) / n) for one in means]
        i = int(np.argmin(np.nan_to_num(losses, nan=np.inf, posinf=np.inf)))
        total += means[i]
        counts[i] += 1
        if losses[i] < least:
            least, best = losses[i], counts.copy()
    return [float(weight) for weight in best / best.sum()]


def mean_response(parts: Parts, head: Head, n_rows: int) -> tuple[Any, Any]:
    """The sum of the responses of networks for each row, and the number of networks."""
    total: Any = np.zeros((n_rows, 1))
    n = np.zeros(n_rows)
    for rows, s in parts:
        values = response(s, head)
        if not n.any():
            total = np.zeros((n_rows, values.shape[1]))
        total[rows] += values
        n[rows] += 1
    return total, n


def response(s: Array, head: Head) -> Array:
    """What is averaged over networks: probabilities, exponentials, or else the scores."""
    return s if head.out_activation == "identity" else head.prediction(s)


def scores_of(mean: Array, head: Head, y: Array) -> Array:
    """The scores of a mean response; predictions are clipped to the range of y."""
    if head.out_activation == "identity":
        inside: Array = (
            np.clip(mean, y.min(0), y.max(0)) if mean.shape == y.shape else mean
        )
        return inside
    if head.out_activation == "logistic":
        # The logit of a probability that is rounded to 1 is infinite.
        return np.asarray(logit(np.minimum(mean, np.nextafter(1.0, 0.0))))
    return np.log(mean)
