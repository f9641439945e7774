"""The ensembles of a fit, one for each setting of the preset, and what a model keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from ..common.memory import check_memory
from ..common.parameters import Settings
from ..common.targets import TargetHooks
from ..core.batches import Dataset
from ..core.history import Progress, StopReason
from ..core.network import Network
from ..core.objective import Objective
from ..core.optimizers import Adam
from ..core.schedules import Cosine
from ..core.training import Patience, TrainingConfig
from .deadline import Deadline
from .ensemble import Ensemble
from .folds import FitRows, Fold, judges_of, member_folds
from .networks import describe_networks, make_networks
from .out_of_fold import OutOfFoldMixin
from .prediction import Known
from .presets import Candidate
from .selection import selected
from .sizes import batch_size_for, n_epochs, patience_for

BETA_2 = 0.95
"""The beta_2 of Adam: a short memory, because the learning rate is high."""

LEAST_TIME = 0.5
"""A further setting needs this fraction of the time of the one before."""


@dataclass(frozen=True)
class TrainingRows:
    """The rows of a fit: encoded, as the loss sees them, and given ones for validation."""

    rows: FitRows
    training: Dataset
    given: FitRows | None
    validation: Dataset


class SearchMixin(OutOfFoldMixin, TargetHooks):
    """The ensembles of the settings, their weights, and the fitted attributes."""

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
        self, candidates: Sequence[Candidate], data: TrainingRows, deadline: Deadline
    ) -> Iterator[Ensemble]:
        """The ensemble of each setting, while there is time; they share their folds."""
        rng = check_random_state(self.random_state)
        first = self._ensemble(candidates[0].settings, data, deadline, rng)
        yield first
        for one in candidates[1:] if not self._is_certain() else ():
            seconds = sum(first.history["seconds"])
            if deadline.left() < LEAST_TIME * seconds:
                return
            seeds = rng.randint(2**31, size=len(first.folds)).tolist()
            parts = self._parts(one.settings, data, first.folds)
            yield replace(first, seeds=seeds, **parts)

    def _ensemble(
        self,
        settings: Settings,
        data: TrainingRows,
        deadline: Deadline,
        rng: np.random.RandomState,
    ) -> Ensemble:
        """The ensemble of one setting, with the rows of its members."""
        rows, given = data.rows, data.given
        n_members = 1 if self._is_certain() else int(settings["n_estimators"])
        folds = self._folds(rows, given, n_members, rng)
        labelled = rows.labelled
        return Ensemble(
            training=data.training,
            validation=data.validation,
            folds=folds,
            seeds=rng.randint(2**31, size=n_members).tolist(),
            make_optimizer=lambda: Adam(beta_2=BETA_2),
            scorer=self._scorer(given or rows),
            judges=[] if given else judges_of(folds),
            own_columns=labelled.own_columns(folds, given is None) if labelled else [],
            deadline=deadline,
            n_jobs=effective_n_jobs(self.n_jobs),
            **self._parts(settings, data, folds),
        )

    def _parts(
        self, settings: Settings, data: TrainingRows, folds: Sequence[Fold]
    ) -> dict[str, Any]:
        """What an ensemble has by its setting: networks, configuration and patience."""
        n_rows = data.rows.table.shape[0]
        max_epochs = 1 if self._is_certain() else n_epochs(settings, n_rows)
        n_rows = min(len(fold.training) for fold in folds)
        batch = batch_size_for(settings, n_rows, self._largest_batch)
        networks = self._networks_in_memory(settings, len(folds), batch)
        config = TrainingConfig(
            Objective(networks[0], self._head, use_factor=True),
            Cosine(),
            float(settings["learning_rate_init"]),
            batch,
            max_epochs=max_epochs,
            schedule_epochs=1,
            weight_decay=float(settings["weight_decay"]),
        )
        patience = Patience(0.0, patience_for(settings, max_epochs))
        return {"networks": networks, "config": config, "patience": patience}

    def _networks_in_memory(
        self, settings: Settings, n_members: int, batch: int
    ) -> list[Network]:
        """The network of each member; their sizes are checked."""
        networks = make_networks(
            settings,
            self.encoder_.layout,
            self._head.n_scores(self.n_outputs_),
            self._frequency_std,
            n_members,
        )
        check_memory(networks, batch, 4, describe_networks(settings, n_members))
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
        candidates: Sequence[Candidate],
        data: TrainingRows,
        deadline: Deadline,
        progress: Progress,
    ) -> list[Ensemble]:
        """Train the ensembles, one after the other; the last one is the state so far."""
        trained: list[Ensemble] = []
        for ensemble in self._ensembles(candidates, data, deadline):
            if len(candidates) > 1:
                i = len(trained)
                changes = dict(candidates[i].changes)
                progress.say(f"Setting {i + 1} of {len(candidates)}: {changes}")
            n_before = sum(len(one.history["loss"]) for one in trained)
            self.history_ = ensemble.history
            self.loss_curve_ = ensemble.history["loss"]
            ensemble.initialize()
            self._networks = tuple(ensemble.networks)
            ensemble.train(replace(progress, n_before=n_before))
            trained.append(ensemble)
            if ensemble.stop_reason is not StopReason.MAX_EPOCHS:
                break
        return trained

    def _store_result(
        self,
        candidates: Sequence[Candidate],
        data: TrainingRows,
        trained: Sequence[Ensemble],
    ) -> None:
        """Set the fitted attributes: the best parameters of each network, and history."""
        some = [one for one in trained if one.fitted] or trained[:1]
        for ensemble in some:
            ensemble.check_end()
        parts = [one.held_out(data.given is not None) for one in some]
        losses, weights = selected(parts, some[0].config.objective, data.validation)
        self.settings_ = [
            {
                "parameters": dict(candidates[trained.index(ensemble)].changes),
                "loss": loss,
                "weight": weight,
                "seconds": sum(ensemble.history["seconds"]),
            }
            for ensemble, loss, weight in zip(some, losses, weights, strict=True)
        ]
        known = zip(some, parts, weights, strict=True)
        kept = [one for one in known if one[-1] > 0]
        self._store_networks([(ensemble, weight) for ensemble, _, weight in kept])
        histories = [ensemble.history for ensemble in trained]
        self.history_ = {
            name: [value for one in histories for value in one[name]]
            for name in histories[0]
        }
        self.loss_curve_ = self.history_["loss"]
        self.n_iter_ = len(self.loss_curve_)
        if data.given is None:
            found = [
                Known(rows, s, weight) for _, part, weight in kept for rows, s in part
            ]
            self._store_out_of_fold(data.rows, found)

    def _store_networks(self, kept: Sequence[tuple[Ensemble, float]]) -> None:
        """Set the attributes of the networks of these ensembles, with their weights."""
        members = [(one, m, weight) for one, weight in kept for m in one.fitted]
        n = len(kept[0][0].fitted)
        self._networks = tuple(member.network for _, member, _ in members)
        self._weights = tuple(
            weight * n / len(one.fitted) for one, _, weight in members
        )
        results = [member.result for _, member, _ in members]
        self._theta = np.concatenate([result.best for result in results])
        self.n_estimators_ = len(results)
        self.n_parameters_ = int(self._theta.size)
        self.best_iter_ = [result.best_epoch for result in results]
        self.best_loss_ = float(
            np.mean([x for one, _ in kept for x in one.best_losses])
        )
