"""Activations of the hidden layers: h = r(s) and its derivative r'(s), element-wise.

An activation has the members of `Activation`. docs/reference/own_objects.md describes them
and the rules. `ACTIVATIONS` lists the activations with a name.
"""

from dataclasses import dataclass
from math import pi
from typing import Protocol

import numpy as np
from scipy.special import ndtr

from ._types import Array


class Activation(Protocol):
    """What a layer needs from its activation."""

    @property
    def glorot_factor(self) -> float: ...

    @property
    def keeps_s(self) -> bool: ...

    def value(self, s: Array, out: Array) -> Array: ...

    def derivative(self, s: Array, h: Array, out: Array) -> Array: ...


MOST_ZEROS = 2**18
"""The number of entries of the largest array that is compared with an array of zeros."""

_ZEROS = {np.dtype(one): np.zeros(MOST_ZEROS, one) for one in ("f4", "f8")}
for _array in _ZEROS.values():
    _array.flags.writeable = False


def _zeros(s: Array) -> Array | int:
    """Zeros in the shape of `s`, or 0.

    NumPy compares two arrays in half the time that it takes to compare one with a number.
    """
    zeros = _ZEROS.get(s.dtype)
    if zeros is None or s.size > MOST_ZEROS:
        return 0
    return zeros[: s.size].reshape(s.shape)


def _above(s: Array, out: Array) -> Array:
    """max(s, 0)."""
    return np.maximum(s, _zeros(s), out=out)


def _below(s: Array, out: Array | None = None) -> Array:
    """min(s, 0)."""
    return np.minimum(s, _zeros(s), out=out)


def _expm1(below: Array) -> None:
    """e^s - 1 of numbers s <= 0, in place.

    In single precision as 2 t / (1 - t) with t = tanh(s / 2): NumPy vectorises tanh on
    more machines than expm1. It keeps the relative precision of small values.
    """
    if below.dtype != np.float32:
        np.expm1(below, out=below)
        return
    below *= 0.5
    np.tanh(below, out=below)
    rest = np.subtract(1, below)
    below += below
    below /= rest


@dataclass(frozen=True)
class Identity:
    """r(s) = s, r'(s) = 1."""

    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        np.copyto(out, s)
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        out.fill(1)
        return out


@dataclass(frozen=True)
class Logistic:
    """r(s) = 1 / (1 + exp(-s)), r'(s) = h (1 - h)."""

    glorot_factor: float = 2.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        # (1 + tanh(s / 2)) / 2 is the same function. It cannot overflow, and tanh is
        # vectorised, while SciPy's expit is not.
        np.multiply(s, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        return np.multiply(h, 1 - h, out=out)


@dataclass(frozen=True)
class Tanh:
    """r(s) = tanh(s), r'(s) = 1 - h^2."""

    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        return np.tanh(s, out=out)

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        np.multiply(h, h, out=out)
        return np.subtract(1, out, out=out)


@dataclass(frozen=True)
class Relu:
    """r(s) = max(s, 0), r'(s) = 1 where s > 0, else 0."""

    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        return _above(s, out)

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        # Converting the booleans once is faster than multiplying by them.
        np.copyto(out, np.greater(h, 0))
        return out


@dataclass(frozen=True)
class LeakyRelu:
    """r(s) = s where s > 0, else slope s, with a slope of 0.01.

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML 2013.
    """

    slope: float = 0.01
    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        np.maximum(s, self.slope * s, out=out)
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        np.copyto(out, np.greater(h, 0))
        out *= 1 - self.slope
        out += self.slope
        return out


@dataclass(frozen=True)
class Elu:
    """r(s) = s where s > 0, else e^s - 1; r'(s) = 1 or h + 1.

    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", ICLR 2016, with alpha = 1.
    """

    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        below = _below(s)
        _expm1(below)
        _above(s, out)
        out += below
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        _below(h, out)
        out += 1
        return out


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@dataclass(frozen=True)
class Selu:
    """r(s) = lambda s where s > 0, else lambda alpha (e^s - 1).

    With these two constants, activations keep mean 0 and variance 1 from layer to layer:
    Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
    """

    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        below = _below(s)
        _expm1(below)
        below *= SELU_SCALE * SELU_ALPHA
        _above(s, out)
        out *= SELU_SCALE
        out += below
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        # Adding a step function takes a third of the time of np.copyto where h > 0.
        step = np.greater(h, 0).astype(h.dtype)
        step *= SELU_SCALE - SELU_SCALE * SELU_ALPHA
        _below(h, out)
        out += SELU_SCALE * SELU_ALPHA
        out += step
        return out


@dataclass(frozen=True)
class Gelu:
    """r(s) = s Phi(s), Phi the normal distribution function; r'(s) = Phi(s) + s phi(s).

    The exact form, not the approximation by tanh: Hendrycks and Gimpel, "Gaussian error
    linear units (GELUs)", arXiv:1606.08415.
    """

    glorot_factor: float = 6.0
    keeps_s: bool = True

    def value(self, s: Array, out: Array) -> Array:
        np.multiply(s, ndtr(s), out=out)
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        # phi(40) is already 0 in double precision; s * s could overflow.
        near = np.clip(s, -40, 40)
        np.multiply(near, near, out=out)
        out *= -0.5
        np.exp(out, out=out)
        out *= near
        out *= (2 * pi) ** -0.5
        out += ndtr(s)
        return out


def _sigmoid(s: Array) -> Array:
    """1 / (1 + e^-s) as e^min(s, 0) / (1 + e^-|s|).

    It cannot overflow. Small values keep their relative precision, which they lose in
    (1 + tanh(s / 2)) / 2. It takes half the time of SciPy's expit, which is not vectorised.
    """
    below = np.abs(s)
    np.negative(below, out=below)
    np.exp(below, out=below)
    below += 1
    p = _below(s)
    np.exp(p, out=p)
    p /= below
    return p


@dataclass(frozen=True)
class Silu:
    """r(s) = s sigmoid(s), also called swish; r'(s) = p + h (1 - p), p = sigmoid(s).

    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", Neural Networks 107, 2018.
    """

    glorot_factor: float = 6.0
    keeps_s: bool = True

    def value(self, s: Array, out: Array) -> Array:
        return np.multiply(s, _sigmoid(s), out=out)

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        p = _sigmoid(s)
        np.multiply(h, 1 - p, out=out)
        out += p
        return out


@dataclass(frozen=True)
class Mish:
    """r(s) = s tanh(log(1 + e^s)).

    With e = e^s and n = e (e + 2), r(s) = s n / (n + 2) and
    r'(s) = n / (n + 2) + 4 s e (1 + e) / (n + 2)^2.

    Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.
    """

    glorot_factor: float = 6.0
    keeps_s: bool = True

    def value(self, s: Array, out: Array) -> Array:
        # Above 20, n / (n + 2) is 1 in double precision.
        e = np.exp(np.minimum(s, 20))
        n = e * (e + 2)
        np.multiply(s, n / (n + 2), out=out)
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        near = np.minimum(s, 20)
        e = np.exp(near)
        n = e * (e + 2)
        np.multiply(e, 1 + e, out=out)
        out /= n + 2
        out *= near
        out *= 4
        out += n
        out /= n + 2
        return out


@dataclass(frozen=True)
class Softplus:
    """r(s) = log(1 + e^s), r'(s) = sigmoid(s) = 1 - e^-h.

    Dugas et al., "Incorporating second-order functional knowledge for better option
    pricing", NeurIPS 2000.
    """

    glorot_factor: float = 6.0
    keeps_s: bool = False

    def value(self, s: Array, out: Array) -> Array:
        rest = np.abs(s)
        np.negative(rest, out=rest)
        np.log1p(np.exp(rest, out=rest), out=rest)
        _above(s, out)
        out += rest
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        np.negative(h, out=out)
        np.expm1(out, out=out)
        return np.negative(out, out=out)


ACTIVATIONS: dict[str, Activation] = {
    "identity": Identity(),
    "logistic": Logistic(),
    "tanh": Tanh(),
    "relu": Relu(),
    "leaky_relu": LeakyRelu(),
    "elu": Elu(),
    "selu": Selu(),
    "gelu": Gelu(),
    "silu": Silu(),
    "mish": Mish(),
    "softplus": Softplus(),
}
