"""The task of a table: its target, and the columns that a model can train on."""

import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..common.values import all_numbers
from ..tabular.columns import NUMBERS, kind_of_type, objects
from .io import optional
from .text import UserError, counted, quoted

CLASSIFICATION, REGRESSION = "classification", "regression"
NUMBER, TEXT, DATE, OTHER = "number", "text", "date", "other"
ISO_DATE = r"\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?"
MAX_INTEGER_CLASSES, ROWS_PER_CLASS = 20, 5
"""Integers are classes if they have few values, and enough rows for each on average."""

MIN_ROWS, MANY_VALUES, MIN_ROWS_OF_IDS = 20, 50, 100


@dataclass
class Task:
    """The target and the columns to predict it from, with notes for the user."""

    kind: str
    X: Any
    y: Any
    target: str
    columns: dict[str, str]
    notes: list[str] = field(default_factory=list)


def infer_task(frame: Any, target: str, kind_of_task: str, drop: list[str]) -> Task:
    """The task of a table: what to predict, and the columns to predict it from."""
    for name in [target, *drop]:
        check_name(frame, name)
    if target in drop:
        raise UserError(f"Column {target!r} is the target and cannot be dropped.")
    known = frame[target].notna().to_numpy()
    if not known.any():
        raise UserError(f"Column {target!r}, the target, has no values.")
    if known.sum() < MIN_ROWS:
        raise UserError(
            f"At least {MIN_ROWS} rows with a {target} are needed. Got {known.sum()}."
        )
    y, kind, why = make_target(frame[target][known], kind_of_task)
    notes = [f"{target}: {kind}, {why}"]
    if not known.all():
        notes.append(f"dropped, {target} is missing: {counted((~known).sum(), 'row')}")
    features = frame.drop(columns=[target, *drop])
    kinds = kinds_of(features)
    X = as_kinds(features, kinds)
    useless, hints = inspect_columns(X, kinds)
    notes += hints
    X = X.drop(columns=useless)[known].reset_index(drop=True)
    if X.shape[1] == 0:
        why = f" ({'; '.join(hints)})" if hints else ""
        raise UserError(f"No column is left to train on{why}.")
    columns = {name: kinds[name] for name in X.columns}
    return Task(kind, X, y, target, columns, notes)


def text_columns(columns: dict[str, str]) -> list[str]:
    """The names of the text columns, from {name: kind}."""
    return [name for name, kind in columns.items() if kind == TEXT]


def check_name(frame: Any, name: str) -> None:
    """Raise UserError if the table has no such column."""
    if name in frame.columns:
        return
    folded = {one.lower(): one for one in frame.columns}
    near = [folded[one] for one in get_close_matches(name.lower(), folded)]
    hint = (
        f"Do you mean {quoted(near)}?" if near else f"It has {quoted(frame.columns)}."
    )
    raise UserError(f"The table has no column {name!r}. {hint}")


def make_target(series: Any, kind_of_task: str) -> tuple[Any, str, str]:
    """The target as an array, the kind of task, and the reason for it."""
    name, kind = series.name, kind_of(series)
    if kind in (DATE, OTHER):
        raise UserError(
            f"Column {name!r}, the target, must hold numbers or classes. "
            f"Got {'dates' if kind == DATE else 'other values'}."
        )
    values = as_kind(series, kind)
    if kind == NUMBER and not np.isfinite(values).all():
        raise UserError(f"Column {name!r}, the target, has infinite values.")
    distinct = len(set(values))
    if distinct == 1:
        raise UserError(
            f"Column {name!r}, the target, has the same value in every row: "
            f"{series.iloc[0]!s}."
        )
    if kind_of_task == "auto":
        kind_of_task, why = infer_kind(kind, series, distinct)
    else:
        why = "as --task says"
    if kind_of_task == REGRESSION:
        if kind == TEXT:
            raise UserError(
                f"Column {name!r}, the target, must hold numbers for a regression. "
                f"Got text such as {values[0]!r}."
            )
        return values, REGRESSION, why
    y = as_labels(series, kind, values)
    classes, counts = np.unique(y, return_counts=True)
    if counts.min() < 2:
        raise UserError(
            f"Column {name!r}, the target, has classes with a single row, "
            f"{quoted(classes[counts == 1])}; merge or remove them"
            + ("." if kind == TEXT else ", or set --task regression.")
        )
    return y, CLASSIFICATION, why


def infer_kind(kind: str, series: Any, distinct: int) -> tuple[str, str]:
    """The kind of task inferred from a target, and the reason."""
    if kind == TEXT:
        return CLASSIFICATION, f"because it is text with {distinct} different values"
    if is_boolean(series):
        return CLASSIFICATION, "because it is boolean"
    if (series.astype(float) % 1 != 0).any():
        return (
            REGRESSION,
            f"because it has {distinct} different numbers, not all integers",
        )
    if distinct <= min(MAX_INTEGER_CLASSES, len(series) / ROWS_PER_CLASS):
        return (
            CLASSIFICATION,
            f"because it has only {distinct} different integers (or set --task regression)",
        )
    return (
        REGRESSION,
        f"because it has {distinct} different integers (or set --task classification)",
    )


def is_boolean(series: Any) -> bool:
    """Whether all values are booleans, whatever the dtype."""
    return series.dtype.kind == "b" or all(
        isinstance(value, bool | np.bool_) for value in series
    )


def as_labels(series: Any, kind: str, values: Any) -> Any:
    """Class labels as booleans, integers or text."""
    if kind == TEXT:
        # NumPy ignores this character at the end of a text, and no CSV file may have it.
        bad = next((value for value in values if "\0" in value), None)
        if bad is not None:
            raise UserError(
                f"Column {series.name!r}, the target, has the character NUL in {bad!r}; "
                "remove it."
            )
        return values.astype(str)
    if is_boolean(series):
        return values.astype(bool)
    if (values % 1 == 0).all():
        return values.astype(np.int64)
    return values.astype(str)


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


def kind_of(series: Any) -> str:
    """NUMBER, TEXT, DATE or OTHER."""
    if kind_of_type(series) == NUMBERS:
        return NUMBER
    if series.dtype.kind == "M":
        return DATE
    if str(series.dtype) == "category":
        return TEXT
    seen = series.dropna()
    if all_numbers(seen):
        return NUMBER
    if all(isinstance(value, date) for value in seen):
        return DATE
    if not all_numbers(value for value in seen if not isinstance(value, str)):
        return OTHER
    words = seen.astype(str)
    is_date = words.str.fullmatch(ISO_DATE).all() and days(words).notna().all()
    return DATE if is_date else TEXT


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
    """Numbers, booleans and days as float64, text as objects; NaN or None if missing."""
    if kind == TEXT:
        values = [None if value is None else str(value) for value in objects(series)]
        return np.array(values, dtype=object)
    if kind == DATE:
        found = days(series)
        bad = series[found.isna().to_numpy() & series.notna().to_numpy()]
        if len(bad):
            raise UserError(
                f"Column {series.name!r} must hold dates as in training, such as "
                f"2024-12-31. Got {bad.tolist()[0]!r}."
            )
        return found.to_numpy(float)
    # NumPy would convert dates and times to numbers.
    if series.dtype.kind not in "mM":
        with suppress(TypeError, ValueError):
            return series.to_numpy(dtype=float, na_value=np.nan)
    others = (value for value in series.dropna() if not all_numbers([value]))
    other = next(others, series.dtype)
    raise UserError(
        f"Column {series.name!r} must hold numbers as in training. Got {other!r}."
    )


def days(series: Any) -> Any:
    """Dates as days since 1970-01-01, NaN for other values."""
    pandas = optional("pandas")
    if series.dtype.kind == "M":
        dates = pandas.to_datetime(series, utc=True)
    else:
        values = series.astype(object)
        dates = pandas.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    # In seconds, because nanoseconds end in the year 2262.
    start = pandas.Timestamp(0, tz="UTC").as_unit("s")
    return (dates - start) / pandas.Timedelta(days=1).as_unit("s")


def inspect_columns(X: Any, kinds: dict[str, str]) -> tuple[list[str], list[str]]:
    """Columns without information, and notes on them and on suspicious columns."""
    reasons = {name: reason_to_drop(X[name], kinds[name]) for name in X.columns}
    useless = {name: reason for name, reason in reasons.items() if reason}
    notes = []
    for reason in sorted(set(useless.values())):
        names = [name for name in useless if useless[name] == reason]
        notes.append(f"dropped, {reason}: {quoted(names)}")
    used = [name for name in X.columns if name not in useless]
    dates = [name for name in used if kinds[name] == DATE]
    if dates:
        notes.append(f"dates, converted to days since 1970-01-01: {quoted(dates)}")
    rare = [name for name in used if kinds[name] == TEXT and has_rare_values(X[name])]
    if rare:
        notes.append(f"text with many different values, few rows each: {quoted(rare)}")
    ids = [name for name in used if kinds[name] == NUMBER and looks_like_ids(X[name])]
    if ids:
        notes.append(
            f"a different integer in each row, perhaps an identifier: {quoted(ids)} "
            f"(if so, --drop {shlex.join(ids)})"
        )
    return list(useless), notes


def reason_to_drop(column: Any, kind: str) -> str:
    """Why a column has no information, '' if it may have some."""
    seen = column.dropna()
    distinct = seen.nunique()
    if distinct == 0:
        return "empty"
    if distinct == 1 and len(seen) == len(column):
        return "constant"
    if kind == TEXT:
        return "different text in each row" if distinct == len(seen) > 2 else ""
    if kind == NUMBER and len(seen) == len(column) and (np.diff(seen) == 1).all():
        return "row number"
    return ""


def looks_like_ids(column: Any) -> bool:
    """Whether a column of numbers may identify the rows."""
    return bool(
        len(column) >= MIN_ROWS_OF_IDS
        and (column % 1 == 0).all()
        and column.nunique() == len(column)
    )


def has_rare_values(column: Any) -> bool:
    """Whether text has many values with few rows each, such as names do."""
    return bool(column.nunique() > max(MANY_VALUES, len(column) / ROWS_PER_CLASS))
