"""Optimisers: one step of gradient descent on a flat vector, in place.

``step(theta, grad, rate)`` changes the vector `theta` in place and may overwrite `grad`;
`rate` is the learning rate. The state of an optimiser is arrays and numbers, so it can be
pickled and copied; ``moments(theta)`` are its vectors. Two optimisers are equal if their
settings are equal; their states are not compared.
"""

import math
from copy import copy
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ._blas import add_scaled
from ._types import Array


class Optimizer(Protocol):
    """What training needs from an optimiser."""

    def step(self, theta: Array, grad: Array, rate: float) -> None: ...


def at_rest(moment: Array | None, theta: Array) -> Array:
    """The moment, or zeros if there is none yet."""
    return np.zeros_like(theta) if moment is None else moment


def duplicate(optimizer: Optimizer) -> Optimizer:
    """A copy of the optimiser and of its moments."""
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

    def step(self, theta: Array, grad: Array, rate: float) -> None:
        (velocity,) = self.moments(theta)
        velocity *= self.momentum
        theta += add_scaled(velocity, grad, -rate)

    def moments(self, theta: Array) -> tuple[Array]:
        """The velocity, made at the first call."""
        self.velocity = at_rest(self.velocity, theta)
        return (self.velocity,)


@dataclass
class Nesterov:
    """Gradient descent with Nesterov's momentum.

    v <- mu v - rate g, theta <- theta + mu v - rate g: the gradient is taken one momentum
    step ahead. Sutskever et al., "On the importance of initialization and momentum in
    deep learning", ICML 2013, in the form where theta itself is one step ahead.
    """

    momentum: float = 0.9
    velocity: Array | None = field(default=None, compare=False)

    def step(self, theta: Array, grad: Array, rate: float) -> None:
        (velocity,) = self.moments(theta)
        velocity *= self.momentum
        add_scaled(velocity, grad, -rate)
        add_scaled(theta, velocity, self.momentum)
        add_scaled(theta, grad, -rate)

    def moments(self, theta: Array) -> tuple[Array]:
        """The velocity, made at the first call."""
        self.velocity = at_rest(self.velocity, theta)
        return (self.velocity,)


SMALLEST_DECAY = 2.0**-10
"""Adam applies the pending decay to a moment once the decay is this small."""


@dataclass
class Adam:
    """Adam: the mean gradient, divided by the root of the mean squared gradient.

    m <- beta_1 m + (1 - beta_1) g,  v <- beta_2 v + (1 - beta_2) g^2,
    theta <- theta - rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon).

    Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980, in the
    order of computation at the end of its section 2, where epsilon has no bias correction.

    Seven passes over the vectors instead of eleven: the factors 1 - beta and the decay
    are not applied to the stored moments but in the last pass. The moments are
    (1 - beta_1) decay_1 `m` and (1 - beta_2) decay_2 `v`. Before a decay gets so small
    that `m` or `v` could overflow, it is applied to them.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    t: int = field(default=0, compare=False)
    m: Array | None = field(default=None, compare=False)
    v: Array | None = field(default=None, compare=False)
    decay_1: float = field(default=1.0, compare=False)
    decay_2: float = field(default=1.0, compare=False)

    def step(self, theta: Array, grad: Array, rate: float) -> None:
        m, v = self.moments(theta)
        self.t += 1
        self.decay_1 = _decayed(m, self.decay_1 * self.beta_1)
        self.decay_2 = _decayed(v, self.decay_2 * self.beta_2)
        add_scaled(m, grad, 1 / self.decay_1)
        np.multiply(grad, grad, out=grad)
        add_scaled(v, grad, 1 / self.decay_2)
        root = np.sqrt(v, out=grad)
        scale = math.sqrt((1 - self.beta_2) * self.decay_2)
        root += self.epsilon / scale
        np.divide(m, root, out=root)
        unbiased = math.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
        add_scaled(
            theta, root, -rate * (unbiased * (1 - self.beta_1) * self.decay_1 / scale)
        )

    def moments(self, theta: Array) -> tuple[Array, Array]:
        """m and v, made at the first call."""
        self.m, self.v = at_rest(self.m, theta), at_rest(self.v, theta)
        return self.m, self.v


def _decayed(moment: Array, decay: float) -> float:
    """The pending decay; if it is small, apply it to the moment and return 1."""
    if decay > SMALLEST_DECAY:
        return decay
    moment *= decay
    return 1.0


OPTIMIZERS: dict[str, type[SGD] | type[Nesterov] | type[Adam]] = {
    "sgd": SGD,
    "nesterov": Nesterov,
    "adam": Adam,
}
