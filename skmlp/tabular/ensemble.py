"""The members of an ensemble: networks of one kind, each trained on rows of its own.

They go from epoch to epoch together, each with its own generator of random numbers, so
that it makes no difference how many of them train at the same time.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from ..common.threads import at_most
from ..core._types import Array, Rows
from ..core.batches import Dataset
from ..core.heads import Head
from ..core.history import (
    NOT_VALIDATED,
    Monitor,
    Record,
    StopReason,
    Validation,
    line_of,
)
from ..core.network import Network
from ..core.optimizers import Optimizer
from ..core.schedules import ScheduleSegment
from ..core.training import (
    Patience,
    TrainingConfig,
    TrainingResult,
    TrainingState,
    epochs,
)

MOST_START_ROWS = 1024
"""Rows that a start from data looks at."""

TRIAL_STEPS = 8
"""Steps that tell how long an epoch takes."""

COOLDOWN_FRACTION = 0.5
"""Once the patience is at its end, the rest of the schedule takes that share of the epochs
until then."""

WORTH_PROCESSES = 10.0
"""Seconds: in less, starting processes costs more time than they save."""

MIN_EPOCHS_IN_TIME = 4
"""Where time is short, members are left out rather than trained for less."""


class Fold(NamedTuple):
    """The rows that a member trains on, and those that choose its best epoch."""

    training: Rows
    held_out: Rows


def split_in_folds(
    n_rows: int, n_members: int, strata: Any, rng: np.random.RandomState
) -> list[Fold]:
    """Each member holds out another part of the rows; of each stratum about as many.

    There are as many parts as members, but at least 5 and at most 8; further members
    hold out parts of another partition.
    """
    n_folds = min(max(5, min(n_members, 8)), n_rows)
    splits: list[Fold] = []
    while len(splits) < n_members:
        rows = rng.permutation(n_rows)
        if strata is not None:
            rows = rows[np.argsort(strata[rows], kind="stable")]
        fold = np.empty(n_rows, int)
        fold[rows] = np.arange(n_rows) % n_folds
        for i in range(min(n_folds, n_members - len(splits))):
            splits.append(Fold(np.flatnonzero(fold != i), np.flatnonzero(fold == i)))
    return splits


@dataclass(frozen=True)
class ValidationLoss:
    """Rows held out, on which the loss says how good parameters are."""

    network: Network
    head: Head
    table: Dataset

    def __call__(self, theta: Array) -> Validation:
        s = self.network.scores(theta, self.table.X)
        losses, _ = self.head.loss_and_gradient(self.table.y, s)
        loss = float(np.average(losses, weights=self.table.w))
        return Validation(-loss, loss)


@dataclass
class Member:
    """A network in training; `theta` are its parameters, changed in place."""

    theta: Array
    state: TrainingState
    validate: Callable[[Array], Validation]
    run: TrainingResult = field(default_factory=TrainingResult)

    def train_epoch(self, plan: TrainingConfig, training: Dataset) -> "Member":
        """Train for one more epoch, unless training has ended; return the member."""
        if self.run.outcome is StopReason.MAX_EPOCHS:
            # Both are settings of the process, which may be another one.
            with np.errstate(all="ignore"), at_most(1):
                self._advance(plan, training)
        return self

    def _advance(self, plan: TrainingConfig, training: Dataset) -> None:
        start = perf_counter()
        epoch = next(epochs(plan, self.theta, self.state, training))
        found = self.validate(self.theta)
        if not np.isfinite([epoch.loss, found.loss]).all():
            found = NOT_VALIDATED
        self.run.note(epoch, found, perf_counter() - start, self.theta)
        if found is NOT_VALIDATED:
            self.run.outcome = StopReason.DIVERGED


@dataclass
class Ensemble:
    """What its members have in common, and how far training has come.

    `plan` has a `ScheduleSegment` schedule, of `n_epochs` epochs; `patience` is with the
    mean loss on the rows held out. `max_time` are seconds since `started`, and where it
    is given `seconds_of_an_epoch` is what the first epoch is expected to take.
    """

    plan: TrainingConfig
    training: Dataset
    patience: Patience
    make_optimizer: Callable[[], Optimizer]
    max_time: float | None
    started: float
    n_jobs: int = 1
    theta: Array = field(init=False)
    n_epochs: int = field(init=False)
    seconds_of_an_epoch: float = 0.0
    members: list[Member] = field(default_factory=list)
    history: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in Record._fields}
    )
    outcome: StopReason = StopReason.MAX_EPOCHS

    def __post_init__(self) -> None:
        self.n_epochs = self.plan.max_epochs

    @property
    def network(self) -> Network:
        """The network that all members are."""
        return self.plan.objective.network

    def begin(
        self,
        splits: list[Fold],
        held_out: Callable[[Fold], Callable[[Array], Validation]],
        seeds: Any,
    ) -> None:
        """Draw the parameters of all members; those for which there is no time not."""
        short = self.max_time is not None and self.max_time < WORTH_PROCESSES
        self.n_jobs = 1 if short else min(self.n_jobs, len(splits))
        if self.n_jobs > 1:
            # The start of processes is not part of an epoch's time.
            self._parallel()(delayed(warm_up)() for _ in range(self.n_jobs))
        fewer = self._within_time(splits, seeds)
        self.n_jobs = min(self.n_jobs, len(fewer))
        shape = len(fewer), self.network.n_parameters
        self.theta = np.empty(shape, self.training.X.dtype)
        for theta, split, seed in zip(self.theta, fewer, seeds, strict=False):
            state = self._start(theta, split.training, seed)
            self.members.append(Member(theta, state, held_out(split)))

    def _parallel(self) -> Parallel:
        # Large arrays would come as files that cannot be written to.
        return Parallel(self.n_jobs, max_nbytes=None)

    def _start(self, theta: Array, rows: Rows, seed: int) -> TrainingState:
        """Draw parameters, to be trained on those rows."""
        rng = np.random.RandomState(seed)
        some = rng.permutation(rows)[:MOST_START_ROWS]
        theta[...] = self.network.initialize(rng, theta.dtype, self.training.X[some])
        endless = Patience(0.0, np.inf)
        return TrainingState(self.make_optimizer(), endless, rng, order=rows)

    def _within_time(self, splits: list[Fold], seeds: Any) -> list[Fold]:
        """The members, and the rows of an epoch, that there is time for."""
        if self.max_time is None:
            return splits
        rows = splits[0].training
        n_rows = min(len(rows), TRIAL_STEPS * self.plan.batch_size)
        theta = np.empty(self.network.n_parameters, self.training.X.dtype)
        state = self._start(theta, rows[:n_rows], seeds[0])
        start = perf_counter()
        with np.errstate(all="ignore"):
            next(epochs(self.plan, theta, state, self.training))
        seconds = (perf_counter() - start) * len(rows) / n_rows
        n_epochs = self.n_jobs * (self.max_time - self._elapsed()) / seconds
        n_members = int(min(max(n_epochs / MIN_EPOCHS_IN_TIME, 1), len(splits)))
        share = min(max(n_epochs / MIN_EPOCHS_IN_TIME, 0), 1)
        self.seconds_of_an_epoch = seconds * share * ceil(n_members / self.n_jobs)
        return [
            split._replace(training=_part(split.training, share))
            for split in splits[:n_members]
        ]

    def _elapsed(self) -> float:
        return perf_counter() - self.started

    def _epochs_left(self) -> int:
        """How many epochs more: all that are planned, or those there is time for."""
        done = len(self.history["loss"])
        planned = self.n_epochs - done
        if self.max_time is None:
            return planned
        seconds = max(
            self.history["seconds"][-MIN_EPOCHS_IN_TIME:] or [self.seconds_of_an_epoch]
        )
        in_time = (self.max_time - self._elapsed()) / seconds if seconds else planned
        return min(planned, int(in_time) if done else max(1, int(in_time)))

    def train(
        self,
        pace: ScheduleSegment,
        monitor: Monitor | None,
        log: Callable[[str], None],
    ) -> None:
        """Train all members, `n_jobs` at a time, until the end of the schedule."""
        with ExitStack() as stack:
            several = self.n_jobs > 1
            parallel = stack.enter_context(self._parallel()) if several else None
            try:
                while (n_left := self._epochs_left()) > 0 and self._unfinished():
                    pace.advance(n_left)
                    if monitor:
                        monitor.on_iteration_begin(self.theta)
                    start = perf_counter()
                    self._advance(parallel)
                    self._note(perf_counter() - start, log)
                    if monitor and monitor.on_iteration_end(self.theta):
                        self.outcome = StopReason.STOPPED
            except KeyboardInterrupt:
                self.outcome = StopReason.INTERRUPTED

    def _advance(self, parallel: Any) -> None:
        """One more epoch of all members; in other processes, these train copies."""
        if parallel is None:
            for member in self.members:
                member.train_epoch(self.plan, self.training)
            return
        train_epoch = delayed(Member.train_epoch)
        self.members = parallel(
            train_epoch(member, self.plan, self.training) for member in self.members
        )
        for theta, member in zip(self.theta, self.members, strict=True):
            theta[...] = member.theta

    def _unfinished(self) -> bool:
        ended = all(m.run.outcome is not StopReason.MAX_EPOCHS for m in self.members)
        return not ended and self.outcome is StopReason.MAX_EPOCHS

    def _note(self, seconds: float, log: Callable[[str], None]) -> None:
        """Note the means over the members that trained."""
        n = len(self.history["loss"]) + 1
        records = [m.run.records[-1] for m in self.members if len(m.run.records) == n]
        mean = Record(*np.mean(records, axis=0).tolist())._replace(seconds=seconds)
        for name, column in self.history.items():
            column.append(getattr(mean, name))
        log(line_of(n, mean))
        last = n + ceil(n * COOLDOWN_FRACTION)
        if self.patience.update(mean.validation_loss) and last < self.n_epochs:
            self.n_epochs = last
            log(
                f"Validation loss did not fall for more than "
                f"{self.patience.n_iter_no_change} consecutive epochs. {last - n} epochs "
                "are left for the rest of the learning rate's schedule."
            )

    @property
    def fitted(self) -> list[Member]:
        """The members that have a best epoch."""
        return [member for member in self.members if member.run.best is not None]


def warm_up() -> None:
    """Do nothing, in a process that has to load this module for it."""


def _part(rows: Rows, share: float) -> Rows:
    """That share of the rows, evenly spread over them, and at least one."""
    n = max(1, int(share * len(rows)))
    return rows if n == len(rows) else rows[np.arange(n) * len(rows) // n]
