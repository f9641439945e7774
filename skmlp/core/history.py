"""The record of each iteration, the objects that receive it, and why training ended."""

from collections.abc import Callable
from dataclasses import dataclass
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
