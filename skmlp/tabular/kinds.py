"""The kinds of columns: those that the user gives, and those that the encoder takes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .codes import MOST, Coded
from .column_encoders import ColumnEncoder, Labelled
from .columns import LABELS, NUMBERS, Column, place_of, places_of
from .dates import Dated

NUMBER, CATEGORY, CODE = "number", "category", "code"
KINDS = (NUMBER, CATEGORY, CODE)
"""The kinds that `column_kinds` can give."""

OF_DATES = {"dates": "date", "durations": "duration", "times of day": "time of day"}


class ColumnKind(NamedTuple):
    """What a column was taken as, and why."""

    kind: str
    reason: str


def given_kinds(column_kinds: Mapping[Any, str] | None, names: Sequence[Any]) -> Any:
    """The given kind of each column; None where it is for the encoder to decide."""
    kinds: list[str | None] = [None] * len(names)
    places = places_of(names)
    for name, kind in (column_kinds or {}).items():
        kinds[place_of(name, places, "column_kinds")] = kind
    return kinds


def kind_of_encoder(one: ColumnEncoder) -> str:
    if isinstance(one, Dated):
        return OF_DATES[one.kind]
    if isinstance(one, Coded):
        return CODE
    return CATEGORY if isinstance(one, Labelled) else NUMBER


def check_kind(column: Column, kind: str | None) -> None:
    """Raise ValueError if a column does not hold what its given kind needs."""
    if kind in (NUMBER, CODE) and column.kind != NUMBERS:
        raise ValueError(
            f"column_kinds can be {kind!r} for columns of numbers only. Got "
            f"{column.name!r}, which holds {column.held}."
        )


def reason_of(column: Column, one: ColumnEncoder, given: str | None, listed: bool) -> str:
    """Why a column was taken as what it is."""
    if given:
        return "column_kinds says so"
    if listed:
        return "categorical_features says so"
    if isinstance(one, Coded):
        n = len(one.label.labels)
        return f"{n} integers, each with its own mean of y"
    if column.kind == NUMBERS:
        return _reason_of_numbers(column)
    return "text or categories" if column.kind == LABELS else column.kind


def _reason_of_numbers(column: Column) -> str:
    x = column.values[~np.isnan(column.values)]
    if not len(x):
        return "no values"
    if not (x == np.floor(x)).all():
        return "numbers"
    n = len(np.unique(x))
    if MOST < n <= len(x) / 2:
        return (
            f"{n} different integers; if they are codes, list the column in "
            "categorical_features"
        )
    return "integers"
