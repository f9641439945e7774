"""The objective: the one place that averages, weighs and penalises.

    J(theta) = ( sum_i w_i L(y_i, s(x_i; theta)) + alpha/2 |W|^2 ) / sum_i w_i

The sums run over the rows passed in. The penalty is on the weights W alone, the biases
are free. Mini-batches, L-BFGS and the tests all call `Objective.evaluate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._blas import add_scaled, squared_norm
from ._types import Rng
from .batches import Dataset
from .heads import Head
from .network import Network, Views, Workspace

SMALLEST_ERROR = 2.0**-80
"""Errors y - prediction below this are zero, where theta is in single precision."""


@dataclass(frozen=True)
class Objective:
    """J(theta) of a network under a head, and its gradient.

    If `use_factor`, dL/ds is multiplied by the head's `factor`, where it has one: steps go
    another way to the same kind of end, but the gradient is that of J no more.
    """

    network: Network
    head: Head
    alpha: float = 0.0
    use_factor: bool = False

    def evaluate(
        self,
        theta: Views,
        blocks: Sequence[Dataset],
        grad: Views,
        work: Workspace,
        bits: Rng | None = None,
    ) -> float:
        """J over the rows of all blocks together; its gradient goes into `grad`.

        One block is a mini-batch; several are one large batch in bounded memory. With
        `bits`, layers do what they do at random in training only: dropout.
        """
        weight, value = sum([rows.weight for rows in blocks]), 0.0
        for i, rows in enumerate(blocks):
            value += self._mean(theta, rows, weight, grad, work, bits, add=i > 0)
        if self.alpha:
            add_scaled(grad.weights, theta.weights, self.alpha / weight)
            value += 0.5 * self.alpha * squared_norm(theta.weights) / weight
        return value

    def _mean(
        self,
        theta: Views,
        rows: Dataset,
        weight: float,
        grad: Views,
        work: Workspace,
        bits: Rng | None,
        *,
        add: bool,
    ) -> float:
        """sum_i w_i L_i / weight over some rows; its gradient goes into `grad`."""
        buffers = work.buffers(rows.n_rows)
        s = self.network.forward(theta, rows.X, buffers, bits)
        if rows.y.dtype == s.dtype:
            loss, ds = self.head.loss_and_gradient(rows.y, s)
        else:
            # The loss has the precision of y, here a higher one than that of theta.
            loss, ds = self.head.loss_and_gradient(rows.y, s.astype(rows.y.dtype))
            # Numbers that the precision of theta hardly holds make products slow.
            ds[np.abs(ds) < SMALLEST_ERROR] = 0
            ds = ds.astype(s.dtype)
        factor = getattr(self.head, "factor", None) if self.use_factor else None
        if factor is not None:
            ds *= factor(s)
        if rows.w is None:
            total = np.add.reduce(loss)
            ds *= 1 / weight
        else:
            total = rows.w @ loss
            ds *= (rows.w / weight)[:, None]
        self.network.backward(theta, grad, ds, buffers, add=add)
        return float(total) / weight
