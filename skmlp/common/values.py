"""Kinds of values: missing, numbers, text, dates; what a column holds, for messages."""

import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from numbers import Real
from types import NoneType
from typing import Any

import numpy as np
from scipy.sparse import issparse

from .frames import dtypes_of, is_frame, names_of, series_of

KINDS_OF_DATES: dict[str, tuple[type, ...]] = {
    "dates and times": (datetime, np.datetime64),
    "dates": (date,),
    "times of day": (time,),
    "durations": (timedelta, np.timedelta64),
}
"""Kinds of dates by class; a datetime is a date, too."""

DATES_BY_WORD = {
    "datetime": "dates and times",
    "timestamp": "dates and times",
    "date": "dates",
    "timedelta": "durations",
    "duration": "durations",
    "time": "times of day",
    "period": "periods",
}
"""Kinds of dates by the first letters of a dtype, of any library; longer ones first."""

DATES = frozenset(DATES_BY_WORD.values())

KINDS: dict[str, tuple[type, ...]] = {
    "numbers": (Real, Decimal, np.bool_),
    "text": (str,),
    "bytes": (bytes,),
}

SIGNALING = "signaling NaN"
"""A kind of Decimal that raises an error wherever it is used."""


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas.NA."""
    if value is None:
        return True
    if isinstance(value, str):
        return False
    # NaN and NaT do not equal themselves, and with pandas.NA the answer is pandas.NA.
    try:
        same = value == value
    except ArithmeticError:
        # A signaling NaN is an error of the data.
        return False
    return not same if isinstance(same, bool | np.bool_) else same is value


def dates_of_dtype(dtype: Any) -> str | None:
    """The kind of dates that a dtype of any library stands for; None for other dtypes."""
    words = str(dtype).lower()
    found = (kind for word, kind in DATES_BY_WORD.items() if words.startswith(word))
    return next(found, None)


def kind_of(value: Any) -> str:
    """The kind of a value: numbers, text, bytes, a kind of dates, or its type."""
    if isinstance(value, Decimal) and value.is_snan():
        return SIGNALING
    cls: Any = type(value)
    return _kind_of_class(cls)


@lru_cache(maxsize=256)
def _kind_of_class(cls: Any) -> str:
    # np.timedelta64 is a real number to Python, so dates come first.
    for kind, classes in (KINDS_OF_DATES | KINDS).items():
        if issubclass(cls, classes):
            return kind
    return "periods" if cls.__name__ == "Period" else cls.__name__


def kinds_of(classes: Iterable[Any]) -> set[str]:
    """The kinds of values of these classes."""
    return {_kind_of_class(one) for one in classes}


def kinds_in(values: Any) -> Counter[str]:
    """How many values are of each kind; None is missing, and does not count."""
    counts: Counter[str] = Counter()
    classes: Counter[Any] = Counter(map(type, values))
    for cls, n in classes.items():
        if issubclass(cls, Decimal):
            counts.update(map(kind_of, (one for one in values if type(one) is cls)))
        elif cls is not NoneType:
            counts[_kind_of_class(cls)] += n
    return counts


def all_numbers(values: Any) -> bool:
    """Whether all values are real numbers, or None."""
    return kinds_in(list(values)).keys() <= {"numbers"}


def described(values: Any) -> str:
    """What the values are: the rows of each kind, and a value of the rarest."""
    counts = kinds_in(values).most_common()
    rows = [f"{kind} in {n:,} row{'s' * (n > 1)}" for kind, n in counts]
    rarest = counts[-1][0]
    one = next(one for one in values if one is not None and kind_of(one) == rarest)
    plain = one.item() if isinstance(one, np.generic) else one
    shown = str(one) if rarest in DATES else reprlib.repr(plain)
    return f"{', '.join(rows)}: {shown}"


def dates_error(name: Any, allowed: str, held: str) -> TypeError:
    """The error for a column of dates; `held` says which."""
    return TypeError(
        f"Column {name!r} of X must hold {allowed}. Got {held}. Turn dates into numbers, "
        "such as days since a fixed date, by hand or with TableEncoder, or drop the column."
    )


def with_mask(X: Any) -> Any:
    """A list of rows as a masked array if one of them is; all else unchanged."""
    rows = X if isinstance(X, list | tuple) else ()
    return (
        np.ma.array(X) if any(isinstance(one, np.ma.MaskedArray) for one in rows) else X
    )


def check_plain(X: Any) -> None:
    """Raise an error if NumPy would make numbers of dates, or uncover masked values.

    Raises
    ------
    TypeError
        If X has a column of dates.
    ValueError
        If X has masked values.
    """
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise ValueError(
            "X must not have masked values, which are missing. Got "
            f"{np.ma.getmaskarray(X).sum():,} of them."
        )
    if is_frame(X) and not any(map(_may_hold_dates, set(dtypes_of(X)))):
        return
    for name, dtype, values in _columns(X):
        dates = dates_of_dtype(dtype)
        if dates:
            raise dates_error(name, "numbers", f"{dates} ({dtype})")
        if str(dtype) == "object" and kinds_in(values).keys() & DATES:
            raise dates_error(name, "numbers", described(values))


def _may_hold_dates(dtype: Any) -> bool:
    return dates_of_dtype(dtype) is not None or str(dtype) == "object"


def culprit(X: Any) -> str:
    """A sentence about the first column that has values which are no numbers, or ''."""
    for name, _, values in _columns(X):
        others = [one for one in values if not _like_number(one)]
        if others:
            return f"Column {name!r} has {described(others)}. "
    return ""


def _like_number(value: Any) -> bool:
    """Whether a value is missing or a number, perhaps as text."""
    try:
        return is_missing(value) or float(value) is not None
    except (TypeError, ValueError, OverflowError):
        return False


def _columns(X: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(name, dtype, values) of each column that may have other values than numbers."""
    if is_frame(X):
        return zip(names_of(X), dtypes_of(X), series_of(X), strict=True)
    array = np.empty((0, 0)) if issparse(X) else np.asarray(X)
    if array.ndim != 2 or array.dtype.kind not in "OmMUS":
        return iter(())
    return ((i, array.dtype, one) for i, one in enumerate(array.T))
