"""Scores for prediction by networks whose parameters are in single precision.

C computes them in single precision, and a row does not depend on the other rows. In NumPy,
products in single precision depend on the number of rows, by up to 1e-6, so it computes
them in double.
"""

from collections.abc import Iterator

import numpy as np

from ._types import Array
from .compiled import compiled_scores
from .network import Network


def scores_of_each(network: Network, thetas: Array, X: Array) -> Iterator[Array]:
    """The scores (n, K) by each of the networks, in double precision.

    `thetas` are the parameters of the networks, (n_networks, n_parameters).
    """
    compiled = compiled_scores(network, thetas[0], X)
    s: Array | None
    for theta in thetas:
        s = None if compiled is None else compiled(theta).astype(np.float64)
        # Scores beyond single precision can be finite in double.
        if s is None or not np.isfinite(s).all():
            s = network.scores(theta.astype(np.float64), X)
        yield s


def validation_scores(network: Network, theta: Array, X: Array) -> Array:
    """The scores (n, K) in the precision of theta; in NumPy they can depend on all rows."""
    compiled = compiled_scores(network, theta, X)
    return network.scores(theta, X) if compiled is None else compiled(theta)
