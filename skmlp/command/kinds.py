"""The kinds of columns: numbers, text, dates, times of day; columns of these kinds."""

import shlex
from contextlib import suppress
from typing import Any

import numpy as np

from ..common.missing import BOOLEANS
from ..common.values import all_numbers
from ..tabular.columns import NUMBERS, kind_of_type, objects
from .dates import (
    DATE,
    DATED,
    DURATION,
    EXAMPLES,
    TIME,
    as_dates,
    as_numbers,
    kind_of_objects,
    kinds_of_dates,
)
from .io import optional
from .numbers import fault_of
from .text import UserError, counted, quoted

NUMBER, TEXT, LABEL, OTHER = "number", "text", "label", "other"
"""A label is a number that is used as text."""

EXACT = 2.0**53
"""Double precision has all integers up to this one."""


def kinds_of(frame: Any) -> dict[str, str]:
    """The kind of each column; UserError if a column cannot be used."""
    kinds = {name: kind_of(frame[name]) for name in frame.columns}
    others = [name for name, kind in kinds.items() if kind == OTHER]
    if others:
        raise UserError(
            "Columns must hold numbers, text, booleans or dates. "
            f"{quoted(others)} hold other values; drop them with "
            f"--drop {shlex.join(others)}"
        )
    return kinds


def merges(series: Any) -> bool:
    """Whether different integers of a column are the same in double precision."""
    if series.dtype.kind not in "iu" or not (series.abs() > EXACT).any():
        return False
    return bool(series.nunique() > series.astype(float).nunique())


def kind_of(series: Any) -> str:
    """NUMBER, TEXT, TIME, DURATION, one of the kinds of dates, or OTHER."""
    if kind_of_type(series) == NUMBERS:
        return NUMBER
    if series.dtype.kind == "M" or str(series.dtype).startswith("period"):
        return DATE
    if series.dtype.kind == "m":
        return DURATION
    if str(series.dtype) == "category":
        return TEXT
    seen = series.dropna()
    if all_numbers(seen):
        return NUMBER
    kind = kind_of_objects(seen)
    if kind is not None:
        return kind
    if not all_numbers(value for value in seen if not isinstance(value, str)):
        return OTHER
    kinds = kinds_of_dates(seen.astype(str).drop_duplicates())
    return kinds[0] if len(kinds) == 1 else TEXT


def what_is(kind: str) -> str:
    """The values of a kind in words."""
    known = {
        NUMBER: "numbers",
        TEXT: "text",
        LABEL: "numbers used as text",
        TIME: "times of day",
        DURATION: "durations",
        OTHER: "other values",
    }
    return known.get(kind, "dates")


def as_kinds(frame: Any, kinds: dict[str, str]) -> Any:
    """A frame of these columns, each converted to its kind."""
    columns = {name: as_kind(frame[name], kind) for name, kind in kinds.items()}
    for name, values in columns.items():
        if values.dtype == float and np.isinf(values).any():
            raise UserError(
                f"Column {name!r} has infinite values; replace them by numbers or "
                "missing values."
            )
    pandas = optional("pandas")
    # Without a dtype pandas 3 converts columns of objects to its own text type.
    series = {
        name: pandas.Series(values, index=frame.index, dtype=values.dtype)
        for name, values in columns.items()
    }
    return pandas.DataFrame(series, index=frame.index)


def as_kind(series: Any, kind: str) -> Any:
    """A column converted to its kind.

    Numbers and booleans become float64, text objects, dates datetime64, durations
    timedelta64, and times of day those of Python. Missing values are NaN, NaT or None.
    """
    if kind in (TEXT, LABEL):
        change = as_text if kind == TEXT else as_label
        return np.array([*map(change, objects(series))], dtype=object)
    if kind in DATED:
        found = as_numbers(series, kind)
        bad = series[np.isnan(found) & series.notna().to_numpy()]
        if len(bad):
            such = "" if kind == DURATION else f", such as {EXAMPLES[kind]}"
            raise UserError(
                f"Column {series.name!r} must hold {what_is(kind)} as in training{such}. "
                f"Got {bad.iloc[0]!r} ({counted(len(bad), 'row')})."
            )
        return as_dates(series, found, kind)
    must = f"Column {series.name!r} must hold numbers as in training"
    if series.dtype.kind in "mM":
        raise UserError(f"{must}. Got {next(iter(series.dropna()), series.dtype)!r}.")
    # NumPy would convert texts such as '007' to numbers.
    if kind_of_type(series) == NUMBERS or all_numbers(series.dropna()):
        with suppress(TypeError, ValueError):
            return series.to_numpy(dtype=float, na_value=np.nan)
    raise UserError(f"{must}: {fault_of(series)[0]}.")


def as_label(value: Any) -> str | None:
    """A number or a boolean as text, also one that a text writes in another way."""
    if isinstance(value, str):
        text = value.strip()
        if text in BOOLEANS:
            return str(BOOLEANS[text])
        for number in (int, float):
            with suppress(ValueError):
                return as_text(number(text))
    return as_text(value)


def as_text(value: Any) -> str | None:
    """A label as text; whole numbers without a decimal point, whatever their type."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)
