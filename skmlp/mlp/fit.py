"""One training run of an MLP, stochastic or with L-BFGS, and its result."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..common.checkpoints import Checkpoint, environment, facts_of
from ..common.errors import warn
from ..common.parameters import Settings
from ..core._types import Array
from ..core.batches import Blocks, Dataset
from ..core.finite import predicts_finite
from ..core.heads import Head, is_built_in
from ..core.history import Progress, Record, StopReason, TrainingResult
from ..core.lbfgs import LBFGSConfig, minimize_lbfgs
from ..core.optimizers import duplicate
from ..core.snapshots import NOT_KEPT, Keeper
from ..core.training import (
    Patience,
    TrainingConfig,
    TrainingSplit,
    TrainingState,
    train,
)
from .build import make_optimizer

SCALE_DATA = "Scale X (and y in regression)"


class FitData(NamedTuple):
    """The rows for the validation score, the rows for the loss, and y for scorers.

    The loss uses class weights and smoothed labels, the score does not.
    """

    scored: Dataset
    trained: Dataset
    y: Any


def checkpoint_of(
    path: Path | None,
    settings: Settings,
    data: FitData,
    given: tuple[Dataset, Any] | None,
    theta: Array,
) -> Keeper:
    """The checkpoint of a fit from theta, if there is a path.

    Raises ValueError if the file is of another fit.
    """
    if path is None:
        return NOT_KEPT
    X, y, w = data.scored
    facts: dict[str, Any] = {"X": X, "y": y, "sample_weight": w}
    facts["weights by class"] = data.trained.w
    facts["parameters before training"] = theta
    if given is not None:
        facts["validation data"] = given[0]
    return Checkpoint(path, facts_of(settings, facts), environment()).part(0)


@dataclass(frozen=True)
class BestEpoch:
    """The epoch with the best validation score, counted from 1 in this run."""

    epoch: int
    score: float


@dataclass
class FitResult:
    """The parameters after a run, a record of each iteration, and how it ended.

    `loss` is the loss of the last iteration; None without iterations. `n_seen` is the
    number of rows seen since training began; None for L-BFGS. A later call continues from
    `state`; None if it cannot.
    """

    theta: Array
    records: list[Record]
    loss: float | None
    validated: bool = False
    best: BestEpoch | None = None
    n_seen: int | None = None
    state: TrainingState | None = field(default=None, repr=False)
    interrupted: bool = False


class Run(Protocol):
    """A training run that is ready to start."""

    def run(
        self, theta: Array, progress: Progress, keeper: Keeper = NOT_KEPT
    ) -> FitResult: ...


@dataclass
class StochasticRun:
    """Training with mini-batches; `incremental` for a call of partial_fit."""

    config: TrainingConfig
    state: TrainingState
    split: TrainingSplit
    incremental: bool

    def run(
        self, theta: Array, progress: Progress, keeper: Keeper = NOT_KEPT
    ) -> FitResult:
        """Train `theta` in place, and check how training ended."""
        result = train(self.config, theta, self.state, self.split, progress, keeper)
        interrupted = result.stop_reason is StopReason.INTERRUPTED
        if interrupted:
            warn("Training interrupted by user.")
        if interrupted and not np.isfinite(theta).all():
            result.stop_reason = StopReason.DIVERGED
        kept = theta if result.best is None else result.best
        self._check_diverged(result, kept, progress.n_before)
        diverged = result.stop_reason is StopReason.DIVERGED
        planned_end = self.incremental or self.config.schedule.each_step
        if result.stop_reason is StopReason.MAX_EPOCHS and not planned_end:
            warn(
                f"Stochastic Optimizer: Maximum iterations ({self.config.max_epochs}) "
                "reached and the optimization hasn't converged yet.",
                ConvergenceWarning,
            )
        if self.split.rows is not None:
            # The next call draws other training rows.
            self.state.order = None
        epoch = result.best_epoch
        return FitResult(
            kept,
            result.records,
            result.losses[-1] if result.losses else None,
            self.split.validate is not None,
            None if epoch is None else BestEpoch(epoch, result.best_score),
            self.state.n_seen,
            # The moments of a diverged optimiser would make the next fit diverge too.
            None if diverged else self.state,
            result.stop_reason is StopReason.INTERRUPTED,
        )

    def _check_diverged(
        self, result: TrainingResult, kept: Array, n_before: int
    ) -> None:
        """Raise ValueError, or only warn if the weights of an earlier epoch are kept."""
        diverged = result.stop_reason is StopReason.DIVERGED
        lost = diverged and result.best is None
        # The loss of an epoch is from before its steps: the last one can diverge unseen.
        finite = not lost and predicts_finite(
            self.config.objective, kept, self.split.data
        )
        if finite and not diverged:
            return
        epoch = len(result.records) + n_before
        where = f"in epoch {epoch}, at a learning rate of {result.learning_rate:g}"
        if not finite:
            what = "parameter weights" if lost else "predictions"
            advice = self._advice(result.learning_rate)
            raise ValueError(_divergence_message(what, where, advice))
        warn(
            f"Training diverged {where}; the weights of the best epoch before that "
            "are kept. Lower learning_rate_init, or scale X and y.",
            ConvergenceWarning,
        )

    def _advice(self, rate: float) -> str:
        """What to change after divergence; a step along a large penalty overshoots 0."""
        alpha, data = self.config.objective.alpha, self.split.data
        weight = data.weight / data.n_rows * self.config.batch_size
        advice = f"{SCALE_DATA}, or lower learning_rate_init."
        advice += check_own_loss(self.config.objective.head)
        if alpha * min(rate, 1) > weight:
            advice += (
                f" Or lower alpha={alpha:g}: it is divided by the sum of the sample "
                f"weights of a batch, on average {weight:g}."
            )
        return advice


@dataclass
class LBFGSRun:
    """Training with L-BFGS on all rows: those of `blocks`, of which `data` is a sample."""

    config: LBFGSConfig
    data: Dataset
    blocks: Blocks | None

    def run(
        self, theta: Array, progress: Progress, keeper: Keeper = NOT_KEPT
    ) -> FitResult:
        """Search from `theta`, and check how the search ended."""
        rows = self.data if self.blocks is None else self.blocks
        found = minimize_lbfgs(self.config, theta, rows, progress, keeper)
        n_iter = len(found.records)
        interrupted = found.stop_reason is StopReason.INTERRUPTED
        where = f"in iteration {n_iter + 1}"
        advice = f"{SCALE_DATA}.{check_own_loss(self.config.objective.head)}"
        if not (np.isfinite(found.loss) or interrupted):
            raise ValueError(_divergence_message("parameter weights", where, advice))
        if not predicts_finite(self.config.objective, found.theta, self.data):
            raise ValueError(_divergence_message("predictions", where, advice))
        if interrupted:
            warn("Training interrupted by user.")
        elif found.stop_reason is StopReason.MAX_EPOCHS:
            warn(
                f"lbfgs failed to converge after {n_iter} iteration(s): "
                f"{found.message}. Increase max_iter={self.config.max_iter} or "
                f"max_fun={self.config.max_fun}, or scale the data.",
                ConvergenceWarning,
            )
        return FitResult(found.theta, found.records, found.loss)


def new_state(
    settings: Settings, head: Head, rng: np.random.RandomState, n_seen: int
) -> TrainingState:
    """The state at the start of stochastic training, with `n_seen` rows seen before."""
    return TrainingState(
        make_optimizer(settings),
        Patience(float(settings["tol"]), settings["n_iter_no_change"]),
        rng,
        n_seen=n_seen,
        measure=objective_key(settings, head),
    )


def next_state(
    last: TrainingState,
    new: TrainingState,
    n_rows: int,
    *,
    incremental: bool,
    validated: bool,
) -> TrainingState:
    """The state to continue from: a copy of the last one, with the new settings.

    It keeps the optimiser if its settings are the same, the shuffle order if the number of
    rows is the same, and the progress of the schedule in partial_fit. It keeps the patience
    if the objective is the same and there is no validation (`validated`).
    """
    same_optimizer = new.optimizer == last.optimizer
    same_rows = last.order is not None and len(last.order) == n_rows
    patience = new.patience
    if not validated and new.measure == last.measure:
        patience.best, patience.count = last.patience.best, last.patience.count
    return replace(
        last,
        optimizer=duplicate(last.optimizer) if same_optimizer else new.optimizer,
        patience=patience,
        order=last.order if same_rows else None,
        n_epochs=last.n_epochs if incremental else 0,
        measure=new.measure,
    )


def objective_key(settings: Settings, head: Head) -> str:
    """A key of the training loss: losses with different keys are not comparable."""
    names = ("alpha", "dropout", "label_smoothing", "class_weight")
    return " ".join([repr(head), *(repr(settings.get(name)) for name in names)])


def check_own_loss(head: Head) -> str:
    """Advice after divergence, if the loss is the user's own."""
    return "" if is_built_in(head) else " Or check your own loss."


def _divergence_message(what: str, where: str, advice: str) -> str:
    return (
        f"Solver produced non-finite {what}. The input data may contain large values "
        f"and need to be preprocessed. Training diverged {where}. {advice}"
    )
