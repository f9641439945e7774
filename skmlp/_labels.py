"""Class labels: their numbers, their weights, and targets made of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.multiclass import type_of_target, unique_labels

from ._validation import InvalidParameterError, rounded_weights, warn


@contextmanager
def named(name: str, allowed: str, value: Any) -> Iterator[None]:
    """Add a name, what is allowed and what came to an error about labels."""
    try:
        yield
    except (TypeError, ValueError) as error:
        got = f"{type(value).__name__} of shape {np.shape(value)}"
        raise type(error)(f"{name} must be {allowed}. Got {got}: {error}") from None


def binarize(y: Any) -> tuple[LabelBinarizer, Any]:
    """A fitted LabelBinarizer and what it makes of y."""
    binarizer = LabelBinarizer()
    if y.ndim > 1 or y.dtype.kind not in "biuU":
        return binarizer, binarizer.fit_transform(y)
    # The same at a tenth of the cost, where nothing about the labels is in doubt.
    binarizer.classes_, codes = np.unique(y, return_inverse=True)
    binarizer.sparse_input_ = False
    if len(binarizer.classes_) <= 2:
        binarizer.y_type_ = "binary"
        return binarizer, codes
    binarizer.y_type_ = "multiclass"
    return binarizer, codes[:, None] == np.arange(len(binarizer.classes_))


def announced(classes: Any, y: Any, known: Any) -> LabelBinarizer | None:
    """A binarizer for the classes that partial_fit is told; None if they are known."""
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return None
    with named("classes", "a list of at least one label", classes):
        labels = unique_labels(classes)
        if len(labels) == 0:
            raise ValueError("no label is in it")
    if known is not None:
        if not np.array_equal(labels, known):
            raise ValueError(
                f"classes must be {known}, as in the previous call. Got {classes!r}."
            )
        return None
    multilabel = y is not None and type_of_target(y) == "multilabel-indicator"
    binarizer = LabelBinarizer().fit(y if multilabel else labels)
    if not np.array_equal(labels, binarizer.classes_):
        raise ValueError(
            f"classes must be {binarizer.classes_}, the numbers of the columns of y. "
            f"Got {classes!r}."
        )
    return binarizer


def check_known(labels: Any, known: Any, *, all_of_them: bool) -> None:
    """Training goes on with the classes there are; in fit, with all of them."""
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


def strata(codes: Any, n_held_out: int) -> Any:
    """The class numbers if a split of so many rows can be stratified, or a warning."""
    present, counts = np.unique(codes, return_counts=True)
    enough = len(present) <= min(n_held_out, len(codes) - n_held_out)
    if enough and counts.min() >= 2:
        return codes
    warn(
        "The validation split is not stratified: that takes at least 2 rows of each "
        f"class and a row of each in either part. Got {counts.min()} row(s) of one "
        f"class, and {n_held_out} validation rows for {len(present)} classes."
    )
    return None


def weights_by_class(
    class_weight: Any, classes: Any, codes: Any, sample_weight: Any, dtype: Any
) -> Any:
    """The weight of each row by its class times its own, (n,), in that precision.

    `codes` are class numbers (n,), or the indicator of several labels (n, K).
    """
    name = "class_weight"
    # What overflows is an error, and not a warning before it.
    with np.errstate(over="ignore"):
        weights = _by_class(class_weight, classes, codes)
        if sample_weight is not None:
            name = "class_weight times sample_weight"
            weights = weights * sample_weight.astype(np.float64)
    return rounded_weights(weights, dtype, name)


def _by_class(class_weight: Any, classes: Any, codes: Any) -> Any:
    """The weight of each row by its class; of several labels, their product."""
    if codes.ndim == 1:
        if class_weight != "balanced":
            _check_labels_of("class_weight", class_weight, classes)
        labels = classes[codes]
        by_class = compute_class_weight(class_weight, classes=classes, y=labels)
        return by_class[codes]
    if class_weight == "balanced":
        return compute_sample_weight("balanced", codes)
    n_labels = codes.shape[1]
    if isinstance(class_weight, dict) or len(class_weight) != n_labels:
        raise InvalidParameterError(
            f"class_weight must be None, 'balanced' or a list of {n_labels} dicts, one "
            f"for each label of y. Got {class_weight!r}."
        )
    # Not all at once: scikit-learn wants both 0 and 1 of each label among the rows.
    weights, of_a_label = np.ones(len(codes)), np.arange(2)
    for k, (one, column) in enumerate(zip(class_weight, codes.T, strict=True)):
        _check_labels_of(f"class_weight[{k}]", one, of_a_label)
        weights *= compute_class_weight(one, classes=of_a_label, y=column)[column]
    return weights


def refuse_balanced(class_weight: Any) -> None:
    """partial_fit cannot know how often each class occurs in all."""
    if isinstance(class_weight, str) and class_weight == "balanced":
        raise InvalidParameterError(
            "partial_fit does not support class_weight='balanced', as its rows are a "
            "part. Set class_weight to None, a dict or a list of dicts, such as those of "
            "sklearn.utils.class_weight.compute_class_weight for all rows."
        )


def _check_labels_of(name: str, class_weight: Any, classes: Any) -> None:
    """Each key of the dict must be a class."""
    is_dict, known = isinstance(class_weight, dict), classes.tolist()
    unknown = [label for label in class_weight if label not in known] if is_dict else []
    if unknown or not is_dict:
        no_class = f", which has {unknown}" if unknown else ""
        raise InvalidParameterError(
            f"{name} must be a dict of weights for some or all of the classes {known}. "
            f"Got {class_weight!r}{no_class}."
        )


def smoothed(y: Any, share: float, n_classes: int) -> Any:
    """The targets (n, K) with a share of each row's 1 spread evenly over the classes.

    (1 - e) y + e / K. For the one score of two classes, or of a label, K is 2.
    """
    return (1 - share) * y + share / n_classes
