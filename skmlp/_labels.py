"""Class labels and their numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer


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
