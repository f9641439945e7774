"""Training with mini-batches: epochs, shuffling, validation, stopping.

`epochs` is a generator that yields the statistics of one epoch after another, so a
`break` stops it. `train` adds the stopping rules. `TrainingState` holds what a later call
needs to continue; it can be pickled.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ._types import Array, Rng, Rows
from .batches import Blocks, BlocksElsewhere, Dataset, Part, parts_of, row_blocks
from .compiled import compiled_runner
from .history import (
    NOT_VALIDATED,
    SILENT,
    EpochStats,
    Progress,
    StopReason,
    TrainingResult,
    Validation,
)
from .network import Network
from .objective import Objective
from .optimizers import Optimizer
from .runners import NumpyRunner, Runner, StepSums
from .schedules import Schedule
from .snapshots import NOT_KEPT, Keeper, put_all_back


@dataclass
class Patience:
    """How many epochs in a row a value has not fallen by more than `tol`."""

    tol: float
    n_iter_no_change: float
    best: float = np.inf
    count: int = 0

    def update(self, value: float) -> bool:
        """Add the value of an epoch; return whether the patience has run out."""
        self.count = self.count + 1 if value > self.best - self.tol else 0
        self.best = min(self.best, value)
        return self.count > self.n_iter_no_change


@dataclass
class TrainingState:
    """The state of training, without the parameters theta.

    Attributes
    ----------
    optimizer : Optimizer
        The optimiser, with its moments.
    patience : Patience
        The stopping rule's count and reference.
    rng : RandomState
        Draws the order of the rows.
    order : ndarray of shape (n_rows,) or None
        The shuffle order: the position, among the rows trained on, of each row of the
        last epoch. The next epoch permutes it. None is the order of the rows.
    n_seen : int
        Rows seen so far.
    n_cuts : int
        How often the schedule has lowered the learning rate on a plateau.
    n_epochs : int
        Epochs since the schedule began.
    measure : str
        A key of the training loss: losses with different keys are not comparable.
    """

    optimizer: Optimizer
    patience: Patience
    rng: np.random.RandomState
    order: Rows | None = None
    n_seen: int = 0
    n_cuts: int = 0
    n_epochs: int = 0
    measure: str = ""

    def shuffle(self, n_rows: int) -> None:
        """Permute the order of the rows."""
        before = np.arange(n_rows) if self.order is None else self.order
        self.order = before[self.rng.permutation(n_rows)]

    def order_of(self, rows: Rows | None) -> Rows | None:
        """The row numbers in the shuffle order; None for all rows, unshuffled."""
        if rows is None or self.order is None:
            return self.order if rows is None else rows
        return rows[self.order]


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of training that do not change from epoch to epoch.

    The schedule spans `schedule_epochs` epochs, by default `max_epochs`, and then starts
    over.

    `weight_decay` is decoupled: before each step the weights, not the biases, are
    multiplied by 1 - learning rate * weight_decay. Loshchilov and Hutter, "Decoupled
    weight decay regularization", arXiv:1711.05101.

    A gradient with a norm above `max_grad_norm` is scaled to that norm. Pascanu, Mikolov
    and Bengio, "On the difficulty of training recurrent neural networks",
    arXiv:1211.5063.
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

    def of_network(self, network: Network) -> "TrainingConfig":
        """The settings for another network."""
        return replace(self, objective=replace(self.objective, network=network))

    def rate(self, state: TrainingState, part: float = 0.0) -> float:
        """The learning rate at the fraction `part` of the next epoch."""
        n_epochs = self.schedule_epochs or self.max_epochs
        t = (state.n_epochs % n_epochs + part) / n_epochs
        factor = self.schedule.factor(state.n_seen, state.n_cuts, t)
        return self.learning_rate * factor

    def rates(
        self, state: TrainingState, n_steps: int, start: float = 0.0, stop: float = 1.0
    ) -> Array:
        """The learning rate of each step of the next epoch, or of that part of it."""
        if self.schedule.each_step:
            parts = start + (stop - start) * np.arange(n_steps) / n_steps
            rates = np.array([self.rate(state, part) for part in parts.tolist()])
        else:
            rates = np.full(n_steps, self.rate(state))
        if self.weight_decay:
            self._check_decay(float(rates.max()))
        return rates

    def _check_decay(self, rate: float) -> None:
        """Raise ValueError if a step at that rate would change the sign of weights."""
        if rate * self.weight_decay >= 1:
            raise ValueError(
                "weight_decay times the learning rate must be below 1 in each step. "
                f"Got {rate * self.weight_decay:g}."
            )


class TrainingSplit(NamedTuple):
    """The rows to train on, and the validation.

    `rows` are the numbers of the training rows in `data`; None: all rows. `validate`
    computes score and loss of theta on the validation rows; None: no validation. With
    `blocks`, these are the training rows, and `data` has some of them.
    """

    data: Dataset
    rows: Rows | None = None
    validate: Callable[[Array], Validation] | None = None
    blocks: Blocks | None = None

    @property
    def n_rows(self) -> int:
        """The number of rows to train on in an epoch."""
        if self.blocks is not None:
            return self.blocks.n_rows
        return self.data.n_rows if self.rows is None else len(self.rows)

    def epochs(
        self, config: TrainingConfig, theta: Array, state: TrainingState
    ) -> Iterator[EpochStats]:
        """Train `theta` in place; yield the statistics of each epoch."""
        if self.blocks is not None:
            return epochs_of_blocks(config, theta, state, self.blocks)
        return epochs(config, theta, state, self.data, self.rows)


def epochs(
    config: TrainingConfig,
    theta: Array,
    state: TrainingState,
    data: Dataset,
    rows: Rows | None = None,
) -> Iterator[EpochStats]:
    """Train `theta` in place; yield the statistics of each epoch.

    `rows` are the numbers of the rows to train on, by default all. A batch in which all
    weights are zero makes no step, and its rows do not count.
    """
    n_rows = data.n_rows if rows is None else len(rows)
    n_steps = ceil(n_rows / config.batch_size)
    runner = _runner(config, theta, state, data)
    while True:
        rates = config.rates(state, n_steps)
        sums = _steps(config, runner, state, (n_rows, rows), rates)
        state.n_epochs += 1
        yield _stats(sums, float(rates[-1]))


def epochs_of_blocks(
    config: TrainingConfig, theta: Array, state: TrainingState, blocks: Blocks
) -> Iterator[EpochStats]:
    """Train `theta` in place, one block after the other; each is shuffled by itself.

    The learning rate is that of `epochs` for all rows together.
    """
    while True:
        parts = parts_of(blocks.of_epoch(state.n_epochs))
        if isinstance(blocks, BlocksElsewhere):
            sums, rate = blocks.train(config, theta, state, parts)
        else:
            sums, rate = train_blocks(config, theta, state, parts)
        state.n_epochs += 1
        yield _stats(sums, rate)


def train_blocks(
    config: TrainingConfig, theta: Array, state: TrainingState, parts: Sequence[Part]
) -> tuple[StepSums, float]:
    """Train `theta` in place on blocks of an epoch; return sums and the last rate."""
    sums = StepSums()
    rates: Array = np.empty(0)
    for block, start, stop in parts:
        n_steps = ceil(block.n_rows / config.batch_size)
        rates = config.rates(state, n_steps, start, stop)
        runner = _runner(config, theta, state, block.load())
        sums = sums.plus(_steps(config, runner, state, (block.n_rows, None), rates))
        # The next block has other rows.
        state.order = None
    return sums, float(rates[-1])


def _runner(
    config: TrainingConfig, theta: Array, state: TrainingState, data: Dataset
) -> Runner:
    """The compiled steps where they can train on the data, or else NumPy."""
    parts: tuple[Any, ...] = config, theta, state.optimizer, data
    compiled: Runner | None = compiled_runner(*parts)
    return compiled or NumpyRunner(*parts)


def _steps(
    config: TrainingConfig,
    runner: Runner,
    state: TrainingState,
    rows: tuple[int, Rows | None],
    rates: Array,
) -> StepSums:
    """A step for each mini-batch of the rows: their number, and their numbers or None."""
    n_rows, numbers = rows
    size, sums = config.batch_size, StepSums()
    if config.shuffle:
        state.shuffle(n_rows)
    order = state.order_of(numbers)
    rng = _step_rng(state.rng) if config.objective.network.has_dropout else None
    for part in row_blocks(n_rows, runner.rows_per_call):
        some = part if order is None else order[part]
        steps = slice(part.start // size, ceil(part.stop / size))
        sums = sums.plus(runner.run(some, rates[steps], rng))
        state.n_seen += part.stop - part.start
    return sums


def _stats(sums: StepSums, rate: float) -> EpochStats:
    """The statistics of an epoch with these sums and that last learning rate."""
    norm = sums.gradient_norm / sums.n_steps
    return EpochStats(sums.loss / sums.n_rows, norm, rate)


def _step_rng(rng: np.random.RandomState) -> Rng:
    """A generator for the steps of an epoch, three times as fast as RandomState."""
    return Rng(rng.randint(2**32, size=4, dtype=np.uint32))


def train_epoch(
    learning: Iterator[EpochStats],
    theta: Array,
    validate: Callable[[Array], Validation] | None,
    result: TrainingResult,
) -> bool:
    """Train one epoch, validate and record it; return whether all values were finite.

    If not, the stop reason is DIVERGED.
    """
    start, stats = perf_counter(), next(learning)
    # With validation the score decides, so the training loss may be infinite.
    finite = np.isfinite(stats.loss) or (validate and not np.isnan(stats.loss))
    finite = finite and np.isfinite(theta).all()
    validation = NOT_VALIDATED
    if validate and finite:
        validation = validate(theta)
        finite = not np.isnan(validation.score)
    result.add(stats, validation, perf_counter() - start, theta)
    if not finite:
        result.stop_reason = StopReason.DIVERGED
    return bool(finite)


def train(
    config: TrainingConfig,
    theta: Array,
    state: TrainingState,
    split: TrainingSplit,
    progress: Progress = SILENT,
    keeper: Keeper = NOT_KEPT,
) -> TrainingResult:
    """Train `theta` in place until a stopping rule applies or `max_epochs` have run.

    Parameters
    ----------
    config : TrainingConfig
        What to minimise, and how.
    theta : ndarray of shape (n_parameters,)
        The parameters; changed in place.
    state : TrainingState
        The state of training; changed in place.
    split : TrainingSplit
        The training rows, and the validation. With validation the score decides when to
        stop, without it the loss.
    progress : Progress
        Receives each epoch. Training stops if its monitor asks to.
    keeper : Keeper
        Gets a snapshot after epochs. Training goes on from one that it has.

    Returns
    -------
    TrainingResult
        The records, the best parameters and the stop reason, which is INTERRUPTED after
        a KeyboardInterrupt that `progress` does not let through.
    """
    result = TrainingResult(learning_rate=config.rate(state))
    parts = {"theta": theta, "state": state, "result": result}
    if kept := keeper.kept():
        put_all_back(kept, parts)
        progress.say(f"Going on after epoch {len(result.records)}.")
    learning = split.epochs(config, theta, state)
    try:
        while result.goes_on(config.max_epochs):
            progress.begin(theta)
            finite = train_epoch(learning, theta, split.validate, result)
            progress.report(len(result.records), result.records[-1])
            # A monitor cannot use parameters that are not finite.
            if not finite:
                break
            stop = progress.end(theta)
            last = result.records[-1]
            value = -last.validation_score if split.validate else last.loss
            if state.patience.update(value) and not on_plateau(
                config, state, progress, validated=split.validate is not None
            ):
                result.stop_reason = StopReason.CONVERGED
            elif stop:
                result.stop_reason = StopReason.STOPPED
            keeper.keep(parts, done=not result.goes_on(config.max_epochs))
    except KeyboardInterrupt:
        if not progress.stop_on_interrupt:
            raise
        result.stop_reason = StopReason.INTERRUPTED
    return result


def on_plateau(
    config: TrainingConfig, state: TrainingState, progress: Progress, *, validated: bool
) -> bool:
    """The patience has run out: return whether training continues at a lower rate.

    It does if the schedule cuts the rate. The count of the patience is then reset, and its
    reference too: otherwise one low value by chance would cut the rate again and again.
    """
    patience = state.patience
    message = (
        f"{'Validation score' if validated else 'Training loss'} did not improve more "
        f"than tol={patience.tol:f} for {patience.n_iter_no_change} consecutive epochs."
    )
    patience.count = 0
    if not config.schedule.cuts(config.rate(state)):
        progress.say(f"{message} Stopping.")
        return False
    state.n_cuts += 1
    patience.best = np.inf
    progress.say(f"{message} Setting learning rate to {config.rate(state):f}")
    return True
