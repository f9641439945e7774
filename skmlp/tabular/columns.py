"""Columns of tables: the kind of each, and its values as numbers, seconds or labels.

Frames and arrays give the same columns.
"""

from collections.abc import Sequence
from decimal import Decimal
from types import NoneType
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array

from ..common.errors import argument
from ..common.frames import (
    as_frame,
    class_of,
    dtypes_of,
    is_frame,
    names_of,
    numbers_at,
    series_of,
    some_of,
)
from ..common.values import (
    DATES,
    dates_of_dtype,
    described,
    is_missing,
    kinds_of,
    with_mask,
)
from .distinct import Distinct, by_place, distinct, is_categorical, rows_as_list
from .moments import Moments, kinds_of_moments, of_type, of_values

NUMBERS, LABELS = "numbers", "labels"
OF_DATES = "dates by type"
"""A kind of types: their columns have one of the kinds of `moments`."""

ALLOWED = "numbers, booleans, text, categories or dates"

KIND_BY_NUMPY = {
    **dict.fromkeys("biuf", NUMBERS),
    **dict.fromkeys("US", LABELS),
    **dict.fromkeys("mM", OF_DATES),
    "O": "objects",
}
"""The kind of a column by the kind of NumPy's type."""

CATEGORIES = ("category", "categorical", "dictionary", "enum")
TEXT = (*CATEGORIES, "str", "utf8")
"""The first letters of dtypes of categories, and of labels."""

PLAIN_POLARS = frozenset(
    [*(f"Float{n}" for n in (32, 64)), *(f"Int{n}" for n in (8, 16, 32, 64))]
)
"""Types of polars that NumPy makes floats of, each and together."""

EXACT = 2.0**53
"""From this magnitude on, double precision does not hold all integers."""

SHORT_FLOATS = {
    "float16": np.float16,
    "halffloat": np.float16,
    "float32": np.float32,
    "float[": np.float32,
}
"""Precisions below double by the first letters of a dtype; pyarrow has its own names."""


class Column(NamedTuple):
    """A column of numbers, of labels, or of dates, durations or times of day.

    `values` are float64 with NaN where missing, for dates the seconds of `Moments`; or
    places in `labels`, the different labels, with -1 where missing. `precision` is that of
    labels that came as numbers of less than double precision, `zone` that of dates.
    `declared` says whether the type is one of categories.
    """

    name: Any
    kind: str
    values: Any
    labels: Sequence[Any] = ()
    precision: Any = None
    zone: str = ""
    declared: bool = False

    def objects(self) -> Any:
        """The label of each row; missing ones are None."""
        return by_place([*self.labels, None], self.values)

    @property
    def is_empty(self) -> bool:
        """Whether all values are missing."""
        if self.kind == LABELS:
            return not self.labels
        return bool(np.isnan(self.values).all())

    @property
    def held(self) -> str:
        """What it holds, for messages."""
        if self.is_empty:
            return "no values"
        return described(self.objects()) if self.kind == LABELS else self.kind


def as_table(X: Any) -> Any:
    """X as a table: a frame of pandas, polars or pyarrow, or an array (n, d)."""
    if type(X) is np.ndarray and X.ndim == 2 and X.size and X.dtype.kind in "biuf":
        return X
    X = as_frame(X)
    if is_frame(X):
        if 0 in X.shape:
            raise ValueError(
                f"X must have at least one row and one column. Got shape {X.shape}."
            )
        _check_names(names_of(X))
        return X
    if issparse(X):
        raise TypeError(
            "X must be a frame or a dense array. Got a sparse matrix: X.toarray() is "
            "dense, and MLPClassifier and MLPRegressor take sparse ones."
        )
    with argument("X"):
        return check_array(_as_array(X), dtype=None, ensure_all_finite=False)


def _check_names(names: list[Any]) -> None:
    """Raise an error unless names differ, and are all text or all of other types."""
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise ValueError(
                f"X must have columns with different names. Got {name!r} twice."
            )
        seen.add(name)
    others = [name for name in names if not isinstance(name, str)]
    if 0 < len(others) < len(names):
        raise TypeError(
            "X must have columns whose names are all text, or none. Got "
            f"{some_of(others)} beside text; X.columns.astype(str) makes text of them."
        )


def _as_array(X: Any) -> Any:
    """An array or a list of rows as an array that has the same values."""
    X = with_mask(X)
    if isinstance(X, np.ma.MaskedArray) and X.dtype.names is None:
        missing, exact = np.ma.getmaskarray(X), X.dtype.kind in "fc"
        X = np.array(X.data, X.dtype if exact else object)
        X[missing] = np.nan if exact else None
    if hasattr(X, "dtype"):
        return X
    array = np.asarray(X)
    # NumPy makes text of a list with text and numbers, and floats of large integers.
    with np.errstate(invalid="ignore"):
        rounded = array.dtype.kind == "f" and (np.abs(array) >= EXACT).any()
    return np.asarray(X, object) if rounded or array.dtype.kind in "US" else array


def columns_of(X: Any, categorical: Any) -> list[Column]:
    """The columns of a table in order.

    `categorical` says for each column whether it holds categories; None: by its type.
    """
    names = names_of(X) if is_frame(X) else range(X.shape[1])
    given = [None] * len(names) if categorical is None else categorical
    types = dtypes_of(X) if is_frame(X) else [X.dtype] * len(names)
    plain = [i for i, one in enumerate(types) if not given[i] and _is_plain(one)]
    columns = _plain_columns(X, names, plain) if plain else {}
    others = [i for i in range(len(names)) if i not in columns]
    series = series_of(X, others) if is_frame(X) else X.T[others]
    for i, one in zip(others, series, strict=True):
        kind = given[i]
        columns[i] = _column(names[i], one, None if kind is None else bool(kind))
    return [columns[i] for i in range(len(names))]


def _is_plain(dtype: Any) -> bool:
    """Whether a type is one of numbers of NumPy, or of polars that NumPy has, too."""
    if isinstance(dtype, np.dtype):
        return dtype.kind in "biuf"
    return str(dtype) in PLAIN_POLARS and isinstance(
        dtype, class_of("polars", "DataType")
    )


def _plain_columns(
    X: Any, names: Sequence[Any], places: list[int]
) -> dict[int, Column]:
    """The columns at places, which have plain numbers, read together."""
    with np.errstate(over="ignore"):
        if is_frame(X):
            numbers = numbers_at(X, places)
        else:
            some = X if len(places) == X.shape[1] else X[:, places]
            numbers = some.astype(np.float64, copy=False)
    _check_finite([names[i] for i in places], numbers)
    both = zip(places, numbers.T, strict=True)
    return {i: Column(names[i], NUMBERS, values) for i, values in both}


def _column(name: Any, series: Any, categorical: bool | None) -> Column:
    """One column; `categorical` decides its kind or, if None, its type does."""
    kind = kind_of_type(series)
    if kind == "other":
        raise _type_error(name, series.dtype)
    if kind == OF_DATES:
        dated = _dated(name, of_type(series))
        if not categorical:
            return dated
        if dated.is_empty:
            return Column(name, LABELS, np.full(len(dated.values), -1))
        raise _no_categories(name, f"{dates_of_dtype(series.dtype)} ({series.dtype})")
    if kind == NUMBERS and not categorical:
        return Column(name, NUMBERS, floats(name, series))
    if not categorical and _has_only_numbers(series):
        return Column(name, NUMBERS, floats(name, np.asarray(series)))
    try:
        found = distinct(series)
    except TypeError:
        # A value without a hash is neither text nor a number.
        found = None
    kinds = kinds_of(found.classes) if found else {"others"}
    if found and kinds and kinds <= DATES:
        return _column_of_dates(name, series, found, categorical)
    allowed = {"numbers"} if categorical is False else {"text", "bytes", "numbers"}
    if found is None or len(kinds) > 1 or not kinds <= allowed:
        raise _error_of_kinds(name, objects(series), numeric=categorical is False)
    if categorical is None and kind == "objects":
        categorical = not kinds <= {"numbers"}
    if categorical is False:
        values = floats(name, [*found.values, None])
        return Column(name, NUMBERS, values[found.places])
    precision = _precision(series, found.classes)
    declared = str(series.dtype).lower().startswith(CATEGORIES)
    return Column(
        name, LABELS, found.places, found.values, precision, declared=declared
    )


def _column_of_dates(
    name: Any, series: Any, found: Distinct, categorical: bool | None
) -> Column:
    """A column of objects that are dates, durations or times of day."""
    if categorical:
        raise _no_categories(name, described(objects(series)))
    several = len(kinds_of_moments(kinds_of(found.classes))) > 1
    try:
        if not several:
            return _dated(name, of_values(found.values, found.places))
        held = described(objects(series))
    except TypeError as error:
        held = str(error)
    raise TypeError(
        f"Column {name!r} of X must hold either dates, all with a time zone or none, or "
        f"durations, or times of day. Got {held}."
    )


def _dated(name: Any, moments: Moments) -> Column:
    return Column(name, moments.kind, moments.seconds, zone=moments.zone)


def _no_categories(name: Any, held: str) -> TypeError:
    """The error for dates in a column of categories."""
    return TypeError(
        f"Column {name!r} of X must hold text or numbers, because it has categories. "
        f"Got {held}."
    )


def _has_only_numbers(series: Any) -> bool:
    """Whether the classes of the values, in an array of objects, are all of numbers."""
    if series.dtype != np.dtype(object):
        return False
    classes = set(map(type, np.asarray(series))) - {NoneType}
    return Decimal not in classes and kinds_of(classes) <= {"numbers"}


def _type_error(name: Any, dtype: Any) -> TypeError:
    """The error for a type that is not read."""
    return TypeError(
        f"Column {name!r} of X must hold {ALLOWED}. Got {dtype}: turn nested or complex "
        "values into columns of numbers."
    )


def kind_of_type(series: Any) -> str:
    """NUMBERS, LABELS, OF_DATES, "objects" if it depends on the values, or "other"."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return KIND_BY_NUMPY.get(dtype.kind, "other")
    kind, words = getattr(dtype, "kind", None), str(dtype).lower()
    # A nested type of polars has the first letters of text.
    text = words.startswith(TEXT) and not words.startswith("struct")
    if text or kind in ("U", "S"):
        return LABELS
    if dates_of_dtype(dtype):
        return OF_DATES
    if kind == "O" or words in ("object", "binary", "unknown"):
        return "objects"
    numeric = ("bool", "int", "uint", "float", "decimal", "null")
    return NUMBERS if kind in tuple("biuf") or words.startswith(numeric) else "other"


def objects(series: Any) -> Any:
    """The values as objects; missing ones are None."""
    if is_categorical(series):
        found = distinct(series)
        return by_place([*found.values, None], found.places)
    rows = [None if is_missing(one) else one for one in rows_as_list(series)]
    return by_place(rows, slice(None))


def _precision(series: Any, classes: set[type]) -> Any:
    """The precision of labels, if they came as numbers of less than double precision."""
    short = (np.float16, np.float32)
    dtype = series.dtype
    dtype = getattr(getattr(dtype, "categories", None), "dtype", dtype)
    words = str(dtype).lower()
    found = [p for name, p in SHORT_FLOATS.items() if words.startswith(name)]
    some = classes if words == "object" else ()
    return next((p for p in [*found, *short] if p in found or p in some), None)


def _error_of_kinds(name: Any, values: Any, *, numeric: bool) -> Exception:
    """The error for values that are not all numbers or, unless `numeric`, labels.

    Labels are all text, all bytes, or all real numbers.
    """
    if numeric:
        return ValueError(
            f"Column {name!r} of X must hold numbers or dates, as categorical_features "
            f"does not contain it. Got {described(values)}."
        )
    return TypeError(
        f"Column {name!r} of X must hold either text or numbers. "
        f"Got {described(values)}."
    )


def floats(name: Any, series: Any) -> Any:
    """The values in double precision; missing ones are NaN."""
    if isinstance(series, np.ndarray) and series.dtype != object:
        with np.errstate(over="ignore"):
            values = series.astype(np.float64)
    elif hasattr(series, "to_native"):
        values = _floats_of_arrow(name, series)
    elif hasattr(series, "cast"):
        values = series.cast(float, strict=False).fill_null(np.nan).to_numpy()
    elif hasattr(series, "to_numpy"):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        try:
            # NumPy makes NaN of None.
            values = np.asarray(series, object).astype(np.float64)
        except OverflowError:
            values = np.array([np.inf])
    _check_finite([name], values)
    return values


def _check_finite(names: Sequence[Any], values: Any) -> None:
    """Raise an error if the values of a column, or of all of them, are infinite."""
    infinite = np.isinf(values)
    if infinite.any():
        name = names[int(infinite.any(axis=0).argmax())]
        raise ValueError(
            f"Column {name!r} of X must hold finite numbers or missing values. "
            "Got a number that is infinite in double precision."
        )


def _floats_of_arrow(name: Any, series: Any) -> Any:
    """The numbers of a column of pyarrow; NumPy gets decimals and gaps as objects."""
    values = series.to_numpy()
    return floats(name, objects(values) if values.dtype == object else values)
