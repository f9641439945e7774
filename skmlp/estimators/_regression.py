"""What the regressors share: the score, and predictions by target."""

from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.metrics import d2_pinball_score, r2_score

from ..common.constraints import Boolean
from ..common.parameters import by_name, loss_in_words, with_settings
from ..core.heads import REGRESSION_HEADS


class RegressorTargets:
    """A regressor's targets, and its predictions of them, one each or several."""

    loss: Any
    n_outputs_: int
    _head: Any
    predict: Any

    def _encode_target(self, y: Any, *, known: bool, incremental: bool) -> Any:
        return y

    def _choose_head(self) -> Any:
        if isinstance(self.loss, str):
            return with_settings(REGRESSION_HEADS[self.loss], self)
        return self.loss

    def _score(self, y: Any, prediction: Any, weights: Any) -> float:
        """What `score` says of predictions for the targets y."""
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
                "The score needs one prediction of each target, or a loss with `levels`. "
                f"Got predictions of shape {prediction.shape} for {self.n_outputs_} "
                f"targets with {loss_in_words(self)}. Give a scoring of your own."
            )
        return float(r2_score(y, prediction, sample_weight=weights))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute the score of the predictions for X; the best score is 1.

        The score is R^2, the fraction of the variance of y that `predict` explains, as in
        scikit-learn. R^2 would reward the mean, so for loss='quantile' the score is D^2 of
        `sklearn.metrics.d2_pinball_score`: the fraction by which the pinball loss of
        `predict` is below that of the best constant. It is the mean over several quantiles.
        Both scores are means over the targets.

        Parameters
        ----------
        X : array-like, sparse matrix or frame of shape (n_samples, n_features)
            The rows, as for `predict`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their true targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            The score.
        """
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

    def _by_target(self, values: Any) -> Any:
        """Values of rows and targets; of one target without its axis."""
        return values[:, 0] if self.n_outputs_ == 1 else values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = False
        # A loss that is none gets its message from fit.
        with suppress(Exception):
            head = by_name(REGRESSION_HEADS, self.loss)
            tags.target_tags.positive_only = not head.in_range(np.array([[-1.0]]))
        return tags
