"""A member of an ensemble: its folds, its validation and its epochs."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..common.threads import at_most
from ..core._types import Array, Rows
from ..core.batches import Dataset
from ..core.history import NOT_VALIDATED, StopReason, Validation
from ..core.objective import Objective
from ..core.scoring import validation_scores
from ..core.training import (
    TrainingConfig,
    TrainingResult,
    TrainingSplit,
    TrainingState,
    epochs,
    train_epoch,
)


class Fold(NamedTuple):
    """The training rows of a member, and the validation rows for its best epoch."""

    training: Rows
    validation: Rows


def make_folds(
    n_rows: int, n_members: int, strata: Any, rng: np.random.RandomState
) -> list[Fold]:
    """A fold for each member, with validation rows spread evenly over the strata.

    The rows are partitioned into as many folds as there are members, but at least 5 and at
    most 8. Further members get the folds of a new partition.
    """
    n_folds = min(max(5, min(n_members, 8)), n_rows)
    folds: list[Fold] = []
    while len(folds) < n_members:
        rows = rng.permutation(n_rows)
        if strata is not None:
            rows = rows[np.argsort(strata[rows], kind="stable")]
        fold = np.empty(n_rows, int)
        fold[rows] = np.arange(n_rows) % n_folds
        for i in range(min(n_folds, n_members - len(folds))):
            folds.append(Fold(np.flatnonzero(fold != i), np.flatnonzero(fold == i)))
    return folds


@dataclass(frozen=True)
class ValidationLoss:
    """The loss on validation rows; NaN if it is not finite. The score is minus the loss."""

    objective: Objective
    data: Dataset

    def __call__(self, theta: Array) -> Validation:
        s = validation_scores(self.objective.network, theta, self.data.X)
        loss = self.objective.mean_loss(s, self.data)
        return Validation(-loss, loss) if np.isfinite(loss) else NOT_VALIDATED


class TrainedEpoch(NamedTuple):
    """The parts of a member that an epoch changes."""

    theta: Array
    state: TrainingState
    result: TrainingResult


@dataclass
class Member:
    """An ensemble member; `theta` are its parameters, changed in place."""

    theta: Array
    state: TrainingState
    split: TrainingSplit
    result: TrainingResult = field(default_factory=TrainingResult)

    @property
    def unfinished(self) -> bool:
        """Whether its training continues."""
        return self.result.stop_reason is StopReason.MAX_EPOCHS

    def train_epoch(self, config: TrainingConfig) -> TrainedEpoch:
        """Train for one more epoch, unless training has ended."""
        if self.unfinished:
            learning = epochs(
                config, self.theta, self.state, self.split.data, self.split.rows
            )
            # A worker does not have the settings of the thread that asked for it.
            with np.errstate(all="ignore"), at_most(1):
                train_epoch(learning, self.theta, self.split.validate, self.result)
        return TrainedEpoch(self.theta, self.state, self.result)

    def copy(self) -> "Member":
        """A member that trains without changing this one; it shares the data."""
        result = replace(self.result, records=[*self.result.records])
        return replace(
            self, theta=self.theta.copy(), state=deepcopy(self.state), result=result
        )

    def store(self, epoch: TrainedEpoch) -> None:
        """Take over the epoch that a worker trained on a copy."""
        self.theta[...] = epoch.theta
        self.state, self.result = epoch.state, epoch.result
