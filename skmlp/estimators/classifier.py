"""MLPClassifier: the interface of scikit-learn on the backprop core."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Self, cast

from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if

from ..common._types import (
    ActivationLike,
    ArrayLike,
    ClassWeight,
    LayerSizes,
    MatrixLike,
    Predictions,
    ScheduleLike,
    ScoringLike,
    Seed,
    TargetLike,
)
from ..common.checks import GivenRows
from ..common.labels import declared_classes, refuse_balanced, smoothed
from ..common.notebook import FittedHTMLMixin
from ..common.parameters import documented
from ..common.target_values import read_target
from ..core._types import Array
from ..core.heads import ClassificationHead
from ..mlp.base import BaseMLP
from ..mlp.call import FitCall
from ..mlp.combinations import check_combinations, has_partial_fit
from ..mlp.parameters import ATTRIBUTES, PARAMETERS
from ..streaming.matrices import MatrixSources
from ._classification import ClassifierTargets, accuracy


@partial(documented, table=PARAMETERS, attributes=ATTRIBUTES)
class MLPClassifier(
    FittedHTMLMixin, ClassifierTargets, ClassifierMixin, MatrixSources, BaseMLP
):
    """Multilayer perceptron for classification.

    Minimises the log-loss plus an L2 penalty: for two classes with a sigmoid of one score,
    for several classes with a softmax, for several labels with a sigmoid of each score.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels; for several labels, their indices.
    {attributes}

    See Also
    --------
    MLPRegressor : Multilayer perceptron for regression.

    Notes
    -----
    It has the parameters and defaults of `sklearn.neural_network.MLPClassifier`, and gives
    the same trained weights for the same seed. docs/differences_from_scikit_learn.md lists
    the differences. docs/backprop.md explains the theory.

    References
    ----------
    Hinton, "Connectionist learning procedures", Artificial Intelligence 40, 1989.

    Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skmlp import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(
    ...     StandardScaler(), MLPClassifier(max_iter=400, tol=1e-3, random_state=0)
    ... )
    >>> bool(cross_val_score(model, X, y).mean() > 0.9)
    True
    """

    def __init__(
        self,
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
        class_weight: ClassWeight | None = None,
        label_smoothing: float = 0.0,
        n_hidden_layers: int | None = None,
        dropout: float | Sequence[float] = 0.0,
        weight_decay: float = 0.0,
        max_grad_norm: float | None = None,
        scoring: ScoringLike | None = None,
    ):
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
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.n_hidden_layers = n_hidden_layers
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.max_grad_norm = max_grad_norm
        self.scoring = scoring

    @available_if(has_partial_fit)
    def partial_fit(
        self,
        X: MatrixLike,
        y: TargetLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch over the given rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, or a multilabel indicator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None: each row has weight 1.
        classes : array-like of shape (n_classes,), default=None
            All classes. Required in the first call, unless fit was called before. y need
            not contain all of them.

        Returns
        -------
        Self
            The trained estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, if class_weight='balanced', if y has a
            class that is not in `classes`, or if training diverges. The estimator then
            stays as it was before the call.
        TypeError
            If sample weights are not numbers.

        Examples
        --------
        >>> from skmlp import MLPClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
        >>> model = MLPClassifier(random_state=0)
        >>> model = model.partial_fit(X[:2], y[:2], classes=["low", "high"])
        >>> model.partial_fit(X[2:], y[2:]).n_iter_
        2
        """
        refuse_balanced(self.class_weight)
        settings = self._checked_settings()
        check_combinations(settings, self._parameter_table, incremental=True)
        with self._unchanged_on_error():
            labels = read_target(y, self, numeric=False, sparse=True)
            self._declare_classes(labels, classes)
            # Columns have names in y only.
            rows = GivenRows(X, labels if labels.ndim == 1 else y, sample_weight)
            return self._fit(settings, rows, FitCall(incremental=True))

    def _declare_classes(self, y: Any, classes: Any) -> None:
        """Set the classes in the first call of partial_fit, check them in later ones."""
        labels = declared_classes(classes, y, getattr(self, "classes_", None), self)
        if labels is not None:
            self._labels = labels
            self.classes_: Any = labels.classes

    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        y, w = self._with_class_weights(y, w, y.dtype, fitted)
        if self.label_smoothing:
            multiclass = self._labels.kind == "multiclass"
            n_classes = y.shape[1] if multiclass else 2
            y = smoothed(y, float(self.label_smoothing), n_classes)
        return y, w

    def _validation_score(self, prediction: Array, y: Array, w: Array | None) -> float:
        truth, guess = self._decisions(y), self._decisions(prediction)
        return accuracy(truth, guess, w)

    def predict(self, X: MatrixLike) -> Predictions:
        """Predict the class labels of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows to predict. The network computes them in blocks, so the memory in
            addition to X and the result is bounded.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            The most probable class of each row. For several labels, an indicator of the
            labels with a probability above 1/2.

        Examples
        --------
        >>> from skmlp import MLPClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
        >>> model = MLPClassifier((5,), solver="lbfgs", max_iter=1000, random_state=0)
        >>> model.fit(X, y).predict([[0.0], [3.0]]).tolist()
        ['low', 'high']
        """
        return self._labels_of(self._head_prediction(X))

    def decision_function(self, X: MatrixLike) -> Predictions:
        """Compute the scores of the top layer, before the sigmoid or softmax.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows to score.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes, the log-odds of the second class. For several labels, the
            log-odds of each label. For several classes, a score for each class; the
            predicted class has the largest score.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from sklearn.preprocessing import scale
        >>> from skmlp import MLPClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = MLPClassifier(alpha=1, solver="lbfgs", max_iter=5000)
        >>> scores = model.fit(scale(X), y).decision_function(scale(X))
        >>> bool(((scores > 0) == model.predict(scale(X))).all())
        True
        """
        scores = self._scores(X)
        return scores.ravel() if self.n_outputs_ == 1 else scores

    def predict_proba(self, X: MatrixLike) -> Predictions:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows to predict.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The probabilities, with columns in the order of `classes_`. For several labels,
            the probability of each label.

        Examples
        --------
        >>> from skmlp import MLPClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
        >>> model = MLPClassifier((5,), solver="lbfgs", max_iter=1000, random_state=0)
        >>> model.fit(X, y).predict_proba([[0.0], [3.0]]).round(1).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
        >>> model.classes_.tolist()
        ['high', 'low']
        """
        scores = self._scores(X)
        return self._by_class(scores, self._head.prediction)

    def predict_log_proba(self, X: MatrixLike) -> Predictions:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows to predict.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The log-probabilities, with columns in the order of `classes_`. They are
            computed from the scores, and finite even where a probability rounds to zero.

        Examples
        --------
        >>> import numpy as np
        >>> from skmlp import MLPClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
        >>> model = MLPClassifier((5,), solver="lbfgs", max_iter=1000, random_state=0)
        >>> log_probability = model.fit(X, y).predict_log_proba([[-1e6], [1e6]])
        >>> bool(np.isfinite(log_probability).all())
        True
        """
        scores = self._scores(X)
        head = cast(ClassificationHead, self._head)
        return self._by_class(scores, head.log_prediction)
