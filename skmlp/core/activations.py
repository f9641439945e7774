"""Activations of the hidden layers: h = r(s) and its derivative r'(s), element-wise.

An activation is an object with two methods and one number, listed in `ACTIVATIONS`:

- ``value(s, out)`` writes r(s) into `out`, which may be `s` itself.
- ``derivative(s, h, out)`` writes r'(s) into `out`. It gets both s and h = r(s), since
  some derivatives are simplest in the one and some in the other. ``keeps_s`` says
  whether it reads `s`; where it does not, h is computed in the memory of s.
- ``glorot_factor`` is the numerator of the Glorot bound (see `initializers`).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ._types import Array


class Activation(Protocol):
    """What a layer asks of its activation."""

    @property
    def glorot_factor(self) -> float: ...

    @property
    def keeps_s(self) -> bool: ...

    def value(self, s: Array, out: Array) -> Array: ...

    def derivative(self, s: Array, h: Array, out: Array) -> Array: ...


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
        # (1 + tanh(s / 2)) / 2 is the same function: it cannot overflow, and tanh is
        # vectorised where scipy's expit is not.
        np.multiply(s, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5
        return out

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        np.subtract(1, h, out=out)
        out *= h
        return out


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
        return np.maximum(s, 0, out=out)

    def derivative(self, s: Array, h: Array, out: Array) -> Array:
        # Converting the array of bool once is faster than multiplying by it.
        np.copyto(out, np.greater(h, 0))
        return out


ACTIVATIONS: dict[str, Activation] = {
    "identity": Identity(),
    "logistic": Logistic(),
    "tanh": Tanh(),
    "relu": Relu(),
}
