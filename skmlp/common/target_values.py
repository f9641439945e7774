"""y of any container as an array: nothing missing, one kind of values, exact integers."""

from collections import Counter
from contextlib import suppress
from decimal import Decimal
from numbers import Integral
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array, column_or_1d

from .errors import argument, shown
from .frames import as_frame, is_frame, names_of
from .values import DATES as KINDS_OF_DATES
from .values import is_missing, kind_of

EXACT = 2**53
"""Floats hold each integer up to this magnitude."""

DIGITS = 100
"""Decimals of more digits are not made integers."""

NUMBERS, TEXT, BYTES, DATES = "numbers", "text", "bytes", "dates"

NO_LABELS = {
    BYTES: " Decode bytes first.",
    DATES: " Turn dates into text first: [str(one) for one in y].",
}
"""What to do with values that cannot be labels."""

NO_NUMBERS = {
    TEXT: " MLPClassifier and TabularMLPClassifier take text as labels; convert text that "
    "shows numbers first.",
    BYTES: " Decode and convert bytes first.",
    DATES: " Turn dates and durations into numbers first, for example days: "
    "(y - start) / numpy.timedelta64(1, 'D').",
}
"""What to do with values that cannot be targets of a regressor."""


def read_target(
    y: Any, owner: object, name: str = "y", *, numeric: bool, sparse: bool = False
) -> Any:
    """The targets as an array (n,) or (n, k) or, if `sparse`, also a sparse matrix.

    (n, 1) becomes (n,), with a warning. If `numeric`, the targets must be real numbers,
    and objects become floats; otherwise the values are those of `as_labels`.

    Raises
    ------
    ValueError
        If a value is missing or infinite, if y has more than two axes, or if no type of
        NumPy holds its integers.
    TypeError
        If y has values of several kinds or of a wrong kind.
    """
    if y is None:
        raise ValueError(
            f"This {type(owner).__name__} estimator requires y to be passed, but the "
            "target y is None."
        )
    if is_plain(y):
        return y
    with argument(name):
        values = _checked(y, name, numeric=numeric, sparse=sparse)
        if values.ndim == 2 and values.shape[1] == 1:
            values = column_or_1d(values, warn=True)
    if numeric and (issparse(values) or values.dtype.kind not in "biuf"):
        kind = "a sparse one" if issparse(values) else f"dtype {values.dtype}"
        raise TypeError(f"{name} must be a dense array of real numbers. Got {kind}.")
    return values


def read_named_target(
    y: Any, owner: object, name: str = "y", *, numeric: bool, sparse: bool = False
) -> tuple[Any, list[Any] | None]:
    """The targets by `read_target`, and the names of their columns."""
    values = read_target(y, owner, name, numeric=numeric, sparse=sparse)
    return values, columns_of_target(y)


def columns_of_target(y: Any) -> list[Any] | None:
    """The names of the columns of y; None if it has none, or if it cannot be read."""
    with suppress(Exception):
        frame = as_frame(y, "y")
        if is_frame(frame):
            return names_of(frame)
    return None


def as_labels(y: Any) -> Any:
    """Labels as an array or a sparse matrix; a column becomes (n,).

    Integers stay exact. Objects become booleans, integers or floats that equal them, or
    stay objects if they are text.
    """
    if is_plain(y):
        return y
    with argument("y"):
        values = _checked(y, "y", numeric=False, sparse=True)
    is_column = values.ndim == 2 and values.shape[1] == 1 and not issparse(values)
    return values.ravel() if is_column else values


def _checked(y: Any, name: str, *, numeric: bool, sparse: bool) -> Any:
    """y as an array of finite values of one kind, or as a sparse matrix."""
    values = y if issparse(y) else _values(y)
    if not issparse(values) and values.ndim and (numeric or not _is_text(values)):
        _check_present(values, name)
        values = _of_one_kind(values, name, numeric=numeric)
    return check_array(
        values,
        accept_sparse="csr" if sparse else False,
        ensure_2d=False,
        dtype=None,
        input_name=name,
    )


def _is_text(values: Any) -> bool:
    """Whether an array has objects, all of which are text; it takes little time."""
    return values.dtype == object and set(map(type, values.ravel().tolist())) == {str}


def is_plain(y: Any) -> bool:
    """Whether y is an array of finite numbers, which needs no conversion."""
    return bool(
        type(y) is np.ndarray
        and y.ndim == 1
        and y.size
        and (y.dtype.kind in "biu" or (y.dtype.kind == "f" and np.isfinite(y).all()))
    )


def _values(y: Any) -> Any:
    """y as an array; objects where another type could lose or round a value."""
    if isinstance(y, np.ma.MaskedArray):
        if not np.ma.is_masked(y):
            return y.data
        values = y.data.astype(object)
        values[np.ma.getmaskarray(y)] = None
        return values
    dtype = getattr(y, "dtype", None)
    if isinstance(y, list | tuple):
        return _from_list(y)
    if isinstance(dtype, np.dtype):
        array = np.asarray(y)
        return array.astype(object) if array.dtype.kind == "T" else array
    if hasattr(type(y), "columns"):
        # A lazy frame warns when it is asked for its columns.
        return np.asarray(as_frame(y, "y"))
    for to_list in ("to_list", "to_pylist"):
        if hasattr(y, to_list):
            words = str(getattr(y, "dtype", getattr(y, "type", ""))).lower()
            is_time = words.startswith(("date", "time", "duration"))
            return np.asarray(y) if is_time else _objects(getattr(y, to_list)())
    return np.asarray(y)


def _from_list(y: Any) -> Any:
    """A list as an array: as NumPy reads it if no number is rounded or made text."""
    array = np.asarray(y)
    kind = array.dtype.kind
    if kind == "f":
        with np.errstate(invalid="ignore"):
            exact = not (np.abs(array) >= EXACT).any()
    elif kind == "U":
        # NumPy drops the characters NUL at the end of a text.
        exact = all(isinstance(one, str) and one[-1:] != "\0" for one in y)
    else:
        exact = kind in "biumM"
    return array if exact else _objects(y)


def _objects(values: Any) -> Any:
    return np.asarray(values, dtype=object)


def lacks_value(value: Any) -> bool:
    """Whether a value is missing, or a signaling NaN, which is no number either."""
    return is_missing(value) or (isinstance(value, Decimal) and value.is_snan())


def _check_present(values: Any, name: str) -> None:
    """Raise ValueError if values are missing."""
    kind = values.dtype.kind
    if kind == "O":
        n_missing = sum(map(lacks_value, values.ravel().tolist()))
    elif kind in "fcmM":
        n_missing = int((np.isnat if kind in "mM" else np.isnan)(values).sum())
    else:
        return
    if n_missing:
        rows = f"{len(values)} row{'s' * (len(values) != 1)}"
        raise ValueError(
            f"{name} must have a value for each row. Input {name} contains NaN or None: "
            f"got {n_missing} missing value{'s' * (n_missing != 1)} in {rows}."
        )


def kind_of_value(value: Any) -> str:
    """The kind of a value, where all kinds of dates are one."""
    kind = kind_of(value)
    return DATES if kind in KINDS_OF_DATES else kind


KINDS = {"U": TEXT, "S": BYTES, "m": DATES, "M": DATES}
"""The kind of the values of an array, by the letter of its type."""


def _of_one_kind(values: Any, name: str, *, numeric: bool) -> Any:
    """The values if they are of one kind, objects that are numbers as numbers."""
    letter = values.dtype.kind
    if letter not in "OS" and not (numeric and letter in KINDS):
        return values
    flat = values.ravel().tolist() if letter == "O" else []
    kinds = Counter(map(kind_of_value, flat))
    if letter != "O":
        kinds[KINDS[letter]] = values.size
    if numeric:
        return _as_floats(values, kinds, name)
    if set(kinds) == {NUMBERS}:
        return _as_numbers(values, name)
    if set(kinds) <= {TEXT}:
        return values
    remedies = [remedy for kind, remedy in NO_LABELS.items() if kind in kinds]
    raise TypeError(
        f"{name} must be labels of one kind, numbers or text. "
        f"Got {_counted(kinds)}.{''.join(remedies)}"
    )


def _counted(kinds: Counter[str]) -> str:
    """The kinds of values with their numbers, for messages."""
    return " and ".join(f"{kind} ({n:,} values)" for kind, n in sorted(kinds.items()))


def _as_floats(values: Any, kinds: Counter[str], name: str) -> Any:
    """The values of a regressor's target as floats."""
    other = next((kind for kind in kinds if kind != NUMBERS), None)
    if other is None:
        try:
            return values.astype(np.float64)
        except OverflowError:
            raise ValueError(
                f"{name} must be finite numbers in float64. Got an int that is larger."
            ) from None
    first = next(one for one in values.ravel() if kind_of_value(one) == other)
    raise TypeError(
        f"{name} must be a dense array of real numbers. Got {_counted(kinds)}, such as "
        f"{shown(str(first))}.{NO_NUMBERS.get(other, '')}"
    )


def _as_numbers(values: Any, name: str) -> Any:
    """Objects that are numbers as booleans, integers or floats that equal them."""
    flat = values.ravel().tolist()
    if all(isinstance(value, bool | np.bool_) for value in flat):
        return values.astype(bool)
    if all(map(_is_whole, flat)):
        whole = [int(value) for value in flat]
        for dtype in (np.int64, np.uint64):
            limits = np.iinfo(dtype)
            if limits.min <= min(whole) and max(whole) <= limits.max:
                return np.array(whole, dtype).reshape(values.shape)
        got = f"integers from {shown(min(whole))} to {shown(max(whole))}"
    else:
        floats = [_as_float(value) for value in flat]
        pairs = zip(flat, floats, strict=True)
        rounded = next((value for value, one in pairs if value != one), None)
        if rounded is None:
            return np.array(floats).reshape(values.shape)
        got = f"{shown(rounded)}, which no float64 equals"
    raise ValueError(
        f"{name} must have numbers as labels that one type of NumPy holds exactly: int64, "
        f"uint64 or float64. Got {got}. Turn them into text: [str(one) for one in {name}]."
    )


def _is_whole(value: Any) -> bool:
    """Whether a number is an integer, or a Decimal that equals one."""
    if isinstance(value, Decimal):
        small = value.is_finite() and value.adjusted() < DIGITS
        return small and value == value.to_integral_value()
    return isinstance(value, Integral)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf
