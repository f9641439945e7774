"""The record of each iteration, what receives it, and the result of training."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple, Protocol

import numpy as np

from ._types import Array


class Validation(NamedTuple):
    """The score and the loss on the validation rows; a higher score is better."""

    score: float
    loss: float


NOT_VALIDATED = Validation(np.nan, np.nan)


class Record(NamedTuple):
    """One iteration, as `history_` shows it; NaN where there is no value."""

    loss: float
    validation_loss: float
    validation_score: float
    learning_rate: float
    gradient_norm: float
    seconds: float


class StopReason(Enum):
    """Why training ended."""

    CONVERGED = auto()
    MAX_EPOCHS = auto()
    DIVERGED = auto()
    INTERRUPTED = auto()
    STOPPED = auto()


class EpochStats(NamedTuple):
    """Statistics of an epoch.

    The mean loss of its batches, weighted by their numbers of rows; the mean norm of their
    gradients before clipping; the learning rate of its last step.
    """

    loss: float
    gradient_norm: float
    learning_rate: float


@dataclass
class TrainingResult:
    """What one call of `train` did.

    `best` are the parameters with the best score. `best_epoch` is their epoch in this
    call, counted from 1. `learning_rate` is the rate of the last step.
    """

    records: list[Record] = field(default_factory=list)
    stop_reason: StopReason = StopReason.MAX_EPOCHS
    best_score: float = -np.inf
    best: Array | None = None
    best_epoch: int | None = None
    learning_rate: float = np.nan

    def goes_on(self, max_epochs: float) -> bool:
        """Whether another epoch follows."""
        is_last = len(self.records) >= max_epochs
        return self.stop_reason is StopReason.MAX_EPOCHS and not is_last

    def add(
        self, stats: EpochStats, validation: Validation, seconds: float, theta: Array
    ) -> None:
        """Record an epoch; keep a copy of theta if its score is the best so far."""
        self.learning_rate = stats.learning_rate
        self.records.append(
            Record(
                stats.loss,
                validation.loss,
                validation.score,
                stats.learning_rate,
                stats.gradient_norm,
                seconds,
            )
        )
        if validation.score > self.best_score:
            self.best_score, self.best = validation.score, theta.copy()
            self.best_epoch = len(self.records)

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [record.loss for record in self.records]

    @property
    def scores(self) -> list[float]:
        """The validation score of each epoch."""
        return [record.validation_score for record in self.records]


class Monitor(Protocol):
    """An observer of training that can stop it."""

    def on_iteration_begin(self, theta: Array) -> None: ...

    def on_iteration_end(self, theta: Array) -> bool: ...


@dataclass(frozen=True)
class Progress:
    """The receivers of each iteration: a log, which gets lines of text, and a monitor.

    `n_before` is the number of earlier iterations; the lines continue their count.
    With `stop_on_interrupt` a KeyboardInterrupt ends training, which keeps what it has;
    otherwise it is raised.
    """

    log: Callable[[str], None] | None = None
    monitor: Monitor | None = None
    n_before: int = 0
    stop_on_interrupt: bool = True

    def begin(self, theta: Array) -> None:
        """Tell the monitor that an iteration begins."""
        if self.monitor:
            self.monitor.on_iteration_begin(theta)

    def end(self, theta: Array) -> bool:
        """Tell the monitor that an iteration ended; return whether it asks to stop."""
        return self.monitor is not None and self.monitor.on_iteration_end(theta)

    def report(self, n: int, record: Record) -> None:
        """Log the record of the n-th iteration of this run."""
        if self.log:
            self.log(line_of(self.n_before + n, record))

    def say_time_left(self, n_left: int, seconds: float) -> None:
        """Log how long `n_left` iterations take at most, if it is more than a minute."""
        minutes = n_left * seconds / 60
        if minutes > 1:
            self.say(f"About {minutes:.0f} minutes left.")

    def say(self, line: str) -> None:
        """Log a line."""
        if self.log:
            self.log(line)


SILENT = Progress()


def line_of(n: int, record: Record) -> str:
    """A record as a line of text, without the values that are NaN."""
    parts = [f"Iteration {n}, loss = {record.loss:.8f}"]
    if not np.isnan(record.validation_score):
        parts.append(f"validation loss = {record.validation_loss:.8f}")
        parts.append(f"validation score = {record.validation_score:.6f}")
    if not np.isnan(record.learning_rate):
        parts.append(f"learning rate = {record.learning_rate:.3g}")
    parts.append(f"gradient norm = {record.gradient_norm:.3g}")
    return f"{', '.join(parts)}, {record.seconds:.2g} s"
