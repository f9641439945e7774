"""Optimisers: one step of gradient descent on a flat vector, in place.

An optimiser sees two vectors and nothing else. ``step(theta, grad, rate)`` moves
`theta`; `rate` is a number, or a vector with a rate for each parameter. The moments are
the optimiser's whole state: plain arrays, so that pickling and copying just work. Two
optimisers are equal if their settings are, whatever their moments. `grad` may be
overwritten.
"""

import math
from copy import copy
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ._types import Array

Rate = float | Array


class Optimizer(Protocol):
    """What training asks of an optimiser."""

    def step(self, theta: Array, grad: Array, rate: Rate) -> None: ...


def duplicate(optimizer: Optimizer) -> Optimizer:
    """An optimiser with the same settings and moments of its own."""
    other = copy(optimizer)
    for name, value in vars(other).items():
        if isinstance(value, np.ndarray):
            setattr(other, name, value.copy())
    return other


@dataclass
class SGD:
    """Gradient descent with momentum: v <- mu v - rate g, theta <- theta + v.

    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    momentum: float = 0.9
    velocity: Array | None = field(default=None, compare=False)

    def step(self, theta: Array, grad: Array, rate: Rate) -> None:
        self.velocity = _next_velocity(self.velocity, self.momentum, grad, rate)
        theta += self.velocity


@dataclass
class Nesterov:
    """Gradient descent with Nesterov's momentum.

    v <- mu v - rate g, theta <- theta + mu v - rate g: momentum looks one step ahead.
    Sutskever et al., "On the importance of initialization and momentum in deep
    learning", ICML 2013, in the form that keeps the looked-ahead parameters.
    """

    momentum: float = 0.9
    velocity: Array | None = field(default=None, compare=False)

    def step(self, theta: Array, grad: Array, rate: Rate) -> None:
        self.velocity = _next_velocity(self.velocity, self.momentum, grad, rate)
        theta += self.momentum * self.velocity
        theta -= grad


def _next_velocity(
    velocity: Array | None, momentum: float, grad: Array, rate: Rate
) -> Array:
    """mu v - rate g, in the memory of v; `grad` becomes rate g."""
    if velocity is None:
        velocity = np.zeros_like(grad)
    grad *= rate
    velocity *= momentum
    velocity -= grad
    return velocity


@dataclass
class Adam:
    """Adam: steps along the mean gradient over the root of the mean squared gradient.

    m <- beta_1 m + (1 - beta_1) g,  v <- beta_2 v + (1 - beta_2) g^2,
    theta <- theta - rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon).

    Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980, in the
    order of computation at the end of its section 2, where epsilon is not corrected for
    the bias. `m` and `v` hold the moments over (1 - beta_1) and (1 - beta_2): the same
    steps with two passes less over the vectors.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    t: int = field(default=0, compare=False)
    m: Array | None = field(default=None, compare=False)
    v: Array | None = field(default=None, compare=False)

    def step(self, theta: Array, grad: Array, rate: Rate) -> None:
        if self.m is None or self.v is None:
            self.m, self.v = np.zeros_like(grad), np.zeros_like(grad)
        self.t += 1
        self.m *= self.beta_1
        self.m += grad
        np.multiply(grad, grad, out=grad)
        self.v *= self.beta_2
        self.v += grad
        root = np.sqrt(self.v, out=grad)
        root += self.epsilon / math.sqrt(1 - self.beta_2)
        np.divide(self.m, root, out=root)
        root *= rate * self._correction()
        theta -= root

    def _correction(self) -> float:
        """The bias corrections, and the factors left out of the moments."""
        unbiased = math.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
        return unbiased * (1 - self.beta_1) / math.sqrt(1 - self.beta_2)
