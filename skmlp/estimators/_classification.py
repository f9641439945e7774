"""What the classifiers share: labels as numbers, and back."""

from typing import Any

import numpy as np
from sklearn.utils.multiclass import unique_labels

from ..common.errors import error_context
from ..common.labels import Labels, binarize, check_known, weights_by_class
from ..core.batches import Dataset
from ..core.heads import CLASSIFICATION_HEADS


class ClassifierTargets:
    """A classifier's targets: two classes, several, or several labels for each row."""

    classes_: Any
    n_outputs_: int
    class_weight: Any
    _labels: Labels
    _head: Any

    def _encode_target(self, y: Any, *, known: bool, incremental: bool) -> Any:
        with error_context(
            "y", "labels of one kind, or an indicator of several labels", y
        ):
            if not known and not incremental:
                self._labels, indicator = binarize(y)
                self.classes_ = self._labels.classes
                return indicator
            classes = unique_labels(y)
        check_known(classes, self.classes_, all_of_them=not incremental)
        return self._labels.encode(y)

    def _choose_head(self) -> Any:
        multiclass = self._labels.kind == "multiclass"
        return CLASSIFICATION_HEADS["softmax" if multiclass else "sigmoid"]

    def _weighted(self, table: Dataset, fitted: Dataset | None = None) -> Dataset:
        """The rows with the weights of their classes, too: those of the rows fitted to."""
        X, y, w = table
        if self.class_weight is None:
            return table
        codes = self._decisions(y).astype(int)
        counted = None if fitted is None else self._decisions(fitted.y).astype(int)
        w = weights_by_class(
            self.class_weight, self.classes_, codes, w, X.dtype, counted
        )
        return Dataset(X, y, w)

    def _decisions(self, probability: Any) -> Any:
        """The number of the class, or the 0/1 of each label, that is most probable."""
        if self._labels.kind == "multiclass":
            return probability.argmax(axis=1)
        labels = probability > 0.5
        return labels[:, 0] if labels.shape[1] == 1 else labels

    def _labels_of(self, probability: Any) -> Any:
        """The class labels, or the indicator, that are most probable."""
        if self._labels.kind == "multilabel-indicator":
            return self._labels.indicator(self._decisions(probability))
        if len(self.classes_) == 1:
            return np.repeat(self.classes_, len(probability))
        return self.classes_[self._decisions(probability).astype(np.intp)]

    def _by_class(self, scores: Any, of_scores: Any) -> Any:
        """A function of the scores, with a column for each class.

        A single score s is that of the second class, and -s is that of the first: better
        than 1 - p, which is exact to the precision of 1 only.
        """
        if self.n_outputs_ > 1:
            return of_scores(scores)
        return np.hstack([of_scores(-scores), of_scores(scores)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.classifier_tags.multi_label = True
        return tags
