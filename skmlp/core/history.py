"""What training did: a record of each iteration, and who is told of it."""

from enum import Enum, auto
from typing import NamedTuple, Protocol

import numpy as np

from ._types import Array


class Validation(NamedTuple):
    """How good the parameters are on other rows: a score, the higher the better."""

    score: float
    loss: float


NOT_VALIDATED = Validation(np.nan, np.nan)


class Record(NamedTuple):
    """One iteration, as the history shows it; NaN is what it does not have."""

    loss: float
    validation_loss: float
    validation_score: float
    learning_rate: float
    gradient_norm: float
    seconds: float


class Monitor(Protocol):
    """Someone who watches training: told of the iterations, able to stop it."""

    def on_iteration_begin(self, theta: Array) -> None: ...

    def on_iteration_end(self, theta: Array) -> bool: ...


class StopReason(Enum):
    """Why training ended."""

    CONVERGED = auto()
    MAX_EPOCHS = auto()
    DIVERGED = auto()
    INTERRUPTED = auto()
    STOPPED = auto()


def line_of(n: int, record: Record) -> str:
    """What a record says, in a line; what it does not have is left out."""
    parts = [f"Iteration {n}, loss = {record.loss:.8f}"]
    if not np.isnan(record.validation_score):
        parts.append(f"validation loss = {record.validation_loss:.8f}")
        parts.append(f"validation score = {record.validation_score:.6f}")
    if not np.isnan(record.learning_rate):
        parts.append(f"learning rate = {record.learning_rate:.3g}")
    parts.append(f"gradient norm = {record.gradient_norm:.3g}")
    return f"{', '.join(parts)}, {record.seconds:.2g} s"
