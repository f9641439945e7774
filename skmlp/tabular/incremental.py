"""Training call by call: each call is one epoch of all networks, at a constant rate.

Nothing of the rows is kept between calls. So a row is held out by its values: the same row
in each call is held out by the same networks, in any order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from ..common.checks import GivenRows, check_sample_weight, targets_in_range
from ..common.errors import shown
from ..common.frames import check_names
from ..common.parameters import Settings
from ..common.sources import is_source
from ..common.target_values import read_named_target
from ..core.batches import Dataset
from ..core.history import Record, TrainingResult
from ..core.network import thetas_of
from ..core.objective import Objective
from ..core.optimizers import Adam
from ..core.schedules import Constant
from ..core.training import Patience, TrainingConfig, TrainingState, epochs, train_epoch
from .column_encoders import Group
from .columns import as_table
from .ensemble import MAX_INITIAL_ROWS
from .folds import FitRows
from .members import ValidationLoss
from .repeated_rows import GAMMA, mixed
from .search import BETA_2, SearchMixin
from .sizes import batch_size_for
from .target_statistics import FOLDS, LabelledRows


def folds_by_keys(keys: Any) -> Any:
    """The fold of each row, as if at random, by its key, which equal rows share.

    Equal rows of a call are in several folds, by their numbers among each other.
    """
    order = np.argsort(keys, kind="stable")
    _, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    numbers = np.empty(len(keys), np.uint64)
    numbers[order] = np.arange(len(keys)) - np.repeat(starts, sizes)
    with np.errstate(over="ignore"):
        found = mixed(keys + numbers * np.uint64(GAMMA))
    return (found % np.uint64(FOLDS)).astype(int)


def tables_by_fold(rows: LabelledRows) -> list[list[Any]]:
    """The numbers of labels for rows of each fold, for members that hold out each fold."""
    found = []
    for held in range(FOLDS):
        known = np.flatnonzero(rows.folds != held)
        left = rows.left_by_linear(known)
        others = [known[rows.folds[known] != fold] for fold in range(FOLDS)]
        found.append([rows.tables_of(some, left) for some in others])
    return found


class IncrementalMixin(SearchMixin):
    """The state between calls of partial_fit, and a call.

    `_incremental` has the states of the networks, and the numbers of labels for each fold;
    after fit it is not there.
    """

    _incremental: dict[str, Any]
    verbose: Any
    _read: Callable[..., FitRows]
    _with_weight: Callable[[FitRows], tuple[FitRows, Dataset]]
    _extend_range: Callable[..., None]
    _training_target: Callable[..., Any]

    def _partial_fit(self, settings: Settings, rows: GivenRows) -> None:
        """One epoch of all networks on these rows."""
        start = perf_counter()
        if is_source(rows.X):
            raise TypeError(
                "X must be a frame or an array in partial_fit. Got "
                f"{shown(rows.X)}: fit takes files."
            )
        rows = rows._replace(X=as_table(rows.X))
        if "_theta" not in vars(self):
            data, codes, folds = self._begin(settings, rows)
        else:
            data, codes, folds = self._next_rows(rows)
        encoded = perf_counter()
        self._train_call(data, codes, folds)
        names = ("encode", "train", "total")
        now = perf_counter()
        seconds = (encoded - start, now - encoded, now - start)
        self.seconds_ = dict(zip(names, seconds, strict=True))

    def _begin(
        self, settings: Settings, given: GivenRows
    ) -> tuple[Dataset, Sequence[Any], Any]:
        """Learn the encoder and draw the parameters; the rows, their codes and folds."""
        rows: FitRows = self._read(settings, given, None, None, known=True)
        rows, training = self._with_weight(rows)
        folds = folds_by_keys(self.encoder_._keys_of(rows.table))[rows.numbers]
        tables, start, codes = [], 0, []
        if rows.labelled is not None:
            labelled = replace(rows.labelled, folds=folds)
            tables, start = tables_by_fold(labelled), labelled.place.start
            codes = list(labelled.codes)
        candidate = self._candidates()[0].settings
        n = int(candidate[0]["n_estimators"])
        batch = batch_size_for(candidate[0], training.n_rows, self._largest_batch)
        networks = self._networks_in_memory(candidate, n, batch)
        rng = check_random_state(self.random_state)
        states = new_states(rng, n)
        self._networks, self._weights = tuple(networks), (1.0,) * n
        self._theta = np.empty(sum(one.n_parameters for one in networks), np.float32)
        each = zip(thetas_of(networks, self._theta), states, strict=True)
        for (network, theta), state in each:
            some = state.rng.permutation(training.n_rows)[:MAX_INITIAL_ROWS]
            theta[...] = network.initialize(state.rng, theta.dtype, training.X[some])
        self._incremental = {"states": states, "tables": tables, "start": start}
        self.n_estimators_, self.n_parameters_ = n, int(self._theta.size)
        self.history_ = {name: [] for name in Record._fields}
        self.settings_ = [{"parameters": [dict(self._candidates()[0].changes[0])]}]
        self.n_iter_ = 0
        return training, codes, folds

    def _next_rows(self, given: GivenRows) -> tuple[Dataset, Sequence[Any], Any]:
        """The rows of a later call, their codes and folds."""
        if "_incremental" not in vars(self):
            self._check_continues()
            states = new_states(
                check_random_state(self.random_state), len(self._networks)
            )
            self._incremental = {"states": states, "tables": [], "start": 0}
            self._forget_out_of_fold()
        table, y, w = given
        check_names(self, table, reset=False)
        y, names = read_named_target(y, self, numeric=self._numeric_target)
        w = check_sample_weight(w, len(y), np.float32)
        X, codes = self.encoder_._with_codes(table)
        _, encoded = self._encode_target(y, all_classes=False, names=names)
        target = targets_in_range(self._head, encoded, np.float64, self)
        if target.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y must have {self.n_outputs_} outputs, as in the previous call. "
                f"Got {target.shape[1]}."
            )
        self._extend_range(target)
        data = Dataset(X, *self._training_target(target, w, target))
        folds = folds_by_keys(self.encoder_._keys_of(table))
        if data.w is None or data.w.all():
            return data, codes, folds
        some = np.flatnonzero(data.w)
        return data.take(some), [one[some] for one in codes], folds[some]

    def _check_continues(self) -> None:
        """Raise ValueError if calls after fit would show rows their own targets."""
        if any(Group.EFFECT in one.groups for one in self.encoder_._encoders):
            raise ValueError(
                "partial_fit cannot continue this fit: the encoder has effects of labels "
                "on y, which would show the rows of fit their own targets. Begin with "
                "partial_fit, or fit with min_frequency=1, which has no effects."
            )

    def _train_call(self, data: Dataset, codes: Sequence[Any], folds: Any) -> None:
        """Train copies of the parameters and states; keep them if nothing is raised."""
        first = self._candidates()[0].settings[0]
        config = TrainingConfig(
            Objective(self._networks[0], self._head, use_factor=True),
            Constant(),
            float(first["learning_rate_init"]),
            batch_size_for(first, data.n_rows, self._largest_batch),
            weight_decay=float(first["weight_decay"]),
        )
        theta = self._theta.copy()
        states = deepcopy(self._incremental["states"])
        records = []
        each = zip(thetas_of(self._networks, theta), states, strict=True)
        for i, ((network, own), state) in enumerate(each):
            held = i % FOLDS
            rows = np.flatnonzero(folds != held)
            if not len(rows):
                continue
            X = self._with_effects(data.X, codes, folds, held)
            mine = config.of_network(network)
            some = data._replace(X=X)
            validate = _validation(mine.objective, some.take(folds == held))
            result = TrainingResult()
            state.order = None
            learning = epochs(mine, own, state, some, rows)
            with np.errstate(all="ignore"):
                finite = train_epoch(learning, own, validate, result)
            if not finite:
                raise ValueError(
                    "Training diverged: the loss is not finite. Lower learning_rate_init. "
                    f"Got {first['learning_rate_init']}."
                )
            records.append(result.records[0])
        self._store_call(theta, states, records)

    def _with_effects(self, X: Any, codes: Sequence[Any], folds: Any, held: int) -> Any:
        """The rows with the numbers of labels for a member that holds out a fold."""
        tables = self._incremental["tables"]
        if not tables:
            return X
        X, start = X.copy(), self._incremental["start"]
        for fold in range(FOLDS):
            rows = np.flatnonzero(folds == fold)
            both = zip(tables[held][fold], codes, strict=True)
            values = np.hstack([table[code[rows]] for table, code in both])
            X[rows, start : start + values.shape[1]] = values
        return X

    def _store_call(
        self, theta: Any, states: list[TrainingState], records: list[Record]
    ) -> None:
        """Set the fitted attributes after a call."""
        self._theta = theta
        self._incremental = {**self._incremental, "states": states}
        mean = Record(*np.mean(records, axis=0).tolist()) if records else None
        if mean is not None:
            history = self.history_.items()
            self.history_ = {
                name: [*column, getattr(mean, name)] for name, column in history
            }
        vars(self).pop("network_histories_", None)
        self.loss_curve_ = self.history_["loss"]
        self.n_iter_ += 1
        self.best_iter_ = [self.n_iter_] * len(self._networks)
        self.best_loss_ = np.nan if mean is None else mean.validation_loss
        if self.verbose and mean is not None:
            print(f"Call {self.n_iter_}, loss = {mean.loss:.8f}")


def new_states(rng: np.random.RandomState, n: int) -> list[TrainingState]:
    """The states of training before the first call."""
    rngs = [np.random.RandomState(seed) for seed in rng.randint(2**31, size=n)]
    return [
        TrainingState(Adam(beta_2=BETA_2), Patience(0.0, np.inf), one) for one in rngs
    ]


def _validation(objective: Objective, held: Dataset) -> Any:
    """The loss of a member on the rows that it holds out; None if there are none."""
    return ValidationLoss(objective, held) if held.n_rows else None
