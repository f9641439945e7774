"""Class labels: encoded as numbers, class weights, strata, smoothed targets."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.preprocessing import label_binarize
from sklearn.utils.multiclass import type_of_target

from .checks import rounded_weights
from .errors import InvalidParameterError, error_context, shown, warn
from .soft_labels import checked_soft, classes_of, in_order, is_soft
from .target_values import read_target


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a target: two classes, several classes, or several labels per row.

    `kind` is scikit-learn's type of target: 'binary', 'multiclass' or
    'multilabel-indicator'. `sparse` says whether the indicator is a sparse matrix, in y
    and in predictions, and `soft` that fit had the probability of each class.
    """

    kind: str
    classes: Any
    sparse: bool = False
    soft: bool = False

    def encode(
        self, y: Any, *, all_of_them: bool = False, names: Any = None
    ) -> tuple[Any, Any]:
        """`y` with its labels as in `classes`, and `y` as 0 and 1.

        There is a column for each class, or one column for two classes. Labels match if
        they are exactly equal; numbers may have different types. Soft labels stay
        fractions, and the label of a row is its most probable class; `names` are those of
        their columns.

        Raises
        ------
        ValueError
            If y has other labels or, for `all_of_them`, lacks one.
        """
        if self.is_soft(y):
            probability = checked_soft(in_order(y, names, self.classes))
            label = self.classes[probability.argmax(axis=1)]
            return label, probability[:, 1:] if self.kind == "binary" else probability
        several = self.kind == "multilabel-indicator"
        if several != (y.ndim > 1 and kind_of_labels(y) == "multilabel-indicator"):
            raise ValueError(
                f"y must be {'an indicator of several labels' if several else 'a label'} "
                f"for each row, like the earlier y. Got shape {y.shape}."
            )
        if several:
            given = np.arange(y.shape[1])
            _check_known(given, self.classes, given < len(self.classes), all_of_them)
            return y, label_binarize(y, classes=self.classes)
        given, inverse = _unique(y)
        place = places(given, self.classes)
        _check_known(given, self.classes, place >= 0, all_of_them)
        codes = place[inverse]
        return self.classes[codes], _as_indicator(codes, len(self.classes))

    def is_soft(self, y: Any) -> bool:
        """Whether y has soft labels: fractions or, after soft ones, any columns."""
        if self.kind == "multilabel-indicator" or y.ndim < 2:
            return False
        return (self.soft and not issparse(y)) or is_soft(y)

    def indicator(self, chosen: Any) -> Any:
        """The indicator of the chosen labels (booleans), dense or sparse as y was."""
        indicator = chosen.astype(int)
        if not self.sparse:
            return indicator
        return label_binarize(indicator, classes=self.classes, sparse_output=True)


def kind_of_labels(y: Any) -> str:
    """scikit-learn's type of target; ValueError if it is not one of labels."""
    kind = str(type_of_target(y, input_name="y"))
    if "multioutput" in kind:
        raise ValueError(
            "Multioutput target data is not supported with label binarization"
        )
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        raise ValueError(
            f"Unknown label type: {kind}. Numbers that are labels are whole; "
            "MLPRegressor and TabularMLPRegressor predict other numbers."
        )
    return kind


def binarize(y: Any, names: Any = None) -> tuple[Labels, Any]:
    """The labels of y, and y as 0 and 1, or its soft labels.

    `names` are those of the columns of y, if it has any: the classes of soft labels.
    """
    if is_soft(y):
        classes = classes_of(y.shape[1], names)
        labels = Labels(_kind_of(classes), classes, soft=True)
        return labels, labels.encode(y, names=names)[1]
    if y.ndim > 1:
        labels = Labels(kind_of_labels(y), np.arange(y.shape[1]), issparse(y))
        return labels, labels.encode(y)[1]
    if y.dtype.kind not in "biuUO":
        kind_of_labels(y)
    classes, codes = _unique(y)
    classes = _as_text(classes)
    return Labels(_kind_of(classes), classes), _as_indicator(codes, len(classes))


def _kind_of(classes: Any) -> str:
    """The type of a target with one of these classes in each row."""
    return "binary" if len(classes) <= 2 else "multiclass"


def _unique(y: Any) -> tuple[Any, Any]:
    """The different labels in order, and for each row the index of its label."""
    if y.dtype.kind in "biu":
        # Half the time of the inverse of np.unique.
        labels = np.unique(y)
        return labels, labels.searchsorted(y)
    if y.dtype.kind != "O":
        return np.unique(y, return_inverse=True)
    # Sorting all rows of objects is slow.
    rows = y.tolist()
    in_order = sorted(set(rows))
    place = {label: i for i, label in enumerate(in_order)}
    return np.array(in_order, dtype=object), np.array([place[row] for row in rows])


def _as_text(classes: Any) -> Any:
    """Classes that are text in objects in NumPy's type of text, as in scikit-learn."""
    if classes.dtype.kind != "O":
        return classes
    text = classes.astype(str)
    cut_off = classes[text != classes]
    if len(cut_off):
        raise ValueError(
            "y must have labels without the character NUL at their end. "
            f"Got {shown(cut_off[0])}."
        )
    return text


def _as_indicator(codes: Any, n_classes: int) -> Any:
    """Class numbers as an indicator; those of two classes as one column."""
    if n_classes <= 2:
        return codes[:, None]
    return codes[:, None] == np.arange(n_classes)


def places(labels: Any, classes: Any) -> Any:
    """For each label the index of the class that equals it, or -1.

    Numbers are compared exactly, whatever their types. A label in a lower precision than
    double equals the class that is rounded to it.
    """
    if labels.dtype.kind in "mM" and classes.dtype.kind == labels.dtype.kind:
        same = labels.astype(classes.dtype)
        labels = np.where(same == labels, same, np.array("NaT", classes.dtype))
    low = labels.dtype.kind == "f" and labels.dtype.itemsize < 8
    if low and classes.dtype.kind in "iuf" and classes.dtype != labels.dtype:
        classes = _rounded(classes, labels)
    place = {label: i for i, label in enumerate(classes.tolist())}
    return np.array([place.get(label, -1) for label in labels.tolist()], int)


def _rounded(classes: Any, labels: Any) -> Any:
    """The classes in the precision of labels; ValueError if a label has two of them."""
    with np.errstate(over="ignore"):
        rounded = classes.astype(labels.dtype)
    values, n = np.unique(rounded, return_counts=True)
    shared = np.intersect1d(values[n > 1], labels)
    if len(shared):
        several = classes[rounded == shared[0]].tolist()
        raise ValueError(
            f"y must have labels in a type that tells the classes {several} apart. "
            f"Got {labels.dtype}, in which both are {shared[0]}."
        )
    return rounded


def check_repeated(labels: Labels, indicator: Any) -> None:
    """Check that classes have several rows, if there is one label for each row.

    Warns of a single class, and of classes with a single row. Raises ValueError if each of
    three or more classes has one: such labels are names of the rows.
    """
    if labels.kind == "multilabel-indicator" or labels.soft:
        return
    if len(labels.classes) == 1:
        warn(
            f"y has a single class, {shown(labels.classes.tolist()[0])}: the model "
            "predicts it for every row, with the probability 1."
        )
        return
    if labels.kind == "binary":
        counts = np.bincount(indicator[:, 0].astype(int), minlength=2)
    else:
        counts = indicator.sum(axis=0).astype(int)
    single = labels.classes[counts == 1]
    if len(single) > 2 and counts.max() == 1:
        raise ValueError(
            "y must have a class with at least 2 rows. Got "
            f"{len(single)} classes in {len(indicator)} rows, each in one row only: such "
            "labels identify the rows, and nothing can be learnt from them."
        )
    if len(single):
        warn(
            f"{len(single)} of {len(labels.classes)} classes have a single row: "
            f"{shown(single.tolist())}. A network trains on this row or validates on it, "
            "so the probabilities of these classes are unreliable."
        )


def declared_classes(classes: Any, y: Any, known: Any, owner: object) -> Labels | None:
    """The labels for the `classes` of partial_fit; None if they are already known.

    `y` are the targets, read by `read_target`.
    """
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return None
    with error_context("classes", "a list of at least one label", classes):
        if np.ndim(classes) == 0:
            raise ValueError("it is no list")
        given = read_target(classes, owner, "classes", numeric=False)
        labels, _ = binarize(given)
        if labels.kind == "multilabel-indicator":
            raise ValueError("it has several columns")
    if known is not None:
        place = places(labels.classes, known)
        if len(place) != len(known) or (place < 0).any():
            raise ValueError(
                f"classes must be {known}, as in the previous call. Got {classes!r}."
            )
        return None
    if is_soft(y):
        return replace(labels, soft=True)
    if y.ndim > 1 and kind_of_labels(y) == "multilabel-indicator":
        columns = np.arange(y.shape[1])
        if not np.array_equal(labels.classes, columns):
            raise ValueError(
                f"classes must be {columns}, the indices of the columns of y. "
                f"Got {classes!r}."
            )
        return Labels("multilabel-indicator", columns, issparse(y))
    return labels


def _check_known(labels: Any, known: Any, found: Any, all_of_them: bool) -> None:
    """Raise ValueError if y has new classes or, for `all_of_them`, lacks one.

    `found` says for each of the labels of y whether it is known.
    """
    if all_of_them and not (found.all() and len(labels) == len(known)):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the "
            f"previous call to fit. Previously got {known}, `y` has {labels}"
        )
    if not found.all():
        text = [one.dtype.kind in "UO" for one in (labels, known)]
        mixed = " Text and numbers are never equal." if text[0] != text[1] else ""
        raise ValueError(
            "`y` has classes not in `self.classes_`. "
            f"`self.classes_` has {known}. 'y' has {labels}.{mixed}"
        )


def stratify_by(codes: Any, n_validation: int) -> Any:
    """The class numbers to stratify by in train_test_split, or None with a warning.

    With one validation row for two classes, train_test_split raises an error. It names the
    class if it gets a column of booleans.
    """
    present, counts = np.unique(codes, return_counts=True)
    if len(present) <= 2 and (counts.min() >= 2 or n_validation < 2):
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
    are the codes, or the soft labels, that 'balanced' counts, by default the same.
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
    if counted.ndim > 1:
        n = counted.sum(axis=0)
    else:
        n = np.bincount(counted, minlength=n_classes)
    return np.where(n > 0, len(counted) / (np.sum(n > 0) * np.where(n > 0, n, 1)), 1.0)


def _by_class(class_weight: Any, classes: Any, codes: Any, counted: Any) -> Any:
    """The weight of each row by its class; for several labels, the product."""
    if isinstance(class_weight, str):
        if codes.ndim == 1:
            return _balanced(counted, len(classes))[codes]
        pairs = zip(codes.T, counted.T, strict=True)
        return np.prod([_balanced(every, 2)[one] for one, every in pairs], axis=0)
    if codes.ndim == 1:
        return _given_weights("class_weight", class_weight, classes)[codes]
    n_labels = codes.shape[1]
    if isinstance(class_weight, dict) or len(class_weight) != n_labels:
        raise InvalidParameterError(
            f"class_weight must be None, 'balanced' or a list of {n_labels} dicts, one "
            f"for each label of y. Got {class_weight!r}."
        )
    weights, of_a_label = np.ones(len(codes)), np.arange(2)
    for k, (one, column) in enumerate(zip(class_weight, codes.T, strict=True)):
        weights *= _given_weights(f"class_weight[{k}]", one, of_a_label)[column]
    return weights


def refuse_balanced(class_weight: Any) -> None:
    """Raise InvalidParameterError for 'balanced' in partial_fit, which has not all rows."""
    if isinstance(class_weight, str) and class_weight == "balanced":
        raise InvalidParameterError(
            "partial_fit does not support class_weight='balanced', because it does not "
            "get all rows. Set class_weight to None, a dict or a list of dicts, for "
            "example with sklearn.utils.class_weight.compute_class_weight for all rows."
        )


def _given_weights(name: str, class_weight: Any, classes: Any) -> Any:
    """The weight of each class, 1 if the dict does not have it.

    Raises InvalidParameterError unless each key of the dict equals a class exactly.
    """
    is_dict, known = isinstance(class_weight, dict), classes.tolist()
    unknown = set(class_weight) - set(known) if is_dict else set()
    if unknown or not is_dict:
        no_class = f", which has {shown([*unknown])}" if unknown else ""
        raise InvalidParameterError(
            f"{name} must be a dict of weights for some or all of the classes {known}. "
            f"Got {class_weight!r}{no_class}."
        )
    return np.array([float(class_weight.get(label, 1)) for label in known])


def smoothed(y: Any, fraction: float, n_classes: int) -> Any:
    """Targets (n, K) with label smoothing: (1 - e) y + e / K, with e = `fraction`.

    K is 2 for two classes and for each of several labels, which have one score.
    """
    return (1 - fraction) * y + fraction / n_classes
