"""Learning with mini-batches: epochs, shuffling, validation, stopping.

`epochs` is a generator that yields the loss of one epoch after another, and so stopping
is a `break`. What a later call needs to go on where this one stopped is a picklable
`TrainingState`, which the generator advances. `train` adds the stopping rules.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice

import numpy as np

from ._types import Array, Rows
from .batches import MiniBatches, Table
from .objective import Objective
from .optimizers import Optimizer
from .schedules import Schedule

GATHERED_ROWS = 1024
"""About how many shuffled rows are copied at a time."""


@dataclass
class Patience:
    """How long a value to be minimised has not fallen by more than `tol`."""

    tol: float
    n_iter_no_change: float
    best: float = np.inf
    count: int = 0

    def update(self, value: float) -> bool:
        """Take the value of one more epoch; return whether the patience is at its end."""
        self.count = self.count + 1 if value > self.best - self.tol else 0
        self.best = min(self.best, value)
        return self.count > self.n_iter_no_change


@dataclass
class TrainingState:
    """Where training stands, the parameters theta apart.

    Attributes
    ----------
    optimizer : Optimizer
        With its moments.
    patience : Patience
        The stopping rule's count and reference.
    rng : RandomState
        Draws the order of the rows.
    order : ndarray of shape (n_rows,) or None
        The last epoch's order of the rows, which the next one permutes.
    n_seen : int
        Rows seen so far.
    n_cuts : int
        How often the schedule has lowered the learning rate at a stall.
    """

    optimizer: Optimizer
    patience: Patience
    rng: np.random.RandomState
    order: Rows | None = None
    n_seen: int = 0
    n_cuts: int = 0


@dataclass(frozen=True)
class Plan:
    """How to train: the settings that do not change from epoch to epoch."""

    objective: Objective
    schedule: Schedule
    learning_rate: float
    batch_size: int
    shuffle: bool = True
    max_epochs: int = 200

    def rate(self, state: TrainingState) -> float:
        """The learning rate of the next epoch."""
        return self.learning_rate * self.schedule.factor(state.n_seen, state.n_cuts)


class Outcome(Enum):
    """Why training ended."""

    CONVERGED = auto()
    MAX_EPOCHS = auto()
    DIVERGED = auto()
    INTERRUPTED = auto()


@dataclass
class Run:
    """What one call of `train` did.

    `best` are the weights of the best score, `rate` is the last epoch's learning rate.
    """

    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    outcome: Outcome = Outcome.MAX_EPOCHS
    best_score: float = -np.inf
    best: Array | None = None
    rate: float = np.nan


def epochs(
    plan: Plan, theta: Array, state: TrainingState, table: Table
) -> Iterator[float]:
    """Train `theta` in place; yield the mean loss of each epoch.

    Every epoch permutes the previous epoch's order of the rows in ``state.order``,
    which may name a part of the table's rows. The mean is over batches by their rows. A
    batch whose weights are all zero says nothing: no step, and its rows do not count.
    """
    network = plan.objective.network
    work = network.workspace(plan.batch_size, theta.dtype, training=True)
    params, grad = network.views(theta), network.views(np.empty_like(theta))
    n_rows = table.n_rows if state.order is None else len(state.order)
    batches = MiniBatches(table, n_rows, plan.batch_size, GATHERED_ROWS)
    while True:
        rate, loss, n_counted = plan.rate(state), 0.0, 0
        if plan.shuffle:
            before = np.arange(table.n_rows) if state.order is None else state.order
            state.order = before[state.rng.permutation(len(before))]
        for batch in batches.in_order(state.order):
            state.n_seen += batch.n_rows
            if batch.w is not None and not batch.w.any():
                continue
            value = plan.objective.evaluate(params, (batch,), grad, work)
            state.optimizer.step(theta, grad.flat, rate)
            loss += value * batch.n_rows
            n_counted += batch.n_rows
        yield loss / n_counted


def train(
    plan: Plan,
    theta: Array,
    state: TrainingState,
    table: Table,
    *,
    validate: Callable[[Array], float] | None = None,
    log: Callable[[str], None],
) -> Run:
    """Train `theta` in place until a stopping rule fires or `max_epochs` have run.

    Parameters
    ----------
    plan : Plan
        What to minimise and how.
    theta : ndarray of shape (n_parameters,)
        The parameters; changed in place.
    state : TrainingState
        Where training stands; changed in place.
    table : Table
        The training rows.
    validate : callable, default=None
        theta -> a score, the higher the better. If given, the score decides on
        stopping, else the loss does.
    log : callable
        Takes a line on each epoch.

    Returns
    -------
    Run
        Losses, scores and outcome. KeyboardInterrupt ends training as an outcome.
    """
    run = Run(rate=plan.rate(state))
    what = "Training loss" if validate is None else "Validation score"
    try:
        limit = min(plan.max_epochs, sys.maxsize)
        for loss in islice(epochs(plan, theta, state, table), limit):
            run.losses.append(loss)
            log(f"Iteration {len(run.losses)}, loss = {loss:.8f}")
            diverged = np.isnan(loss) or not np.isfinite(theta).all()
            value = loss
            if validate is None:
                # Nothing is an improvement on an infinite loss, nor a failure.
                diverged = diverged or np.isinf(loss)
            else:
                score = float("nan") if diverged else validate(theta)
                _record_score(run, score, theta, log)
                diverged, value = diverged or np.isnan(score), -score
            if diverged:
                run.outcome = Outcome.DIVERGED
                break
            if state.patience.update(value) and _stalled(plan, state, what, log):
                run.outcome = Outcome.CONVERGED
                break
            run.rate = plan.rate(state)
    except KeyboardInterrupt:
        run.outcome = Outcome.INTERRUPTED
    return run


def _record_score(
    run: Run, score: float, theta: Array, log: Callable[[str], None]
) -> None:
    """Keep the validation score and, if it is the best so far, the weights."""
    run.scores.append(score)
    log(f"Validation score: {score:f}")
    if score > run.best_score:
        run.best_score, run.best = score, theta.copy()


def _stalled(
    plan: Plan, state: TrainingState, what: str, log: Callable[[str], None]
) -> bool:
    """The patience is at its end: lower the rate if the schedule does, else stop.

    Patience starts anew. After a cut so does its reference, as one lucky low value
    would otherwise make the rate fall again and again.
    """
    patience = state.patience
    message = (
        f"{what} did not improve more than tol={patience.tol:f} for "
        f"{patience.n_iter_no_change} consecutive epochs."
    )
    patience.count = 0
    if not plan.schedule.cuts(plan.rate(state)):
        log(f"{message} Stopping.")
        return True
    state.n_cuts += 1
    patience.best = np.inf
    log(f"{message} Setting learning rate to {plan.rate(state):f}")
    return False
