"""What the classifiers share: labels as numbers, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.metrics import accuracy_score

from ..common._types import ArrayLike, MatrixLike, TargetLike
from ..common.checks import rounded_weights
from ..common.errors import error_context
from ..common.labels import (
    Labels,
    binarize,
    places,
    weights_by_class,
)
from ..common.parameters import Settings
from ..common.soft_labels import has_fractions, weighted
from ..common.target_values import as_labels, columns_of_target
from ..core._types import Array
from ..core.heads import CLASSIFICATION_HEADS, ClassificationHead

EXPECTED = "labels of one kind, an indicator of several labels, or soft labels"


def accuracy(y: Any, predicted: Any, weights: Any = None) -> float:
    """The value of `accuracy_score` for valid numbers, without its checks.

    For few rows these checks cost many times as much as the comparison.
    """
    right = y == predicted
    if right.ndim > 1:
        right = right.all(axis=1)
    return float(np.average(right, weights=weights))


class ClassifierTargets:
    """Targets of classifiers: two or more classes, or several labels for each row."""

    classes_: Any
    n_outputs_: int
    predict: Callable[[Any], Any]
    class_weight: Any
    _target_of: Callable[[Any, Any], Any]
    _labels: Labels
    _numeric_target: ClassVar[bool] = False

    def _learn_target(self, y: Any, names: Any) -> tuple[Any, Any]:
        with error_context("y", EXPECTED, y):
            self._labels, encoded = binarize(y, names)
        self.classes_ = self._labels.classes
        return self._labels_of(encoded) if self._labels.soft else y, encoded

    def _encode_target(
        self, y: Any, *, all_classes: bool, names: Any = None
    ) -> tuple[Any, Any]:
        with error_context("y", EXPECTED, y):
            return self._labels.encode(y, all_of_them=all_classes, names=names)

    def _is_certain(self) -> bool:
        return self._labels.kind == "binary" and len(self.classes_) == 1

    def _choose_head(self, settings: Settings) -> ClassificationHead:
        multiclass = self._labels.kind == "multiclass"
        return CLASSIFICATION_HEADS["softmax" if multiclass else "sigmoid"]

    def _strata(self, y: Array) -> Any:
        if self._labels.kind == "multilabel-indicator":
            return None
        return self._codes(y)

    def _with_class_weights(
        self, y: Array, w: Array | None, dtype: Any, counted: Array | None = None
    ) -> tuple[Array, Array | None]:
        """The encoded targets, and the weights of the rows times those of their classes.

        The weights of soft labels are those of their classes in the loss. `counted` are
        the encoded targets that 'balanced' counts, by default y.
        """
        if self.class_weight is None:
            return y, w
        given = self.class_weight, self.classes_
        counts = self._shares(y if counted is None else counted)
        shares = self._shares(y)
        if shares.dtype.kind != "f":
            return y, weights_by_class(*given, shares, w, dtype, counts)
        every = np.arange(len(self.classes_))
        weights = weights_by_class(*given, every, None, np.float64, counts)
        shares, total = weighted(shares, weights)
        y = shares[:, -y.shape[1] :].astype(y.dtype)
        return y, rounded_weights(
            total if w is None else total * w, dtype, "class_weight"
        )

    def _shares(self, y: Array) -> Any:
        """Encoded targets as `_codes`; soft labels as floats with a column by class."""
        if self._labels.kind == "multilabel-indicator" or not has_fractions(y):
            return self._codes(y)
        return np.hstack([1 - y, y]) if y.shape[1] == 1 else y

    def _codes(self, y: Array) -> Any:
        """Encoded targets as class numbers, or as the 0/1 of each label."""
        return self._decisions(y).astype(int)

    def _decisions(self, probability: Array) -> Any:
        """The index of the most probable class, or the 0/1 of each label."""
        if self._labels.kind == "multiclass":
            return probability.argmax(axis=1)
        labels = probability > 0.5
        return labels[:, 0] if labels.shape[1] == 1 else labels

    def _labels_of(self, probability: Array) -> Any:
        """The most probable class labels, or the indicator of the probable labels."""
        if self._labels.kind == "multilabel-indicator":
            return self._labels.indicator(self._decisions(probability))
        if self._is_certain():
            return np.repeat(self.classes_, len(probability))
        return self.classes_[self._decisions(probability).astype(np.intp)]

    def score(
        self, X: MatrixLike, y: TargetLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Compute the accuracy of the predicted labels for X.

        Labels that are numbers are compared exactly, whatever their types.

        Parameters
        ----------
        X : array-like, sparse matrix or frame of shape (n_samples, n_features), or path
            The rows, as for `predict`.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or str
            The true labels; with files the name of the column, or a list of names. Of soft
            labels the most probable class counts.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            The fraction of rows with the right label; for several labels, of rows with all
            labels right.

        Raises
        ------
        ValueError
            If y is text and the labels in fit were numbers, or the other way round, or if
            values are missing.

        Examples
        --------
        >>> from skmlp import MLPClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
        >>> model = MLPClassifier((5,), solver="lbfgs", max_iter=1000, random_state=0)
        >>> model.fit(X, y).score(X, ["low", "low", "high", "low"])
        0.75
        """
        y = self._target_of(X, y)
        predicted, truth = self.predict(X), as_labels(y)
        if self._labels.is_soft(truth):
            names = columns_of_target(y)
            truth, _ = self._encode_target(truth, all_classes=False, names=names)
        if truth.ndim == predicted.ndim == 1:
            text = [one.dtype.kind in "UO" for one in (truth, predicted)]
            if text[0] != text[1]:
                raise ValueError(
                    f"y must be {'text' if text[1] else 'numbers'}, like the labels in "
                    f"fit: text and numbers are never equal. Got dtype {truth.dtype}."
                )
            if not text[0]:
                truth, predicted = (
                    places(one, self.classes_) for one in (truth, predicted)
                )
                if sample_weight is None and truth.shape == predicted.shape:
                    return accuracy(truth, predicted)
        return float(accuracy_score(truth, predicted, sample_weight=sample_weight))

    def _by_class(self, scores: Array, of_scores: Callable[[Array], Array]) -> Array:
        """A function of the scores, with a column for each class.

        A single score s is the score of the second class; the first has the score -s. This
        is more accurate than 1 - p where p is near 1.
        """
        if self.n_outputs_ > 1:
            return of_scores(scores)
        return np.hstack([of_scores(-scores), of_scores(scores)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.classifier_tags.multi_label = True
        return tags
