"""Learning on the full batch: L-BFGS, through SciPy.

Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming 45, 1989.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ._types import Array
from .batches import Table, row_blocks
from .objective import Objective


@dataclass
class LBFGSResult:
    """The parameters found, the loss after each iteration, and how it ended."""

    theta: Array
    loss: float = np.nan
    losses: list[float] = field(default_factory=list)
    converged: bool = False
    interrupted: bool = False
    message: str = ""


def minimize_lbfgs(
    objective: Objective,
    theta: Array,
    table: Table,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    log: Callable[[str], None],
) -> LBFGSResult:
    """Minimise J over all rows of `table`, starting from `theta`.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    theta : ndarray of shape (n_parameters,)
        Where to start; not changed.
    table : Table
        The rows. They pass through the network in blocks, in bounded memory.
    max_iter, max_fun : int
        Limits on iterations and on evaluations of J.
    tol : float
        Stop once the largest entry of the gradient is at most `tol`.
    log : callable
        Takes a line on each iteration.

    Returns
    -------
    LBFGSResult
        With parameters in the precision of `theta`. KeyboardInterrupt ends the search
        at the last iterate.
    """
    # Without a loss in double precision the search cannot tell how far it still falls.
    table = table._replace(y=table.y.astype(np.float64, copy=False))
    network = objective.network
    size = min(table.n_rows, network.block_rows)
    work = network.workspace(size, theta.dtype, training=True)
    params = network.views(theta.copy())
    grad = network.views(np.empty_like(theta))
    blocks = [table]
    if size < table.n_rows:
        blocks = [table.take(rows) for rows in row_blocks(table.n_rows, size)]
    result = LBFGSResult(theta)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        params.flat[:] = x
        result.loss = objective.evaluate(params, blocks, grad, work)
        return result.loss, grad.flat.astype(np.float64)

    def after_iteration(x: Array) -> None:
        # The line search ends at the last point it evaluated: result.loss is J(x).
        result.theta = x
        result.losses.append(result.loss)
        log(f"Iteration {len(result.losses)}, loss = {result.loss:.8f}")

    try:
        found: Any = minimize(
            value_and_gradient,
            theta,
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options={"maxiter": max_iter, "maxfun": max_fun, "gtol": tol},
        )
        result.theta, result.loss = found.x, float(found.fun)
        result.converged, result.message = found.status == 0, str(found.message)
    except KeyboardInterrupt:
        result.interrupted = True
        result.loss = result.losses[-1] if result.losses else np.nan
    result.theta = result.theta.astype(theta.dtype)
    return result
