"""Initial parameters: fan-in, fan-out -> W, b."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ._types import Array


class Initializer(Protocol):
    """What a dense layer needs from its initializer.

    `h_prev` are rows of the layer's input, for initializers that depend on data.
    """

    def __call__(
        self,
        rng: np.random.RandomState,
        n_in: int,
        n_out: int,
        h_prev: Array | None = None,
    ) -> tuple[Array, Array]: ...


@dataclass(frozen=True)
class GlorotUniform:
    """W and b uniform on [-bound, bound], bound = sqrt(factor / (fan_in + fan_out)).

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16, where factor is 6. W is drawn before b. Both are
    drawn in double precision, so a seed gives the same network in every precision.
    """

    factor: float = 6.0

    def __call__(
        self,
        rng: np.random.RandomState,
        n_in: int,
        n_out: int,
        h_prev: Array | None = None,
    ) -> tuple[Array, Array]:
        bound = math.sqrt(self.factor / (n_in + n_out))
        W = rng.uniform(-bound, bound, (n_in, n_out))
        b = rng.uniform(-bound, bound, n_out)
        return W, b


N_MIXED = 5
"""The number of rows in each random convex combination."""


@dataclass(frozen=True)
class DataDriven:
    """Each unit has standard deviation 1 over the rows and is 0 at a point among them.

    W is drawn from a normal distribution, then each column is scaled so that h_prev W has
    a standard deviation of 1. b makes h_prev W + b zero at a random convex combination of
    rows, a different one for each unit.
    Holzmueller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", arXiv:2407.04491, section 3.
    """

    def __call__(
        self,
        rng: np.random.RandomState,
        n_in: int,
        n_out: int,
        h_prev: Array | None = None,
    ) -> tuple[Array, Array]:
        assert h_prev is not None
        W = rng.standard_normal((n_in, n_out))
        z = h_prev @ W
        deviation = z.std(axis=0)
        # A unit that is constant over the rows has no standard deviation to divide by.
        deviation[deviation < 1e-6] = np.sqrt(n_in)
        W /= deviation
        fractions = rng.standard_exponential((N_MIXED, n_out))
        fractions /= fractions.sum(axis=0)
        rows = rng.randint(len(z), size=(N_MIXED, n_out))
        points = np.take_along_axis(z, rows, axis=0) / deviation
        return W, -np.sum(fractions * points, axis=0)


@dataclass(frozen=True)
class Zeros:
    """W and b are 0: in the top layer, all rows then start with one prediction."""

    def __call__(
        self,
        rng: np.random.RandomState,
        n_in: int,
        n_out: int,
        h_prev: Array | None = None,
    ) -> tuple[Array, Array]:
        return np.zeros((n_in, n_out)), np.zeros(n_out)
