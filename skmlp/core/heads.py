"""Heads: the generalised linear model on top, s -> prediction, loss and dLoss/ds.

Each head is a likelihood with its canonical link, so that its gradient is the error
with its sign turned: dLoss/ds = -(y - prediction). Value and gradient leave a head
together and per row; averaging and weights are the objective's. Losses come from the
scores, never from clipped probabilities, so that value and gradient always agree.

A head is an object with these members, listed in `HEADS`:

- ``out_activation``: the name of the inverse link, as scikit-learn's `out_activation_`.
- ``y_allowed``: which targets it takes, in words, and ``in_range(y)``, whether `y` is so.
- ``n_scores(n_targets)``: how many scores K it takes for so many targets.
- ``prediction(s)``: (n, K) scores to predictions. Heads for classification have
  ``log_prediction(s)`` too, finite where the probability itself rounds to zero.
- ``loss_and_gradient(y, s)``: the loss of each row (n,) and dLoss/ds (n, K).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, log_expit, xlogy

from ._types import Array


class Head(Protocol):
    """What the objective and the estimators ask of a head."""

    @property
    def out_activation(self) -> str: ...

    @property
    def y_allowed(self) -> str: ...

    def n_scores(self, n_targets: int) -> int: ...

    def in_range(self, y: Array) -> bool: ...

    def prediction(self, s: Array) -> Array: ...

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]: ...


class _OneScoreEach:
    """A head with one score for each target."""

    def n_scores(self, n_targets: int) -> int:
        return n_targets


class ClassificationHead(Head, Protocol):
    """A head whose prediction is a probability."""

    def log_prediction(self, s: Array) -> Array: ...


@dataclass(frozen=True)
class SquaredError(_OneScoreEach):
    """Linear regression: y ~ N(s, sigma^2), loss 1/2 |y - s|^2, the sum over outputs."""

    out_activation: str = "identity"
    y_allowed: str = "finite numbers"

    def in_range(self, y: Array) -> bool:
        return bool(np.isfinite(y).all())

    def prediction(self, s: Array) -> Array:
        return s

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        ds = s - y
        loss: Array = 0.5 * np.einsum("...nk,...nk->...n", ds, ds)
        return loss, ds


@dataclass(frozen=True)
class Sigmoid(_OneScoreEach):
    """Logistic regression: y ~ Bernoulli(sigmoid(s)), one for each label.

    Loss log(1 + e^s) - y s, the sum over labels.
    """

    out_activation: str = "logistic"
    y_allowed: str = "numbers from 0 to 1"

    def in_range(self, y: Array) -> bool:
        return bool(((y >= 0) & (y <= 1)).all())

    def prediction(self, s: Array) -> Array:
        return _above_zero(np.asarray(expit(s)))

    def log_prediction(self, s: Array) -> Array:
        # Above 1/2, the logarithm of the probability as it is rounded, so that what ties
        # in the one ties in the other.
        log_p: Array = np.where(s > 0, np.log(expit(np.maximum(s, 0))), log_expit(s))
        return log_p

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        loss: Array = (np.logaddexp(0, s) - y * s).sum(axis=-1)
        ds: Array = expit(s) - y
        return loss, ds


@dataclass(frozen=True)
class Softmax(_OneScoreEach):
    """Multinomial logistic regression: y ~ Categorical(p), p_c = e^{s_c} / sum_j e^{s_j}.

    Loss log sum_j e^{s_j} - s_y, with y one-hot.
    """

    out_activation: str = "softmax"
    y_allowed: str = "rows of numbers from 0 to 1 that sum to 1"

    def in_range(self, y: Array) -> bool:
        return bool((y >= 0).all() and np.allclose(y.sum(axis=-1), 1))

    def prediction(self, s: Array) -> Array:
        _, e, total = _shifted_exponential(s)
        e /= total
        return _above_zero(np.ascontiguousarray(e.swapaxes(-1, -2)))

    def log_prediction(self, s: Array) -> Array:
        z, _, total = _shifted_exponential(s)
        z -= np.log(total)
        return np.ascontiguousarray(z.swapaxes(-1, -2))

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        z, p, total = _shifted_exponential(s)
        y = y.swapaxes(-1, -2)
        z *= y
        loss = np.log(total[..., 0, :]) - z.sum(axis=-2)
        p /= total
        p -= y
        return loss, p.swapaxes(-1, -2)


def _above_zero(p: Array) -> Array:
    """Probabilities too small for a float as the smallest normal float, not as zero.

    No finite score has probability zero, and logarithms stay finite.
    """
    return np.maximum(p, np.finfo(p.dtype).tiny, out=p)


def _shifted_exponential(s: Array) -> tuple[Array, Array, Array]:
    """z = s - max s, e^z and the sum of e^z over classes, all with classes first.

    With few classes, reductions over the classes are several times as fast when the
    rows lie next to one another in memory.
    """
    z = np.array(s.swapaxes(-1, -2), order="C")
    z -= z.max(axis=-2, keepdims=True)
    e = np.exp(z)
    return z, e, e.sum(axis=-2, keepdims=True)


@dataclass(frozen=True)
class Poisson(_OneScoreEach):
    """Poisson regression: y ~ Poisson(e^s), loss half the deviance, sum over outputs.

    e^s - y s + (y log y - y); the part in brackets does not depend on s and makes the
    loss of a perfect prediction zero.
    """

    out_activation: str = "exp"
    y_allowed: str = "finite numbers >= 0"

    def in_range(self, y: Array) -> bool:
        return bool((np.isfinite(y) & (y >= 0)).all())

    def prediction(self, s: Array) -> Array:
        return np.exp(s)

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        mu = np.exp(s)
        loss = mu - y * s + xlogy(y, y) - y
        mu -= y
        return loss.sum(axis=-1), mu


REGRESSION_HEADS: dict[str, Head] = {
    "squared_error": SquaredError(),
    "poisson": Poisson(),
}
CLASSIFICATION_HEADS: dict[str, ClassificationHead] = {
    "sigmoid": Sigmoid(),
    "softmax": Softmax(),
}
HEADS: dict[str, Head] = {**REGRESSION_HEADS, **CLASSIFICATION_HEADS}
