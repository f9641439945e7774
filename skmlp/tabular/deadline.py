"""The time limit of a fit, and the seconds of its stages."""

from math import inf
from time import perf_counter

from ..common.errors import warn


class Deadline:
    """A clock that starts when it is created, with no limit until one is set.

    `seconds` has the time of each lap.
    """

    def __init__(self) -> None:
        self.max_time = inf
        self.seconds: dict[str, float] = {}
        self._start = self._lap_start = perf_counter()

    def set(self, max_time: float | None) -> None:
        """Set the limit, in seconds from the start; None is no limit."""
        self.max_time = inf if max_time is None else float(max_time)

    def add(self, seconds: float) -> None:
        """Count the seconds of an earlier process, too."""
        self._start -= seconds

    @property
    def is_set(self) -> bool:
        """Whether there is a limit."""
        return self.max_time < inf

    def left(self) -> float:
        """The seconds left until the limit."""
        return self.max_time - (perf_counter() - self._start)

    def lap(self, name: str) -> None:
        """Store the seconds since the last lap under that name."""
        now = perf_counter()
        self.seconds[name], self._lap_start = now - self._lap_start, now

    @property
    def total(self) -> float:
        """The seconds of all laps."""
        return sum(self.seconds.values())

    def warn_if_over(self) -> None:
        """Warn if the limit has passed before training."""
        if self.left() <= 0:
            warn(
                f"max_time={self.max_time:g} was over before training: reading X took "
                f"{self.total:.3g} seconds. The model is one network, "
                "trained for one epoch on few rows. Raise max_time, or give fewer columns "
                "or rows."
            )
