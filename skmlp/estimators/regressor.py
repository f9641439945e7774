"""MLPRegressor: the interface of scikit-learn on the backprop core."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, Self, overload

from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ..common._types import (
    ActivationLike,
    ArrayLike,
    LayerSizes,
    Levels,
    MatrixLike,
    Predictions,
    ScheduleLike,
    ScoringLike,
    Seed,
    TargetLike,
)
from ..common.checks import GivenRows
from ..common.notebook import FittedHTMLMixin
from ..common.parameters import documented
from ..core._types import Array
from ..core.heads import Head
from ..mlp.base import BaseMLP
from ..mlp.call import FitCall
from ..mlp.combinations import check_combinations, has_partial_fit
from ..mlp.parameters import ATTRIBUTES, PARAMETERS
from ..streaming.matrices import MatrixSources
from ._regression import RegressorTargets


@partial(documented, table=PARAMETERS, attributes=ATTRIBUTES)
class MLPRegressor(
    FittedHTMLMixin, RegressorTargets, RegressorMixin, MatrixSources, BaseMLP
):
    """Multilayer perceptron for regression.

    Minimises a loss plus an L2 penalty, for one target or several. The default loss is half
    the squared error. There are losses for medians and other quantiles, counts, positive
    amounts, data with outliers, and a mean with its standard deviation.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MLPClassifier : Multilayer perceptron for classification.

    Notes
    -----
    It has the parameters and defaults of `sklearn.neural_network.MLPRegressor`, and gives
    the same trained weights for the same seed. docs/differences_from_scikit_learn.md lists
    the differences. docs/backprop.md explains the theory.

    References
    ----------
    Hinton, "Connectionist learning procedures", Artificial Intelligence 40, 1989.

    Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import scale
    >>> from skmlp import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = MLPRegressor(
    ...     hidden_layer_sizes=(20,), alpha=50, solver="lbfgs", max_iter=2000
    ... )
    >>> bool(model.fit(scale(X), scale(y)).score(scale(X), scale(y)) > 0.5)
    True
    """

    def __init__(
        self,
        loss: str | Head = "squared_error",
        hidden_layer_sizes: LayerSizes = (100,),
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: ScheduleLike = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Seed | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        n_hidden_layers: int | None = None,
        dropout: float | Sequence[float] = 0.0,
        weight_decay: float = 0.0,
        max_grad_norm: float | None = None,
        scoring: ScoringLike | None = None,
        huber_delta: float = 1.0,
        quantile: Levels = 0.5,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.n_hidden_layers = n_hidden_layers
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.max_grad_norm = max_grad_norm
        self.scoring = scoring
        self.huber_delta = huber_delta
        self.quantile = quantile

    @available_if(has_partial_fit)
    def partial_fit(
        self, X: MatrixLike, y: TargetLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch over the given rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None: each row has weight 1.

        Returns
        -------
        Self
            The trained estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, or if training diverges. The estimator
            then stays as it was before the call.
        TypeError
            If sample weights or targets are not numbers.

        Examples
        --------
        >>> from skmlp import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 10.0, 20.0, 30.0]
        >>> model = MLPRegressor(random_state=0).partial_fit(X[:2], y[:2])
        >>> model.partial_fit(X[2:], y[2:]).n_iter_
        2
        """
        settings = self._checked_settings()
        check_combinations(settings, self._parameter_table, incremental=True)
        with self._unchanged_on_error():
            rows = GivenRows(X, y, sample_weight)
            return self._fit(settings, rows, FitCall(incremental=True))

    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        return y, w

    def _validation_score(self, prediction: Array, y: Array, w: Array | None) -> float:
        return self._score(y, prediction, w)

    @overload
    def predict(
        self, X: MatrixLike, return_std: Literal[False] = False
    ) -> Predictions: ...

    @overload
    def predict(
        self, X: MatrixLike, return_std: Literal[True]
    ) -> tuple[Predictions, Predictions]: ...

    def predict(
        self, X: MatrixLike, return_std: bool = False
    ) -> Predictions | tuple[Predictions, Predictions]:
        """Predict the target of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows to predict. The network computes them in blocks, so the memory in
            addition to X and the result is bounded.
        return_std : bool, default=False
            Whether to also return the standard deviation of y, for loss='gaussian'.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The predictions. With a sequence of q quantiles the shape is (n_samples, q) or
            (n_samples, n_outputs, q), and the quantiles are in increasing order.
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The standard deviations, only if `return_std` is True.

        Raises
        ------
        ValueError
            If `return_std` is True and the loss has no standard deviation.
        TypeError
            If `return_std` is not a bool.

        Examples
        --------
        Without hidden layers the model is linear.

        >>> from skmlp import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 10.0, 20.0, 30.0]
        >>> model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", random_state=0)
        >>> model.fit(X, y).predict([[1.5]]).round(1).tolist()
        [15.0]
        >>> mean, std = model.set_params(loss="gaussian").fit(X, [0, 9, 21, 30]).predict(
        ...     X, return_std=True
        ... )
        >>> mean.shape, std.shape
        ((4,), (4,))
        """
        if return_std is False:
            return self._by_target(self._head_prediction(X))
        check_is_fitted(self)
        self._check_return_std(return_std)
        scores = self._scores(X)
        prediction = self._by_target(self._head.prediction(scores))
        if not return_std:
            return prediction
        return prediction, self._by_target(self._std(scores))
