"""A member of an ensemble: its validation and its epochs."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..common.threads import at_most
from ..core._types import Array
from ..core.batches import HeldOut
from ..core.history import NOT_VALIDATED, StopReason, TrainingResult, Validation
from ..core.network import Network
from ..core.objective import Objective
from ..core.scoring import loss_and_scores, scores_for_prediction
from ..core.snapshots import VALUES, Tree, put_all_back
from ..core.training import (
    TrainingConfig,
    TrainingSplit,
    TrainingState,
    train_epoch,
)
from .member_rows import OwnColumns

Score = Callable[[Array, Array], float]
"""The score of a member, from its theta and its scores for the validation rows."""


@dataclass(frozen=True)
class ValidationLoss:
    """The loss on validation rows; NaN if it is not finite.

    `score` computes the score from theta and the scores. None: minus the loss.
    """

    objective: Objective
    rows: HeldOut
    score: Score | None = None

    def __call__(self, theta: Array) -> Validation:
        loss_of = partial(loss_and_scores, self.objective, self.score is not None)
        loss, s = self.rows.value(loss_of, theta)
        if not np.isfinite(loss):
            return NOT_VALIDATED
        score = -loss if self.score is None or s is None else self.score(theta, s)
        return Validation(score, loss)


class TrainedEpoch(NamedTuple):
    """The parts of a member that an epoch changes."""

    theta: Array
    state: TrainingState
    result: TrainingResult


@dataclass
class Member:
    """An ensemble member: a network and its parameters `theta`, changed in place.

    `judged` are those of the epoch with the best score by other members. `held_out` are the
    rows that validate it. `own` are columns of the data that only this member has.
    """

    network: Network
    theta: Array
    state: TrainingState
    split: TrainingSplit
    held_out: HeldOut
    result: TrainingResult = field(default_factory=TrainingResult)
    judged: Array | None = None
    judged_score: float = -np.inf
    own: OwnColumns | None = None

    def scores(self, theta: Array) -> Array:
        """The scores of the rows that it holds out, by its network with theta."""
        return self.held_out.value(partial(scores_for_prediction, self.network), theta)

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
