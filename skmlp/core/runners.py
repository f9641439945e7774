"""Runners: they take training steps. This one uses NumPy and is the reference.

A runner has these members:

- ``rows_per_call``: the most rows of a call, a multiple of the batch size.
- ``run(rows, rates, rng)``: one step for each mini-batch of the rows, with the learning
  rates of the steps; returns sums over the steps. Rows are a slice, or row numbers.
"""

from typing import NamedTuple, Protocol

import numpy as np

from ._blas import norm
from ._types import Array, Rng, Rows
from .batches import Dataset, MiniBatches
from .objective import Objective
from .optimizers import Optimizer

COPIED_ROWS = 1024
"""The approximate number of shuffled rows that are copied at a time."""


class StepSettings(Protocol):
    """The settings of a step; `TrainingConfig` has them."""

    @property
    def objective(self) -> Objective: ...

    @property
    def batch_size(self) -> int: ...

    @property
    def weight_decay(self) -> float: ...

    @property
    def max_grad_norm(self) -> float: ...


class StepSums(NamedTuple):
    """Sums over steps: loss times rows, gradient norms before clipping, rows and steps.

    A batch in which all weights are zero makes no step, and its rows do not count.
    """

    loss: float = 0.0
    gradient_norm: float = 0.0
    n_rows: int = 0
    n_steps: int = 0

    def plus(self, other: "StepSums") -> "StepSums":
        """The sums of both."""
        return StepSums(
            self.loss + other.loss,
            self.gradient_norm + other.gradient_norm,
            self.n_rows + other.n_rows,
            self.n_steps + other.n_steps,
        )


class Runner(Protocol):
    """What `epochs` needs from a runner."""

    @property
    def rows_per_call(self) -> int: ...

    def run(
        self, rows: Rows | slice, rates: Array, rng: Rng | None = None
    ) -> StepSums: ...


class NumpyRunner:
    """Training steps in NumPy; `theta` and the optimiser are changed in place."""

    def __init__(
        self,
        settings: StepSettings,
        theta: Array,
        optimizer: Optimizer,
        data: Dataset,
    ):
        network = settings.objective.network
        self.settings, self.optimizer = settings, optimizer
        self.batches = MiniBatches(data, settings.batch_size, COPIED_ROWS)
        self.work = network.workspace(settings.batch_size, theta.dtype, training=True)
        self.params = network.views(theta)
        self.grad = network.views(np.empty_like(theta))

    @property
    def rows_per_call(self) -> int:
        """As many as are copied at a time."""
        return self.batches.rows_per_copy

    def run(self, rows: Rows | slice, rates: Array, rng: Rng | None = None) -> StepSums:
        """One step for each batch of the rows."""
        settings, params, grad = self.settings, self.params, self.grad
        loss, norms, n_rows, n_steps = 0.0, 0.0, 0, 0
        for batch, rate in zip(self.batches.of(rows), rates.tolist(), strict=True):
            if batch.w is not None and not batch.w.any():
                continue
            value = settings.objective.evaluate(params, (batch,), grad, self.work, rng)
            norms += clip_by_norm(grad.flat, settings.max_grad_norm)
            if settings.weight_decay:
                weights = params.weights
                weights *= 1 - rate * settings.weight_decay
            self.optimizer.step(params.flat, grad.flat, rate)
            loss += value * batch.n_rows
            n_rows += batch.n_rows
            n_steps += 1
        return StepSums(loss, norms, n_rows, n_steps)


def clip_by_norm(grad: Array, max_norm: float) -> float:
    """Clip the gradient in place to `max_norm`; return its norm before clipping."""
    before = norm(grad)
    if before > max_norm:
        grad *= max_norm / before
    return before
