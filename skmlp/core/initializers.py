"""Initial parameters: fan-in, fan-out -> W, b."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ._types import Array


class Initializer(Protocol):
    """What a layer asks of an initialisation; `h_prev` are rows of its input, if known."""

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
    networks", AISTATS 2010, equation 16, where factor is 6. W is drawn before b, and
    both in double precision, so that one seed gives one network in every precision.
    """

    factor: float = 6.0

    def __call__(
        self,
        rng: np.random.RandomState,
        n_in: int,
        n_out: int,
        h_prev: Array | None = None,
    ) -> tuple[Array, Array]:
        bound = np.sqrt(self.factor / (n_in + n_out))
        W = rng.uniform(-bound, bound, (n_in, n_out))
        b = rng.uniform(-bound, bound, n_out)
        return W, b


N_MIXED = 5
"""How many rows each hyperplane's point is a mix of."""


@dataclass(frozen=True)
class DataDriven:
    """Every unit varies by 1 over the rows, and its hyperplane passes among them.

    W is normal, its columns scaled so that h_prev W has a standard deviation of 1; b is
    such that h_prev W + b is 0 at a random convex combination of rows, one for each unit.
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
        # A unit that sees a constant only has no scale of its own.
        deviation[deviation < 1e-6] = np.sqrt(n_in)
        W /= deviation
        shares = rng.standard_exponential((N_MIXED, n_out))
        shares /= shares.sum(axis=0)
        rows = rng.randint(len(z), size=(N_MIXED, n_out))
        points = np.take_along_axis(z, rows, axis=0) / deviation
        return W, -np.sum(shares * points, axis=0)


@dataclass(frozen=True)
class Zeros:
    """W and b of 0: a top layer that begins with the same prediction for all rows."""

    def __call__(
        self,
        rng: np.random.RandomState,
        n_in: int,
        n_out: int,
        h_prev: Array | None = None,
    ) -> tuple[Array, Array]:
        return np.zeros((n_in, n_out)), np.zeros(n_out)
