"""What the estimators share: checking, training on the core, and the fitted state."""

import warnings
from abc import ABC, abstractmethod
from dataclasses import replace
from math import ceil
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from ._fitted import ParametersOfLayers, unchanged_on_error, write_arrays
from ._inspection import Inspection
from ._parameters import check_combinations, sizes_in_words, validate
from ._threads import at_most, threads_for
from ._validation import (
    InvalidParameterError,
    as_sequence,
    as_sizes,
    check_numbers,
    check_sample_weight,
    check_some_weight,
)
from .core.activations import ACTIVATIONS
from .core.batches import Table
from .core.lbfgs import minimize_lbfgs
from .core.network import multilayer_perceptron
from .core.objective import Objective
from .core.optimizers import SGD, Adam, Nesterov, duplicate
from .core.schedules import SCHEDULES, Constant, InverseScaling
from .core.training import Outcome, Patience, Plan, Run, TrainingState, train

FEW_ENTRIES = 2**12
"""Up to which size of X its checks count beside the prediction."""


class BaseMLP(Inspection, BaseEstimator, ABC):
    """Training and the fitted state.

    The fitted model is `_network` and `_head`, small descriptions, and the flat vector
    `_theta`. `_state` is there while training can go on: after partial_fit, with
    warm_start and after an interrupt.
    """

    # The parameters are scikit-learn's, and so is the page that explains them.
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
    def _for_training(self, table: Table) -> Table:
        """The rows with targets and weights as the loss, not the score, sees them."""

    @abstractmethod
    def _choose_head(self) -> Any:
        """The head for the target just encoded."""

    @abstractmethod
    def _validation_score(self, prediction: Any, table: Table) -> float:
        """What the score method says of a finite prediction for the encoded rows."""

    @abstractmethod
    def _strata(self, table: Table, n_held_out: int) -> Any:
        """What to stratify the validation split by; None for a plain split."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model to X and y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The training data. float32 and float64 are trained on in their own
            precision, other types in float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels or a multilabel indicator in classification, real numbers in
            regression.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None is a weight of 1 for each.

        Returns
        -------
        Self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is not as described, or if training diverges. The
            estimator is then as it was before the call.
        """
        with unchanged_on_error(self):
            return self._fit(X, y, sample_weight, resume=self.warm_start)

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        resume: bool,
        incremental: bool = False,
    ) -> Self:
        """Check everything, then train; `resume` goes on from the weights there are."""
        validate(self)
        check_combinations(self, len(self._sizes()), incremental)
        fitted = resume and self.__sklearn_is_fitted__()
        table = self._check_data(X, y, sample_weight, fitted, incremental)
        training = self._for_training(table)
        state = self._state if fitted else None
        rng = state.rng if state else check_random_state(self.random_state)
        theta = self._starting_parameters(table, rng, resume=resume, fitted=fitted)
        self.out_activation_ = self._head.out_activation
        # Overflow on the way to divergence is reported once, as divergence.
        with np.errstate(all="ignore"), at_most(self._threads(table)):
            if self.solver == "lbfgs":
                self._fit_lbfgs(training, theta)
            else:
                state = self._next_state(state, rng, table.n_rows)
                self._fit_stochastic(table, training, theta, state, incremental)
        return self

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, fitted: bool, incremental: bool
    ) -> Table:
        """X, the encoded y and the weights, all in the precision of the model."""
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
        if regression:
            check_numbers(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        weights = check_sample_weight(sample_weight, X.shape[0], X.dtype)
        target = self._encode_target(y, known=fitted, incremental=incremental)
        with np.errstate(over="ignore"):
            target = target.reshape(X.shape[0], -1).astype(X.dtype)
        self._head = self._choose_head()
        if not self._head.in_range(target):
            raise ValueError(
                f"y must be {self._head.y_allowed} in {X.dtype} for {self}. "
                f"Got values from {y.min()} to {y.max()}."
            )
        return Table(X, target, weights)

    def _starting_parameters(
        self, table: Table, rng: Any, *, resume: bool, fitted: bool
    ) -> Any:
        """theta to start from: the fitted one, given `coefs_`, or a draw."""
        network = multilayer_perceptron(
            table.X.shape[1], self._sizes(), table.y.shape[1], self._activations()
        )
        if fitted:
            self._check_same_layers(network)
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
        if not resume or given[0] is None:
            return network.initialize(rng, table.X.dtype)
        theta = np.empty(network.n_parameters, table.X.dtype)
        layers = network.views(theta).layers
        write_arrays("coefs_", [params["W"] for params in layers], given[0])
        write_arrays("intercepts_", [params["b"] for params in layers], given[1] or ())
        return theta

    def _sizes(self) -> tuple[int, ...]:
        """The number of units in each hidden layer."""
        sizes = tuple(int(size) for size in as_sizes(self.hidden_layer_sizes) or ())
        times = 1 if self.n_hidden_layers is None else int(self.n_hidden_layers)
        return sizes * times

    def _activations(self) -> Any:
        """The activation of all hidden layers, or a list with one for each."""

        def by_name(one: Any) -> Any:
            return ACTIVATIONS[one] if isinstance(one, str) else one

        one_each = as_sequence(self.activation)
        if one_each is None:
            return by_name(self.activation)
        return [by_name(one) for one in one_each]

    def _check_same_layers(self, network: Any) -> None:
        """Training can go on only in a network of the same shape."""
        n_outputs = network.layers[-1].n_out
        if n_outputs != self.n_outputs_:
            raise ValueError(
                f"y must have {self.n_outputs_} outputs, as in the previous call. "
                f"Got {n_outputs}."
            )
        old = [layer.shapes() for layer in self._network.layers]
        if old != [layer.shapes() for layer in network.layers]:
            raise InvalidParameterError(
                "hidden_layer_sizes must be "
                f"{tuple(layer.n_out for layer in self._network.layers[:-1])}, as in "
                "the previous call, to go on training. Got "
                f"{self._sizes()}, of {sizes_in_words(self)}."
            )

    def _next_state(self, state: Any, rng: Any, n_rows: int) -> TrainingState:
        """A copy of the last call's training state, or a new one."""
        optimizer = self._make_optimizer()
        patience = Patience(float(self.tol), self.n_iter_no_change)
        if state is None:
            return TrainingState(optimizer, patience, rng, n_seen=self.t_)
        if optimizer == state.optimizer:
            optimizer = duplicate(state.optimizer)
        if not self.early_stopping and self.validation_scores_ is None:
            patience.best, patience.count = state.patience.best, state.patience.count
        same_rows = state.order is not None and len(state.order) == n_rows
        order = state.order if same_rows else None
        return replace(state, optimizer=optimizer, patience=patience, order=order)

    def _make_optimizer(self) -> Any:
        """The optimiser of a stochastic solver."""
        if self.solver == "adam":
            return Adam(float(self.beta_1), float(self.beta_2), float(self.epsilon))
        kind = Nesterov if self.nesterovs_momentum else SGD
        return kind(float(self.momentum))

    def _make_plan(self, n_rows: int, max_epochs: Any) -> Plan:
        """The settings of stochastic training on that many rows."""
        schedule: Any = Constant()
        if self.solver == "sgd" and self.learning_rate == "invscaling":
            schedule = InverseScaling(float(self.power_t))
        elif self.solver == "sgd":
            schedule = SCHEDULES[self.learning_rate]()
        if self.batch_size != "auto" and self.batch_size > n_rows:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going "
                f"to be clipped: batch_size={self.batch_size}, {n_rows} training rows.",
                stacklevel=5,
            )
        return Plan(
            self._make_objective(),
            schedule,
            float(self.learning_rate_init),
            self._batch_size(n_rows),
            shuffle=bool(self.shuffle),
            max_epochs=int(max_epochs),
        )

    def _threads(self, table: Table) -> int:
        """How many BLAS threads training on the table is worth."""
        rows_in_a_step = self._batch_size(table.n_rows)
        if self.solver == "lbfgs":
            rows_in_a_step = min(table.n_rows, self._network.block_rows)
        return threads_for(self._network, rows_in_a_step, sparse=issparse(table.X))

    def _batch_size(self, n_rows: int) -> int:
        """Rows in a mini-batch, of that many in all."""
        return min(200 if self.batch_size == "auto" else int(self.batch_size), n_rows)

    def _make_objective(self) -> Objective:
        return Objective(self._network, self._head, float(self.alpha))

    def _log(self, line: str) -> None:
        if self.verbose:
            print(line)

    def _fit_stochastic(
        self,
        table: Table,
        training: Table,
        theta: Any,
        state: TrainingState,
        incremental: bool,
    ) -> None:
        """Train with mini-batches and take over what came of it."""
        score, old_scores = None, self.validation_scores_
        if self.early_stopping:
            state.order, held_out = self._split(table, training, state.rng)

            def score(theta: Any) -> float:
                return self._score_of(theta, held_out)

        n_rows = table.n_rows if state.order is None else len(state.order)
        plan = self._make_plan(n_rows, max_epochs=1 if incremental else self.max_iter)
        run = train(plan, theta, state, training, validate=score, log=self._log)
        self._check_outcome(run, theta, incremental)
        self._theta = theta if run.best is None else run.best
        self.t_ = state.n_seen
        n_before = self.n_iter_ if incremental else 0
        self._record(run.losses, run.losses[-1] if run.losses else np.nan, n_before)
        self.validation_scores_ = self.best_validation_score_ = None
        if self.early_stopping:
            state.order = None
            self.best_loss_, self.best_validation_score_ = None, run.best_score
            self.validation_scores_ = [*(old_scores or ()), *run.scores]
        going_on = incremental or self.warm_start or run.outcome is Outcome.INTERRUPTED
        # The moments of a diverged optimiser would make the next fit diverge too.
        diverged = run.outcome is Outcome.DIVERGED
        self._state = state if going_on and not diverged else None

    def _record(self, losses: list[float], loss: float, n_before: int = 0) -> None:
        """Take over the losses of the iterations that just ran."""
        self.loss_ = loss
        self.n_iter_ = n_before + len(losses)
        self.loss_curve_.extend(losses)
        self.best_loss_ = min(
            np.inf if self.best_loss_ is None else self.best_loss_, loss, *losses
        )

    def _check_outcome(self, run: Run, theta: Any, incremental: bool) -> None:
        """Raise or warn if training did not end well."""
        if run.outcome is Outcome.INTERRUPTED:
            warnings.warn("Training interrupted by user.", stacklevel=5)
            if not np.isfinite(theta).all():
                run.outcome = Outcome.DIVERGED
        if run.outcome is Outcome.DIVERGED:
            epoch = len(run.losses) + (self.n_iter_ if incremental else 0)
            where = f"in epoch {epoch}, at a learning rate of {run.rate:g}"
            if run.best is None:
                raise ValueError(self._divergence_message(where))
            warnings.warn(
                f"Training diverged {where}; the weights of the best epoch before that "
                "are kept. Lower learning_rate_init, or scale X and y.",
                ConvergenceWarning,
                stacklevel=5,
            )
        if run.outcome is Outcome.MAX_EPOCHS and not incremental:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached "
                "and the optimization hasn't converged yet.",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _divergence_message(self, where: str) -> str:
        return (
            "Solver produced non-finite parameter weights. The input data may contain "
            f"large values and need to be preprocessed. Training diverged {where}. "
            "Scale X (and y in regression)"
            f"{'.' if self.solver == 'lbfgs' else ', or lower learning_rate_init.'}"
        )

    def _fit_lbfgs(self, table: Table, theta: Any) -> None:
        """Train on the full batch and take over what came of it."""
        found = minimize_lbfgs(
            self._make_objective(),
            theta,
            table,
            max_iter=int(self.max_iter),
            max_fun=int(self.max_fun),
            tol=float(self.tol),
            log=self._log,
        )
        n_iter = len(found.losses)
        no_loss = not (np.isfinite(found.loss) or found.interrupted)
        if no_loss or not np.isfinite(found.theta).all():
            raise ValueError(self._divergence_message(f"in iteration {n_iter + 1}"))
        if found.interrupted:
            warnings.warn("Training interrupted by user.", stacklevel=4)
        elif not found.converged:
            warnings.warn(
                f"lbfgs failed to converge after {n_iter} iteration(s): {found.message}. "
                f"Increase max_iter={self.max_iter} or max_fun={self.max_fun}, or scale "
                "the data.",
                ConvergenceWarning,
                stacklevel=4,
            )
        self._theta, self._state = found.theta, None
        self.validation_scores_ = self.best_validation_score_ = None
        self._record(found.losses, found.loss)

    def _split(self, table: Table, training: Table, rng: Any) -> tuple[Any, Table]:
        """The training rows' numbers and the rows held out for early stopping."""
        n_held_out = ceil(self.validation_fraction * table.n_rows)
        too_small = InvalidParameterError(
            "The validation set is too small. Increase 'validation_fraction' or the "
            "size of your dataset. At least 2 rows must be held out and 1 left. Got "
            f"validation_fraction={self.validation_fraction}, n_samples={table.n_rows}."
        )
        if not 0 < n_held_out < table.n_rows:
            raise too_small
        strata = self._strata(table, n_held_out)
        try:
            train_rows, held_out = train_test_split(
                np.arange(table.n_rows),
                random_state=rng,
                test_size=n_held_out,
                stratify=strata,
            )
        except ValueError as error:
            raise ValueError(
                f"{error} The split is that of early_stopping=True, with "
                f"validation_fraction={self.validation_fraction}."
            ) from None
        if len(held_out) < 2:
            raise too_small
        if table.w is not None:
            check_some_weight(table.w[held_out], " among the validation rows")
        if training.w is not None:
            check_some_weight(
                training.w[train_rows],
                " among the training rows",
                "sample_weight" if training.w is table.w else "class_weight",
            )
        return train_rows, table.take(held_out)

    def _score_of(self, theta: Any, table: Table) -> float:
        """The validation score, NaN if a prediction is not finite."""
        prediction = self._head.prediction(self._network.scores(theta, table.X))
        if not np.isfinite(prediction).all():
            return float("nan")
        return float(self._validation_score(prediction, table))

    def _scores(self, X: Any) -> Any:
        """The top layer's scores s for unchecked rows, (n_samples, n_outputs)."""
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
        """The head's prediction for unchecked rows, (n_samples, n_outputs)."""
        scores = self._scores(X)
        return self._head.prediction(scores)

    def __sklearn_is_fitted__(self) -> bool:
        return "_theta" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
