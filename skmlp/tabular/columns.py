"""Columns of tables: the kind of each, and its values as numbers or labels.

Frames of pandas and polars and arrays give the same columns. This module imports neither
library.
"""

from collections.abc import Iterator
from decimal import Decimal
from numbers import Number, Real
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array

from ..common.constraints import as_sequence
from ..common.errors import argument

NUMBERS, LABELS = "numbers", "labels"


class Column(NamedTuple):
    """A column: float64 with NaN where missing, or objects with None where missing."""

    name: Any
    kind: str
    values: Any


def is_frame(X: Any) -> bool:
    """Whether X is a frame of pandas or polars."""
    return hasattr(X, "columns") and hasattr(X, "dtypes") and hasattr(X, "shape")


def as_table(X: Any) -> Any:
    """X as a table: frames are returned unchanged, all else becomes an array (n, d)."""
    if is_frame(X):
        if 0 in X.shape:
            raise ValueError(
                f"X must have at least one row and one column. Got shape {X.shape}."
            )
        names = list(X.columns)
        again = [name for i, name in enumerate(names) if name in names[:i]]
        if again:
            raise ValueError(
                f"X must have columns with different names. Got {again[0]!r} twice."
            )
        return X
    if issparse(X):
        raise TypeError(
            "X must be a frame or a dense array. Got a sparse matrix: X.toarray() is "
            "dense, and MLPClassifier and MLPRegressor take sparse ones."
        )
    with argument("X"):
        if not hasattr(X, "dtype"):
            array = np.asarray(X)
            # NumPy makes an array of text of a list with text and numbers.
            X = np.asarray(X, dtype=object) if array.dtype.kind in "US" else array
        return check_array(X, dtype=None, ensure_all_finite=False)


def rows_of(X: Any, rows: Any) -> Any:
    """The rows of a table with these indices."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def columns_of(X: Any, categorical: Any) -> Iterator[Column]:
    """The columns of a table in order.

    `categorical` says for each column whether it holds categories; None: by its type.
    """
    if is_frame(X):
        names = list(X.columns)
        series = [X[name] for name in names]
    else:
        names = list(range(X.shape[1]))
        series = list(X.T)
    for i, (name, one) in enumerate(zip(names, series, strict=True)):
        given = None if categorical is None else bool(categorical[i])
        yield _column(name, one, given)


def _column(name: Any, series: Any, categorical: bool | None) -> Column:
    """One column; `categorical` decides its kind or, if None, its type does."""
    kind = kind_of_type(series)
    if kind == "other":
        raise TypeError(
            f"Column {name!r} of X must hold numbers, booleans, text or categories. "
            f"Got {series.dtype}; turn dates into numbers, and nested values into columns."
        )
    if kind == NUMBERS and not categorical:
        return Column(name, NUMBERS, _floats(name, series))
    values = objects(series)
    if categorical is False:
        _check_numbers(name, values)
        return Column(name, NUMBERS, _floats(name, values))
    if kind == "objects" and categorical is None and all_numbers(values):
        return Column(name, NUMBERS, _floats(name, values))
    if kind == LABELS and hasattr(getattr(series, "cat", None), "codes"):
        _name_others(values, series.cat)
    _check_labels(name, values)
    return Column(name, LABELS, values)


def kind_of_type(series: Any) -> str:
    """NUMBERS, LABELS, "objects" if it depends on the values, or "other"."""
    dtype = series.dtype
    kind, words = getattr(dtype, "kind", None), str(dtype).lower()
    if words.startswith(("category", "categorical", "enum", "str", "utf8")):
        return LABELS
    if kind in ("U", "S"):
        return LABELS
    if kind == "O" or words == "object":
        return "objects"
    numeric = ("bool", "int", "uint", "float", "decimal")
    if kind in tuple("biuf") or words.startswith(numeric) or words == "null":
        return NUMBERS
    return "other"


def objects(series: Any) -> Any:
    """The values as objects; missing ones are None."""
    values = series.to_list() if hasattr(series, "to_list") else series.tolist()
    found = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        found[i] = None if is_missing(value) else value
    return found


def _name_others(values: Any, cat: Any) -> None:
    """Replace pandas categories of other kinds, such as intervals, by their text.

    The text comes from the category, as missing values may change the type of the values.
    """
    names = list(cat.categories)
    if not all(isinstance(name, str | bytes | Number) for name in names):
        for i, code in enumerate(cat.codes):
            values[i] = str(names[code]) if code >= 0 else None


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas.NA."""
    if value is None:
        return True
    if isinstance(value, str):
        return False
    # NaN and NaT do not equal themselves, and with pandas.NA the answer is pandas.NA.
    same = value == value
    return not same if isinstance(same, bool | np.bool_) else same is value


def all_numbers(values: Any) -> bool:
    """Whether all values are real numbers, or None."""
    return all(value is None or isinstance(value, Real | Decimal) for value in values)


def _check_numbers(name: Any, values: Any) -> None:
    if not all_numbers(values):
        other = next(value for value in values if not all_numbers([value]))
        raise ValueError(
            f"Column {name!r} of X must hold numbers, as categorical_features does not "
            f"contain it. Got {other!r}."
        )


def _check_labels(name: Any, values: Any) -> None:
    """Raise TypeError unless all labels are text, all bytes, or all real numbers."""
    kinds = {kind_of_label(value) for value in values if value is not None}
    if len(kinds) > 1 or not kinds <= {"text", "bytes", "numbers"}:
        raise TypeError(
            f"Column {name!r} of X must hold either text or numbers. "
            f"Got {', '.join(sorted(kinds))}."
        )


def kind_of_label(value: Any) -> str:
    """The kind of a label: text, bytes, numbers if it is real, or its type."""
    if isinstance(value, Real | Decimal):
        return "numbers"
    names = {str: "text", bytes: "bytes"}
    found = (name for kind, name in names.items() if isinstance(value, kind))
    return next(found, type(value).__name__)


def _floats(name: Any, series: Any) -> Any:
    """The values in double precision; missing ones are NaN."""
    if isinstance(series, np.ndarray) and series.dtype != object:
        with np.errstate(over="ignore"):
            values = series.astype(np.float64)
    elif hasattr(series, "cast"):
        values = series.cast(float, strict=False).fill_null(np.nan).to_numpy()
    elif hasattr(series, "to_numpy"):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        try:
            values = np.array([np.nan if v is None else v for v in series], np.float64)
        except OverflowError:
            values = np.array([np.inf])
    if np.isinf(values).any():
        raise ValueError(
            f"Column {name!r} of X must hold finite numbers or missing values. "
            "Got a number that is infinite in double precision."
        )
    return values


def mask_of(categorical_features: Any, names: list[Any]) -> Any:
    """For each column, whether it holds categories; None for 'from_dtype'."""
    if isinstance(categorical_features, str):
        return None
    given = list(as_sequence(categorical_features) or ())
    if given and all(isinstance(one, bool | np.bool_) for one in given):
        if len(given) != len(names):
            raise ValueError(
                "categorical_features must be a boolean mask with one entry for each of "
                f"the {len(names)} columns. Got {len(given)}."
            )
        return given
    mask = [False] * len(names)
    for one in given:
        position = names.index(one) if one in names else one
        if isinstance(one, str) and one not in names:
            raise ValueError(
                f"categorical_features must name columns of X, {names}. Got {one!r}."
            )
        if not -len(names) <= position < len(names):
            raise ValueError(
                f"categorical_features must be indices of the {len(names)} columns of X. "
                f"Got {one!r}."
            )
        mask[position] = True
    return mask
