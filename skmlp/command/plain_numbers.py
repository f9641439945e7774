"""Columns of plain numbers, which pyarrow reads many times faster than a pattern does.

Plain numbers have no unit, no separator of thousands, and do not begin with zeros.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from .io import optional
from .number_texts import Numbers
from .text import UserError

N_SAMPLED = 100
POINT, PLUS, MINUS, ZERO = b".+-0"


class Plain(NamedTuple):
    """The rows of a column without a number, and a reading for each decimal mark."""

    missing: Any
    readings: dict[str, Numbers]


def plain_numbers(series: Any, words: Iterable[str], marks: str) -> Plain | None:
    """The numbers of a column of texts; None where the patterns might read others.

    Parameters
    ----------
    series : pandas.Series
        Of texts.
    words : iterable of str
        The texts that mean a missing value.
    marks : str
        The decimal marks to try.
    """
    try:
        arrow = optional("pyarrow")
        compute = optional("pyarrow.compute")
        texts = arrow.array(series, arrow.large_string(), from_pandas=True)
    except (UserError, TypeError, ValueError):
        return None
    if isinstance(texts, arrow.ChunkedArray):
        texts = texts.combine_chunks()
    none = arrow.array([None, *words], arrow.large_string())
    missing = compute.is_in(texts, none).to_numpy(zero_copy_only=False)
    known = texts.filter(arrow.array(~missing)) if missing.any() else texts
    readings = readings_of(known, marks) if len(known) else {}
    return Plain(missing, readings) if readings else None


def readings_of(texts: Any, marks: str) -> dict[str, Numbers]:
    """The readings of an array of texts; none if it is not sure."""
    values = cast(texts, "int64")
    if values is not None:
        return {} if has_codes(texts) else same(marks, values)
    compute = optional("pyarrow.compute")
    for mark in marks:
        if mark != "." and POINT in bytes_of(texts)[0]:
            continue
        points = texts if mark == "." else compute.replace_substring(texts, mark, ".")
        values = cast(points, "float64")
        if values is not None:
            # Whole numbers may be integers beyond int64.
            sure = np.isfinite(values).all() and (values != np.rint(values)).any()
            example = decimal_in(texts, mark) if sure and not has_codes(points) else ""
            return same(mark, values, example) if example else {}
    return {}


def same(marks: str, values: Any, example: str = "") -> dict[str, Numbers]:
    """The same values for each decimal mark."""
    n = len(values)
    return {mark: Numbers(mark, n, values=values, example=example) for mark in marks}


def cast(texts: Any, dtype: str) -> Any:
    """The numbers that all texts are; None if one of them is none."""
    try:
        # A conversion that fails is slow.
        texts[:N_SAMPLED].cast(dtype)
        return texts.cast(dtype).to_numpy()
    except ValueError:
        return None


def bytes_of(texts: Any) -> tuple[Any, Any]:
    """The bytes of all texts, and where each text begins and the last one ends."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1]
    return np.frombuffer(data, np.uint8)[: places[-1]], places


def has_codes(numbers: Any) -> bool:
    """Whether one of the numbers begins with 0, and no point follows."""
    data, places = bytes_of(numbers)
    first = data[places[:-1]]
    starts = places[:-1] + ((first == MINUS) | (first == PLUS))
    longer = starts[(data[starts] == ZERO) & (starts + 1 < places[1:])]
    return bool((data[longer + 1] != POINT).any())


def decimal_in(texts: Any, mark: str) -> str:
    """A number whose mark cannot separate thousands; '' if there is none."""
    compute = optional("pyarrow.compute")
    form = rf"^[-+]?[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}$"
    for part in (texts[:N_SAMPLED], texts):
        has_mark = compute.match_substring(part, mark)
        shows_it = compute.and_not(has_mark, compute.match_substring_regex(part, form))
        first = compute.index(shows_it, True).as_py()
        if first >= 0:
            return str(part[first])
    return ""
