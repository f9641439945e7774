"""TabularMLPRegressor: from raw tables to predictions in the units of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, Self, overload

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from ..common._types import (
    ArrayLike,
    Categorical,
    LayerSizes,
    Levels,
    Predictions,
    ScoringLike,
    Seed,
    SplitsLike,
    TableLike,
    TargetLike,
)
from ..common.checks import GivenRows, held_by
from ..common.notebook import FittedHTMLMixin
from ..common.parameters import documented
from ..core._types import Array
from ..streaming.fitting import TableSources
from ..tabular import presets
from ..tabular.base import BaseTabularMLP
from ..tabular.parameters import ATTRIBUTES, OF_REGRESSOR
from ._conformal import IntervalMixin
from ._regression import RegressorTargets, exponent_of


@dataclass(frozen=True, eq=False)
class TargetScale:
    """The scaling of targets, (n, n_outputs), for training, and back for predictions.

    If predictions are exponentials the target must stay positive: it is divided by its
    mean. Otherwise it is standardised. A constant target becomes 1 or 0. Predictions are
    clipped to the range of the target.

    `center` and `scale` are those of the target divided by 2^exponent, which is 1 unless
    the target is very large or very small; `low` and `high` are in its units.
    """

    center: Any
    scale: Any
    low: Any
    high: Any
    exponent: Any = 0

    @classmethod
    def fit(cls, y: Array, w: Array | None, out_activation: str) -> TargetScale:
        """Learn the scaling from targets and weights."""
        low, high = y.min(0), y.max(0)
        varies = high > low
        exponent = exponent_of(y)
        y = np.ldexp(y, -exponent)
        mean = np.average(y, axis=0, weights=w)
        # Rounding moves the mean of a constant target.
        mean = np.where(varies, mean, y[0])
        if out_activation == "exp":
            return cls(np.zeros_like(mean), _positive(mean), low, high, exponent)
        scale = np.sqrt(np.average((y - mean) ** 2, axis=0, weights=w))
        return cls(mean, _positive(scale), low, high, exponent)

    def check_sizes(self, n_outputs: int) -> None:
        """Raise ValueError unless each value is a number for each target."""
        for value in vars(self).values():
            array = np.asarray(value)
            if array.dtype.kind not in "if" or array.shape not in ((), (n_outputs,)):
                raise ValueError(f"the scale of the target has shape {array.shape}")

    def transform(self, y: Any) -> Any:
        """The scaled targets, to train on; infinite where single precision is too small."""
        with np.errstate(over="ignore"):
            y = np.ldexp(y, -self.exponent)
            return ((y - self.center) / self.scale).astype(np.float32)

    def inverse_transform(self, prediction: Any) -> Any:
        """Predictions, (n, n_outputs) or (n, n_outputs, q), clipped, divided by 2^exponent.

        Their sums are finite. `in_units` gives them the target's units.
        """
        center, scale, low, high, exponent = self._for(prediction)
        low, high = np.ldexp(low, -exponent), np.ldexp(high, -exponent)
        return np.clip(prediction * scale + center, low, high)

    def in_units(self, prediction: Any) -> Any:
        """Means of clipped predictions in the target's units."""
        _, _, low, high, exponent = self._for(prediction)
        with np.errstate(over="ignore"):
            extreme = np.clip(np.ldexp(prediction, exponent), low, high)
        return np.where(exponent == 0, prediction, extreme)

    def _for(self, prediction: Any) -> list[Any]:
        """The fields, with axes for the q predictions of each target."""
        fields = (self.center, self.scale, self.low, self.high, self.exponent)
        return [np.reshape(one, (-1, *(1,) * (prediction.ndim - 2))) for one in fields]

    def std(self, std: Any) -> Any:
        """Standard deviations of the scaled target in the target's units."""
        with np.errstate(over="ignore"):
            found = np.ldexp(std * self.scale, self.exponent)
        return np.minimum(found, np.finfo(np.float64).max)


def _positive(scale: Any) -> Any:
    """The scale to divide by: 1 where it is 0, as for a constant target."""
    return np.where(scale > 0, scale, 1.0)


@partial(documented, table=OF_REGRESSOR, attributes=ATTRIBUTES)
class TabularMLPRegressor(
    FittedHTMLMixin,
    RegressorTargets,
    IntervalMixin,
    RegressorMixin,
    TableSources,
    BaseTabularMLP,
):
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
        hidden_layer_sizes: LayerSizes = (128, 128, 128),
        *,
        preset: str | None = "default",
        activation: str = "mish",
        n_bins: int = 32,
        n_frequencies: int = 16,
        dropout: float = 0.1,
        weight_decay: float = 0.02,
        learning_rate_init: float = 0.2,
        batch_size: int | str = "auto",
        max_iter: int | str = "auto",
        n_iter_no_change: float | str = "auto",
        max_time: float | None = None,
        cv: SplitsLike | None = None,
        scoring: ScoringLike | None = "loss",
        store_oof: bool = False,
        categorical_features: Categorical | None = "from_dtype",
        column_kinds: Mapping[str | int, str] | None = None,
        min_frequency: int | str = "auto",
        quantile: Levels = 0.5,
        n_jobs: int | None = None,
        random_state: Seed | None = None,
        verbose: bool | int = False,
    ):
        self.loss = loss
        self.n_estimators = n_estimators
        self.hidden_layer_sizes = hidden_layer_sizes
        self.preset = preset
        self.activation = activation
        self.n_bins = n_bins
        self.n_frequencies = n_frequencies
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.max_time = max_time
        self.cv = cv
        self.scoring = scoring
        self.store_oof = store_oof
        self.categorical_features = categorical_features
        self.column_kinds = column_kinds
        self.min_frequency = min_frequency
        self.quantile = quantile
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    _presets = presets.OF_REGRESSOR
    _frequency_std = 1.0
    _largest_batch = 1024

    def _fit_target(self, y: Array, w: Array | None) -> None:
        self._scale = TargetScale.fit(y, w, self._head.out_activation)

    def _extend_range(self, y: Array) -> None:
        low = np.minimum(self._scale.low, y.min(0))
        high = np.maximum(self._scale.high, y.max(0))
        self._scale = replace(self._scale, low=low, high=high)

    def partial_fit(
        self, X: TableLike, y: TargetLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch on the given rows, at the rate `learning_rate_init`.

        The first call learns the encoder of the table and the scale of the target from its
        rows, which should be a fair sample. A row is held out by its values:
        with the same rows in k calls, the networks train for k epochs, each without its
        held-out rows.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Rows of a table, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Real numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None: each row has weight 1.

        Returns
        -------
        Self
            The estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, or if training diverges. The estimator
            then stays as it was before the call.
        TypeError
            If a column has other values than in the first call, or targets are not numbers.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPRegressor
        >>> table = pd.DataFrame({"port": ["S", "C"] * 100, "fare": range(200)})
        >>> model = TabularMLPRegressor(n_estimators=2, random_state=0)
        >>> model.partial_fit(table, range(200)).partial_fit(table, range(200)).n_iter_
        2
        """
        settings = self._checked_settings()
        with self._unchanged_on_error():
            self._partial_fit(settings, GivenRows(X, y, sample_weight))
        return self

    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        scaled = self._scale.transform(y)
        self._check_scaled(scaled, y, "y" if y is fitted else "y_val")
        return scaled, w

    def _check_scaled(self, scaled: Array, y: Array, name: str) -> None:
        """Raise ValueError unless the head takes the scaled targets, with finite losses."""
        head = self._head
        fine = head.in_range(scaled)
        if fine:
            s = np.zeros((len(y), head.n_scores(y.shape[1])), scaled.dtype)
            with np.errstate(over="ignore"):
                loss, _ = head.loss_and_gradient(scaled, s)
            fine = bool(np.isfinite(loss).all())
        if not fine:
            how = "division by the mean" if head.out_activation == "exp" else "scaling"
            raise ValueError(
                f"{name} must be {head.y_allowed}, with a finite loss, in {scaled.dtype} "
                f"after {how} of y, for {self}. Got values from {y.min()} to {y.max()}; "
                f"{held_by(scaled.dtype)}."
            )

    def _prediction(self, scores: Any) -> Any:
        """One network's prediction, in the units of the scale."""
        with np.errstate(over="ignore"):
            # An infinite exponential is clipped to the range of the target.
            prediction = self._head.prediction(scores)
        return self._scale.inverse_transform(prediction)

    @overload
    def predict(
        self, X: TableLike, return_std: Literal[False] = False
    ) -> Predictions: ...

    @overload
    def predict(
        self, X: TableLike, return_std: Literal[True]
    ) -> tuple[Predictions, Predictions]: ...

    def predict(
        self, X: TableLike, return_std: bool = False
    ) -> Predictions | tuple[Predictions, Predictions]:
        """Predict the target of the rows of a table.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit, or files with it.
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
            disagree. The mean of each network is clipped to the range of the targets seen
            in fit, so the prediction is the mean of the same mixture.

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

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPRegressor
        >>> table = pd.DataFrame({"area": range(20, 220), "city": ["Bonn", "Ulm"] * 100})
        >>> rent = 9 * table["area"] + 200 * (table["city"] == "Bonn")
        >>> model = TabularMLPRegressor("gaussian", n_estimators=1, random_state=0)
        >>> mean, std = model.fit(table, rent).predict(table, return_std=True)
        >>> mean.shape, std.shape
        ((200,), (200,))
        >>> bool((std > 0).all())
        True
        """
        if return_std is False:
            prediction = self._mean(X, self._prediction)
            return self._by_target(self._scale.in_units(prediction))
        check_is_fitted(self)
        self._check_return_std(return_std)
        if not return_std:
            return self.predict(X)
        moments = self._mean(X, self._moments)
        prediction, mean, square, noise = np.moveaxis(moments, -1, 0)
        variance = noise + np.maximum(square - mean**2, 0)
        std = self._scale.std(np.sqrt(variance))
        mean = self._scale.in_units(prediction)
        return self._by_target(mean), self._by_target(std)

    def _moments(self, scores: Any) -> Any:
        """One network's prediction, and of the scaled target mean, mean^2 and variance."""
        prediction = self._prediction(scores)
        mean = (prediction - self._scale.center) / self._scale.scale
        moments = [prediction, mean, mean**2, self._std(scores) ** 2]
        return np.stack(moments, axis=-1)
