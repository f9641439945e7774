"""TabularMLPRegressor: from raw tables to predictions in the units of the target."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from ..common.parameters import documented
from ..core._types import Array
from ..tabular.base import BaseTabularMLP
from ..tabular.parameters import ATTRIBUTES, OF_REGRESSOR
from ._regression import RegressorTargets


@dataclass(frozen=True, eq=False)
class TargetScale:
    """The scaling of targets, (n, n_outputs), for training, and back for predictions.

    If predictions are exponentials the target must stay positive: it is divided by its
    mean. Otherwise it is standardised. Predictions are clipped to the range of the target.
    """

    center: Any
    scale: Any
    low: Any
    high: Any

    @classmethod
    def fit(cls, y: Array, w: Array | None, out_activation: str) -> "TargetScale":
        """Learn the scaling from targets and weights."""
        center, low, high = np.average(y, axis=0, weights=w), y.min(0), y.max(0)
        if out_activation == "exp":
            scale, center = center, np.zeros_like(center)
        else:
            scale = np.sqrt(np.average((y - center) ** 2, axis=0, weights=w))
        # A constant target has no scale to divide by.
        scale = np.where((scale > 0) & (high > low), scale, 1.0)
        return cls(center, scale, low, high)

    def check_sizes(self, n_outputs: int) -> None:
        """Raise ValueError unless each value is a number for each target."""
        for value in vars(self).values():
            array = np.asarray(value)
            if array.dtype.kind not in "if" or array.shape not in ((), (n_outputs,)):
                raise ValueError(f"the scale of the target has shape {array.shape}")

    def transform(self, y: Any) -> Any:
        """The scaled targets, to train on."""
        return ((y - self.center) / self.scale).astype(np.float32)

    def inverse_transform(self, prediction: Any) -> Any:
        """Predictions, (n, n_outputs) or (n, n_outputs, q), in the target's units."""
        more = prediction.ndim - 2
        center, scale, low, high = (
            value.reshape(-1, *(1,) * more)
            for value in (self.center, self.scale, self.low, self.high)
        )
        return np.clip(prediction * scale + center, low, high)


@partial(documented, table=OF_REGRESSOR, attributes=ATTRIBUTES)
class TabularMLPRegressor(RegressorTargets, RegressorMixin, BaseTabularMLP):
    """Ensemble of multilayer perceptrons for regression on raw tables.

    The table may have numbers on any scale, text, categories and missing values, and the
    target may be in any units. Each of several networks has its own validation rows, which
    select its best epoch. The prediction is the mean over the networks.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    TabularMLPClassifier : The ensemble for classification.
    MLPRegressor : One network, for scaled and encoded features.
    TableEncoder : The encoder of the table.

    Notes
    -----
    Training is in single precision. Predictions are clipped to the range of the targets
    seen in fit. docs/tabular.md explains the method and shows the effect of each part.

    References
    ----------
    Holzmueller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", arXiv:2407.04491.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skmlp import TabularMLPRegressor
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame(
    ...     {"area": rng.uniform(20, 200, 300), "city": rng.choice(["Bonn", "Ulm"], 300)}
    ... )
    >>> rent = 9 * table["area"] + 200 * (table["city"] == "Bonn")
    >>> model = TabularMLPRegressor(n_estimators=2, random_state=0).fit(table, rent)
    >>> bool(model.score(table, rent) > 0.99)
    True
    """

    def __init__(
        self,
        loss: str = "squared_error",
        n_estimators: int = 8,
        hidden_layer_sizes: Any = (128, 128, 128),
        *,
        activation: Any = "mish",
        n_frequencies: int = 16,
        dropout: float = 0.1,
        weight_decay: float = 0.02,
        learning_rate_init: float = 0.2,
        batch_size: Any = "auto",
        max_iter: Any = "auto",
        n_iter_no_change: float = 8,
        max_time: float | None = None,
        categorical_features: Any = "from_dtype",
        quantile: Any = 0.5,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: Any = False,
    ):
        self.loss = loss
        self.n_estimators = n_estimators
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.n_frequencies = n_frequencies
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.max_time = max_time
        self.categorical_features = categorical_features
        self.quantile = quantile
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    _frequency_std = 1.0

    def _check_sizes(self) -> None:
        super()._check_sizes()
        self._scale.check_sizes(self.n_outputs_)

    def _fit_target(self, y: Array, w: Array | None) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            self._scale = TargetScale.fit(y, w, self._head.out_activation)
        if not np.isfinite([self._scale.center, self._scale.scale]).all():
            raise ValueError(
                "y must have a variance that is finite in double precision. "
                f"Got values from {y.min():g} to {y.max():g}."
            )

    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        return self._scale.transform(y), w

    def _prediction(self, scores: Any) -> Any:
        """One network's prediction in the units of the target."""
        return self._scale.inverse_transform(self._head.prediction(scores))

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict the target of the rows of a table.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit.
        return_std : bool, default=False
            Whether to also return the standard deviation of y, for loss='gaussian'.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The mean of the networks' predictions. With a sequence of q quantiles the shape
            is (n_samples, q) or (n_samples, n_outputs, q), and the quantiles are in
            increasing order.
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The standard deviations, only if `return_std` is True. They belong to the
            mixture of the networks' normal distributions, and are larger where networks
            disagree.

        Raises
        ------
        ValueError
            If `return_std` is True and the loss has no standard deviation.
        TypeError
            If `return_std` is not a bool.

        References
        ----------
        Lakshminarayanan, Pritzel and Blundell, "Simple and scalable predictive uncertainty
        estimation using deep ensembles", arXiv:1612.01474, section 2.4.
        """
        if return_std is False:
            return self._by_target(self._mean(X, self._prediction))
        check_is_fitted(self)
        self._check_return_std(return_std)
        if not return_std:
            return self.predict(X)
        mean, square = self._mean(X, self._moments)
        variance = np.maximum(square - mean**2, 0)
        scale = self._scale
        std = np.sqrt(variance) * scale.scale
        prediction = np.clip(mean * scale.scale + scale.center, scale.low, scale.high)
        return self._by_target(prediction), self._by_target(std)

    def _moments(self, scores: Any) -> Any:
        """One network's means of the scaled target and of its square."""
        mean = self._head.prediction(scores)
        return np.array([mean, mean**2 + self._std(scores) ** 2])
