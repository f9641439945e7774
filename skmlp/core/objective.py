"""The objective: the one place that averages, weighs and penalises.

    J(theta) = ( sum_i w_i L(y_i, s(x_i; theta)) + alpha/2 |W|^2 ) / sum_i w_i

The sums run over the rows passed in. The penalty is on the weights W alone, the biases
are free. Mini-batches, L-BFGS and the tests all call `Objective.evaluate`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .batches import Table
from .heads import Head
from .network import Network, Views, Workspace


@dataclass(frozen=True)
class Objective:
    """J(theta) of a network under a head, and its gradient."""

    network: Network
    head: Head
    alpha: float = 0.0

    def evaluate(
        self, theta: Views, blocks: Iterable[Table], grad: Views, work: Workspace
    ) -> float:
        """J over the rows of all blocks together; its gradient goes into `grad`.

        One block is a mini-batch; several are one large batch in bounded memory.
        """
        loss = weight = 0.0
        into = grad
        for i, rows in enumerate(blocks):
            if i == 1:
                into = self.network.views(np.empty_like(grad.flat))
            loss_of_rows, weight_of_rows = self._sum(theta, rows, into, work)
            loss += loss_of_rows
            weight += weight_of_rows
            if i > 0:
                np.add(grad.flat, into.flat, out=grad.flat)
        penalty = 0.5 * self.alpha * float(theta.weights @ theta.weights)
        if self.alpha:
            np.add(grad.weights, self.alpha * theta.weights, out=grad.weights)
        np.multiply(grad.flat, 1 / weight, out=grad.flat)
        return (loss + penalty) / weight

    def _sum(
        self, theta: Views, rows: Table, grad: Views, work: Workspace
    ) -> tuple[float, float]:
        """sum_i w_i L_i and sum_i w_i; the gradient of the first goes into `grad`."""
        buffers = work.layers(rows.n_rows)
        s = self.network.forward(theta, rows.X, buffers)
        if rows.y.dtype == s.dtype:
            loss, ds = self.head.loss_and_gradient(rows.y, s)
        else:
            # The loss has the precision of y, here a higher one than that of theta.
            loss, ds = self.head.loss_and_gradient(rows.y, s.astype(rows.y.dtype))
            ds = ds.astype(s.dtype)
        if rows.w is None:
            total, weight = loss.sum(), rows.n_rows
        else:
            total, weight = rows.w @ loss, rows.w.sum()
            ds *= rows.w[:, None]
        self.network.backward(theta, grad, ds, buffers)
        return float(total), float(weight)
