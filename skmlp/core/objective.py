"""The objective: the only place that averages, weights and penalises.

    J(theta) = ( sum_i w_i L(y_i, s(x_i; theta)) + alpha/2 |W|^2 ) / sum_i w_i

The sums run over the rows passed in. The penalty is on the weights W, not on the biases.
Mini-batches, L-BFGS and the tests all call `Objective.evaluate`; validation calls
`Objective.mean_loss`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._blas import add_scaled, squared_norm
from ._types import Array, Rng
from .batches import Dataset
from .heads import Head
from .network import Network, Views, Workspace

SMALLEST_ERROR = 2.0**-80
"""If theta is in single precision, smaller errors |y - prediction| count as zero."""


@dataclass(frozen=True)
class Objective:
    """J(theta) of a network and a head, and its gradient.

    With `use_factor`, dLoss/ds is multiplied by the head's `factor`, if it has one. `grad`
    is then no longer the gradient of J.
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
        rng: Rng | None = None,
    ) -> float:
        """Return J over the rows of all blocks; write its gradient into `grad`.

        One block is a mini-batch; several are one large batch in bounded memory. With
        `rng`, dropout layers drop units.
        """
        weight, value = sum([rows.weight for rows in blocks]), 0.0
        for i, rows in enumerate(blocks):
            buffers = work.buffers(rows.n_rows)
            s = self.network.forward(theta, rows.X, buffers, rng)
            loss, ds = self._weighted_loss(s, rows, weight)
            self.network.backward(theta, grad, ds, buffers, add=i > 0)
            value += loss
        if self.alpha:
            add_scaled(grad.weights, theta.weights, self.alpha / weight)
            value += 0.5 * self.alpha * squared_norm(theta.weights) / weight
        return value

    def _weighted_loss(
        self, s: Array, rows: Dataset, weight: float
    ) -> tuple[float, Array]:
        """sum_i w_i L_i / weight over rows with the scores s, and its derivative by s."""
        if rows.y.dtype == s.dtype:
            loss, ds = self.head.loss_and_gradient(rows.y, s)
        else:
            # The loss has the precision of y, here higher than that of theta.
            loss, ds = self.head.loss_and_gradient(rows.y, s.astype(rows.y.dtype))
            # Subnormal numbers make products slow.
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
        mean = float(total) / weight
        return mean if np.isfinite(mean) else _mean(loss, rows.w, weight), ds

    def mean_loss(self, s: Array, rows: Dataset) -> float:
        """The weighted mean loss of rows with the scores s, without the penalty."""
        losses, _ = self.head.loss_and_gradient(rows.y, s)
        mean = float(np.average(losses, weights=rows.w))
        return mean if np.isfinite(mean) else _mean(losses, rows.w, rows.weight)


def _mean(losses: Array, w: Array | None, weight: float) -> float:
    """sum_i w_i L_i / weight, where the sum overflows: in double precision."""
    share = np.float64(1 if w is None else w) / weight
    return float(np.sum(share * losses, dtype=np.float64))
