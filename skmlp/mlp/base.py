"""What `MLPClassifier` and `MLPRegressor` share: fit, and the fitted state."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import closing, nullcontext
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._persistence import VersionedStateMixin, check_parameters, complete
from ..common._types import ArrayLike, MatrixLike, PathLike, TargetLike
from ..common.callbacks import (
    CallbackSupport,
    callback_context,
    fit_callbacks,
    with_callbacks,
)
from ..common.checkpoints import checked_path
from ..common.checks import (
    GivenRows,
    check_activations,
    check_head,
    check_n_values,
    check_sample_weight,
    given_validation,
    read_validation_data,
    targets_in_range,
)
from ..common.interrupts import in_foreign_loop
from ..common.memory import check_memory
from ..common.parameters import ParametersMixin, Settings
from ..common.rollback import RollbackMixin
from ..common.sources import RowsInBlocks, SourceHooks, check_whole, is_source
from ..common.target_values import read_named_target
from ..common.targets import TargetHooks
from ..common.threads import at_most
from ..core._types import Array
from ..core.batches import Dataset
from ..core.heads import Head
from ..core.history import Progress, Record
from ..core.network import Network
from ..core.training import TrainingSplit, TrainingState
from .build import (
    batch_size_for,
    check_same_layers,
    make_lbfgs_config,
    make_network,
    make_training_config,
    n_threads,
)
from .call import FitCall
from .coefs import ParametersOfLayers, theta_of
from .combinations import check_combinations, describe_sizes
from .early_stopping import (
    ScoringMixin,
    check_scorable,
    check_used,
    check_weights_of_split,
    split_rows,
)
from .fit import (
    FitData,
    FitResult,
    LBFGSRun,
    Run,
    StochasticRun,
    checkpoint_of,
    new_state,
    next_state,
)
from .inspection import InspectionMixin
from .prediction import PredictionMixin


class BaseMLP(
    PredictionMixin,
    InspectionMixin,
    ScoringMixin,
    VersionedStateMixin,
    ParametersMixin,
    RollbackMixin,
    CallbackSupport,
    BaseEstimator,
    TargetHooks,
    SourceHooks,
):
    """Fit and the fitted state.

    The fitted model is `_network` and `_head`, which are small specs, and the flat vector
    `_theta`. `_state` is not None while training can continue: after partial_fit, with
    warm_start and after an interrupt.
    """

    coefs_ = ParametersOfLayers("W")
    intercepts_ = ParametersOfLayers("b")

    _head: Head
    _network: Network
    _theta: Array
    _state: TrainingState | None

    @abstractmethod
    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        """Targets and weights as the loss sees them; `fitted` are the training targets."""

    @with_callbacks
    def fit(
        self,
        X: MatrixLike,
        y: TargetLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: MatrixLike | None = None,
        y_val: TargetLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        checkpoint: PathLike | None = None,
        temp_folder: PathLike | None = None,
    ) -> Self:
        """Fit the model to X and y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), path or dataset
            The rows; in float32 if X is float32, otherwise in float64. Or files with a
            table of numbers, which may be larger than memory: a path or paths of .parquet
            or .csv files, or a `pyarrow.dataset.Dataset`; in float32 with 100 MB or more.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), or str
            In classification class labels, a multilabel indicator or soft labels, in
            regression real numbers. With files, the name of the column, or a list of names.
        sample_weight : array-like of shape (n_samples,), or str, default=None
            Weights of the rows, >= 0 and not all zero; with files the name of the column.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation rows for early_stopping=True, instead of a part of X. In a pipeline
            with ``transform_input=["X_val"]``, the earlier steps transform them like X.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            The targets of X_val. Required if X_val is given.
        sample_weight_val : array-like of shape (n_val,), default=None
            The weights of X_val, >= 0 and not all zero. None: each row has weight 1.
        checkpoint : str or path, default=None
            A file that fit writes while it trains, at most every 10 seconds. If the process
            ends before fit does, the same call goes on from the file, and finds the same
            model. Requires a `random_state`.
        temp_folder : str or path, default=None
            The folder of a temporary file, for files of 100 MB or more. None: the system's.

        Returns
        -------
        Self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, if training diverges, if the checkpoint
            is that of another fit, or if files cannot be read or change while fit reads
            them. The estimator then stays as it was before the call.
        ImportError
            If X is a path or a dataset and pyarrow is not installed.
        TypeError
            If sample weights, or targets in regression, are not numbers.
        """
        settings = self._checked_settings()
        validation = given_validation(X_val, y_val, sample_weight_val)
        check_used(validation, settings)
        check_combinations(settings, self._parameter_table, incremental=False)
        path = checked_path(checkpoint, self.random_state)
        context = callback_context(self, int(self.max_iter))
        call = FitCall(validation, False, context, path, None, temp_folder)
        with self._unchanged_on_error():
            rows = GivenRows(X, y, sample_weight)
            if is_source(X):
                check_whole(validation, None, None)
                files = self._table_of(rows, temp_folder)
                rows, call = files.rows, call._replace(files=files)
            return self._fit(settings, rows, call)

    def _fit(self, settings: Settings, rows: GivenRows, call: FitCall) -> Self:
        """Check the data, then train."""
        incremental = call.incremental
        resume = incremental or bool(self.warm_start)
        fitted = resume and self.__sklearn_is_fitted__()
        data = self._read(settings, rows, call, fitted=fitted)
        given = call.validation and self._read_validation(call.validation, data.scored)
        last = self._state if fitted else None
        rng = last.rng if last else check_random_state(self.random_state)
        theta = self._starting_parameters(
            settings, data.scored, rng, resume=resume, fitted=fitted
        )
        n_before = self.n_iter_ if incremental else 0
        log = print if self.verbose else None
        # An interrupted call of partial_fit would have seen an unknown part of its rows.
        keep_interrupted = not (incremental or in_foreign_loop())
        threads = n_threads(settings, self._network, data.trained)
        with (
            closing(self._rows_of_table(call.files, data, call.temp_folder))
            if call.has_sample
            else nullcontext() as more,
            # Overflow on the way to divergence is reported once, as divergence.
            np.errstate(all="ignore"),
            at_most(threads),
        ):
            facts = more.facts() if more else {}
            compared = {**settings, **facts, "labels": vars(self).get("classes_")}
            keeper = checkpoint_of(call.path, compared, data, given, theta)
            run = self._run(settings, data, given, rng, more, incremental=incremental)
            with fit_callbacks(self, call.context, rows, theta.dtype) as monitor:
                progress = Progress(log, monitor, n_before, keep_interrupted)
                result = run.run(theta, progress, keeper)
                self._store_result(result, n_before)
                going_on = incremental or self.warm_start or result.interrupted
                self._state = result.state if going_on else None
        return self

    def _read(
        self, settings: Settings, rows: GivenRows, call: FitCall, *, fitted: bool
    ) -> FitData:
        """X, the encoded y and the weights, in the precision of the model."""
        dtypes = (self._theta.dtype,) if fitted else call.dtypes
        X = self._checked(rows.X, dtypes, reset=not fitted)
        numeric = self._numeric_target
        y, names = read_named_target(rows.y, self, numeric=numeric, sparse=True)
        check_n_values(y, X.shape[0])
        w = check_sample_weight(rows.sample_weight, X.shape[0], X.dtype)
        if fitted or call.incremental:
            every = not call.incremental
            y, encoded = self._encode_target(y, all_classes=every, names=names)
        else:
            y, encoded = self._learn_target(y, names)
        self._head = self._choose_head(settings)
        self.out_activation_ = self._head.out_activation
        target = targets_in_range(self._head, encoded, X.dtype, self)
        if not isinstance(settings.get("loss", ""), str):
            check_head(self._head, target[:2])
        trained = Dataset(X, *self._training_target(target, w, target))
        return FitData(Dataset(X, target, w), trained, y)

    def _read_validation(
        self, given: GivenRows, scored: Dataset
    ) -> tuple[Dataset, Any]:
        """The validation data given to fit, read in the same way as `scored`."""
        dtype = scored.X.dtype

        def read_features(X: Any) -> Any:
            return self._checked(X, (dtype,))

        def read_targets(y: Any) -> tuple[Any, Array]:
            numeric = self._numeric_target
            y, names = read_named_target(y, self, "y_val", numeric=numeric, sparse=True)
            y, encoded = self._encode_target(y, all_classes=False, names=names)
            return y, targets_in_range(self._head, encoded, dtype, self)

        data, y = read_validation_data(
            given, read_features, read_targets, scored.y.shape[1]
        )
        if self._numeric_target:
            check_scorable(data.n_rows, self.scoring)
        return data, y

    def _starting_parameters(
        self,
        settings: Settings,
        scored: Dataset,
        rng: np.random.RandomState,
        *,
        resume: bool,
        fitted: bool,
    ) -> Array:
        """The initial theta: from the last fit, from assigned `coefs_`, or drawn."""
        n_outputs, dtype = scored.y.shape[1], scored.X.dtype
        n_scores = self._head.n_scores(n_outputs)
        network = make_network(settings, scored.X.shape[1], n_scores)
        n_rows = batch_size_for(settings, scored.n_rows)
        check_memory([network], n_rows, dtype.itemsize, describe_sizes(settings))
        check_activations(network, dtype)
        if fitted:
            if n_outputs != self.n_outputs_:
                raise ValueError(
                    f"y must have {self.n_outputs_} outputs, as in the previous call. "
                    f"Got {n_outputs}."
                )
            check_same_layers(self._network, network, settings, self._parameter_table)
            self._network = network
            return self._theta.copy()
        assigned = [self.__dict__.pop(name, None) for name in ("coefs_", "intercepts_")]
        self._reset(network, n_outputs)
        if not resume or assigned[0] is None:
            return network.initialize(rng, dtype)
        return theta_of(network, assigned[0], assigned[1] or (), dtype)

    def _reset(self, network: Network, n_outputs: int) -> None:
        """Set the fitted attributes to their values before the first iteration."""
        self._network = network
        self._state = None
        self.n_layers_ = len(network.layers) + 1
        self.n_outputs_ = n_outputs
        self.n_iter_ = self.t_ = 0
        self.loss_curve_: list[float] = []
        self.best_loss_: float | None = np.inf
        self.validation_scores_: list[float] | None = None
        self.best_validation_score_: float | None = None
        self.best_iter_: int | None = None
        self.history_: dict[str, list[float]] = {name: [] for name in Record._fields}

    def _run(
        self,
        settings: Settings,
        data: FitData,
        given: tuple[Dataset, Any] | None,
        rng: np.random.RandomState,
        more: RowsInBlocks | None,
        *,
        incremental: bool,
    ) -> Run:
        """The training run for the solver.

        `given` is validation data; `more` are all rows of which `data` is a sample.
        """
        network, head = self._network, self._head
        if self.solver == "lbfgs":
            config = make_lbfgs_config(settings, network, head)
            blocks = more.all_blocks(None, rng) if more else None
            return LBFGSRun(config, data.trained, blocks)
        state = new_state(settings, head, rng, self.t_)
        if self._state:
            validated = self.early_stopping or self.validation_scores_ is not None
            n_rows = data.trained.n_rows
            state = next_state(
                self._state, state, n_rows, incremental=incremental, validated=validated
            )
        split = TrainingSplit(data.trained)
        if self.early_stopping:
            split = self._validation_split(data, given, rng)
        if more:
            split = split._replace(blocks=more.all_blocks(split.rows, rng))
        if split.rows is not None:
            state.order = None
        n_rows = split.n_rows
        training = make_training_config(settings, network, head, n_rows, incremental)
        return StochasticRun(training, state, split, incremental)

    def _validation_split(
        self,
        data: FitData,
        given: tuple[Dataset, Any] | None,
        rng: np.random.RandomState,
    ) -> TrainingSplit:
        """The training rows, and the score on validation rows, given or split off."""
        scored, trained, y = data
        if given is not None:
            return TrainingSplit(trained, None, self._scorer(*given))
        training, validation = split_rows(
            scored.n_rows, self.validation_fraction, self._strata(scored.y), rng
        )
        check_weights_of_split(scored.w, trained.w, training, validation)
        scorer = self._scorer(scored.take(validation), y[validation])
        return TrainingSplit(trained, training, scorer)

    def _store_result(self, result: FitResult, n_before: int) -> None:
        """Set the fitted attributes; `n_iter_` also counts `n_before` iterations."""
        losses = [record.loss for record in result.records]
        loss = getattr(self, "loss_", np.nan) if result.loss is None else result.loss
        best_loss = np.inf if self.best_loss_ is None else self.best_loss_
        n_recorded, scores = len(self.loss_curve_), self.validation_scores_ or []
        self._theta, self.loss_ = result.theta, loss
        self.n_iter_ = n_before + len(losses)
        self.t_ = self.t_ if result.n_seen is None else result.n_seen
        self.loss_curve_.extend(losses)
        for name, column in self.history_.items():
            column.extend(getattr(record, name) for record in result.records)
        self.best_loss_ = min(best_loss, loss, *losses)
        self.validation_scores_ = self.best_validation_score_ = self.best_iter_ = None
        if result.validated:
            new_scores = [record.validation_score for record in result.records]
            self.best_loss_, self.validation_scores_ = None, [*scores, *new_scores]
        if result.best:
            self.best_iter_ = n_recorded + result.best.epoch
            self.best_validation_score_ = result.best.score

    def _check_sizes(self) -> None:
        """Raise ValueError if attributes that were loaded from a file contradict."""
        check_parameters(self._theta, 1)
        n_scores = self._head.n_scores(self.n_outputs_)
        self._network.check_sizes(self.n_features_in_, n_scores, self._theta.size)

    def __sklearn_is_fitted__(self) -> bool:
        return "_theta" in vars(self)

    @classmethod
    def _complete(cls, state: dict[str, Any]) -> None:
        complete(state)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
