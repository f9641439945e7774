"""A member of an ensemble: its validation and its epochs."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..common.threads import at_most
from ..core._types import Array, Rows
from ..core.batches import Dataset
from ..core.history import NOT_VALIDATED, StopReason, TrainingResult, Validation
from ..core.network import Network
from ..core.objective import Objective
from ..core.scoring import validation_scores
from ..core.snapshots import VALUES, Tree, put_all_back
from ..core.training import (
    TrainingConfig,
    TrainingSplit,
    TrainingState,
    train_epoch,
)
from .member_rows import MemberRows, OwnColumns

Score = Callable[[Array, Array], float]
"""The score of a member, from its theta and its scores for the validation rows."""


@dataclass(frozen=True)
class ValidationLoss:
    """The loss on validation rows; NaN if it is not finite.

    These are the rows of `data` with numbers `rows`, or all, with a member's own columns if
    it has some. They are copied when they are needed, as copies for all members would be
    as large as the table. `score` computes the score from theta and the scores. None: minus
    the loss.
    """

    objective: Objective
    data: Dataset
    score: Score | None = None
    rows: Rows | None = None
    own: OwnColumns | None = None

    def __call__(self, theta: Array) -> Validation:
        data = self.data
        if self.rows is not None:
            data = MemberRows(data, self.rows, self.own).load()
        s = validation_scores(self.objective.network, theta, data.X)
        loss = self.objective.mean_loss(s, data)
        if not np.isfinite(loss):
            return NOT_VALIDATED
        return Validation(-loss if self.score is None else self.score(theta, s), loss)


class TrainedEpoch(NamedTuple):
    """The parts of a member that an epoch changes."""

    theta: Array
    state: TrainingState
    result: TrainingResult


@dataclass
class Member:
    """An ensemble member: a network and its parameters `theta`, changed in place.

    `judged` are those of the epoch with the best score by other members. `own` are columns
    of the data that only this member has.
    """

    network: Network
    theta: Array
    state: TrainingState
    split: TrainingSplit
    result: TrainingResult = field(default_factory=TrainingResult)
    judged: Array | None = None
    judged_score: float = -np.inf
    own: OwnColumns | None = None

    def judge(self, score: float) -> None:
        """Keep a copy of theta if others give it the best score so far."""
        if score > self.judged_score and np.isfinite(self.theta).all():
            self.judged, self.judged_score = self.theta.copy(), score

    @property
    def unfinished(self) -> bool:
        """Whether its training continues."""
        return self.result.stop_reason is StopReason.MAX_EPOCHS

    def train_epoch(self, config: TrainingConfig) -> TrainedEpoch:
        """Train for one more epoch, unless training has ended."""
        if self.unfinished:
            split = self.split
            if self.own is not None and split.blocks is None:
                split = split._replace(data=self.own.put_into(split.data))
            learning = split.epochs(
                config.of_network(self.network), self.theta, self.state
            )
            # A worker does not have the settings of the thread that asked for it.
            with np.errstate(all="ignore"), at_most(1):
                train_epoch(learning, self.theta, self.split.validate, self.result)
        return TrainedEpoch(self.theta, self.state, self.result)

    def kept(self, *, done: bool) -> dict[str, Any]:
        """What a snapshot has; when training is done, only what the model needs."""
        names = ("result", "judged", "judged_score") + (
            () if done else ("theta", "state")
        )
        return {name: getattr(self, name) for name in names}

    def go_on(self, tree: Tree) -> None:
        """Take the values of a snapshot."""
        before = self.kept(done="state" not in tree[VALUES])
        vars(self).update(put_all_back(tree[VALUES], before))

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
