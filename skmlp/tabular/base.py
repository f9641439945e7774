"""What the estimators for tables share: from a raw table to an ensemble of networks."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, ClassVar, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._persistence import VersionedStateMixin
from ..common.callbacks import (
    CallbackSupport,
    EpochTasks,
    callback_context,
    say_nothing,
    with_callbacks,
)
from ..common.checks import (
    as_numbers,
    check_pair,
    check_sample_weight,
    check_some_weight,
    ravel_single_column,
)
from ..common.constraints import as_sizes
from ..common.errors import error_context, warn
from ..common.parameters import by_name, check_decay, check_needs, validate
from ..common.rollback import unchanged_on_error
from ..common.threads import at_most
from ..core.activations import ACTIVATIONS
from ..core.architectures import tabular_network
from ..core.batches import Dataset
from ..core.history import StopReason
from ..core.objective import Objective
from ..core.optimizers import Adam
from ..core.schedules import Cosine, ScheduleSegment
from ..core.training import Patience, TrainingConfig
from .columns import as_table, is_missing, rows_of
from .encoder import TableEncoder
from .ensemble import Ensemble, Fold, ValidationLoss, split_in_folds

BATCHES = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
"""(rows, batch size): up to so many rows, batches of that size."""

LARGEST_BATCH = 1024

EPOCHS, ROWS = 34, 8100
"""So many epochs for so many rows, in inverse proportion to the root of their number."""

MIN_EPOCHS, MAX_EPOCHS = 8, 48

BETA_2 = 0.95
"""Of Adam: a short memory, as the learning rate is high."""


def batch_size_for(estimator: Any, n_rows: int) -> int:
    """Rows in a mini-batch, of that many in all."""
    size = estimator.batch_size
    if size == "auto":
        size = next((size for most, size in BATCHES if n_rows <= most), LARGEST_BATCH)
    return min(int(size), n_rows)


def n_epochs(estimator: Any, n_rows: int) -> int:
    """Epochs of training, of that many rows in all."""
    if estimator.max_iter != "auto":
        return int(estimator.max_iter)
    n = round(EPOCHS * math.sqrt(ROWS / n_rows))
    return min(max(n, MIN_EPOCHS), MAX_EPOCHS)


class BaseTabularMLP(VersionedStateMixin, CallbackSupport, BaseEstimator, ABC):
    """Training and the fitted state.

    The fitted model is `encoder_`, the descriptions `_network` and `_head`, and `_theta`,
    the parameters of all networks, (n_estimators_, n_parameters).
    """

    _frequency_std: ClassVar[float]
    """Of the frequencies of periodic features: how sharp are the changes they follow."""

    @abstractmethod
    def _encode_target(self, y: Any, *, known: bool, incremental: bool) -> Any:
        """`y` in numbers, (n,) or (n, n_outputs); `known`: fit has seen the classes."""

    @abstractmethod
    def _choose_head(self) -> Any:
        """The head for the target just encoded."""

    @abstractmethod
    def _learn_scale(self, table: Dataset) -> None:
        """Learn how the target is scaled for training."""

    @abstractmethod
    def _for_training(self, table: Dataset, fitted: Dataset) -> Dataset:
        """The rows with targets and weights as the loss sees them; those fitted to."""

    @abstractmethod
    def _strata(self, table: Dataset) -> Any:
        """What to stratify the splits by; None for plain splits."""

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the model to the table X and the target y.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            The table: a frame of pandas or polars, or an array. It has numbers, booleans,
            text or categories, and may have missing values.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            In classification class labels or a multilabel indicator, in regression real
            numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None is a weight of 1 for each.
        X_val : frame or array-like of shape (n_val, n_features), default=None
            Validation rows, from which the best epoch is chosen, instead of a part of X for
            each network. All networks then train on all of X.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Their targets. Must be given if X_val is.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights, >= 0 and not all zero. None is a weight of 1 for each.

        Returns
        -------
        Self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, or if training of all networks diverges.
            The estimator then stays as it was before the call.
        """
        started = perf_counter()
        validate(self)
        check_needs(self)
        check_decay(self)
        check_pair(X_val, y_val, sample_weight_val)
        X = as_table(X)
        epochs = n_epochs(self, X.shape[0])
        context = callback_context(self, epochs)
        with unchanged_on_error(self):
            table = self._read(X, y, sample_weight)
            given = None
            if X_val is not None:
                given = self._read_given(X_val, y_val, sample_weight_val)
            metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
            data = {"X": X, "y": y, "metadata": metadata}
            self._train(table, given, started, epochs, context, data)
        return self

    def _read(self, X: Any, y: Any, sample_weight: Any) -> Dataset:
        """The table as numbers, the encoded target and the weights."""
        started = perf_counter()
        validate_data(self, X, y, skip_check_array=True)
        y = self._check_target(y)
        check_consistent_length(X, y)
        weights = check_sample_weight(sample_weight, len(y), np.float32)
        if weights is not None and not weights.all():
            # A row without a weight is as if it were not there.
            rows = np.flatnonzero(weights)
            X, y, weights = rows_of(X, rows), y[rows], weights[rows]
        if len(y) < 2:
            raise ValueError(
                "X must have at least 2 rows with a positive weight: n_samples = "
                f"{len(y)}."
            )
        target = self._encode_target(y, known=False, incremental=False)
        self._head = self._choose_head()
        self.encoder_ = TableEncoder(categorical_features=self.categorical_features)
        numbers = self.encoder_.fit(X).transform(X)
        if self.encoder_.is_empty:
            raise ValueError(
                "X must have a column with values. Got a table in which all are missing."
            )
        table = Dataset(numbers, self._in_range(target), weights)
        self.n_outputs_ = table.y.shape[1]
        self._learn_scale(table)
        self.seconds_ = {"encode": perf_counter() - started}
        return table

    def _check_target(self, y: Any) -> Any:
        """The target as an array without missing values."""
        dtype = getattr(y, "dtype", None)
        # In numbers of NumPy's, scikit-learn finds the gaps, and sooner than a loop.
        by_numpy = isinstance(dtype, np.dtype) and dtype != "O"
        values = y.to_list() if hasattr(y, "to_list") and not by_numpy else y
        if isinstance(values, list | tuple) or dtype == "O":
            n_missing = sum(np.ndim(one) == 0 and is_missing(one) for one in values)
            if n_missing:
                raise ValueError(
                    "y must have a value for each row. Input y contains NaN or None: "
                    f"got {n_missing} missing."
                )
        y = check_array(y, ensure_2d=False, dtype=None, input_name="y")
        if is_regressor(self):
            y = as_numbers(y)
        if y.ndim > 2:
            raise ValueError(f"y must have 1 or 2 dimensions. Got shape {y.shape}.")
        return ravel_single_column(y)

    def _in_range(self, target: Any) -> Any:
        """The encoded target, (n, n_outputs), if the head takes it."""
        target = target.reshape(len(target), -1).astype(np.float64)
        if not self._head.in_range(target):
            raise ValueError(
                f"y must be {self._head.y_allowed} for {self}. "
                f"Got values from {target.min()} to {target.max()}."
            )
        return target

    def _read_given(self, X: Any, y: Any, sample_weight: Any) -> Dataset:
        """X_val, y_val and sample_weight_val, read as X, y and sample_weight were."""
        with error_context("X_val", "rows with the columns of X", X):
            X = as_table(X)
            validate_data(self, X, reset=False, skip_check_array=True)
            numbers = self.encoder_.transform(X)
        with error_context("y_val", "the targets of X_val, as y is of X", y):
            y = self._check_target(y)
            if len(y) != len(numbers):
                raise ValueError(f"X_val has {len(numbers)} rows")
            target = self._encode_target(y, known=True, incremental=True)
            target = self._in_range(target)
            if target.shape[1] != self.n_outputs_:
                raise ValueError(f"y has {self.n_outputs_} outputs")
        weights = check_sample_weight(
            sample_weight, len(y), np.float32, "sample_weight_val"
        )
        return Dataset(numbers, target, weights)

    def _train(
        self,
        table: Dataset,
        given: Dataset | None,
        started: float,
        epochs: int,
        context: Any,
        data: Any,
    ) -> None:
        """Train the ensemble and take over what came of it."""
        rng = check_random_state(self.random_state)
        training, n_members = self._for_training(table, table), int(self.n_estimators)
        if training.w is not None and not training.w.all():
            rows = np.flatnonzero(training.w)
            table, training = table.take(rows), training.take(rows)
        if given is None:
            splits = split_in_folds(table.n_rows, n_members, self._strata(table), rng)
            validation = training
        else:
            splits = [
                Fold(np.arange(table.n_rows), np.arange(given.n_rows))
            ] * n_members
            validation = self._for_training(given, table)
        seeds = rng.randint(2**31, size=n_members)
        pace = ScheduleSegment(Cosine())
        batch_size = batch_size_for(self, len(splits[0].training))
        ensemble = self._ensemble(training, batch_size, epochs, pace, started)

        def held_out(split: Fold) -> ValidationLoss:
            rows = validation.take(split.held_out)
            if rows.w is not None:
                check_some_weight(rows.w, " among the rows held out")
            return ValidationLoss(self._network, self._head, rows)

        self.history_ = ensemble.history
        self.loss_curve_ = ensemble.history["loss"]
        with at_most(1):
            ensemble.begin(splits, held_out, seeds)
            tasks = context and EpochTasks(self, context, data, np.float32)
            log = print if self.verbose else say_nothing
            ensemble.train(pace, tasks, log)
        self._take_over(ensemble)
        encode = self.seconds_["encode"]
        total = perf_counter() - started
        self.seconds_ = {"encode": encode, "train": total - encode, "total": total}
        if tasks:
            tasks.close()

    def _ensemble(
        self,
        training: Dataset,
        batch_size: int,
        max_epochs: int,
        pace: ScheduleSegment,
        started: float,
    ) -> Ensemble:
        """The networks to train, and how."""
        encoder = self.encoder_
        n_plain = training.X.shape[1] - encoder.n_numbers_ - len(encoder.cardinalities_)
        self._network = tabular_network(
            encoder.n_numbers_,
            n_plain,
            encoder.cardinalities_,
            [int(size) for size in as_sizes(self.hidden_layer_sizes) or ()],
            self._head.n_scores(self.n_outputs_),
            by_name(ACTIVATIONS, self.activation),
            int(self.n_frequencies),
            self._frequency_std,
            float(self.dropout),
        )
        plan = TrainingConfig(
            Objective(self._network, self._head, use_factor=True),
            pace,
            float(self.learning_rate_init),
            batch_size,
            max_epochs=max_epochs,
            schedule_epochs=1,
            weight_decay=float(self.weight_decay),
        )
        return Ensemble(
            plan,
            training,
            Patience(0.0, self.n_iter_no_change),
            lambda: Adam(beta_2=BETA_2),
            None if self.max_time is None else float(self.max_time),
            started,
            effective_n_jobs(self.n_jobs),
        )

    def _take_over(self, ensemble: Ensemble) -> None:
        """The best parameters of each network, and what is known about training."""
        fitted = ensemble.fitted
        if ensemble.outcome is StopReason.INTERRUPTED:
            if not ensemble.history["loss"]:
                raise KeyboardInterrupt
            warn("Training interrupted by user.")
        if not fitted:
            raise ValueError(
                "Training diverged, of all networks: the loss is not finite. Lower "
                f"learning_rate_init. Got {self.learning_rate_init}."
            )
        lost = len(ensemble.members) - len(fitted)
        diverged = [m for m in ensemble.members if m.run.outcome is StopReason.DIVERGED]
        if diverged:
            warn(
                f"Training of {len(diverged)} of the {len(ensemble.members)} "
                f"networks diverged; {lost} of them before the end of an epoch, which "
                "are left out. The others are as they were in their best epoch. Lower "
                f"learning_rate_init={self.learning_rate_init}.",
                ConvergenceWarning,
            )
        self._theta = np.array([member.run.best for member in fitted])
        self.n_estimators_ = len(fitted)
        self.n_parameters_ = int(self._theta.size)
        self.n_iter_ = max(len(member.run.records) for member in fitted)
        self.best_iter_ = [member.run.best_epoch for member in fitted]
        self.best_loss_ = -float(np.mean([member.run.best_score for member in fitted]))

    def _scores(self, X: Any) -> Iterator[Any]:
        """The scores of the rows by each network, (n_samples, n_scores)."""
        check_is_fitted(self)
        X = as_table(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        numbers = self.encoder_.transform(X)
        for theta in self._theta:
            # In double precision: probabilities of a row sum to 1 in it, and a row's
            # prediction does not depend on the rows beside it.
            yield self._network.scores(theta.astype(np.float64), numbers)

    def _mean(self, X: Any, of_scores: Callable[[Any], Any]) -> Any:
        """The mean over the networks of a function of their scores."""
        total: Any = 0.0
        for s in self._scores(X):
            total = total + of_scores(s)
        return total / len(self._theta)

    def __sklearn_is_fitted__(self) -> bool:
        return "_theta" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
