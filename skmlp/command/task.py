"""The task of a table: its target, and the columns that a model can train on."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..common.values import all_numbers
from ..tabular.texts import are_texts
from .choices import CLASSIFICATION, REGRESSION
from .dates import DATE, DATED, DURATION, EXAMPLES, TIME, why_no_dates
from .kinds import (
    EXACT,
    LABEL,
    NUMBER,
    TEXT,
    as_kind,
    as_kinds,
    kind_of,
    kinds_of,
    merges,
    what_is,
)
from .number_texts import as_integers
from .numbers import fault_of
from .text import UserError, counted, quoted

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


def infer_task(
    frame: Any,
    target: str,
    kind_of_task: str,
    drop: Sequence[str] = (),
    categorical: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> Task:
    """The task of a table: what to predict, and the columns to predict it from.

    The index of the frame has the numbers of the rows.
    """
    check_names(frame, target, drop, categorical)
    known = frame[target].notna().to_numpy()
    check_known(target, known)
    y, kind, why = make_target(frame[target][known], kind_of_task)
    notes = [f"{target}: {kind}, {why}"]
    if kind == CLASSIFICATION:
        notes += notes_on_classes(y)
    if not known.all():
        notes.append(f"dropped, {target} is missing: {counted((~known).sum(), 'row')}")
    features = frame.drop(columns=[target, *drop])
    kinds = kinds_of(features)
    check_categorical(kinds, categorical)
    for name in categorical:
        kinds[name] = LABEL if kinds[name] == NUMBER else TEXT
    check_numbers(features, kinds, numbers)
    kinds.update(dict.fromkeys(numbers, NUMBER))
    codes = [
        name
        for name in features
        if kinds[name] == NUMBER and name not in numbers and merges(features[name])
    ]
    if codes:
        kinds.update(dict.fromkeys(codes, LABEL))
        why = "integers that double precision cannot tell apart, used as text"
        notes.append(f"{why}: {quoted(codes)}")
    X = as_kinds(features, kinds)
    useless, hints = inspect_columns(X, kinds)
    notes += hints
    X = X.drop(columns=useless)[known]
    if X.shape[1] == 0:
        why = f" ({'; '.join(hints)})" if hints else ""
        raise UserError(f"No column is left to train on{why}.")
    columns = {name: kinds[name] for name in X.columns}
    return Task(kind, X, y, target, columns, notes)


def check_names(
    frame: Any, target: str, drop: Sequence[str], categorical: Sequence[str]
) -> None:
    """Raise UserError unless the options name columns that fit together."""
    for name in [target, *drop, *categorical]:
        check_name(frame, name)
    if target in drop:
        raise UserError(f"Column {target!r} is the target and cannot be dropped.")
    for name in categorical:
        if name in (target, *drop):
            use = "is the target" if name == target else "is dropped"
            raise UserError(f"--categorical: column {name!r} {use}.")


def check_known(target: str, known: Any) -> None:
    """Raise UserError unless enough rows have a target."""
    if not known.any():
        raise UserError(f"Column {target!r}, the target, has no values.")
    if known.sum() < MIN_ROWS:
        raise UserError(
            f"At least {MIN_ROWS} rows with a {target} are needed. Got {known.sum()}."
        )


def check_categorical(kinds: dict[str, str], categorical: Sequence[str]) -> None:
    """Raise UserError unless columns named as categorical hold numbers or text."""
    for name in categorical:
        if kinds[name] not in (NUMBER, TEXT):
            raise UserError(
                f"--categorical: column {name!r} must hold numbers or text. Got "
                f"{what_is(kinds[name])}."
            )


def check_numbers(frame: Any, kinds: dict[str, str], numbers: Sequence[str]) -> None:
    """Raise UserError unless columns named as numbers hold numbers alone."""
    for name in numbers:
        seen = frame[name].dropna()
        if kinds[name] == NUMBER or (kinds[name] == TEXT and all_numbers(seen)):
            continue
        why = f". Got {what_is(kinds[name])}, such as {quoted(seen[:3])}"
        if kinds[name] == TEXT:
            why = f": {fault_of(frame[name].astype(object))[0]}"
        raise UserError(f"--numbers: column {name!r} must hold numbers{why}.")


def text_columns(columns: dict[str, str]) -> list[str]:
    """The names of the text columns, from {name: kind}."""
    return [name for name, kind in columns.items() if kind in (TEXT, LABEL)]


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
        raise UserError(one_row_each(series, y))
    return y, CLASSIFICATION, why


def one_row_each(series: Any, y: Any) -> str:
    """Why a target with a different label in each row is none."""
    name, such = f"Column {series.name!r}, the target,", f"such as {quoted(y[:3])}"
    is_text = kind_of(series) == TEXT
    if is_text and series.astype(str).str.contains("^[-+]?[0-9]").mean() >= 0.5:
        return (
            f"{name} has numbers with other text, {such}, and each one in one row; write "
            "the numbers alone."
        )
    hint = "" if is_text else " Or set --task regression."
    return f"{name} has classes with one row each, {such}; is it an identifier?{hint}"


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
    rare = [
        name
        for name in used
        if kinds[name] in (TEXT, LABEL) and has_rare_values(X[name])
    ]
    if rare:
        notes.append(f"text with many different values, few rows each: {quoted(rare)}")
    ids = [name for name in used if kinds[name] == NUMBER and looks_like_ids(X[name])]
    if ids:
        notes.append(
            f"warning: a different integer in each row, perhaps an identifier: "
            f"{quoted(ids)} (if so, --id {shlex.join(ids)})"
        )
    return list(useless), notes


def notes_on_dates(X: Any, kinds: dict[str, str], used: list[str]) -> list[str]:
    """What is read as dates and times of day, and what looks like it but is text."""
    notes = []
    for kind in DATED:
        names = [name for name in used if kinds[name] == kind]
        form = "" if kind in (DATE, TIME, DURATION) else f" such as {EXAMPLES[kind]}"
        if names:
            notes.append(f"read as {what_is(kind)}{form}: {quoted(names)}")
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
    if kind in (TEXT, LABEL) and distinct == len(seen) > 2:
        texts = are_texts(list(seen), len(seen))
        return "" if texts else "different text in each row"
    if kind == NUMBER and len(seen) == len(column) and counts_rows(column):
        return "row number" if seen.iloc[0] % 1 == 0 else ""
    return ""


def counts_rows(column: Any) -> bool:
    """Whether numbers increase by 1 from row to row; the index has the rows."""
    return bool((np.diff(column) == np.diff(column.index)).all())


def looks_like_ids(column: Any) -> bool:
    """Whether a column of numbers may identify the rows."""
    return bool(
        len(column) >= MIN_ROWS_OF_IDS
        and (column % 1 == 0).all()
        # Larger floats have no fractions.
        and (column.abs() < EXACT).all()
        and column.nunique() == len(column)
    )


def has_rare_values(column: Any) -> bool:
    """Whether text has many values with few rows each, such as names do."""
    return bool(column.nunique() > max(MANY_VALUES, len(column) / ROWS_PER_CLASS))
