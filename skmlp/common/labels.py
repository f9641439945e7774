"""Class labels: encoded as numbers, class weights, strata, smoothed targets."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.preprocessing import label_binarize
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import type_of_target, unique_labels

from .checks import rounded_weights
from .errors import InvalidParameterError, argument, error_context, warn


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a target: two classes, several classes, or several labels per row.

    `kind` is scikit-learn's type of target: 'binary', 'multiclass' or
    'multilabel-indicator'. `sparse` says whether the indicator is a sparse matrix, in y
    and in predictions.
    """

    kind: str
    classes: Any
    sparse: bool = False

    def encode(self, y: Any) -> Any:
        """`y` as 0 and 1: a column for each class, or one column for two classes."""
        several = self.kind == "multilabel-indicator"
        if several != type_of_target(y).startswith("multilabel"):
            raise ValueError(
                f"y must be {'an indicator of several labels' if several else 'a label'} "
                f"for each row, like the earlier y. Got shape {y.shape}."
            )
        return label_binarize(y, classes=self.classes)

    def indicator(self, chosen: Any) -> Any:
        """The indicator of the chosen labels (booleans), dense or sparse as y was."""
        indicator = chosen.astype(int)
        if not self.sparse:
            return indicator
        return label_binarize(indicator, classes=self.classes, sparse_output=True)


def labels_of(y: Any) -> Labels:
    """The labels of y."""
    kind = type_of_target(y, input_name="y")
    if "multioutput" in kind:
        raise ValueError(
            "Multioutput target data is not supported with label binarization"
        )
    return Labels(kind, unique_labels(y), issparse(y))


def binarize(y: Any) -> tuple[Labels, Any]:
    """The labels of y, and y as 0 and 1."""
    if y.ndim > 1 or y.dtype.kind not in "biuU":
        labels = labels_of(y)
        return labels, labels.encode(y)
    # The same result in a tenth of the time, for plain labels.
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) <= 2:
        return Labels("binary", classes), codes
    return Labels("multiclass", classes), codes[:, None] == np.arange(len(classes))


def check_repeated(indicator: Any, classes: Any) -> None:
    """Raise ValueError if no class has two rows; such labels identify the rows."""
    if len(classes) > 2 and indicator.sum(axis=0).max() < 2:
        raise ValueError(
            "y must have a class with at least 2 rows. Got "
            f"{len(classes)} classes in {len(indicator)} rows, each in one row only."
        )


def declared_classes(classes: Any, y: Any, known: Any) -> Labels | None:
    """The labels for the `classes` of partial_fit; None if they are already known."""
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return None
    with error_context("classes", "a list of at least one label", classes):
        given = unique_labels(classes)
        if len(given) == 0:
            raise ValueError("it is empty")
    if known is not None:
        if not np.array_equal(given, known):
            raise ValueError(
                f"classes must be {known}, as in the previous call. Got {classes!r}."
            )
        return None
    with argument("y"):
        multilabel = y is not None and type_of_target(y) == "multilabel-indicator"
    labels = labels_of(y if multilabel else given)
    if not np.array_equal(given, labels.classes):
        raise ValueError(
            f"classes must be {labels.classes}, the indices of the columns of y. "
            f"Got {classes!r}."
        )
    return labels


def check_known(labels: Any, known: Any, *, all_of_them: bool) -> None:
    """Raise ValueError if y has new classes or, for `all_of_them`, lacks one."""
    if all_of_them and not np.array_equal(labels, known):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the "
            f"previous call to fit. Previously got {known}, `y` has {labels}"
        )
    if not np.isin(labels, known).all():
        raise ValueError(
            "`y` has classes not in `self.classes_`. "
            f"`self.classes_` has {known}. 'y' has {labels}."
        )


def stratify_by(codes: Any, n_validation: int) -> Any:
    """The class numbers to stratify by in train_test_split, or None with a warning.

    If one of two classes has a single row, train_test_split raises an error. It names the
    class if it gets a column of booleans.
    """
    present, counts = np.unique(codes, return_counts=True)
    if len(present) <= 2:
        return codes if counts.min() >= 2 else codes.astype(bool)[:, None]
    enough = len(present) <= min(n_validation, len(codes) - n_validation)
    if enough and counts.min() >= 2:
        return codes
    warn(
        "The validation split is not stratified: for that, each class needs at least 2 "
        "rows, one for training and one for validation. Got "
        f"{counts.min()} row(s) of one class, and {n_validation} validation rows for "
        f"{len(present)} classes."
    )
    return None


def weights_by_class(
    class_weight: Any,
    classes: Any,
    codes: Any,
    sample_weight: Any,
    dtype: Any,
    counted: Any = None,
) -> Any:
    """The class weight of each row times its sample weight, (n,), in that precision.

    `codes` are class numbers (n,), or the indicator of several labels (n, K). `counted`
    are the codes that 'balanced' counts, by default the same.
    """
    counted = codes if counted is None else counted
    name = "class_weight"
    # An overflow raises an error below; no warning before it.
    with np.errstate(over="ignore"):
        weights = _by_class(class_weight, classes, codes, counted)
        if sample_weight is not None:
            name = "class_weight times sample_weight"
            weights = weights * sample_weight.astype(np.float64)
    return rounded_weights(weights, dtype, name)


def _balanced(counted: Any, n_classes: int) -> Any:
    """n / (n_classes * n_of_the_class) for each class that occurs, 1 for others."""
    n = np.bincount(counted, minlength=n_classes)
    return np.where(n > 0, len(counted) / (np.sum(n > 0) * np.maximum(n, 1)), 1.0)


def _by_class(class_weight: Any, classes: Any, codes: Any, counted: Any) -> Any:
    """The weight of each row by its class; for several labels, the product."""
    if isinstance(class_weight, str):
        if codes.ndim == 1:
            return _balanced(counted, len(classes))[codes]
        pairs = zip(codes.T, counted.T, strict=True)
        return np.prod([_balanced(every, 2)[one] for one, every in pairs], axis=0)
    if codes.ndim == 1:
        _check_labels_of("class_weight", class_weight, classes)
        labels = classes[codes]
        by_class = compute_class_weight(class_weight, classes=classes, y=labels)
        return by_class[codes]
    n_labels = codes.shape[1]
    if isinstance(class_weight, dict) or len(class_weight) != n_labels:
        raise InvalidParameterError(
            f"class_weight must be None, 'balanced' or a list of {n_labels} dicts, one "
            f"for each label of y. Got {class_weight!r}."
        )
    # One label at a time: for all at once, scikit-learn needs rows with 0 and 1 of each.
    weights, of_a_label = np.ones(len(codes)), np.arange(2)
    for k, (one, column) in enumerate(zip(class_weight, codes.T, strict=True)):
        _check_labels_of(f"class_weight[{k}]", one, of_a_label)
        weights *= compute_class_weight(one, classes=of_a_label, y=column)[column]
    return weights


def refuse_balanced(class_weight: Any) -> None:
    """Raise InvalidParameterError for 'balanced' in partial_fit, which has not all rows."""
    if isinstance(class_weight, str) and class_weight == "balanced":
        raise InvalidParameterError(
            "partial_fit does not support class_weight='balanced', because it does not "
            "get all rows. Set class_weight to None, a dict or a list of dicts, for "
            "example with sklearn.utils.class_weight.compute_class_weight for all rows."
        )


def _check_labels_of(name: str, class_weight: Any, classes: Any) -> None:
    """Raise InvalidParameterError unless each key of the dict is a class."""
    is_dict, known = isinstance(class_weight, dict), classes.tolist()
    unknown = [label for label in class_weight if label not in known] if is_dict else []
    if unknown or not is_dict:
        no_class = f", which has {unknown}" if unknown else ""
        raise InvalidParameterError(
            f"{name} must be a dict of weights for some or all of the classes {known}. "
            f"Got {class_weight!r}{no_class}."
        )


def smoothed(y: Any, fraction: float, n_classes: int) -> Any:
    """Targets (n, K) with label smoothing: (1 - e) y + e / K, with e = `fraction`.

    K is 2 for two classes and for each of several labels, which have one score.
    """
    return (1 - fraction) * y + fraction / n_classes
