"""What the tabular estimators share: fit, from a raw table, and the fitted state."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import ExitStack, closing
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .._persistence import VersionedStateMixin, check_parameters
from ..common._types import ArrayLike, PathLike, TableLike, TargetLike
from ..common.callbacks import (
    CallbackSupport,
    callback_context,
    fit_callbacks,
    with_callbacks,
)
from ..common.checkpoints import Checkpoint, checked_path, environment
from ..common.checks import (
    GivenRows,
    check_n_values,
    check_sample_weight,
    given_validation,
    read_validation_data,
    targets_in_range,
)
from ..common.frames import check_names, rows_of
from ..common.interrupts import in_foreign_loop
from ..common.parameters import (
    ParametersMixin,
    Settings,
    check_decay,
    check_needs,
)
from ..common.rollback import RollbackMixin
from ..common.sources import SourceHooks, check_whole, is_source
from ..common.target_values import read_named_target
from ..common.targets import TargetHooks
from ..common.threads import at_most
from ..core._types import Array
from ..core.batches import Dataset
from ..core.heads import Head
from ..core.history import Progress
from .columns import as_table
from .deadline import Deadline
from .encoder import TableEncoder
from .folds import FitRows, check_no_splits, read_groups
from .incremental import IncrementalMixin
from .kinds import ColumnKind
from .networks import check_stored
from .out_of_fold import CALIBRATION
from .prediction import check_weights
from .search import TrainingRows
from .totals import Totals


class BaseTabularMLP(
    IncrementalMixin,
    VersionedStateMixin,
    ParametersMixin,
    RollbackMixin,
    CallbackSupport,
    BaseEstimator,
    TargetHooks,
    SourceHooks,
):
    """Fit and the fitted state.

    The fitted model is `encoder_`, the specs `_networks` and `_head`, the `_weights` of the
    networks, and `_theta`, the parameters of all of them, one after the other.
    """

    _head: Head

    @abstractmethod
    def _fit_target(self, y: Array, w: Array | None) -> None:
        """Check the encoded targets of fit, and learn what `_training_target` needs."""

    @abstractmethod
    def _extend_range(self, y: Array) -> None:
        """Take the range of encoded targets of a later call of partial_fit into account."""

    @abstractmethod
    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        """Targets and weights as the loss sees them; `fitted` are the training targets."""

    @with_callbacks
    def fit(
        self,
        X: TableLike,
        y: TargetLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: TableLike | None = None,
        y_val: TargetLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        checkpoint: PathLike | None = None,
        temp_folder: PathLike | None = None,
    ) -> Self:
        """Fit the model to the table X and the target y.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features), or path or dataset
            The table: a frame of any library that narwhals reads, or an array. It has
            numbers, booleans, text, categories or dates, and may have missing values.
            Or files with the table, which may be larger than memory: a path or a list of
            paths of .parquet or .csv files, or a `pyarrow.dataset.Dataset`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), or str
            In classification class labels, a multilabel indicator, or soft labels: the
            probability of each class. In regression real numbers. With files, the name of
            the column, or a list of names.
        sample_weight : array-like of shape (n_samples,), or str, default=None
            Weights of the rows, >= 0 and not all zero. None: each row has weight 1. With
            files, the name of the column.
        X_val : frame or array-like of shape (n_val, n_features), default=None
            Validation rows to choose the best epoch, instead of a part of X for each
            network. All networks then train on all of X.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            The targets of X_val. Required if X_val is given.
        sample_weight_val : array-like of shape (n_val,), default=None
            The weights of X_val, >= 0 and not all zero. None: each row has weight 1.
        groups : array-like of shape (n_samples,), default=None
            The group of each row: numbers or text. A network that trains on a row of a
            group holds out no row of it. `cv` gets them if it is a splitter.
        checkpoint : str or path, default=None
            A file that fit writes while it trains, at most every 10 seconds. If the process
            ends before fit does, the same call goes on from the file. Without `max_time`,
            it finds the same model. Requires a `random_state`.
        temp_folder : str or path, default=None
            With files of 100 MB or more, the folder of a temporary file with the encoded
            rows. None: the system's folder for temporary files.

        Returns
        -------
        Self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, if training of all networks diverges, if
            the checkpoint is that of another fit, or if files cannot be read or change
            while fit reads them. The estimator then stays as it was before the call.
        ImportError
            If X is a path or a dataset and pyarrow is not installed.
        TypeError
            If X is sparse, a column has values of other types or of mixed types, or sample
            weights, or targets in regression, are not numbers.
        """
        deadline = Deadline()
        settings = self._checked_settings()
        deadline.set(settings["max_time"])
        check_needs(settings, self._parameter_table)
        check_decay(settings)
        validation = given_validation(X_val, y_val, sample_weight_val)
        if validation:
            check_no_splits(settings["cv"], groups)
        path = checked_path(checkpoint, self.random_state)
        rows, files = GivenRows(X, y, sample_weight), None
        if is_source(X):
            check_whole(validation, self.cv, groups)
            files = self._table_of(rows, temp_folder)
            rows = files.rows
        rows = rows._replace(X=as_table(rows.X))
        totals = files and files.totals
        most = None if totals else self._most_epochs(rows.X.shape[0])
        context = callback_context(self, most)
        with self._unchanged_on_error(), ExitStack() as stack:
            self._forget_out_of_fold()
            data = self._training_rows(settings, rows, groups, validation, totals)
            if files and totals:
                more = closing(self._rows_of_table(files, data, temp_folder))
                data = data.with_more(stack.enter_context(more))
            facts = data.facts(settings, vars(self).get("classes_")) if path else {}
            saved = Checkpoint(path, facts, environment()) if path else None
            deadline.lap("encode")
            log = print if self.verbose else None
            dtype = np.dtype(np.float32)
            with fit_callbacks(self, context, rows, dtype) as monitor, at_most(1):
                progress = Progress(
                    log, monitor, stop_on_interrupt=not in_foreign_loop()
                )
                trained = self._train(data, deadline, progress, saved)
                self._store_result(data, trained)
                deadline.lap("train")
                self.seconds_ = deadline.seconds | {"total": deadline.total}
        return self

    def _training_rows(
        self,
        settings: Settings,
        given_rows: GivenRows,
        groups: Any,
        validation: GivenRows | None,
        totals: Totals | None,
    ) -> TrainingRows:
        """The rows to train on and those to validate on."""
        rows = self._read(settings, given_rows, groups, totals)
        given = validation and self._read_validation(validation)
        rows, training = self._with_weight(rows)
        held = self._trained(given.data, rows.data.y) if given else training
        return TrainingRows(rows, training, given, held)

    def _read(
        self,
        settings: Settings,
        rows: GivenRows,
        groups: Any,
        totals: Totals | None,
        *,
        known: bool = False,
    ) -> FitRows:
        """The table as numbers, the encoded target, the weights and the groups.

        `totals` are those of the table of which the rows are a sample. `known` says that
        the classes are known before.
        """
        table, y, w = rows
        check_names(self, table, reset=True)
        y, names = read_named_target(y, self, numeric=self._numeric_target)
        check_n_values(y, table.shape[0])
        w = check_sample_weight(w, len(y), np.float32)
        groups = read_groups(groups, len(y), self)
        y, encoded = (
            self._encode_target(y, all_classes=False, names=names)
            if known
            else self._learn_target(y, names)
        )
        X, positive = table, np.arange(len(y))
        if w is not None and not w.all():
            # A row with weight 0 is treated as absent, except that its label is a class.
            positive = np.flatnonzero(w)
            X, encoded, w = rows_of(X, positive), encoded[positive], w[positive]
        if len(encoded) < 2:
            raise ValueError(
                "X must have at least 2 rows with a positive weight: n_samples = "
                f"{len(encoded)}."
            )
        self._head = self._choose_head(settings)
        self.encoder_ = TableEncoder(
            categorical_features=self.categorical_features,
            column_kinds=self.column_kinds,
            min_frequency=self.min_frequency,
        )
        numbers, labelled = self.encoder_._fit_rows(X, encoded, totals)
        if labelled is not None and groups is not None:
            labelled = labelled.in_groups(groups[positive])
        if self.encoder_.is_empty:
            raise ValueError(
                "X must have a column with values. Got a table in which all are missing."
            )
        target = targets_in_range(self._head, encoded, np.float64, self)
        self.n_outputs_ = target.shape[1]
        self._fit_target(target, w)
        data = Dataset(numbers, target, w)
        return FitRows(data, table, y, positive, groups, labelled)

    def _read_validation(self, given: GivenRows) -> FitRows:
        """The validation data given to fit, read in the same way as X and y."""
        table = None

        def read_features(X: Any) -> Array:
            nonlocal table
            table = as_table(X)
            check_names(self, table, reset=False)
            numbers: Array = self.encoder_.transform(table)
            return numbers

        def read_targets(y: Any) -> tuple[Any, Array]:
            y, names = read_named_target(y, self, "y_val", numeric=self._numeric_target)
            y, encoded = self._encode_target(y, all_classes=False, names=names)
            return y, targets_in_range(self._head, encoded, np.float64, self)

        data, y = read_validation_data(
            given, read_features, read_targets, self.n_outputs_
        )
        return FitRows(data, table, y, np.arange(data.n_rows))

    def _trained(self, data: Dataset, fitted: Array) -> Dataset:
        """The rows with the targets and weights of the loss."""
        return Dataset(data.X, *self._training_target(data.y, data.w, fitted))

    def _with_weight(self, rows: FitRows) -> tuple[FitRows, Dataset]:
        """The rows to which class weights leave a weight, and the same for the loss."""
        training = self._trained(rows.data, rows.data.y)
        if training.w is None or training.w.all():
            return rows, training
        positive = np.flatnonzero(training.w)
        if len(positive) < 2:
            raise ValueError(
                "class_weight must leave at least 2 rows with a positive weight. "
                f"Got {self._settings()['class_weight']!r}, which leaves {len(positive)}."
            )
        return rows.take(positive), training.take(positive)

    @property
    def column_kinds_(self) -> dict[Any, ColumnKind]:
        check_is_fitted(self)
        return self.encoder_.column_kinds_

    def _check_sizes(self) -> None:
        """Raise ValueError if attributes that were loaded from a file contradict."""
        check_parameters(self._theta, 1)
        n_scores = self._head.n_scores(self.n_outputs_)
        self.encoder_._check_sizes(self.n_features_in_)
        check_stored(
            self._networks,
            self.n_estimators_,
            self.encoder_.layout.n_columns,
            n_scores,
            self._theta.size,
        )
        check_weights(self._weights, self.n_estimators_)
        if CALIBRATION in vars(self):
            n = self.n_outputs_ if self._numeric_target else 1
            self._calibration.check_sizes(n)

    @classmethod
    def _complete(cls, state: dict[str, Any]) -> None:
        """Until 0.3, all members had the same network and theta had a row for each."""
        if "_network" in state:
            theta = state["_theta"]
            state["_networks"] = (state.pop("_network"),) * len(theta)
            state["_theta"] = theta.ravel()
        if "_networks" in state:
            state.setdefault("_weights", (1.0,) * len(state["_networks"]))

    def __sklearn_is_fitted__(self) -> bool:
        return "_theta" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
