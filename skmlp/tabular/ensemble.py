"""An ensemble: networks of one architecture, each with its own training rows.

The members train epoch by epoch together. Each has its own random generator, so the
result does not depend on how many of them train at the same time.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat
from math import ceil
from time import perf_counter
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning

from ..common.checkpoints import described
from ..common.checks import check_some_weight
from ..common.errors import warn
from ..core._types import Array, Rows
from ..core.batches import Blocks, BlocksElsewhere, Dataset
from ..core.compiled import compiled_runner
from ..core.finite import scores_within
from ..core.history import Progress, Record, StopReason
from ..core.network import Network, distinct, thetas_of
from ..core.optimizers import Optimizer
from ..core.schedules import ScheduleSegment
from ..core.snapshots import NOT_KEPT, VALUES, Keeper, put_all_back
from ..core.training import (
    Patience,
    TrainingConfig,
    TrainingSplit,
    TrainingState,
    epochs,
)
from .deadline import Deadline
from .folds import Fold, check_same_folds
from .member_rows import MemberRows, OwnColumns, some_rows
from .members import Member, Score, ValidationLoss
from .more_rows import PartialBlocks
from .workers import Waiting, Workers, warm_up, worker_errors

MAX_INITIAL_ROWS = 1024
"""The maximum number of rows for a data-driven initialisation."""

TRIAL_STEPS = 8
"""The number of steps that measure how long an epoch takes."""

COOLDOWN_FRACTION = 0.5
"""Once the patience has run out, the rest of the schedule takes this fraction of the
epochs so far."""

MIN_TIME_FOR_PROCESSES = 10.0
"""With a smaller `max_time`, in seconds, processes take longer to start than they save."""

MIN_EPOCHS_IN_TIME = 4
"""With a time limit, there are fewer members if they have no time for these epochs."""

KEPT = (
    *("n_members", "fraction", "first_epoch_seconds"),
    *("n_epochs", "segment", "stop_reason", "history", "patience"),
)
"""The attributes of an ensemble in a snapshot, beside its members."""

LARGEST_SCORE = 1e150
"""Members with larger scores for a training row have diverged. Their squares are finite."""


@dataclass(kw_only=True)
class Ensemble:
    """The members, what they have in common, and the progress of training.

    `networks` has one for each fold; that of `config` is not used. A member trains on
    the rows of `training` that its fold names, and is validated on the rows of
    `validation` that its fold names. `scorer` makes their score from these rows; None:
    minus the loss. The patience applies to its mean over the members. `judges` has for
    each fold the members that judge its epochs, and `own_columns` the columns of
    `training` that only its member has; empty: none. `config` has at most `max_epochs`
    epochs, and a `ScheduleSegment` for the next one. `blocks` has for each fold the rows
    that its member trains on, where `training` has only some of them; empty: none.
    """

    config: TrainingConfig
    training: Dataset
    validation: Dataset
    networks: list[Network]
    folds: list[Fold]
    seeds: list[int]
    make_optimizer: Callable[[], Optimizer]
    patience: Patience
    scorer: Callable[[Rows], Score] | None = None
    judges: list[list[int]] = field(default_factory=list)
    own_columns: list[OwnColumns] = field(default_factory=list)
    blocks: list[PartialBlocks] = field(default_factory=list)
    deadline: Deadline = field(default_factory=Deadline)
    n_jobs: int = 1
    members: list[Member] = field(init=False, default_factory=list)
    history: dict[str, list[float]] = field(
        init=False, default_factory=lambda: {name: [] for name in Record._fields}
    )
    stop_reason: StopReason = field(init=False, default=StopReason.MAX_EPOCHS)
    theta: Array = field(init=False)
    n_epochs: int = field(init=False)
    segment: ScheduleSegment = field(init=False)
    in_threads: bool = field(init=False)
    first_epoch_seconds: float = field(init=False, default=0.0)
    n_members: int = field(init=False)
    fraction: float = field(init=False, default=1.0)

    def __post_init__(self) -> None:
        self.n_epochs, self.n_members = self.config.max_epochs, len(self.folds)
        self.segment = ScheduleSegment(self.config.schedule)
        self.config = replace(self.config, schedule=self.segment)

    def initialize(self, keeper: Keeper = NOT_KEPT) -> None:
        """Draw the parameters of as many members as there is time for, before `train`.

        Members of a snapshot go on.
        """
        if self._elsewhere:
            self.n_jobs = len(self.folds)
        self.n_jobs = min(self.n_jobs, len(self.folds))
        self.in_threads = self.n_jobs > 1 and (self._elsewhere or self._is_compiled())
        short = self.deadline.max_time < MIN_TIME_FOR_PROCESSES
        # Processes do not have the file of the blocks.
        if (short or self.blocks) and not self.in_threads:
            self.n_jobs = 1
        if self.n_jobs > 1 and not self.in_threads:
            # Starting the processes is not part of the time of an epoch.
            with worker_errors(self.n_jobs):
                self._parallel()(delayed(warm_up)() for _ in range(self.n_jobs))
        kept = keeper.kept()
        if kept:
            check_same_folds(kept["folds"], self._described_folds)
            attributes = kept["ensemble"][VALUES]
            vars(self).update(put_all_back(attributes, self._attributes()))
        elif self.deadline.is_set:
            self._share_the_time()
        folds = self._shared_folds()
        self.n_jobs = min(self.n_jobs, len(folds))
        self.networks = self.networks[: len(folds)]
        size = sum(network.n_parameters for network in self.networks)
        self.theta = np.empty(size, self.training.X.dtype)
        columns = self.own_columns or repeat(None)
        pairs = thetas_of(self.networks, self.theta)
        each = zip(pairs, folds, self.seeds, columns, self._blocks(), strict=False)
        for (network, theta), fold, seed, own, blocks in each:
            state = self._start(network, theta, fold.training, seed, own)
            loss = self._validation_loss(network, fold, own, blocks)
            split = TrainingSplit(self.training, fold.training, loss, blocks)
            self.members.append(
                Member(network, theta, state, split, loss.rows, own=own)
            )
        for member, tree in zip(self.members, kept.get("members", ()), strict=False):
            member.go_on(tree)

    def _attributes(self) -> dict[str, Any]:
        """The attributes that training changes, without the members."""
        return {name: getattr(self, name) for name in KEPT}

    def _keep(self, keeper: Keeper) -> None:
        """Take a snapshot; when training is done, only of what the model needs."""
        if keeper is NOT_KEPT:
            return
        done = self._epochs_left() <= 0 or not self._unfinished()
        members = [member.kept(done=done) for member in self.members]
        parts = {"ensemble": self._attributes(), "members": members}
        keeper.keep({**parts, "folds": self._described_folds}, done=done)

    @cached_property
    def _described_folds(self) -> str:
        """The checksums of the folds, which stay the same."""
        return described(self.folds)

    def _validation_loss(
        self, network: Network, fold: Fold, own: OwnColumns | None, blocks: Any
    ) -> ValidationLoss:
        data, rows = self.validation, fold.validation
        if data.w is not None:
            check_some_weight(data.w[rows], " among the validation rows")
        objective = self.config.of_network(network).objective
        mine = MemberRows(data, rows, own) if data is self.training else data
        held = blocks.held_out if isinstance(blocks, BlocksElsewhere) else mine
        return ValidationLoss(objective, held, self.scorer and self.scorer(rows))

    def _is_compiled(self) -> bool:
        """Whether C takes the steps, and so releases the interpreter's lock."""
        data = self.training
        return all(
            compiled_runner(
                self.config.of_network(network),
                np.zeros(network.n_parameters, data.X.dtype),
                self.make_optimizer(),
                data,
            )
            for network in distinct(self.networks)
        )

    @property
    def _elsewhere(self) -> bool:
        """Whether members train on other machines, for which threads only wait."""
        return any(isinstance(one, BlocksElsewhere) for one in self.blocks)

    def _parallel(self) -> Parallel | Waiting:
        if self._elsewhere:
            return Waiting(self.n_jobs)
        prefer = "threads" if self.in_threads else None
        # joblib would pass large arrays as files, which are read-only.
        return Parallel(self.n_jobs, prefer=prefer, max_nbytes=None)

    def _start(
        self,
        network: Network,
        theta: Array,
        rows: Rows,
        seed: int,
        own: OwnColumns | None = None,
    ) -> TrainingState:
        """Draw parameters into `theta`; return the state for training on those rows."""
        rng = np.random.RandomState(seed)
        some = rng.permutation(rows)[:MAX_INITIAL_ROWS]
        X = some_rows(self.training.X, some, own)
        theta[...] = network.initialize(rng, theta.dtype, X)
        return TrainingState(self.make_optimizer(), Patience(0.0, np.inf), rng)

    def _share_the_time(self) -> None:
        """Find how many members there is time for, and how many of their rows."""
        seconds = self._measure_epoch()
        rounds = self.n_jobs * self.deadline.left() / seconds / MIN_EPOCHS_IN_TIME
        self.n_members = int(min(max(rounds, 1), len(self.folds)))
        self.fraction = min(max(rounds, 0), 1)
        n_turns = ceil(self.n_members / self.n_jobs)
        self.first_epoch_seconds = seconds * self.fraction * n_turns

    def _shared_folds(self) -> list[Fold]:
        """The folds of the members, if need be with fewer training rows."""
        return [fold.part(self.fraction) for fold in self.folds[: self.n_members]]

    def _blocks(self) -> Iterable[Blocks | None]:
        """The blocks of the members, if need be with fewer rows."""
        if not self.blocks:
            return repeat(None)
        return [one.part(self.fraction) for one in self.blocks]

    def _measure_epoch(self) -> float:
        """The seconds of an epoch of one member, estimated from a few steps."""
        rows, network = self.folds[0].training, self.networks[0]
        some = rows[: TRIAL_STEPS * self.config.batch_size]
        theta = np.empty(network.n_parameters, self.training.X.dtype)
        state = self._start(network, theta, some, self.seeds[0])
        config = self.config.of_network(network)
        start = perf_counter()
        with np.errstate(all="ignore"):
            next(epochs(config, theta, state, self.training, some))
        each = [one.n_rows for one in self.blocks]
        n_rows = np.mean(each or [len(fold.training) for fold in self.folds])
        return float((perf_counter() - start) * n_rows / len(some))

    def _epochs_left(self) -> int:
        """The number of remaining epochs: as planned, or fewer if time is short."""
        done = len(self.history["loss"])
        planned = self.n_epochs - done
        if not self.deadline.is_set:
            return planned
        recent = self.history["seconds"][-MIN_EPOCHS_IN_TIME:]
        seconds = max(recent or [self.first_epoch_seconds])
        in_time = self.deadline.left() / seconds if seconds else planned
        return min(planned, int(in_time) if done else max(1, int(in_time)))

    def train(self, progress: Progress, keeper: Keeper = NOT_KEPT) -> None:
        """Train the members, `n_jobs` at a time, to the end of the schedule."""
        with ExitStack() as stack:
            workers = None
            if self.n_jobs > 1:
                workers = stack.enter_context(Workers.started(self._parallel()))
            try:
                while (n_left := self._epochs_left()) > 0 and self._unfinished():
                    self.segment = self.segment.next(n_left)
                    self.config = replace(self.config, schedule=self.segment)
                    progress.begin(self.theta)
                    start = perf_counter()
                    self._train_epoch(workers)
                    self._record(perf_counter() - start, progress)
                    progress.say_time_left(self._epochs_left(), perf_counter() - start)
                    if progress.end(self.theta):
                        self.stop_reason = StopReason.STOPPED
                    self._keep(keeper)
            except KeyboardInterrupt:
                if not progress.stop_on_interrupt:
                    raise
                self.stop_reason = StopReason.INTERRUPTED
        self._drop_infinite()

    def _drop_infinite(self) -> None:
        """Mark members as diverged that do not predict finite numbers for all rows."""
        for member in self.fitted:
            result = member.result
            # Prediction is in double precision.
            theta = np.asarray(result.best, np.float64)
            if not scores_within(member.network, theta, self.training, LARGEST_SCORE):
                result.best, result.stop_reason = None, StopReason.DIVERGED

    def _train_epoch(self, workers: Workers | None) -> None:
        """Train all members for an epoch; workers train copies of them.

        If the time is over before all members had their turn, the others do without.
        """
        if workers is None:
            n_before = len(self.history["loss"])
            for member in self.members:
                member.train_epoch(self.config)
                trained = len(member.result.records) > n_before
                if trained and n_before and self.deadline.left() <= 0:
                    break
            return
        with worker_errors(self.n_jobs):
            results = workers.train_epoch(self.members, self.config)
        for member, epoch in zip(self.members, results, strict=True):
            member.store(epoch)

    def _unfinished(self) -> bool:
        some = any(member.unfinished for member in self.members)
        return some and self.stop_reason is StopReason.MAX_EPOCHS

    def _record(self, seconds: float, progress: Progress) -> None:
        """Record the means over the members that trained in this epoch."""
        n = len(self.history["loss"]) + 1
        records = [member.result.records for member in self.members]
        last = [one[-1] for one in records if len(one) == n]
        mean = Record(*np.mean(last, axis=0).tolist())._replace(seconds=seconds)
        for name, column in self.history.items():
            column.append(getattr(mean, name))
        self._judge(n)
        progress.report(n, mean)
        n_epochs = n + ceil(n * COOLDOWN_FRACTION)
        if self.patience.update(-mean.validation_score) and n_epochs < self.n_epochs:
            self.n_epochs = n_epochs
            progress.say(
                "Validation score did not improve for more than "
                f"{self.patience.n_iter_no_change} consecutive epochs. The learning-rate "
                f"schedule ends after {n_epochs - n} more epochs."
            )

    def check_end(self) -> None:
        """Raise or warn if training was interrupted or diverged."""
        if self.stop_reason is StopReason.INTERRUPTED:
            if not self.history["loss"]:
                raise KeyboardInterrupt
            warn("Training interrupted by user.")
        rate, n_fitted = self.config.learning_rate, len(self.fitted)
        if not n_fitted:
            raise ValueError(
                "Training diverged for all networks: the loss is not finite. Lower "
                f"learning_rate_init. Got {rate}."
            )
        reasons = [member.result.stop_reason for member in self.members]
        n_diverged = reasons.count(StopReason.DIVERGED)
        if n_diverged:
            warn(
                f"{n_diverged} of {len(reasons)} networks diverged. They keep the "
                f"parameters of their best epoch before that; {len(reasons) - n_fitted} "
                "networks, which diverged in the first epoch, are not used. Lower "
                f"learning_rate_init={rate}.",
                ConvergenceWarning,
            )

    def _judge(self, n: int) -> None:
        """Let the n-th epoch of each member be judged; without judges the last is best."""
        each = [one.result.records for one in self.members]
        scores = [one[-1].validation_score if len(one) == n else np.nan for one in each]
        for member, own, judges in zip(self.members, scores, self.judges, strict=False):
            others = [scores[i] for i in judges if i < len(scores)]
            known = [score for score in others if np.isfinite(score)]
            if np.isfinite(own):
                member.judge(float(np.mean(known)) if known else n)

    def held_out(self, of_best: bool) -> list[tuple[Rows, Array]]:
        """For each member, its validation rows, and its scores for them.

        The scores are those of its best epoch, or else of the epoch that other members
        judge best. Members without such an epoch, or with too large scores, are left out.
        """
        found = []
        for fold, member in zip(self.folds, self.members, strict=False):
            theta = member.result.best if of_best else member.judged
            if member.result.best is not None and theta is not None:
                s = member.scores(theta)
                if np.abs(s).max() <= LARGEST_SCORE:
                    found.append((fold.validation, s))
        return found

    @property
    def fitted(self) -> list[Member]:
        """The members that have a best epoch."""
        return [one for one in self.members if one.result.best is not None]
