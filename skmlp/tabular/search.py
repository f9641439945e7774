"""The ensembles of a fit, one for each setting of the preset, and what a model keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from ..common.checkpoints import Checkpoint, Facts, facts_of
from ..common.errors import warn
from ..common.memory import check_memory
from ..common.parameters import ParametersMixin, Settings
from ..common.targets import TargetHooks
from ..core._types import Array
from ..core.batches import Dataset
from ..core.history import Progress, StopReason
from ..core.network import Network
from ..core.objective import Objective
from ..core.optimizers import Adam
from ..core.schedules import Cosine
from ..core.snapshots import NOT_KEPT
from ..core.training import Patience, TrainingConfig
from .deadline import Deadline
from .ensemble import Ensemble
from .folds import FitRows, Fold, judges_of, member_folds
from .member_rows import OwnColumns
from .more_rows import MoreRows
from .networks import describe_networks, make_networks
from .out_of_fold import OutOfFoldMixin
from .prediction import Known
from .presets import Candidate, Changes, Presets, candidates, more_candidates
from .selection import Parts, selected
from .sizes import Epochs, batch_size_for, epochs_in_blocks, n_epochs, patience_for

BETA_2 = 0.95
"""The beta_2 of Adam: a short memory, because the learning rate is high."""

KEPT = ("loss", "validation_loss", "validation_score")
"""What a model keeps of the epochs of each network."""

LEAST_TIME = 0.5
"""A further setting needs this fraction of the time of the one before."""


@dataclass(frozen=True)
class TrainingRows:
    """The rows of a fit: encoded, as the loss sees them, and given ones for validation.

    With `more`, they are a sample of the table.
    """

    rows: FitRows
    training: Dataset
    given: FitRows | None
    validation: Dataset
    more: MoreRows | None = None

    @property
    def n_rows(self) -> int:
        """The number of rows of the table."""
        return self.more.n_rows if self.more else int(self.rows.table.shape[0])

    def with_more(self, more: MoreRows) -> TrainingRows:
        """The rows of a sample and the others, without what only the others needed."""
        return replace(self, rows=replace(self.rows, labelled=None), more=more)

    def epochs(self, settings: Settings) -> Epochs:
        """How many epochs there are, and about how many rows each has."""
        if self.more:
            return epochs_in_blocks(settings, self.n_rows)
        return Epochs(n_epochs(settings, self.n_rows), self.n_rows)

    def own_columns(self, folds: Sequence[Fold]) -> list[OwnColumns]:
        """The columns that only the member of each fold has; empty: none."""
        if self.more:
            return self.more.own_columns(folds)
        if self.rows.labelled is None:
            return []
        return self.rows.labelled.own_columns(folds, self.given is None)

    def facts(self, settings: Settings, labels: Any) -> Facts:
        """What training depends on, for a checkpoint; `labels` are those of classes."""
        X, y, w = self.rows.data
        data: dict[str, Any] = {"X": X, "y": y, "sample_weight": w, "labels": labels}
        data |= {"groups": self.rows.groups, "row numbers": self.rows.numbers}
        data["weights by class"] = self.training.w
        if self.given is not None:
            data["validation data"] = self.given.data
        if self.more:
            data |= self.more.facts()
        return facts_of(settings, data)


class TrainedNetwork(NamedTuple):
    """A network at its best epoch, with the validation loss of this epoch."""

    network: Network
    theta: Array
    epoch: int
    loss: float
    history: dict[str, list[float]]


class Trained(NamedTuple):
    """What training leaves of a setting: its networks, and what they say out of fold."""

    changes: list[Changes]
    fitted: list[TrainedNetwork]
    history: dict[str, list[float]]
    n_epochs: int
    parts: Parts

    @classmethod
    def of(cls, changes: list[Changes], ensemble: Ensemble, of_best: bool) -> Trained:
        """By an ensemble after training."""
        fitted = []
        for member in ensemble.members:
            theta, n = member.result.best, member.result.best_epoch
            if theta is not None and n is not None:
                records = member.result.records
                loss = records[n - 1].validation_loss
                own = {name: [getattr(one, name) for one in records] for name in KEPT}
                fitted.append(TrainedNetwork(member.network, theta, n, loss, own))
        n = max(len(member.result.records) for member in ensemble.members)
        return cls(changes, fitted, ensemble.history, n, ensemble.held_out(of_best))


class SearchMixin(OutOfFoldMixin, ParametersMixin, TargetHooks):
    """The ensembles of the settings, their weights, and the fitted attributes."""

    _presets: ClassVar[Presets]
    """The settings of each preset."""

    _frequency_std: ClassVar[float]
    """The standard deviation of the frequencies of periodic features."""

    _largest_batch: ClassVar[int]
    """The largest batch size that is chosen by the number of rows."""

    cv: Any
    n_jobs: Any
    random_state: Any
    n_outputs_: int
    _head: Any

    def _ensembles(
        self, data: TrainingRows, deadline: Deadline, n_known: int
    ) -> Iterator[tuple[list[Changes], Ensemble]]:
        """The ensemble of each setting; they share their folds.

        After the first `n_known` settings there are further ones while there is time.
        """
        rng = check_random_state(self.random_state)
        first, *others = self._candidates()
        ensemble = self._ensemble(first.settings, data, deadline, rng)
        yield first.changes, ensemble
        if self._is_certain():
            return
        for n, one in enumerate(chain(others, self._more_candidates(rng)), 1):
            # Settings take about the same time.
            seconds = LEAST_TIME * sum(ensemble.history["seconds"])
            if n >= n_known and deadline.left() < seconds:
                return
            seeds = rng.randint(2**31, size=len(ensemble.folds)).tolist()
            parts = self._parts(one.settings, data, ensemble.folds, seeds)
            ensemble = replace(ensemble, **parts)
            yield one.changes, ensemble

    def _candidates(self) -> list[Candidate]:
        return candidates(self._settings(), self._parameter_table, self._presets)

    def _most_epochs(self, n_rows: int) -> int | None:
        """The most epochs of all settings; None if `max_time` decides."""
        if self._uses_all_time():
            return None
        return sum(n_epochs(one.settings[0], n_rows) for one in self._candidates())

    def _uses_all_time(self) -> bool:
        settings = self._settings()
        return settings["preset"] == "best" and settings["max_time"] is not None

    def _more_candidates(self, rng: np.random.RandomState) -> Iterator[Candidate]:
        """Further settings for the rest of `max_time`; only the best preset uses it."""
        if self._uses_all_time():
            table = self._parameter_table
            known = self._candidates()
            yield from more_candidates(self._settings(), table, known, rng)

    def _ensemble(
        self,
        settings: Sequence[Settings],
        data: TrainingRows,
        deadline: Deadline,
        rng: np.random.RandomState,
    ) -> Ensemble:
        """The ensemble of one setting, with the rows of its members."""
        rows, given = data.rows, data.given
        n_members = 1 if self._is_certain() else int(settings[0]["n_estimators"])
        folds = self._folds(rows, given, n_members, rng)
        seeds = rng.randint(2**31, size=n_members).tolist()
        return Ensemble(
            training=data.training,
            validation=data.validation,
            folds=folds,
            make_optimizer=lambda: Adam(beta_2=BETA_2),
            scorer=self._scorer(given or rows),
            judges=[] if given else judges_of(folds),
            own_columns=data.own_columns(folds),
            deadline=deadline,
            n_jobs=effective_n_jobs(self.n_jobs),
            **self._parts(settings, data, folds, seeds),
        )

    def _parts(
        self,
        settings: Sequence[Settings],
        data: TrainingRows,
        folds: Sequence[Fold],
        seeds: Sequence[int],
    ) -> dict[str, Any]:
        """What an ensemble has by its setting: networks, configuration and patience.

        Networks have their settings in turn, which differ in nothing else.
        """
        first, more = settings[0], data.more
        planned = data.epochs(first)
        max_epochs = 1 if self._is_certain() else planned.number
        n_rows = more.n_rows if more else min(len(fold.training) for fold in folds)
        batch = batch_size_for(first, n_rows, self._largest_batch)
        networks = self._networks_in_memory(settings, len(folds), batch)
        config = TrainingConfig(
            Objective(networks[0], self._head, use_factor=True),
            Cosine(),
            float(first["learning_rate_init"]),
            batch,
            max_epochs=max_epochs,
            schedule_epochs=1,
            weight_decay=float(first["weight_decay"]),
        )
        patience = Patience(0.0, patience_for(first, max_epochs))
        blocks = more.blocks(folds, seeds, planned.n_rows) if more else []
        found = {"networks": networks, "config": config, "patience": patience}
        return {**found, "seeds": seeds, "blocks": blocks}

    def _networks_in_memory(
        self, settings: Sequence[Settings], n_members: int, batch: int
    ) -> list[Network]:
        """The network of each member; their sizes are checked."""
        networks = make_networks(
            settings,
            self.encoder_.layout,
            self._head.n_scores(self.n_outputs_),
            self._frequency_std,
            n_members,
        )
        text = describe_networks(self._settings(), n_members)
        check_memory(networks, batch, 4, text)
        return networks

    def _folds(
        self,
        rows: FitRows,
        given: FitRows | None,
        n_members: int,
        rng: np.random.RandomState,
    ) -> list[Fold]:
        """The training and validation rows of each member; `given` validate all."""
        if given is None:
            strata = self._strata(rows.data.y)
            return member_folds(rows, self.cv, n_members, strata, rng)
        fold = Fold(np.arange(rows.data.n_rows), np.arange(given.data.n_rows))
        return [fold] * n_members

    def _train(
        self,
        data: TrainingRows,
        deadline: Deadline,
        progress: Progress,
        saved: Checkpoint | None = None,
    ) -> list[Trained]:
        """Train the ensembles, one after the other; the last one is the state so far."""
        deadline.add(saved.seconds_before if saved else 0)
        n_known = len(saved.parts) if saved else 0
        trained: list[Trained] = []
        several = len(self._candidates()) > 1
        if not n_known:
            deadline.warn_if_over()
        ensembles = self._ensembles(data, deadline, n_known)
        for n, (changes, ensemble) in enumerate(ensembles):
            if several:
                text = " and ".join(str(dict(one)) for one in changes)
                progress.say(f"Setting {n + 1}: {text}")
            keeper = saved.part(n) if saved else NOT_KEPT
            self.history_ = ensemble.history
            self.loss_curve_ = ensemble.history["loss"]
            ensemble.initialize(keeper)
            self._networks = tuple(ensemble.networks)
            self._weights = (1.0,) * len(self._networks)
            ensemble.train(progress, keeper)
            n_before = progress.n_before + len(self.loss_curve_)
            progress = replace(progress, n_before=n_before)
            begun = ensemble.history["loss"]
            if not begun and any(one.fitted for one in trained):
                # An interrupt in the first epoch: the settings before are the model.
                warn("Training interrupted by user.")
                break
            if ensemble.fitted:
                ensemble.check_end()
            trained.append(Trained.of(changes, ensemble, data.given is not None))
            if ensemble.stop_reason is not StopReason.MAX_EPOCHS:
                break
        if not any(one.fitted for one in trained):
            ensemble.check_end()
        return trained

    def _store_result(self, data: TrainingRows, trained: Sequence[Trained]) -> None:
        """Set the fitted attributes: the best parameters of each network, and history."""
        vars(self).pop("_incremental", None)
        histories = [one.history for one in trained]
        self.history_ = {
            name: [value for one in histories for value in one[name]]
            for name in histories[0]
        }
        self.loss_curve_ = self.history_["loss"]
        self.n_iter_ = sum(one.n_epochs for one in trained)
        trained = [one for one in trained if one.fitted]
        parts = [one.parts for one in trained]
        losses, weights = selected(
            parts, self._head, data.validation.y, data.validation.w
        )
        self.settings_ = [
            {
                "parameters": [dict(changes) for changes in one.changes],
                "loss": loss,
                "weight": weight,
                "seconds": sum(one.history["seconds"]),
            }
            for one, loss, weight in zip(trained, losses, weights, strict=True)
        ]
        kept = [(one, w) for one, w in zip(trained, weights, strict=True) if w > 0]
        self._store_networks(kept)
        found = [Known(rows, s, w) for one, w in kept for rows, s in one.parts]
        if data.given is None and found:
            # Of a table in files, these are rows of a sample.
            self._store_out_of_fold(data.rows, found, whole=data.more is None)

    def _store_networks(self, kept: Sequence[tuple[Trained, float]]) -> None:
        """Set the attributes of the networks of these settings, with their weights."""
        # Networks of one setting alone have the weight 1.
        n = len(kept[0][0].fitted)
        self._weights = tuple(
            weight * n / len(one.fitted) for one, weight in kept for _ in one.fitted
        )
        members = [member for one, _ in kept for member in one.fitted]
        self._networks = tuple(member.network for member in members)
        self._theta = np.concatenate([member.theta for member in members])
        self.n_estimators_ = len(members)
        self.n_parameters_ = int(self._theta.size)
        self.network_histories_ = [member.history for member in members]
        self.best_iter_ = [member.epoch for member in members]
        self.best_loss_ = float(np.mean([member.loss for member in members]))
