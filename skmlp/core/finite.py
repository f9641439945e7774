"""Whether all predictions are finite: by a bound on the scores, or by computing them.

Weights that are finite, but large, can have infinite scores. Computing the scores of all
rows costs a third of an epoch. The bound costs a pass over theta and X, and is enough for
weights of ordinary size.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import issparse

from ._types import Array, Features
from .activations import ACTIVATIONS
from .batches import Dataset, row_blocks
from .embeddings import Columns
from .heads import Head, is_built_in
from .network import Network
from .objective import Objective


def predicts_finite(objective: Objective, theta: Array, data: Dataset) -> bool:
    """Whether scores and all predictions of the rows are finite.

    Rows of weight 0 do not count.
    """
    head = objective.head
    limit = safe_score(head, theta.dtype)
    return _accepts(
        objective.network, theta, data, limit, lambda s: finite_rows(head, s)
    )


def scores_within(network: Network, theta: Array, data: Dataset, limit: float) -> bool:
    """Whether |s| <= limit for all scores s of the rows; rows of weight 0 do not count."""
    return _accepts(
        network, theta, data, limit, lambda s: (np.abs(s) <= limit).all(axis=1)
    )


def _accepts(
    network: Network,
    theta: Array,
    data: Dataset,
    limit: float,
    accepted: Callable[[Array], Any],
) -> bool:
    """Whether the bound is at most `limit`, or else the scores of each row accepted."""
    with np.errstate(all="ignore"):
        if score_bound(network, theta, data.X) <= limit:
            return True
        for block in row_blocks(data.n_rows, network.block_rows):
            rows = data.take(block)
            fine = accepted(network.scores(theta, rows.X))
            if rows.w is not None:
                fine = fine | (rows.w == 0)
            if not fine.all():
                return False
    return True


def score_bound(network: Network, theta: Array, X: Features) -> float:
    """A bound on the absolute scores of the rows X, and on all sums on the way to them.

    Let |x| <= h for the inputs of a layer, |p| <= M for all parameters, and n be the
    largest dimension of a parameter of the layer. A sum of n products with a bias is at
    most n M h + M. |r(s)| <= 2 |s| + 1 for each of our activations, and gains are at
    most 6. So outputs are at most 8 n (M + 1) (h + 1). NaN if a parameter is; infinite if
    there is a user's own activation.
    """
    values = X.data if issparse(X) else X
    h, M = largest_magnitude(values), largest_magnitude(theta)
    for layer in network.layers:
        activation = getattr(layer, "activation", None)
        if activation and not any(activation is one for one in ACTIVATIONS.values()):
            return math.inf
        sizes = [n for spec in layer.shapes().values() for n in spec.shape]
        if sizes:
            h = 8.0 * max(sizes) * (M + 1) * (h + 1)
        # The angles of periodic features are in single precision.
        if isinstance(layer, Columns) and h > float(np.finfo(np.float32).max):
            return math.inf
    return h


def largest_magnitude(values: Array) -> float:
    """The largest absolute value, or NaN; 0 if there are none."""
    return max(float(values.max(initial=0)), -float(values.min(initial=0)))


def safe_score(head: Head, dtype: Any) -> float:
    """Predictions are finite if |s| is at most this; 0 for a user's own head."""
    if not is_built_in(head):
        return 0.0
    # Logarithms of probabilities contain differences of scores.
    limit = float(np.finfo(dtype).max) / 4
    return math.log(limit) if head.out_activation == "exp" else limit


def finite_rows(head: Head, s: Array) -> Any:
    """For each row of scores, whether these and all predictions are finite."""
    fine = np.isfinite(s).all(axis=1)
    for name in ("prediction", "log_prediction", "std"):
        function = getattr(head, name, None)
        if function:
            values = np.asarray(function(s.copy())).reshape(len(s), -1)
            fine &= np.isfinite(values).all(axis=1)
    return fine
