"""Learning on the full batch: L-BFGS, through SciPy.

Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming 45, 1989.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ._blas import norm
from ._types import Array
from .batches import Dataset, row_blocks
from .history import Monitor, Record, StopReason, line_of
from .objective import Objective


@dataclass
class LBFGSResult:
    """The parameters found, what each iteration did, and how it ended."""

    theta: Array
    loss: float = np.nan
    records: list[Record] = field(default_factory=list)
    outcome: StopReason = StopReason.MAX_EPOCHS
    message: str = ""

    @property
    def losses(self) -> list[float]:
        """The loss after each iteration."""
        return [record.loss for record in self.records]


class _StopSearch(Exception):  # noqa: N818
    """The monitor wants the search to end."""


def minimize_lbfgs(
    objective: Objective,
    theta: Array,
    table: Dataset,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    log: Callable[[str], None],
    monitor: Monitor | None = None,
) -> LBFGSResult:
    """Minimise J over all rows of `table`, starting from `theta`.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    theta : ndarray of shape (n_parameters,)
        Where to start; not changed.
    table : Dataset
        The rows. They pass through the network in blocks, in bounded memory.
    max_iter, max_fun : int
        Limits on iterations and on evaluations of J.
    tol : float
        Stop once the largest entry of the gradient is at most `tol`.
    log : callable
        Takes a line on each iteration.
    monitor : Monitor, default=None
        Is told when an iteration begins and ends; the search stops where it says so.

    Returns
    -------
    LBFGSResult
        With parameters in the precision of `theta`. KeyboardInterrupt ends the search
        at the last iterate.
    """
    network = objective.network
    blocks = _blocks(table, network.block_rows)
    work = network.workspace(blocks[0].n_rows, theta.dtype, training=True)
    params = network.views(theta.copy())
    grad = network.views(np.empty_like(theta))
    result = LBFGSResult(theta)
    watch = _Watch(result, log, monitor)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        watch.evaluates(x)
        params.flat[:] = x
        result.loss = objective.evaluate(params, blocks, grad, work)
        return result.loss, grad.flat.astype(np.float64)

    def after_iteration(x: Array) -> None:
        # The line search ends at the last point it evaluated: result.loss is J(x).
        watch.on_iteration_end(x, norm(grad.flat))

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
        result.message = str(found.message)
        if found.status == 0:
            result.outcome = StopReason.CONVERGED
    except KeyboardInterrupt:
        result.outcome = StopReason.INTERRUPTED
        result.loss = result.losses[-1] if result.losses else np.nan
    except _StopSearch:
        result.outcome = StopReason.STOPPED
    result.theta = result.theta.astype(theta.dtype)
    return result


def _blocks(table: Dataset, most_rows: int) -> list[Dataset]:
    """The rows, so many at a time, with targets in double precision.

    With a loss in single precision the search could not tell how far it still falls.
    """
    table = table._replace(y=table.y.astype(np.float64, copy=False))
    if table.n_rows <= most_rows:
        return [table]
    return [table.take(rows) for rows in row_blocks(table.n_rows, most_rows)]


class _Watch:
    """Tells of the iterations, each of which begins with its first evaluation of J."""

    def __init__(
        self,
        result: LBFGSResult,
        log: Callable[[str], None],
        monitor: Monitor | None,
    ):
        self.result, self.log, self.monitor = result, log, monitor
        self.start, self.in_iteration = perf_counter(), False

    def evaluates(self, x: Array) -> None:
        if self.monitor and not self.in_iteration:
            self.monitor.on_iteration_begin(x)
        self.in_iteration = True

    def on_iteration_end(self, x: Array, gradient_norm: float) -> None:
        result, now = self.result, perf_counter()
        result.theta, self.in_iteration = x, False
        seconds, self.start = now - self.start, now
        record = Record(result.loss, np.nan, np.nan, np.nan, gradient_norm, seconds)
        result.records.append(record)
        self.log(line_of(len(result.records), record))
        if self.monitor and self.monitor.on_iteration_end(x):
            raise _StopSearch
