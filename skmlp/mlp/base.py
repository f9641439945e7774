"""What the estimators share: checking, training on the core, and the fitted state."""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, is_regressor
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._persistence import VersionedStateMixin, complete
from ..common.callbacks import (
    CallbackSupport,
    EpochTasks,
    callback_context,
    with_callbacks,
)
from ..common.checks import check_numbers, check_sample_weight, ravel_single_column
from ..common.errors import InvalidParameterError
from ..common.parameters import loss_in_words, validate
from ..common.rollback import unchanged_on_error
from ..common.threads import at_most
from ..core.batches import Dataset
from ..core.history import Record
from ..core.training import TrainingState
from .build import hidden_sizes, make_network, n_threads
from .coefs import ParametersOfLayers, write_arrays
from .combinations import check_combinations, sizes_in_words
from .early_stopping import ValidationScorer, check_given, given_rows, split_rows
from .fit import fit_lbfgs, fit_stochastic, next_state
from .inspection import InspectionMixin

FEW_ENTRIES = 2**12
"""Up to which size of X its checks count beside the prediction."""


def has_partial_fit(estimator: Any) -> bool:
    """partial_fit is a step of stochastic training."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for solver='sgd' or 'adam'. Got 'lbfgs'."
        )
    return True


class BaseMLP(
    InspectionMixin, VersionedStateMixin, CallbackSupport, BaseEstimator, ABC
):
    """Training and the fitted state.

    The fitted model is `_network` and `_head`, small descriptions, and the flat vector
    `_theta`. `_state` is there while training can go on: after partial_fit, with
    warm_start and after an interrupt.
    """

    # Most parameters are scikit-learn's, and its page explains those.
    _doc_link_module = "skmlp"
    _doc_link_template = (
        "https://scikit-learn.org/stable/modules/generated/"
        "sklearn.neural_network.{estimator_name}.html"
    )

    coefs_ = ParametersOfLayers("W")
    intercepts_ = ParametersOfLayers("b")

    @abstractmethod
    def _encode_target(self, y: Any, *, known: bool, incremental: bool) -> Any:
        """`y` in numbers, (n,) or (n, n_outputs); `known`: an earlier fit set classes."""

    @abstractmethod
    def _for_training(self, table: Dataset) -> Dataset:
        """The rows with targets and weights as the loss, not the score, sees them."""

    @abstractmethod
    def _choose_head(self) -> Any:
        """The head for the target just encoded."""

    @abstractmethod
    def _check_head(self, target: Any) -> None:
        """Raise if the head is the user's and its results are not of a head's shapes."""

    @abstractmethod
    def _validation_score(self, prediction: Any, table: Dataset) -> float:
        """What the score method says of a finite prediction for the encoded rows."""

    @abstractmethod
    def _strata(self, table: Dataset, n_held_out: int) -> Any:
        """What to stratify the validation split by; None for a plain split."""

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
        """Fit the model to X and y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The training data. Training is in float32 if X is of that type, otherwise in
            float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            In classification class labels or a multilabel indicator, in regression real
            numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None is a weight of 1 for each.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation rows for early_stopping=True, instead of a part of X. In a pipeline
            with ``transform_input=["X_val"]``, the earlier steps transform them like X.
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
            If a parameter or the data is invalid, or if training diverges. The estimator
            then stays as it was before the call.
        """
        validate(self)
        check_given(self.early_stopping, X_val, y_val, sample_weight_val)
        context = callback_context(self, int(self.max_iter))
        with unchanged_on_error(self):
            rows = None if X_val is None else (X_val, y_val, sample_weight_val)
            return self._fit(
                X, y, sample_weight, rows, resume=self.warm_start, context=context
            )

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: Any = None,
        *,
        resume: bool,
        incremental: bool = False,
        context: Any = None,
    ) -> Self:
        """Check everything, then train; `resume` goes on from the weights there are.

        `validation` are the X, y and weights to validate on, if given; `context` is that
        of the callbacks.
        """
        check_combinations(self, len(hidden_sizes(self)), incremental)
        fitted = resume and self.__sklearn_is_fitted__()
        table, labels = self._check_data(X, y, sample_weight, fitted, incremental)
        training = self._for_training(table)
        held_out = validation and given_rows(self, table, *validation)
        state = self._state if fitted else None
        rng = state.rng if state else check_random_state(self.random_state)
        theta = self._starting_parameters(table, rng, resume=resume, fitted=fitted)
        self.out_activation_ = self._head.out_activation
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        data = {"X": X, "y": y, "metadata": metadata}
        tasks = context and EpochTasks(self, context, data, theta.dtype)
        # Overflow on the way to divergence is reported once, as divergence.
        with np.errstate(all="ignore"), at_most(n_threads(self, self._network, table)):
            if self.solver == "lbfgs":
                fit_lbfgs(self, theta, training, tasks)
            else:
                state = next_state(self, state, rng, table.n_rows, incremental)
                if self.early_stopping and held_out is None:
                    state.order, rows = split_rows(self, table, training, rng)
                    held_out = ValidationScorer(self, table.take(rows), labels[rows])
                fit_stochastic(
                    self, theta, training, state, held_out, tasks, incremental
                )
        if tasks:
            tasks.close()
        return self

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, fitted: bool, incremental: bool
    ) -> tuple[Dataset, Any]:
        """X, the encoded y and the weights in the precision of the model; y as checked."""
        regression = is_regressor(self)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            y_numeric=regression,
            dtype=self._theta.dtype if fitted else (np.float64, np.float32),
            reset=not fitted,
        )
        y = ravel_single_column(y)
        weights = check_sample_weight(sample_weight, X.shape[0], X.dtype)
        if regression:
            check_numbers(y)
        target = self._encode_target(y, known=fitted, incremental=incremental)
        self._head = self._choose_head()
        target = self._target_for_head(target, X)
        self._check_head(target)
        return Dataset(X, target, weights), y

    def _target_for_head(self, target: Any, X: Any) -> Any:
        """The encoded target, (n, n_outputs), if the head takes it."""
        with np.errstate(over="ignore"):
            target = target.reshape(X.shape[0], -1).astype(X.dtype)
        if not self._head.in_range(target):
            raise ValueError(
                f"y must be {self._head.y_allowed} in {X.dtype} for {self}. "
                f"Got values from {target.min()} to {target.max()}."
            )
        return target

    def _starting_parameters(
        self, table: Dataset, rng: Any, *, resume: bool, fitted: bool
    ) -> Any:
        """theta to start from: the fitted one, given `coefs_`, or a draw."""
        network = make_network(
            self, table.X.shape[1], self._head.n_scores(table.y.shape[1])
        )
        if fitted:
            self._check_same_layers(network, table.y.shape[1])
            self._network = network
            return self._theta.copy()
        given = [self.__dict__.pop(name, None) for name in ("coefs_", "intercepts_")]
        self._network = network
        self._state: TrainingState | None = None
        self.n_layers_ = len(network.layers) + 1
        self.n_outputs_ = table.y.shape[1]
        self.n_iter_ = self.t_ = 0
        self.loss_curve_: list[float] = []
        self.best_loss_: float | None = np.inf
        self.validation_scores_: list[float] | None = None
        self.best_validation_score_: float | None = None
        self.best_iter_: int | None = None
        self.history_: dict[str, list[float]] = {name: [] for name in Record._fields}
        if not resume or given[0] is None:
            return network.initialize(rng, table.X.dtype)
        theta = np.empty(network.n_parameters, table.X.dtype)
        layers = network.views(theta).layers
        write_arrays("coefs_", [params["W"] for params in layers], given[0])
        write_arrays("intercepts_", [params["b"] for params in layers], given[1] or ())
        return theta

    def _check_same_layers(self, network: Any, n_outputs: int) -> None:
        """Training can go on only in a network of the same shape."""
        if n_outputs != self.n_outputs_:
            raise ValueError(
                f"y must have {self.n_outputs_} outputs, as in the previous call. "
                f"Got {n_outputs}."
            )
        n_scores = self._network.layers[-1].n_out
        if n_scores != network.layers[-1].n_out:
            raise InvalidParameterError(
                f"loss must take {n_scores} scores, as in the previous call, to go on "
                f"training. Got {network.layers[-1].n_out}, of {loss_in_words(self)}."
            )
        old = [layer.shapes() for layer in self._network.layers]
        if old != [layer.shapes() for layer in network.layers]:
            raise InvalidParameterError(
                "hidden_layer_sizes must be "
                f"{tuple(layer.n_out for layer in self._network.layers[:-1])}, as in "
                "the previous call, to go on training. Got "
                f"{hidden_sizes(self)}, of {sizes_in_words(self)}."
            )

    def _scores(self, X: Any) -> Any:
        """The top layer's scores s for unchecked rows, (n_samples, n_scores)."""
        if not self._is_plain(X):
            check_is_fitted(self)
            X = validate_data(self, X, accept_sparse="csr", reset=False)
        return self._network.scores(self._theta, X)

    def _is_plain(self, X: Any) -> bool:
        """Whether a few rows are so plain that scikit-learn's checks would pass them.

        For one row those checks take several times as long as the network.
        """
        return bool(
            type(X) is np.ndarray
            and X.dtype in (np.float64, np.float32)
            and X.ndim == 2
            and 0 < X.size <= FEW_ENTRIES
            and X.shape[1] == vars(self).get("n_features_in_")
            and self.__sklearn_is_fitted__()
            and "feature_names_in_" not in vars(self)
            and np.isfinite(X).all()
        )

    def _head_prediction(self, X: Any) -> Any:
        """The head's prediction for unchecked rows, its targets on the second axis."""
        scores = self._scores(X)
        return self._head.prediction(scores)

    def __sklearn_is_fitted__(self) -> bool:
        return "_theta" in vars(self)

    @classmethod
    def _complete(cls, state: dict[str, Any]) -> None:
        complete(state)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
