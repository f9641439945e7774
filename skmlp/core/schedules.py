"""Learning-rate schedules: where training stands -> a factor on the initial rate.

A schedule is a pure description, listed in `SCHEDULES`: ``factor(n_seen, n_cuts)`` is
the factor for the next epoch, from the rows seen so far and the times training stalled;
``cuts(rate)`` says whether a stall at that rate lowers the rate instead of ending
training. Names and meanings are scikit-learn's.
"""

from dataclasses import dataclass
from typing import Protocol


class Schedule(Protocol):
    """What training asks of a schedule."""

    def factor(self, n_seen: int, n_cuts: int) -> float: ...

    def cuts(self, rate: float) -> bool: ...


@dataclass(frozen=True)
class Constant:
    """The initial rate throughout."""

    def factor(self, n_seen: int, n_cuts: int) -> float:
        return 1.0

    def cuts(self, rate: float) -> bool:
        return False


@dataclass(frozen=True)
class InverseScaling:
    """factor = 1 / (rows seen + 1)^power_t."""

    power_t: float = 0.5

    def factor(self, n_seen: int, n_cuts: int) -> float:
        return float((n_seen + 1.0) ** -self.power_t)

    def cuts(self, rate: float) -> bool:
        return False


@dataclass(frozen=True)
class Adaptive:
    """A fifth of the rate at every stall, until the rate is at most `min_rate`."""

    min_rate: float = 1e-6

    def factor(self, n_seen: int, n_cuts: int) -> float:
        return 0.2**n_cuts

    def cuts(self, rate: float) -> bool:
        return rate > self.min_rate


SCHEDULES: dict[str, type[Constant] | type[InverseScaling] | type[Adaptive]] = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
}
