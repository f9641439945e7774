"""Weights of settings, by the loss of their predictions for rows that were held out.

Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models",
ICML 2004: in each round the setting that lowers the loss of the mean most joins it, maybe
again. The weight of a setting is the part of the rounds in which it joined, up to the round
with the smallest loss. It is the mean over random halves of the rows.

The mean of M networks has about the loss l + c / M: c is what their differences add. A row
is held out by m of the M networks of a setting, and new rows are predicted by all. So where
each half of the networks predicts the rows, the loss of M is extrapolated from those of m
and m / 2. Otherwise settings whose networks differ much would have too little weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import logit

from ..core._types import Array, Rows
from ..core.heads import Head
from .prediction import Known, summed

ROUNDS, MOST = 20, 10
"""The rounds of the selection, and the most settings in it, those of smallest loss."""

BAGS, LARGEST_BAG = 10, 5000
"""How many halves of the rows there are, and the most rows of one."""

LEAST_KNOWN = 0.9
"""The least part of the rows that both halves must predict."""

Parts = Sequence[tuple[Rows, Array]]
"""For each network of a setting, rows that it held out, and its scores for them."""


def selected(
    parts: Sequence[Parts], head: Head, y: Array, w: Array | None
) -> tuple[list[float], list[float]]:
    """The loss and the weight of each setting, by the rows that all held out.

    Weights sum to 1. A setting without a finite loss has the weight 0. Without rows that
    all held out, losses are NaN and weights are equal.
    """
    middle = len(parts[0]) // 2
    halves = _responses([(one[:middle], one[middle:]) for one in parts], head, len(y))
    means = _responses([(one,) for one in parts], head, len(y))
    if len(halves.known) < LEAST_KNOWN * len(means.known):
        halves = means
    known = halves.known
    if not len(known):
        return [np.nan] * len(parts), [1 / len(parts)] * len(parts)
    n_networks = sum(map(len, parts)) / len(parts)
    left = max(1 - halves.n_networks / n_networks, 0.0)
    rows = Held(head, y[known], None if w is None else w[known], left)
    losses = [rows.loss(one) for one in halves.means]
    if len(parts) == 1:
        return losses, [1.0]
    least = np.argsort(losses, kind="stable")[:MOST]
    best = [halves.means[i] for i in least]
    each = [
        greedy_weights([one[:, some] for one in best], rows.take(some).loss)
        for some in bags(len(known))
    ]
    weights = np.zeros(len(parts))
    weights[least] = np.mean(each, axis=0)
    return losses, weights.tolist()


def bags(n_rows: int) -> list[Rows]:
    """Halves of the rows at random, of at most LARGEST_BAG rows."""
    rng = np.random.RandomState(0)
    size = min(max(n_rows // 2, 1), LARGEST_BAG)
    return [rng.permutation(n_rows)[:size] for _ in range(BAGS)]


class Held(NamedTuple):
    """Targets and weights of rows that were held out; see `loss` for `left`."""

    head: Head
    y: Array
    w: Array | None
    left: float

    def take(self, rows: Rows) -> Held:
        """These rows."""
        w = None if self.w is None else self.w[rows]
        return self._replace(y=self.y[rows], w=w)

    def loss(self, means: Array) -> float:
        """The loss of mean responses, (1, n, K); of both halves, (2, n, K), extrapolated.

        `left` is the part of c / m that remains of it: 1 - m / M.
        """
        whole = self._plain(means.mean(axis=0))
        if len(means) == 1:
            return whole
        half = float(np.mean([self._plain(one) for one in means]))
        return whole - self.left * (half - whole)

    def _plain(self, mean: Array) -> float:
        s = scores_of(mean, self.head, self.y)
        losses, _ = self.head.loss_and_gradient(self.y, s)
        if self.w is not None and not self.w.any():
            return np.nan
        return float(np.average(losses, weights=self.w))


class Responses(NamedTuple):
    """The mean responses of groups of networks of each setting, (n_groups, n_rows, K).

    `known` are the rows that all groups predict, each by `n_networks` of a setting.
    """

    known: Rows
    means: list[Array]
    n_networks: float


def _responses(groups: Sequence[Sequence[Parts]], head: Head, n_rows: int) -> Responses:
    found = [[_summed(part, head, n_rows) for part in one] for one in groups]
    counts = np.array([[n for _, n in one] for one in found])
    known = np.flatnonzero((counts > 0).all(axis=(0, 1)))
    if not len(known):
        return Responses(known, [], 0.0)
    means = [
        np.stack([total[known] / n[known, None] for total, n in one]) for one in found
    ]
    n_networks = counts[:, :, known].sum(axis=1).mean()
    return Responses(known, means, float(n_networks))


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


def _summed(part: Parts, head: Head, n_rows: int) -> tuple[Any, Any]:
    """The sum of the responses of networks for each row, and the number of networks."""
    known = [Known(rows, s) for rows, s in part]
    return summed(known, n_rows, lambda s: response(s, head))


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
