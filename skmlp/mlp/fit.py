"""A run of training on the core, and what it leaves on the estimator."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..common.callbacks import say_nothing
from ..common.errors import warn
from ..core._types import Array
from ..core.batches import Dataset
from ..core.history import Monitor, Record, StopReason
from ..core.lbfgs import minimize_lbfgs
from ..core.optimizers import duplicate
from ..core.training import (
    Patience,
    TrainingConfig,
    TrainingResult,
    TrainingState,
    train,
)
from .build import (
    batch_size_for,
    make_objective,
    make_optimizer,
    make_schedule,
    warn_of_cut_batches,
)
from .early_stopping import ValidationScorer


def next_state(
    estimator: Any,
    state: TrainingState | None,
    rng: Any,
    n_rows: int,
    incremental: bool,
) -> TrainingState:
    """A copy of the last call's training state, or a new one."""
    optimizer = make_optimizer(estimator)
    patience = Patience(float(estimator.tol), estimator.n_iter_no_change)
    measure = objective_key(estimator)
    if state is None:
        return TrainingState(
            optimizer, patience, rng, n_seen=estimator.t_, measure=measure
        )
    if optimizer == state.optimizer:
        optimizer = duplicate(state.optimizer)
    validated = estimator.early_stopping or estimator.validation_scores_ is not None
    if not validated and measure == state.measure:
        patience.best, patience.count = state.patience.best, state.patience.count
    same_rows = state.order is not None and len(state.order) == n_rows
    return replace(
        state,
        optimizer=optimizer,
        patience=patience,
        order=state.order if same_rows else None,
        n_epochs=state.n_epochs if incremental else 0,
        measure=measure,
    )


def objective_key(estimator: Any) -> str:
    """What the training loss depends on; values of another one do not compare."""
    names = ("alpha", "dropout", "label_smoothing", "class_weight")
    settings = [repr(getattr(estimator, name, None)) for name in names]
    return " ".join([repr(estimator._head), *settings])


def make_plan(estimator: Any, n_rows: int, incremental: bool) -> TrainingConfig:
    """The settings of stochastic training on that many rows."""
    warn_of_cut_batches(estimator, n_rows)
    most = estimator.max_grad_norm
    return TrainingConfig(
        make_objective(estimator, training=True),
        make_schedule(estimator),
        float(estimator.learning_rate_init),
        batch_size_for(estimator, n_rows),
        shuffle=bool(estimator.shuffle),
        max_epochs=1 if incremental else int(estimator.max_iter),
        schedule_epochs=int(estimator.max_iter),
        weight_decay=float(estimator.weight_decay),
        max_grad_norm=np.inf if most is None else float(most),
    )


def fit_stochastic(
    estimator: Any,
    theta: Array,
    training: Dataset,
    state: TrainingState,
    held_out: ValidationScorer | None,
    monitor: Monitor | None,
    incremental: bool,
) -> None:
    """Train with mini-batches and take over what came of it."""
    old_scores, old_n = estimator.validation_scores_, len(estimator.history_["loss"])
    n_rows = training.n_rows if state.order is None else len(state.order)
    n_before = estimator.n_iter_ if incremental else 0
    plan = make_plan(estimator, n_rows, incremental)
    run = train(
        plan,
        theta,
        state,
        training,
        validate=held_out,
        log=print if estimator.verbose else say_nothing,
        monitor=monitor,
        n_before=n_before,
    )
    planned_end = incremental or plan.schedule.each_step
    _check_outcome(estimator, run, theta, n_before, planned_end)
    estimator._theta = theta if run.best is None else run.best
    estimator.t_ = state.n_seen
    loss = run.losses[-1] if run.losses else getattr(estimator, "loss_", np.nan)
    _take_over(estimator, run.records, loss, n_before)
    if n_rows < training.n_rows:
        # The rows of the order are a part, chosen for this call.
        state.order = None
    if held_out is not None:
        best = None if run.best is None else run.best_score
        estimator.best_loss_, estimator.best_validation_score_ = None, best
        estimator.validation_scores_ = [*(old_scores or ()), *run.scores]
        if run.best_epoch is not None:
            estimator.best_iter_ = old_n + run.best_epoch
    interrupted = run.outcome is StopReason.INTERRUPTED
    going_on = incremental or estimator.warm_start or interrupted
    # The moments of a diverged optimiser would make the next fit diverge too.
    diverged = run.outcome is StopReason.DIVERGED
    estimator._state = state if going_on and not diverged else None


def fit_lbfgs(
    estimator: Any, theta: Array, training: Dataset, monitor: Monitor | None
) -> None:
    """Train with L-BFGS and take over what came of it."""
    found = minimize_lbfgs(
        make_objective(estimator, training=False),
        theta,
        training,
        max_iter=int(estimator.max_iter),
        max_fun=int(estimator.max_fun),
        tol=float(estimator.tol),
        log=print if estimator.verbose else say_nothing,
        monitor=monitor,
    )
    n_iter = len(found.records)
    interrupted = found.outcome is StopReason.INTERRUPTED
    no_loss = not (np.isfinite(found.loss) or interrupted)
    if no_loss or not np.isfinite(found.theta).all():
        where = f"in iteration {n_iter + 1}"
        raise ValueError(_divergence_message(where, "."))
    if interrupted:
        warn("Training interrupted by user.")
    elif found.outcome is StopReason.MAX_EPOCHS:
        warn(
            f"lbfgs failed to converge after {n_iter} iteration(s): {found.message}. "
            f"Increase max_iter={estimator.max_iter} or max_fun={estimator.max_fun}, or "
            "scale the data.",
            ConvergenceWarning,
        )
    estimator._theta, estimator._state = found.theta, None
    _take_over(estimator, found.records, found.loss)


def _take_over(
    estimator: Any, records: list[Record], loss: float, n_before: int = 0
) -> None:
    """Take over the records of the iterations that just ran, without validation."""
    losses = [record.loss for record in records]
    best = np.inf if estimator.best_loss_ is None else estimator.best_loss_
    estimator.loss_ = loss
    estimator.n_iter_ = n_before + len(records)
    estimator.loss_curve_.extend(losses)
    estimator.best_loss_ = min(best, loss, *losses)
    estimator.validation_scores_ = estimator.best_validation_score_ = None
    estimator.best_iter_ = None
    for name, column in estimator.history_.items():
        column.extend(getattr(record, name) for record in records)


def _check_outcome(
    estimator: Any, run: TrainingResult, theta: Array, n_before: int, planned_end: bool
) -> None:
    """Raise or warn if training did not end well.

    With `planned_end`, the last of the epochs is where it was to end.
    """
    if run.outcome is StopReason.INTERRUPTED:
        warn("Training interrupted by user.")
        if not np.isfinite(theta).all():
            run.outcome = StopReason.DIVERGED
    if run.outcome is StopReason.DIVERGED:
        epoch = len(run.records) + n_before
        where = f"in epoch {epoch}, at a learning rate of {run.rate:g}"
        if run.best is None:
            advice = ", or lower learning_rate_init."
            raise ValueError(_divergence_message(where, advice))
        warn(
            f"Training diverged {where}; the weights of the best epoch before that "
            "are kept. Lower learning_rate_init, or scale X and y.",
            ConvergenceWarning,
        )
    if run.outcome is StopReason.MAX_EPOCHS and not planned_end:
        warn(
            f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached "
            "and the optimization hasn't converged yet.",
            ConvergenceWarning,
        )


def _divergence_message(where: str, advice: str) -> str:
    return (
        "Solver produced non-finite parameter weights. The input data may contain "
        f"large values and need to be preprocessed. Training diverged {where}. "
        f"Scale X (and y in regression){advice}"
    )
