"""Frames: those of pandas, polars and pyarrow are read; others become one of these.

This module imports none of these libraries. It imports narwhals only for a frame that is
neither of pandas nor of polars.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import sklearn
from sklearn.utils.validation import validate_data

from .errors import argument

PROTOCOLS = (
    "columns",
    "__dataframe__",
    "__arrow_c_stream__",
    "__narwhals_dataframe__",
    "__narwhals_lazyframe__",
)
"""Attributes of the classes of frames; series and arrays have a dtype besides."""

READS_NARWHALS = tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 9)
"""Whether scikit-learn gets names from narwhals; before, from `__dataframe__`."""


def class_of(library: str, name: str = "DataFrame") -> Any:
    """A class of a library; (), of which nothing is an instance, if it is not loaded."""
    return getattr(sys.modules.get(library), name, ())


def is_pandas(X: Any) -> bool:
    """Whether X is a frame of pandas."""
    return isinstance(X, class_of("pandas"))


def is_polars(X: Any) -> bool:
    """Whether X is a frame of polars, not a lazy one."""
    return isinstance(X, class_of("polars"))


def is_arrow(X: Any) -> bool:
    """Whether X is a table of pyarrow."""
    return isinstance(X, class_of("pyarrow", "Table"))


def is_frame(X: Any) -> bool:
    """Whether X is a frame of pandas, polars or pyarrow."""
    return is_pandas(X) or is_polars(X) or is_arrow(X)


def as_frame(X: Any, name: str = "X") -> Any:
    """A frame of any library as one of pandas, polars or pyarrow; all else unchanged.

    `name` is the argument that messages name.

    Raises
    ------
    TypeError
        If X is a frame that cannot be read. Its values without its names would be a guess.
    """
    kind = type(X)
    like_frame = any(hasattr(kind, name) for name in PROTOCOLS)
    if is_pandas(X) or not like_frame or hasattr(kind, "dtype"):
        return X
    frame = X if is_polars(X) else _converted(X, name)
    if not (READS_NARWHALS or is_pandas(frame) or hasattr(frame, "__dataframe__")):
        why = "scikit-learn before 1.9 does not see its names; update it"
        raise _unread(X, why, name)
    return frame


def _converted(X: Any, name: str) -> Any:
    """A frame by narwhals, collected if it is lazy."""
    try:
        import narwhals.stable.v2 as nw
    except ImportError:
        why = "narwhals, which reads it, is not installed"
        raise _unread(X, why, name) from None
    try:
        frame = nw.from_native(X, pass_through=True)
        if not isinstance(frame, nw.DataFrame | nw.LazyFrame):
            frame = _from_stream(nw, X)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        if frame.implementation.is_polars():
            return frame.to_native()
        like_pandas = frame.implementation.is_pandas_like()
        return frame.to_pandas() if like_pandas else frame.to_arrow()
    except (TypeError, ImportError) as error:
        raise _unread(X, str(error), name) from None


def _from_stream(nw: Any, X: Any) -> Any:
    """A table with the Arrow stream interface, by pyarrow or polars."""
    try:
        return nw.from_arrow(X, backend="pyarrow")
    except ImportError:
        return nw.from_arrow(X, backend="polars")
    except ValueError as error:
        # The stream of a single column is no table.
        raise TypeError(str(error)) from None


def _unread(X: Any, why: str, name: str) -> TypeError:
    kind = f"{type(X).__module__}.{type(X).__qualname__}"
    return TypeError(
        f"{name} must be an array, a frame of pandas or polars, or a frame that narwhals "
        f"can read. Got {kind}: {why}. Convert it, for example with to_pandas() or "
        "to_polars(), or install narwhals."
    )


def check_names(owner: Any, X: Any, *, reset: bool) -> None:
    """Check the names and the number of columns by those of fit; `reset`: learn them."""
    with argument("X"):
        validate_data(owner, X, reset=reset, skip_check_array=True)


def names_of(X: Any) -> list[Any]:
    """The names of the columns of a frame."""
    if is_pandas(X):
        names: list[Any] = X.columns.tolist()
        return names
    return list(X.column_names if is_arrow(X) else X.columns)


def dtypes_of(X: Any) -> list[Any]:
    """The types of the columns of a frame."""
    # pandas takes long to iterate over a series.
    return list(X.schema.types if is_arrow(X) else np.asarray(X.dtypes, object))


def series_of(X: Any, places: Sequence[int] | None = None) -> Iterator[Any]:
    """The columns of a frame, or those at places, as series of its library or narwhals."""
    if is_pandas(X):
        places = range(X.shape[1]) if places is None else places
        return (X.iloc[:, i] for i in places)
    if is_polars(X):
        columns = X.get_columns()
    else:
        import narwhals.stable.v2 as nw

        columns = list(nw.from_native(X, eager_only=True).iter_columns())
    return iter(columns if places is None else [columns[i] for i in places])


def numbers_at(X: Any, places: Sequence[int]) -> Any:
    """Columns of numbers, of a frame of pandas or polars, as one array of floats."""
    if is_pandas(X):
        some = X if len(places) == X.shape[1] else X.iloc[:, places]
        return some.to_numpy(dtype=np.float64)
    return X[:, list(places)].to_numpy().astype(np.float64, copy=False)


def with_columns(X: Any, names: list[Any]) -> Any:
    """The frame with these columns, in this order."""
    return X.select(names) if is_arrow(X) else X[names]


def rows_of(X: Any, rows: Any) -> Any:
    """The rows of a frame or an array with these indices."""
    if is_pandas(X):
        return X.iloc[rows]
    return X.take(rows) if is_arrow(X) else X[rows]


def without_dictionaries(X: Any) -> Any:
    """A table of pyarrow with the values of its dictionaries; all else unchanged.

    An array made of a dictionary has some value where one is missing.
    """
    if not is_arrow(X):
        return X
    columns = list(map(without_dictionary, X.columns))
    return type(X).from_arrays(columns, names=X.column_names)


def without_dictionary(column: Any) -> Any:
    """A column of pyarrow with the values of its dictionary, if it has one."""
    kind = column.type
    return column.cast(kind.value_type) if str(kind).startswith("dict") else column


def some_of(names: Any, most: int = 5) -> str:
    """The names as text: all of them, or some and how many there are more."""
    names = list(names)
    more = len(names) - most
    return f"{names}" if more <= 0 else f"{names[:most]} and {more:,} more"
