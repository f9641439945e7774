"""Learning with mini-batches: epochs, shuffling, validation, stopping.

`epochs` is a generator that yields what each epoch did, one after another, and so
stopping is a `break`. What a later call needs to go on where this one stopped is a
picklable `TrainingState`, which the generator advances. `train` adds the stopping rules.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter
from typing import NamedTuple

import numpy as np

from ._blas import norm
from ._types import Array, Rng, Rows
from .batches import Dataset, MiniBatches
from .history import NOT_VALIDATED, Monitor, Record, StopReason, Validation, line_of
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
    n_epochs : int
        Epochs since the schedule began.
    measure : str
        What the values of the patience are values of.
    """

    optimizer: Optimizer
    patience: Patience
    rng: np.random.RandomState
    order: Rows | None = None
    n_seen: int = 0
    n_cuts: int = 0
    n_epochs: int = 0
    measure: str = ""


@dataclass(frozen=True)
class TrainingConfig:
    """How to train: the settings that do not change from epoch to epoch.

    The schedule spans `schedule_epochs` epochs, by default `max_epochs`, and starts over
    after these. `weight_decay` is the decoupled one, of the weights and not of the
    biases: before each step they lose that share of themselves times the learning rate.
    Loshchilov and Hutter, "Decoupled weight decay regularization", arXiv:1711.05101. A
    gradient longer than `max_grad_norm` is shortened to that. Pascanu, Mikolov and
    Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
    """

    objective: Objective
    schedule: Schedule
    learning_rate: float
    batch_size: int
    shuffle: bool = True
    max_epochs: int = 200
    schedule_epochs: int | None = None
    weight_decay: float = 0.0
    max_grad_norm: float = np.inf

    def rate(self, state: TrainingState, part: float = 0.0) -> float:
        """The learning rate at that part of the next epoch."""
        n_epochs = self.schedule_epochs or self.max_epochs
        t = (state.n_epochs % n_epochs + part) / n_epochs
        factor = self.schedule.factor(state.n_seen, state.n_cuts, t)
        return self.learning_rate * factor


class EpochStats(NamedTuple):
    """What an epoch did.

    The mean loss of its batches, by their rows; the mean length of their gradients,
    before these are shortened; the learning rate of its last step.
    """

    loss: float
    gradient_norm: float
    learning_rate: float


@dataclass
class TrainingResult:
    """What one call of `train` did.

    `best` are the weights of the best score, that of epoch `best_epoch` of this run,
    counted from 1; `rate` is the last learning rate.
    """

    records: list[Record] = field(default_factory=list)
    outcome: StopReason = StopReason.MAX_EPOCHS
    best_score: float = -np.inf
    best: Array | None = None
    best_epoch: int | None = None
    rate: float = np.nan

    def note(
        self, epoch: EpochStats, found: Validation, seconds: float, theta: Array
    ) -> None:
        """Take what the epoch did and, if its score is the best so far, the weights."""
        self.rate = epoch.learning_rate
        self.records.append(
            Record(
                epoch.loss,
                found.loss,
                found.score,
                epoch.learning_rate,
                epoch.gradient_norm,
                seconds,
            )
        )
        if found.score > self.best_score:
            self.best_score, self.best = found.score, theta.copy()
            self.best_epoch = len(self.records)

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [record.loss for record in self.records]

    @property
    def scores(self) -> list[float]:
        """The validation score of each epoch."""
        return [record.validation_score for record in self.records]


def epochs(
    plan: TrainingConfig, theta: Array, state: TrainingState, table: Dataset
) -> Iterator[EpochStats]:
    """Train `theta` in place; yield what each epoch did.

    Every epoch permutes the previous epoch's order of the rows in ``state.order``,
    which may name a part of the table's rows. A batch whose weights are all zero says
    nothing: no step, and its rows do not count.
    """
    network, each_step = plan.objective.network, plan.schedule.each_step
    work = network.workspace(plan.batch_size, theta.dtype, training=True)
    params, grad = network.views(theta), network.views(np.empty_like(theta))
    weights = params.weights
    n_rows = table.n_rows if state.order is None else len(state.order)
    batches = MiniBatches(table, n_rows, plan.batch_size, GATHERED_ROWS)
    n_batches = ceil(n_rows / plan.batch_size)
    while True:
        rate, loss, length, n_counted, n_steps = plan.rate(state), 0.0, 0.0, 0, 0
        if plan.shuffle:
            before = np.arange(table.n_rows) if state.order is None else state.order
            state.order = before[state.rng.permutation(len(before))]
        bits = _step_rng(state.rng) if network.has_dropout else None
        for i, batch in enumerate(batches.in_order(state.order)):
            state.n_seen += batch.n_rows
            if batch.w is not None and not batch.w.any():
                continue
            if each_step:
                rate = plan.rate(state, i / n_batches)
            value = plan.objective.evaluate(params, (batch,), grad, work, bits)
            length += clip_by_norm(grad.flat, plan.max_grad_norm)
            if plan.weight_decay:
                weights *= decay_factor(rate * plan.weight_decay)
            state.optimizer.step(theta, grad.flat, rate)
            loss += value * batch.n_rows
            n_counted += batch.n_rows
            n_steps += 1
        state.n_epochs += 1
        yield EpochStats(loss / n_counted, length / n_steps, rate)


def _step_rng(rng: np.random.RandomState) -> Rng:
    """An epoch's random bits, which RandomState would draw three times as slowly."""
    return Rng(rng.randint(2**32, size=4, dtype=np.uint32))


def decay_factor(decay: float) -> float:
    """The factor on the weights; a step that turns them round is none of decay's."""
    if decay >= 1:
        raise ValueError(
            "weight_decay times the learning rate must be below 1 in each step. "
            f"Got {decay:g}."
        )
    return 1 - decay


def clip_by_norm(grad: Array, most: float) -> float:
    """The length of the gradient, which is cut to `most` in place."""
    length = norm(grad)
    if length > most:
        grad *= most / length
    return length


def train(
    plan: TrainingConfig,
    theta: Array,
    state: TrainingState,
    table: Dataset,
    *,
    validate: Callable[[Array], Validation] | None = None,
    log: Callable[[str], None],
    monitor: Monitor | None = None,
    n_before: int = 0,
) -> TrainingResult:
    """Train `theta` in place until a stopping rule fires or `max_epochs` have run.

    Parameters
    ----------
    plan : TrainingConfig
        What to minimise and how.
    theta : ndarray of shape (n_parameters,)
        The parameters; changed in place.
    state : TrainingState
        Where training stands; changed in place.
    table : Dataset
        The training rows.
    validate : callable, default=None
        theta -> Validation. If given, the score decides on stopping, else the loss does.
    log : callable
        Takes a line on each epoch.
    monitor : Monitor, default=None
        Is told when an epoch begins and ends; training stops where it says so.
    n_before : int, default=0
        Epochs before these, to number the lines by.

    Returns
    -------
    Run
        Records and outcome. KeyboardInterrupt ends training as an outcome.
    """
    run = TrainingResult(rate=plan.rate(state))
    learning = epochs(plan, theta, state, table)
    try:
        for _ in range(min(plan.max_epochs, sys.maxsize)):
            if monitor:
                monitor.on_iteration_begin(theta)
            start, epoch = perf_counter(), next(learning)
            found = NOT_VALIDATED
            # Without validation, nothing is an improvement on an infinite loss.
            finite = np.isfinite(epoch.loss) or (validate and not np.isnan(epoch.loss))
            finite = finite and np.isfinite(theta).all()
            if validate and finite:
                found = validate(theta)
                finite = not np.isnan(found.score)
            run.note(epoch, found, perf_counter() - start, theta)
            log(line_of(n_before + len(run.records), run.records[-1]))
            if not finite:
                # The monitor could do nothing with such parameters.
                run.outcome = StopReason.DIVERGED
                break
            stop = monitor is not None and monitor.on_iteration_end(theta)
            value = -found.score if validate else epoch.loss
            if state.patience.update(value) and on_plateau(plan, state, validate, log):
                run.outcome = StopReason.CONVERGED
            elif stop:
                run.outcome = StopReason.STOPPED
            if run.outcome is not StopReason.MAX_EPOCHS:
                break
    except KeyboardInterrupt:
        run.outcome = StopReason.INTERRUPTED
    return run


def on_plateau(
    plan: TrainingConfig,
    state: TrainingState,
    validated: object,
    log: Callable[[str], None],
) -> bool:
    """The patience is at its end: lower the rate if the schedule does, else stop.

    Patience starts anew. After a cut so does its reference, as one lucky low value
    would otherwise make the rate fall again and again.
    """
    patience = state.patience
    message = (
        f"{'Validation score' if validated else 'Training loss'} did not improve more "
        f"than tol={patience.tol:f} for {patience.n_iter_no_change} consecutive epochs."
    )
    patience.count = 0
    if not plan.schedule.cuts(plan.rate(state)):
        log(f"{message} Stopping.")
        return True
    state.n_cuts += 1
    patience.best = np.inf
    log(f"{message} Setting learning rate to {plan.rate(state):f}")
    return False
