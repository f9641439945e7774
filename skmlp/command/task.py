"""The task of a table: its target, and the columns that a model can train on."""

import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..common.values import all_numbers
from ..tabular.columns import NUMBERS, kind_of_type, objects
from .choices import CLASSIFICATION, REGRESSION
from .dates import (
    DATE,
    EXAMPLES,
    TIME,
    as_numbers,
    kind_of_objects,
    kinds_of_dates,
    why_no_dates,
)
from .io import optional
from .number_texts import as_integers
from .numbers import fault_of
from .text import UserError, counted, quoted

NUMBER, TEXT, OTHER = "number", "text", "other"
MAX_INTEGER_CLASSES, ROWS_PER_CLASS = 20, 5
"""Integers are classes if they have few values, and enough rows for each on average."""

EXACT = 2.0**53
"""Double precision has all integers up to this one."""

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
    if kind == CLASSIFICATION:
        notes += notes_on_classes(y)
    if not known.all():
        notes.append(f"dropped, {target} is missing: {counted((~known).sum(), 'row')}")
    features = frame.drop(columns=[target, *drop])
    kinds = kinds_of(features)
    codes = [
        name for name in features if kinds[name] == NUMBER and merges(features[name])
    ]
    if codes:
        kinds.update(dict.fromkeys(codes, TEXT))
        why = "integers that double precision cannot tell apart, used as text"
        notes.append(f"{why}: {quoted(codes)}")
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
    if kind not in (NUMBER, TEXT):
        raise UserError(
            f"Column {name!r}, the target, must hold numbers or classes. Got "
            f"{what_is(kind)}, such as {series.iloc[0]!s}; make numbers of them."
        )
    values = as_kind(series, kind)
    if kind == NUMBER and not np.isfinite(values).all():
        raise UserError(f"Column {name!r}, the target, has infinite values.")
    distinct = len(set(values)) if kind == TEXT else series.nunique()
    if distinct == 1:
        raise UserError(
            f"Column {name!r}, the target, has the same value in every row: "
            f"{series.iloc[0]!s}."
        )
    if kind == TEXT and kind_of_task != CLASSIFICATION:
        check_text(series, distinct, kind_of_task)
    if kind_of_task == "auto":
        kind_of_task, why = infer_kind(kind, series, distinct)
    else:
        why = "as --task says"
    if kind_of_task == REGRESSION:
        if (values == values[0]).all():
            raise UserError(
                f"Column {name!r}, the target, has values that differ less than double "
                f"precision can tell, such as {series.iloc[0]!s}; set --task "
                "classification or subtract a constant."
            )
        return values, REGRESSION, why
    y = as_labels(series, kind, values)
    if distinct == len(y):
        raise UserError(
            f"Column {name!r}, the target, has classes with one row each, such as "
            f"{quoted(y[:3])}; is it an identifier?"
            + ("" if kind == TEXT else " Or set --task regression.")
        )
    return y, CLASSIFICATION, why


def notes_on_classes(y: Any) -> list[str]:
    """A note on classes that cannot be judged."""
    classes, counts = np.unique(y, return_counts=True)
    alone = classes[counts == 1]
    if not len(alone):
        return []
    return [
        f"classes with one row, which is a training row, so they cannot be judged: "
        f"{quoted(alone)}; merge them with other classes, or remove their rows"
    ]


def check_text(series: Any, distinct: int, kind_of_task: str) -> None:
    """Raise UserError if the texts of a target should be numbers, but some are none."""
    why, mostly_numbers = fault_of(series)
    name = f"Column {series.name!r}, the target,"
    if kind_of_task == REGRESSION:
        raise UserError(f"{name} must hold numbers for a regression: {why}.")
    if mostly_numbers and not are_few(distinct, len(series)):
        raise UserError(
            f"{name} has numbers as text: {why}. If they are classes, set --task "
            "classification."
        )


def are_few(distinct: int, n: int) -> bool:
    """Whether there are so few different integers that they are classes."""
    return distinct <= min(MAX_INTEGER_CLASSES, n / ROWS_PER_CLASS)


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
    if are_few(distinct, len(series)):
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
    if (values % 1 != 0).any():
        return values.astype(str)
    if (np.abs(values) < EXACT).all():
        return values.astype(np.int64)
    exact = as_integers([int(value) for value in series])
    # Integers that no type has; str writes large floats with an exponent.
    return np.array([*map(str, series)]) if exact is None else exact


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
    """NUMBER, TEXT, TIME, one of the kinds of dates, or OTHER."""
    if kind_of_type(series) == NUMBERS:
        return NUMBER
    if series.dtype.kind == "M" or str(series.dtype).startswith("period"):
        return DATE
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
        TIME: "times of day",
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
    """Numbers, booleans and days as float64, text as objects; NaN or None if missing."""
    if kind == TEXT:
        return np.array([*map(as_text, objects(series))], dtype=object)
    if kind in EXAMPLES:
        found = as_numbers(series, kind)
        bad = series[np.isnan(found) & series.notna().to_numpy()]
        if len(bad):
            raise UserError(
                f"Column {series.name!r} must hold {what_is(kind)} as in training, such "
                f"as {EXAMPLES[kind]}. Got {bad.iloc[0]!r} ({counted(len(bad), 'row')})."
            )
        return found
    must = f"Column {series.name!r} must hold numbers as in training"
    if series.dtype.kind in "mM":
        raise UserError(f"{must}. Got {next(iter(series.dropna()), series.dtype)!r}.")
    # NumPy would convert texts such as '007' to numbers.
    if kind_of_type(series) == NUMBERS or all_numbers(series.dropna()):
        with suppress(TypeError, ValueError):
            return series.to_numpy(dtype=float, na_value=np.nan)
    raise UserError(f"{must}: {fault_of(series)[0]}.")


def as_text(value: Any) -> str | None:
    """A label as text; whole numbers without a decimal point, whatever their type."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def inspect_columns(X: Any, kinds: dict[str, str]) -> tuple[list[str], list[str]]:
    """Columns without information, and notes on them and on suspicious columns."""
    reasons = {name: reason_to_drop(X[name], kinds[name]) for name in X.columns}
    useless = {name: reason for name, reason in reasons.items() if reason}
    notes = []
    for reason in sorted(set(useless.values())):
        names = [name for name in useless if useless[name] == reason]
        notes.append(f"dropped, {reason}: {quoted(names)}")
    used = [name for name in X.columns if name not in useless]
    notes += notes_on_dates(X, kinds, used)
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


def notes_on_dates(X: Any, kinds: dict[str, str], used: list[str]) -> list[str]:
    """What is read as dates and times of day, and what looks like it but is text."""
    notes = []
    for kind in EXAMPLES:
        names = [name for name in used if kinds[name] == kind]
        form = "" if kind in (DATE, TIME) else f" as {EXAMPLES[kind]}"
        unit = "seconds since midnight" if kind == TIME else "days since 1970-01-01"
        if names:
            notes.append(f"{what_is(kind)}{form}, converted to {unit}: {quoted(names)}")
    for name in (name for name, kind in kinds.items() if kind == TEXT):
        why = why_no_dates(X[name].dropna().drop_duplicates())
        if why:
            notes.append(
                f"looks like dates, used as text: {name!r} ({why}; write dates as "
                f"{EXAMPLES[DATE]})"
            )
    return notes


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
        return "row number" if seen.iloc[0] % 1 == 0 else ""
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
