"""Training on all rows at once: L-BFGS, through SciPy.

Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming 45, 1989.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
from scipy.optimize import minimize

from ._blas import add_scaled, norm, squared_norm
from ._types import Array
from .batches import Blocks, Dataset, row_blocks
from .compiled import compiled_objective
from .history import SILENT, Progress, Record, StopReason
from .objective import Objective
from .snapshots import NOT_KEPT, Keeper, put_all_back

MOST_KEPT = 2**30
"""The most bytes of gradients in a snapshot; those after them are computed again."""


@dataclass(frozen=True)
class LBFGSConfig:
    """What to minimise, and when to stop.

    `max_iter` and `max_fun` limit the iterations and the evaluations of J. The search
    converges once the largest entry of the gradient is at most `tol`.
    """

    objective: Objective
    max_iter: int
    max_fun: int
    tol: float

    @property
    def options(self) -> dict[str, float]:
        """The limits by SciPy's names."""
        return {"maxiter": self.max_iter, "maxfun": self.max_fun, "gtol": self.tol}


@dataclass
class LBFGSResult:
    """The parameters found, a record of each iteration, and why the search ended."""

    theta: Array
    loss: float = np.nan
    records: list[Record] = field(default_factory=list)
    stop_reason: StopReason = StopReason.MAX_EPOCHS
    message: str = ""

    @property
    def losses(self) -> list[float]:
        """The loss after each iteration."""
        return [record.loss for record in self.records]


class _StopSearch(Exception):  # noqa: N818
    """The monitor asks to stop."""


def minimize_lbfgs(
    config: LBFGSConfig,
    theta: Array,
    data: Dataset | Blocks,
    progress: Progress = SILENT,
    keeper: Keeper = NOT_KEPT,
) -> LBFGSResult:
    """Minimise J over all rows of `data`, starting from `theta`.

    Parameters
    ----------
    config : LBFGSConfig
        What to minimise, and when to stop.
    theta : ndarray of shape (n_parameters,)
        The start of the search; not changed.
    data : Dataset or Blocks
        The rows. They pass through the network in blocks, in bounded memory.
    progress : Progress
        Receives each iteration. The search stops if its monitor asks to.
    keeper : Keeper
        Gets a snapshot after iterations. A search goes on from one that it has.

    Returns
    -------
    LBFGSResult
        Its parameters have the precision of `theta`. A KeyboardInterrupt ends the search
        at the last iterate, unless `progress` lets it through.
    """
    objective = _Evaluations(
        function_of(config.objective, theta, data), theta.dtype, keeper
    )
    result = LBFGSResult(theta)
    watch = _Watch(result, progress)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        watch.begin(x)
        result.loss, grad = objective(x)
        return result.loss, grad

    def after_iteration(x: Array) -> None:
        # The line search ends at the last point it evaluated: result.loss is J(x).
        watch.end(x, objective.gradient_norm)
        objective.keep()

    try:
        found: Any = minimize(
            value_and_gradient,
            theta,
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options=config.options,
        )
        result.theta, result.loss = found.x, float(found.fun)
        result.message = str(found.message)
        if found.status == 0:
            result.stop_reason = StopReason.CONVERGED
        objective.keep(done=True)
    except KeyboardInterrupt:
        if not progress.stop_on_interrupt:
            raise
        result.stop_reason = StopReason.INTERRUPTED
        result.loss = result.losses[-1] if result.losses else np.nan
    except _StopSearch:
        result.stop_reason = StopReason.STOPPED
    result.theta = result.theta.astype(theta.dtype)
    return result


def function_of(
    objective: Objective, theta: Array, data: Dataset | Blocks
) -> Callable[[Array], tuple[float, Array]]:
    """J and its gradient as a function of the parameters."""
    if not isinstance(data, Dataset):
        return BlocksObjective(objective, theta.dtype, data)
    # In single precision the loss is too coarse to show the progress of the search.
    data = data._replace(y=data.y.astype(np.float64, copy=False))
    parts = objective, theta, data
    return compiled_objective(*parts) or NumpyObjective(*parts)


@dataclass(frozen=True)
class BlocksObjective:
    """J and its gradient over blocks: the sum of those of the blocks, by their weights."""

    objective: Objective
    dtype: np.dtype[Any]
    blocks: Blocks

    def __call__(self, x: Array) -> tuple[float, Array]:
        """J(x) and its gradient in double precision."""
        total, value, grad = 0.0, 0.0, np.zeros(len(x))
        without_penalty = partial(loss_of_block, replace(self.objective, alpha=0.0))
        for weight, loss, gradient in self.blocks.map(
            without_penalty, x.astype(self.dtype)
        ):
            total += weight
            value += weight * loss
            grad += weight * gradient
        views, alpha = self.objective.network.views, self.objective.alpha
        weights = views(x.astype(np.float64)).weights
        value += 0.5 * alpha * squared_norm(weights)
        add_scaled(views(grad).weights, weights, alpha)
        return value / total, grad / total


def loss_of_block(
    objective: Objective, rows: Dataset, theta: Array
) -> tuple[float, float, Array]:
    """The weight of the rows, their mean loss, and its gradient."""
    if rows.weight == 0:
        return 0.0, 0.0, np.zeros(len(theta))
    return rows.weight, *function_of(objective, theta, rows)(theta)


class NumpyObjective:
    """J and its gradient in NumPy; the rows pass in blocks, in bounded memory."""

    def __init__(self, objective: Objective, theta: Array, data: Dataset):
        network, self.objective = objective.network, objective
        rows = row_blocks(data.n_rows, network.block_rows)
        self.blocks = (
            [data] if data.n_rows <= network.block_rows else [*map(data.take, rows)]
        )
        self.work = network.workspace(self.blocks[0].n_rows, theta.dtype, training=True)
        self.params = network.views(theta.copy())
        self.views = network.views(np.empty_like(theta))
        self.grad = self.views.flat

    def __call__(self, x: Array) -> tuple[float, Array]:
        """J(x) and its gradient in double precision."""
        self.params.flat[:] = x
        value = self.objective.evaluate(self.params, self.blocks, self.views, self.work)
        return value, self.grad.astype(np.float64)


class _Evaluations:
    """J and its gradient at one point after another.

    The search itself is deterministic: in another process it asks for the same points, and
    those in the snapshot are not computed again.
    """

    def __init__(
        self,
        function: Callable[[Array], tuple[float, Array]],
        dtype: np.dtype[Any],
        keeper: Keeper,
    ):
        self.function, self.dtype, self.keeper = function, dtype, keeper
        self.points: list[int] = []
        self.losses: list[float] = []
        self.gradients: list[Array] = []
        self.n = 0
        self.gradient: Array = np.empty(0)
        if kept := keeper.kept():
            put_all_back(kept, self._parts())

    def __call__(self, x: Array) -> tuple[float, Array]:
        evaluate = self.function if self.keeper is NOT_KEPT else self._known_or_new
        loss, self.gradient = evaluate(x)
        return loss, self.gradient

    def _known_or_new(self, x: Array) -> tuple[float, Array]:
        """An evaluation of the snapshot, or a new one, which the next snapshot has."""
        n, self.n, point = self.n, self.n + 1, crc32(x.tobytes())
        if n < len(self.points) and self.points[n] == point:
            return self.losses[n], self.gradients[n].copy()
        del self.points[n:], self.losses[n:], self.gradients[n:]
        loss, grad = self.function(x)
        if len(self.points) == n and (n + 1) * grad.nbytes <= MOST_KEPT:
            self.points.append(point)
            self.losses.append(loss)
            self.gradients.append(grad.copy())
        return loss, grad

    @property
    def gradient_norm(self) -> float:
        """The norm of the last gradient."""
        return norm(self.gradient.astype(self.dtype))

    def keep(self, *, done: bool = False) -> None:
        """Take a snapshot of the evaluations so far."""
        self.keeper.keep(self._parts(), done=done)

    def _parts(self) -> dict[str, Any]:
        names = ("points", "losses", "gradients")
        return {name: getattr(self, name) for name in names}


class _Watch:
    """Records the iterations. Each begins with its first evaluation of J."""

    def __init__(self, result: LBFGSResult, progress: Progress):
        self.result, self.progress = result, progress
        self.start, self.in_iteration = perf_counter(), False

    def begin(self, x: Array) -> None:
        if not self.in_iteration:
            self.progress.begin(x)
        self.in_iteration = True

    def end(self, x: Array, gradient_norm: float) -> None:
        result, now = self.result, perf_counter()
        result.theta, self.in_iteration = x, False
        seconds, self.start = now - self.start, now
        record = Record(result.loss, np.nan, np.nan, np.nan, gradient_norm, seconds)
        result.records.append(record)
        self.progress.report(len(result.records), record)
        if self.progress.end(x):
            raise _StopSearch
