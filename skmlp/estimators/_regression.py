"""What the regressors share: the score, and predictions by target."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Protocol, cast

import numpy as np
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import d2_pinball_score, r2_score

from ..common._types import ArrayLike, MatrixLike, TargetLike
from ..common.constraints import Boolean
from ..common.parameters import (
    Settings,
    Table,
    by_name,
    describe_loss,
    with_settings,
)
from ..common.target_values import read_target
from ..core._types import Array
from ..core.heads import REGRESSION_HEADS, Head


class HasStd(Protocol):
    """A head that also predicts a standard deviation."""

    def std(self, s: Array) -> Array: ...


MODERATE = 400
"""Squares and sums of numbers from 2^-MODERATE to 2^MODERATE are finite and not 0."""


def exponent_of(y: Any) -> Any:
    """For each column the exponent of its largest number, or 0 if that is moderate."""
    exponent = np.frexp(np.abs(y).max(axis=0))[1]
    return np.where(np.abs(exponent) > MODERATE, exponent, 0)


def _moderate(y: Any, prediction: Any) -> tuple[Any, Any]:
    """Targets and predictions, divided by the same power of 2 if they are not moderate.

    The scores do not depend on the unit, but the squares and sums of scikit-learn do.
    """
    parts = [np.asarray(one) for one in (y, prediction)]
    if parts[0].dtype.kind != "f" or not all(one.size for one in parts):
        return y, prediction
    exponent = exponent_of(np.concatenate([one.ravel() for one in parts]))
    if exponent == 0:
        return y, prediction
    return np.ldexp(parts[0], -exponent), np.ldexp(parts[1], -exponent)


class RegressorTargets:
    """Targets of regressors, and one or several predictions of each target."""

    loss: Any
    n_outputs_: int
    predict: Any
    _target_of: Callable[[Any, Any], Any]
    _head: Head
    _parameter_table: ClassVar[Table]
    _numeric_target: ClassVar[bool] = True
    _settings: Callable[[], Settings]

    def _learn_target(self, y: Any, names: Any) -> tuple[Any, Any]:
        return y, y

    def _encode_target(
        self, y: Any, *, all_classes: bool, names: Any = None
    ) -> tuple[Any, Any]:
        return y, y

    def _is_certain(self) -> bool:
        return False

    def _choose_head(self, settings: Settings) -> Head:
        loss = settings["loss"]
        if isinstance(loss, str):
            return with_settings(REGRESSION_HEADS[loss], settings)
        head: Head = loss
        return head

    def _strata(self, y: Array) -> Any:
        return None

    def _score(self, y: Any, prediction: Any, weights: Any) -> float:
        """The value of `score` for predictions of the targets y."""
        y, prediction = _moderate(y, prediction)
        levels = getattr(self._head, "levels", None)
        if levels is not None:
            several = prediction.reshape(len(prediction), self.n_outputs_, len(levels))
            scores = [
                d2_pinball_score(y, several[..., i], sample_weight=weights, alpha=level)
                for i, level in enumerate(levels)
            ]
            return float(np.mean(scores))
        if prediction.size != len(prediction) * self.n_outputs_:
            raise ValueError(
                "The score needs one prediction for each target, or a loss with `levels`. "
                f"Got predictions of shape {prediction.shape} for {self.n_outputs_} "
                f"targets with {describe_loss(self._settings(), self._parameter_table)}. "
                "Set scoring to your own scorer."
            )
        return float(r2_score(y, prediction, sample_weight=weights))

    def score(
        self, X: MatrixLike, y: TargetLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Compute the score of the predictions for X; the best score is 1.

        The score is R^2 as in scikit-learn: the fraction of the variance of y that
        `predict` explains. R^2 rewards predictions of the mean, so for loss='quantile' the
        score is D^2 of `sklearn.metrics.d2_pinball_score`: the fraction by which the
        pinball loss of `predict` is lower than with the best constant. With several
        quantiles it is the mean over them. Both scores are means over the targets.

        Parameters
        ----------
        X : array-like, sparse matrix or frame of shape (n_samples, n_features), or path
            The rows, as for `predict`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), or str
            The true targets; with files the name of the column, or a list of names.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            The score.

        Raises
        ------
        ValueError
            If a loss object without `levels` has several predictions for each target, or
            a value of y is missing or too large.
        TypeError
            If y has values that are not numbers.

        Examples
        --------
        >>> from skmlp import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 10.0, 20.0, 30.0]
        >>> model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", random_state=0)
        >>> round(model.fit(X, y).score(X, y), 3)
        1.0
        """
        with warnings.catch_warnings():
            # A score may get y of shape (n, 1), as in scikit-learn.
            warnings.simplefilter("ignore", DataConversionWarning)
            y = read_target(self._target_of(X, y), self, numeric=True)
        return self._score(y, self.predict(X), sample_weight)

    def _check_return_std(self, return_std: Any) -> None:
        """Raise unless it is True or False, and True only if the head has a std."""
        if not Boolean().accepts(return_std):
            raise TypeError(f"return_std must be True or False. Got {return_std!r}.")
        if return_std and not hasattr(self._head, "std"):
            raise ValueError(
                "return_std must be False unless loss='gaussian', or an object with std, "
                f"was fitted. Got return_std=True with a fitted {self._head}."
            )

    def _std(self, scores: Array) -> Array:
        """The standard deviations of the targets, after `_check_return_std`."""
        return cast(HasStd, self._head).std(scores)

    def _by_target(self, values: Any) -> Any:
        """Values by row and target; with one target, without the axis of targets."""
        return values[:, 0] if self.n_outputs_ == 1 else values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = False
        # fit raises the error for an invalid loss.
        with suppress(Exception):
            head = by_name(REGRESSION_HEADS, self.loss)
            tags.target_tags.positive_only = not head.in_range(np.array([[-1.0]]))
        return tags
