"""Learning-rate schedules: the progress of training -> a factor on the initial rate.

A schedule is a frozen object, listed in `SCHEDULES`, with these members:

- ``factor(n_seen, n_cuts, t)``: the factor, from the rows seen before this epoch, the
  number of plateaus so far, and the progress t of training: 0 at its first step, 1 after
  its last.
- ``cuts(rate)``: whether a plateau at that rate lowers the rate instead of ending
  training.
- ``each_step``: whether the factor changes at each step or at each epoch.
- ``for_sgd_only``: whether other solvers ignore it, as in scikit-learn.

The first line of a schedule's docstring is its entry in the documentation of
`learning_rate`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import ClassVar, Protocol


class Schedule(Protocol):
    """What training needs from a schedule."""

    each_step: ClassVar[bool]
    for_sgd_only: ClassVar[bool]

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float: ...

    def cuts(self, rate: float) -> bool: ...


class _WithoutCuts:
    """A schedule that does not change on a plateau."""

    each_step: ClassVar[bool] = False
    for_sgd_only: ClassVar[bool] = False

    def cuts(self, rate: float) -> bool:
        return False


@dataclass(frozen=True)
class Constant(_WithoutCuts):
    """`learning_rate_init` throughout."""

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        return 1.0


@dataclass(frozen=True)
class InverseScaling(_WithoutCuts):
    """``learning_rate_init / (n + 1) ** power_t``, n the rows seen so far; sgd only."""

    power_t: float = 0.5
    for_sgd_only: ClassVar[bool] = True

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        return float((n_seen + 1.0) ** -self.power_t)


@dataclass(frozen=True)
class Adaptive:
    """`learning_rate_init`, divided by 5 at each plateau; sgd only.

    A plateau is more than `n_iter_no_change` epochs in a row without an improvement of
    `tol`. It ends training with other schedules, and here if the rate is 1e-6 or less.
    """

    min_rate: float = 1e-6
    each_step: ClassVar[bool] = False
    for_sgd_only: ClassVar[bool] = True

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        return 0.2**n_cuts

    def cuts(self, rate: float) -> bool:
        return rate > self.min_rate


@dataclass(frozen=True)
class Cosine(_WithoutCuts):
    """From `learning_rate_init` at the first step down to 0 along half a cosine.

    (1 + cos(pi t)) / 2: Loshchilov and Hutter, "SGDR: stochastic gradient descent with
    warm restarts", arXiv:1608.03983.
    """

    each_step: ClassVar[bool] = True

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        return 0.5 * (1 + math.cos(math.pi * t))


@dataclass(frozen=True)
class OneCycle(_WithoutCuts):
    """Up from 1/25 of `learning_rate_init` in 0.3 of the steps, then down to 0.

    Both parts are half a cosine. Smith and Topin, "Super-convergence: very fast training
    of neural networks using large learning rates", arXiv:1708.07120, but with constant
    momentum.
    """

    rise: float = 0.3
    start: float = 0.04
    each_step: ClassVar[bool] = True

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        if t < self.rise:
            rest = 0.5 * (1 + math.cos(math.pi * t / self.rise))
            return 1 + (self.start - 1) * rest
        return 0.5 * (1 + math.cos(math.pi * (t - self.rise) / (1 - self.rise)))


@dataclass(frozen=True)
class ByFunction(_WithoutCuts):
    """A function of the progress t of training."""

    function: Callable[[float], float]
    each_step: ClassVar[bool] = True

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        try:
            value = self.function(t)
        except Exception as error:
            error.add_note(f"Raised by the function learning_rate for t={t:g}.")
            raise
        if not isinstance(value, Real) or not 0 <= value < math.inf:
            raise ValueError(
                "learning_rate must be a function that returns a finite number >= 0. "
                f"Got {value!r} for t={t:g}."
            )
        return float(value)


@dataclass(frozen=True)
class ScheduleSegment(_WithoutCuts):
    """The part of a schedule from progress `start` to `stop`, for one epoch.

    For training whose number of epochs is not fixed. t is the progress within the epoch.
    """

    schedule: Schedule
    start: float = 0.0
    stop: float = 0.0
    each_step: ClassVar[bool] = True

    def next(self, n_left: int) -> "ScheduleSegment":
        """The segment after this one, the first of `n_left` equal ones."""
        stop = self.stop + (1 - self.stop) / n_left
        return ScheduleSegment(self.schedule, self.stop, stop)

    def factor(self, n_seen: int, n_cuts: int, t: float = 0.0) -> float:
        t = self.start + (self.stop - self.start) * t
        return self.schedule.factor(n_seen, n_cuts, t)


SCHEDULES: dict[
    str,
    type[Constant]
    | type[InverseScaling]
    | type[Adaptive]
    | type[Cosine]
    | type[OneCycle],
] = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
    "cosine": Cosine,
    "one_cycle": OneCycle,
}
