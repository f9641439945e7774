"""Heads: from the scores s of the top layer to predictions, loss and dLoss/ds.

Most heads are a likelihood with its canonical link, a generalised linear model. Their
gradient is minus the error: dLoss/ds = -(y - prediction). A head computes value and
gradient together and for each row; the objective applies weights and averages. Losses are
computed from the scores, never from clipped probabilities, so that value and gradient
always agree.

A head has the members of `Head`. docs/reference/own_objects.md describes them, the optional
members `std`, `levels` and `factor`, and the rules. `HEADS` lists the heads with a name.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, log_expit, xlogy

from ._types import Array


class Head(Protocol):
    """What the objective and the estimators need from a head."""

    @property
    def out_activation(self) -> str: ...

    @property
    def y_allowed(self) -> str: ...

    def n_scores(self, n_targets: int) -> int: ...

    def in_range(self, y: Array) -> bool: ...

    def prediction(self, s: Array) -> Array: ...

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]: ...


class _OneScorePerTarget:
    """A head with one score for each target."""

    def n_scores(self, n_targets: int) -> int:
        return n_targets


class ClassificationHead(Head, Protocol):
    """A head whose prediction is a probability."""

    def log_prediction(self, s: Array) -> Array: ...


class _RealTargets:
    """A head for real targets, with the identity as link."""

    out_activation = "identity"
    y_allowed = "finite numbers"

    def in_range(self, y: Array) -> bool:
        return bool(np.isfinite(y).all())


class _IdentityLink(_OneScorePerTarget, _RealTargets):
    """A head whose prediction is the score."""

    def prediction(self, s: Array) -> Array:
        return s


@dataclass(frozen=True)
class SquaredError(_IdentityLink):
    """Half the squared error: predictions s, the mean of y.

    Linear regression, y ~ N(s, sigma^2) with one sigma: loss 1/2 |y - s|^2.
    """

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        ds = s - y
        loss: Array = 0.5 * np.einsum("nk,nk->n", ds, ds)
        return loss, ds


@dataclass(frozen=True)
class Sigmoid(_OneScorePerTarget):
    """Logistic regression: y ~ Bernoulli(sigmoid(s)), one for each label.

    Loss log(1 + e^s) - y s, the sum over labels.
    """

    out_activation: str = "logistic"
    y_allowed: str = "numbers from 0 to 1"

    def in_range(self, y: Array) -> bool:
        return bool(((y >= 0) & (y <= 1)).all())

    def prediction(self, s: Array) -> Array:
        return _at_least_tiny(np.asarray(expit(s)))

    def log_prediction(self, s: Array) -> Array:
        # Above 1/2, the logarithm of the rounded probability: equal probabilities then
        # have equal logarithms.
        log_p: Array = np.where(s > 0, np.log(expit(np.maximum(s, 0))), log_expit(s))
        return log_p

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        loss: Array = (np.logaddexp(0, s) - y * s).sum(axis=1)
        ds: Array = expit(s) - y
        return loss, ds


@dataclass(frozen=True)
class Softmax(_OneScorePerTarget):
    """Multinomial logistic regression: y ~ Categorical(p), p_c = e^{s_c} / sum_j e^{s_j}.

    Loss log sum_j e^{s_j} - s_y, with y one-hot.
    """

    out_activation: str = "softmax"
    y_allowed: str = "rows of numbers from 0 to 1 that sum to 1"

    def in_range(self, y: Array) -> bool:
        return bool((y >= 0).all() and (np.abs(y.sum(axis=1) - 1) <= 1e-5).all())

    def prediction(self, s: Array) -> Array:
        _, e, total = _shifted_exponential(s)
        e /= total
        return _at_least_tiny(np.ascontiguousarray(e.T))

    def log_prediction(self, s: Array) -> Array:
        z, _, total = _shifted_exponential(s)
        z -= np.log(total)
        return np.ascontiguousarray(z.T)

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        z, p, total = _shifted_exponential(s)
        z *= y.T
        loss = np.log(total) - z.sum(axis=0)
        p /= total
        p -= y.T
        return loss, p.T


def _at_least_tiny(p: Array) -> Array:
    """Raise smaller values to the smallest normal float, so logarithms are finite."""
    return np.maximum(p, np.finfo(p.dtype).tiny, out=p)


def _shifted_exponential(s: Array) -> tuple[Array, Array, Array]:
    """z = s - max s, e^z and the sum of e^z over classes, all with classes first.

    With few classes, sums over classes are several times as fast in this layout.
    """
    z = np.array(s.T, order="C")
    z -= z.max(axis=0)
    e = np.exp(z)
    return z, e, e.sum(axis=0)


@dataclass(frozen=True)
class Poisson(_OneScorePerTarget):
    """Half the Poisson deviance with a log link: predictions exp(s), y >= 0.

    y ~ Poisson(e^s): loss e^s - y s + (y log y - y). The part in brackets does not depend
    on s; with it, the loss of a perfect prediction is zero.
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
        return loss.sum(axis=1), mu


@dataclass(frozen=True)
class Gamma(_OneScorePerTarget):
    """Half the gamma deviance with a log link: predictions exp(s), y > 0.

    y ~ Gamma with mean e^s and one shape: loss y e^-s + s - 1 - log y, or e^d - 1 - d
    with d = log y - s, the error of log y.
    """

    out_activation: str = "exp"
    y_allowed: str = "finite numbers > 0"

    def in_range(self, y: Array) -> bool:
        return bool((np.isfinite(y) & (y > 0)).all())

    def prediction(self, s: Array) -> Array:
        return _at_least_tiny(np.exp(s))

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        d = np.log(y) - s
        error = np.expm1(d)
        return (error - d).sum(axis=1), -error


@dataclass(frozen=True)
class AbsoluteError(_IdentityLink):
    """The absolute error: predictions s, the median of y.

    y ~ Laplace(s) with one scale. Outliers have no larger gradient than other rows.
    """

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        error = s - y
        return np.abs(error).sum(axis=1), np.sign(error)


@dataclass(frozen=True)
class Huber(_IdentityLink):
    """Half the squared error up to `huber_delta`, linear above it: predictions s.

    e^2 / 2 for |e| <= delta, else delta (|e| - delta / 2), with e = y - s. Huber, "Robust
    estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.
    """

    huber_delta: float = 1.0

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        error = s - y
        ds = np.clip(error, -self.huber_delta, self.huber_delta)
        return (ds * (error - ds / 2)).sum(axis=1), ds


@dataclass(frozen=True)
class Quantile(_RealTargets):
    """The pinball loss: predictions s, the `quantile` of y, or several quantiles of it.

    max(a e, (a - 1) e) for the level a, with e = y - s. Koenker and Bassett, "Regression
    quantiles", Econometrica 46, 1978. With q levels, each target has q adjacent scores,
    and each score has the loss of its level. Predictions are the sorted scores, so
    quantiles never cross. Sorting never increases the sum of the losses over the levels.
    Chernozhukov, Fernandez-Val and Galichon, "Quantile and probability curves without
    crossing", Econometrica 78, 2010.
    """

    quantile: float | tuple[float, ...] = 0.5

    @property
    def levels(self) -> tuple[float, ...]:
        return tuple(np.array(self.quantile, ndmin=1).tolist())

    def n_scores(self, n_targets: int) -> int:
        return n_targets * np.size(self.quantile)

    def prediction(self, s: Array) -> Array:
        one = np.ndim(self.quantile) == 0
        return s if one else np.sort(self._by_target(s), axis=2)

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        # One dimension: NumPy 1 ignores arrays without dimensions when it picks the dtype.
        level = np.array(self.quantile, s.dtype, ndmin=1)
        error = y[:, :, None] - self._by_target(s)
        loss = np.maximum(level * error, (level - 1) * error)
        ds = (1 - level) * (error < 0) - level * (error > 0)
        return loss.sum(axis=(1, 2)), ds.reshape(s.shape)

    def _by_target(self, s: Array) -> Array:
        """The scores as (n, n_targets, q)."""
        return s.reshape(len(s), -1, np.size(self.quantile))


@dataclass(frozen=True)
class Gaussian(_RealTargets):
    """The negative log-likelihood of a normal y whose mean and sigma depend on x.

    The scores are the means m of all targets, then the logarithms t of their sigmas. The
    loss is 1/2 log 2 pi + t + 1/2 ((y - m) e^-t)^2, summed over targets.

    Where sigma is large, dLoss/dm is small, so training hardly improves rows that fit
    badly. `factor` is sigma^(2 beta), the beta-NLL of Seitzer et al., "On the pitfalls of
    heteroscedastic uncertainty estimation with probabilistic neural networks",
    arXiv:2203.09168; with beta = 0 it is 1.

    Sigma is clipped to [1 / r, r], where r is the fourth root of the largest float.
    """

    beta: float = 0.5

    def n_scores(self, n_targets: int) -> int:
        return 2 * n_targets

    def prediction(self, s: Array) -> Array:
        return s[:, : s.shape[1] // 2].copy()

    def std(self, s: Array) -> Array:
        return np.exp(_clip_log_std(s[:, s.shape[1] // 2 :]))

    def factor(self, s: Array) -> Array:
        factor = np.exp(2 * self.beta * _clip_log_std(s[:, s.shape[1] // 2 :]))
        return np.concatenate([factor, factor], axis=1)

    def loss_and_gradient(self, y: Array, s: Array) -> tuple[Array, Array]:
        n_targets = y.shape[1]
        mean, log_std = s[:, :n_targets], s[:, n_targets:]
        t = _clip_log_std(log_std)
        precision = np.exp(-t)
        z = (y - mean) * precision
        loss = (t + z * z / 2 + math.log(2 * math.pi) / 2).sum(axis=1)
        ds_log = np.where(t == log_std, 1 - z * z, 0)
        ds = np.concatenate([-z * precision, ds_log], axis=1)
        return loss, ds


def _clip_log_std(log_std: Array) -> Array:
    """Clip log sigma so that no power of sigma in the loss overflows or underflows."""
    limit = math.log(np.finfo(log_std.dtype).max) / 4
    return np.clip(log_std, -limit, limit)


REGRESSION_HEADS: dict[str, Head] = {
    "squared_error": SquaredError(),
    "poisson": Poisson(),
    "gamma": Gamma(),
    "absolute_error": AbsoluteError(),
    "huber": Huber(),
    "quantile": Quantile(),
    "gaussian": Gaussian(),
}
CLASSIFICATION_HEADS: dict[str, ClassificationHead] = {
    "sigmoid": Sigmoid(),
    "softmax": Softmax(),
}
HEADS: dict[str, Head] = {**REGRESSION_HEADS, **CLASSIFICATION_HEADS}

IN_UNITS_OF_Y = ("huber",)
"""Losses that change with the unit of y: where y and s are multiplied by a number, some
gradients change by another factor than others. No loss for scaled targets."""


def is_built_in(head: Head) -> bool:
    """Whether a head is of the registry, with any settings, and not a user's own."""
    return type(head) in {type(one) for one in HEADS.values()}
