"""Initial parameters: fan-in, fan-out -> W, b."""

from dataclasses import dataclass

import numpy as np

from ._types import Array


@dataclass(frozen=True)
class GlorotUniform:
    """W and b uniform on [-bound, bound], bound = sqrt(factor / (fan_in + fan_out)).

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16, where factor is 6. W is drawn before b, and
    both in double precision, so that one seed gives one network in every precision.
    """

    factor: float = 6.0

    def __call__(
        self, rng: np.random.RandomState, n_in: int, n_out: int
    ) -> tuple[Array, Array]:
        bound = np.sqrt(self.factor / (n_in + n_out))
        W = rng.uniform(-bound, bound, (n_in, n_out))
        b = rng.uniform(-bound, bound, n_out)
        return W, b
