"""The different values of a column, and the place of each row among them.

What follows looks at each different value once. No Python code runs for each row.
"""

from collections.abc import Iterable
from numbers import Number
from typing import Any, NamedTuple

import numpy as np

from ..common.frames import without_dictionary
from ..common.values import is_missing

PLAIN = ("string", "bytes", "integer", "floating", "boolean")
"""What pandas calls categories that are all text, bytes or numbers."""

ARROW_TEXT = ("string", "large_string", "binary", "large_binary")
"""The types of pyarrow that it can encode as a dictionary as Python would."""

FEW = 256
"""Up to this many rows a loop takes less time than pandas."""


class Distinct(NamedTuple):
    """Row i has the value `values[places[i]]`; the place -1 is a missing value.

    Values of two classes can be equal, as 1 and 1.0: `classes` has both.
    """

    values: list[Any]
    places: Any
    classes: set[type]


def distinct(series: Any) -> Distinct:
    """The different values of a column.

    Raises
    ------
    TypeError
        If a value cannot be hashed. It is then neither text nor a number.
    """
    if is_categorical(series):
        array = series.array
        return _of_categories(array.categories, np.asarray(array.codes, np.intp))
    if isinstance(series, np.ndarray) and series.dtype.kind in "biuf":
        found, places = np.unique(series, return_inverse=True)
        return _without_missing(found.tolist(), places)
    typed = series.dtype != object and len(series) > FEW
    if typed and hasattr(series, "to_native"):
        column = without_dictionary(series.to_native())
        if str(column.type) in ARROW_TEXT:
            return _of_arrow(column)
    if typed and hasattr(series, "factorize"):
        places, found = series.factorize()
        return _without_missing(found.tolist(), places)
    rows = rows_as_list(series)
    place = {value: i for i, value in enumerate(dict.fromkeys(rows))}
    places = np.fromiter(map(place.__getitem__, rows), np.intp, len(rows))
    # A class without a value of its own has values that equal those of another class.
    classes = set(map(type, rows)) - set(map(type, place))
    return _without_missing(list(place), places, classes)


def _of_arrow(column: Any) -> Distinct:
    """The values of a column of pyarrow; null is a missing one."""
    codes = column.dictionary_encode().combine_chunks()
    places = codes.indices.fill_null(-1).to_numpy().astype(np.intp)
    return _without_missing(codes.dictionary.to_pylist(), places)


def is_categorical(series: Any) -> bool:
    """Whether a column has categories of pandas."""
    return hasattr(getattr(series, "array", None), "codes")


def rows_as_list(series: Any) -> list[Any]:
    """The values of a column, one for each row."""
    return list(series.to_list() if hasattr(series, "to_list") else series.tolist())


def by_place(values: list[Any], places: Any) -> Any:
    """The value at each place, as objects."""
    return np.fromiter(values, object, len(values))[places]


def _without_missing(
    values: list[Any], places: Any, classes: Iterable[type] = ()
) -> Distinct:
    """Give missing values the place -1."""
    there = [not is_missing(value) for value in values]
    if not all(there):
        moved = np.where(there, np.cumsum(there) - 1, -1)
        places = np.append(moved, -1)[places]
        values = [
            value for value, is_there in zip(values, there, strict=True) if is_there
        ]
    return Distinct(values, places, {*classes, *map(type, values)})


def _of_categories(categories: Any, codes: Any) -> Distinct:
    """The values of categories of pandas; the code -1 is a missing one.

    Categories of other kinds than text and numbers, such as intervals, go by their text.
    """
    plain = categories.inferred_type in PLAIN or all(
        isinstance(one, str | bytes | Number) for one in categories.tolist()
    )
    n = len(categories)
    used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=n))
    moved = np.full(n + 1, -1)
    moved[used] = np.arange(len(used))
    values = categories.take(used).tolist()
    values = values if plain else [str(one) for one in values]
    return Distinct(values, moved[codes], set(map(type, values)))
