"""Intervals and sets that contain the target with a given probability."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..common._types import Predictions, TableLike
from ..core._types import Array
from ..tabular.conformal import Band, Conformity

TRUSTED = 0.5
"""How much of the smaller errors of all networks counts for sets.

With few rows and several classes, networks differ more for rows of fit, where it is
measured, than for new ones: docs/tabular.md.
"""


class IntervalMixin:
    """`predict_interval` of regressors."""

    n_outputs_: int
    _calibrated: Callable[[Any], Any]
    _mean: Callable[[Any, Callable[[Any], Any]], Any]
    _prediction: Callable[[Any], Any]
    _std: Callable[[Array], Array]
    _by_target: Callable[[Any], Any]
    _head: Any
    _scale: Any

    def predict_interval(self, X: TableLike, coverage: float = 0.9) -> Predictions:
        """Predict an interval that contains the target with a given probability.

        Conformal prediction with the rows of fit that networks held out. The interval is
        the prediction, plus and minus the distance of a fraction `coverage` of these rows
        from their out-of-fold predictions; the distance is a little smaller, because the
        mean over all networks is more accurate than the networks that held a row out. With
        loss='gaussian' the distance is a multiple of the mean of the networks' standard
        deviations. With several quantiles, the interval from the lowest to the highest one
        is widened or narrowed.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit, or files with it.
        coverage : float, default=0.9
            The fraction of new rows whose target is in the interval, between 0 and 1, if
            they are like those of fit. It is measured, not guaranteed: networks choose
            their epochs with the rows that they hold out. It counts over all rows; where
            the noise is larger it can be smaller. Each row counts once, whatever its
            weight.

        Returns
        -------
        ndarray of shape (n_samples, 2) or (n_samples, n_outputs, 2)
            The lower and the upper end, in the units of the target. Several targets have
            the coverage each, not together.

        Raises
        ------
        ValueError
            If `coverage` is not between 0 and 1, if fit held out too few rows for it, or no
            rows, as with `X_val`, or if it had a single quantile that is not 0.5.
        TypeError
            If `coverage` is not a number.

        References
        ----------
        Vovk, "Cross-conformal predictors", Annals of Mathematics and Artificial
        Intelligence 74, 2015. Romano, Patterson and Candes, "Conformalized quantile
        regression", NeurIPS 2019, arXiv:1905.03222.

        Examples
        --------
        >>> import numpy as np
        >>> import pandas as pd
        >>> from skmlp import TabularMLPRegressor
        >>> rng = np.random.default_rng(0)
        >>> table = pd.DataFrame({"area": rng.uniform(20, 200, 1000)})
        >>> rent = 9 * table["area"] + rng.normal(0, 100, 1000)
        >>> model = TabularMLPRegressor(random_state=0).fit(table[:500], rent[:500])
        >>> low, high = model.predict_interval(table[500:], coverage=0.8).T
        >>> bool(0.75 < np.mean((low <= rent[500:]) & (rent[500:] <= high)) < 0.85)
        True
        """
        score = self._calibrated(coverage)
        levels = getattr(self._head, "levels", (0.5,))
        if len(levels) == 1 and levels[0] != 0.5:
            raise ValueError(
                "predict_interval needs quantile=0.5, or several quantiles, around which "
                f"the interval lies. fit had quantile={levels[0]}."
            )
        band = Band.of(self._mean(X, self._outcome))
        exponent = np.reshape(self._scale.exponent, (-1, 1))
        with np.errstate(over="ignore"):
            ends = np.ldexp(band.widened(score), exponent)
        if not self._head.in_range(np.array([[-1.0]])):
            ends = np.maximum(ends, 0)
        return self._by_target(ends)

    def _band(self, scores: Any) -> Band:
        """One network's band, in the units of the scale."""
        prediction = self._prediction(scores)
        several = prediction.reshape(len(prediction), self.n_outputs_, -1)
        unit = np.float64(1)
        if hasattr(self._head, "std"):
            unit = self._std(scores) * self._scale.scale
        return Band(several.min(-1), several.max(-1), unit)

    def _outcome(self, scores: Any) -> Any:
        return self._band(scores).stacked()

    def _conformity(self, outcome: Any, y: Any) -> Conformity:
        band, y = Band.of(outcome), np.ldexp(y, -self._scale.exponent)
        scores = band.scores(y)
        if hasattr(self._head, "std") or len(getattr(self._head, "levels", ())) > 1:
            return Conformity(scores)
        return Conformity(scores, (y - band.low) / self._scale.scale)

    def _point(self, scores: Any, y: Any) -> Any:
        return (self._band(scores).low - self._scale.center) / self._scale.scale


class SetMixin:
    """`predict_set` of classifiers."""

    predict_proba: Callable[[Any], Any]
    _calibrated: Callable[[Any], Any]
    _codes: Callable[[Array], Any]
    _by_class: Callable[..., Any]
    _is_certain: Callable[[], bool]
    _head: Any
    _labels: Any

    def predict_set(self, X: TableLike, coverage: float = 0.9) -> Predictions:
        """Predict the set of classes that contains the true one with a given probability.

        Conformal prediction with the rows of fit that networks held out: a class is in the
        set if its probability is at least that of the true class in a fraction `coverage`
        of these rows. The most probable class always is.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit, or files with it.
        coverage : float, default=0.9
            The fraction of new rows whose class is in the set, between 0 and 1, if they are
            like those of fit. It is measured, not guaranteed: networks choose their epochs
            with the rows that they hold out. It counts over all rows, not within a class.
            Each row counts once, whatever its weight. After a fit to soft labels it counts
            the most probable class of each row.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Whether a class is in the set, with columns in the order of `classes_`.

        Raises
        ------
        ValueError
            If `coverage` is not between 0 and 1, if fit held out too few rows for it, or no
            rows, as with `X_val`, or if it had several labels for each row.
        TypeError
            If `coverage` is not a number.

        References
        ----------
        Sadinle, Lei and Wasserman, "Least ambiguous set-valued classifiers with bounded
        error levels", Journal of the American Statistical Association 114, 2019.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from skmlp import TabularMLPClassifier
        >>> X, y = load_wine(return_X_y=True)
        >>> model = TabularMLPClassifier(random_state=0).fit(X[::2], y[::2])
        >>> sets = model.predict_set(X[1::2], coverage=0.95)
        >>> sets.shape, bool(sets.any(axis=1).all())
        ((89, 3), True)
        """
        check_is_fitted(self)
        if self._labels.kind == "multilabel-indicator":
            raise ValueError(
                "predict_set needs one class in each row. fit had several labels."
            )
        (score,) = self._calibrated(coverage)
        probability = self.predict_proba(X)
        sets = 1 - probability <= score
        sets[np.arange(len(sets)), probability.argmax(axis=1)] = True
        return sets

    def _outcome(self, scores: Any) -> Any:
        return self._by_class(scores, self._head.prediction)

    def _conformity(self, outcome: Any, y: Any) -> Conformity | None:
        if self._labels.kind == "multilabel-indicator":
            return None
        # A single class has the probability 1.
        true = np.ones((len(y), 1)) if self._is_certain() else self._true(outcome, y)
        scores = 1 - true
        center = scores.mean(axis=0)
        return Conformity(scores, scores - center, center, TRUSTED)

    def _point(self, scores: Any, y: Any) -> Any:
        return self._true(self._outcome(scores), y)

    def _true(self, probability: Any, y: Any) -> Any:
        """The probabilities of the classes of encoded targets, as one column."""
        codes = self._codes(y)
        return probability[np.arange(len(codes)), codes, None]
