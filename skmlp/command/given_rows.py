"""Rows that programs give, as columns of the kinds that a model has.

A value is read as the command reads it in a table. What cannot be read is a fault of its
row alone.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from ..common.frames import as_frame, is_frame, names_of, series_of
from ..common.missing import BOOLEANS, MISSING
from ..common.values import is_missing
from ..tabular.columns import objects
from .dates import DATED, DURATION, EXAMPLES, as_numbers
from .io import optional
from .kinds import LABEL, NUMBER, as_label, as_text, what_is
from .number_texts import number_in
from .text import MAX_NAME, counted, quoted

NOT_A_ROW = "a row must be an object with a value for each column"
MOST_SHOWN = 5
"""The bad rows that a summary names."""

MOST_SECONDS = 9e12
"""Those of the longest durations; dates have fewer days."""

APOSTROPHE = "'"
"""What may stand between thousands of a number in a text: it is no decimal mark."""


class BadJSONError(ValueError):
    """A text that is no JSON."""


@dataclass
class GivenRows:
    """Rows by column: lists, or arrays of plain numbers, with None or NaN where missing.

    `faults` has for each row what is wrong with it, `notes` what else to know of it. Rows
    in `unusable` are no rows at all.
    """

    columns: dict[str, Any]
    n_rows: int
    ids: dict[str, list[Any]] = field(default_factory=dict)
    faults: dict[int, list[str]] = field(default_factory=dict)
    notes: dict[int, list[str]] = field(default_factory=dict)
    unusable: set[int] = field(default_factory=set)

    def fault(self, row: int, text: str) -> None:
        """Add what is wrong with a row."""
        self.faults.setdefault(row, []).append(text)

    def note(self, row: int, text: str) -> None:
        """Add what to know of a row."""
        self.notes.setdefault(row, []).append(text)

    def summary(self) -> str:
        """The first bad rows, and how many there are."""
        first = sorted(self.faults)[:MOST_SHOWN]
        texts = [f"row {i}: {'; '.join(self.faults[i])}" for i in first]
        n = len(self.faults) - len(first)
        more = f", and {counted(n, 'more bad row')}" if n else ""
        return ". ".join(texts) + more + "."

    def take(self, rows: Sequence[int]) -> dict[str, Any]:
        """The columns with these rows alone."""
        if len(rows) == self.n_rows:
            return self.columns
        return {
            name: values[list(rows)]
            if isinstance(values, np.ndarray)
            else [values[i] for i in rows]
            for name, values in self.columns.items()
        }


def rows_in(given: Any) -> Iterable[Any]:
    """The rows of what a program gives: a row, several, or JSON with one or several.

    Raises TypeError if these are no rows, and BadJSONError.
    """
    if isinstance(given, str | bytes | bytearray):
        given = parsed(given)
        if isinstance(given, str):
            raise TypeError("rows must be objects. Got JSON with a text.")
    if isinstance(given, Mapping | NotARow):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(
            "rows must be a frame, a dict, JSON, or an iterable of dicts or JSON. Got "
            f"{type(given).__name__}."
        )
    return given


@dataclass(frozen=True)
class NotARow:
    """What stands in the place of a row, and why it is none."""

    why: str


def parsed(text: str | bytes | bytearray) -> Any:
    """The content of JSON; raises BadJSONError. An object with a key twice is no row."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise BadJSONError(f"this is not JSON ({error})") from None


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    twice = [name for name, n in counts.items() if n > 1]
    return NotARow(f"the row has two values for {quoted(twice)}")


class RowReader:
    """Reads rows for a model with these columns and ids.

    `labels` are those of columns that have a list of them. Numbers in texts have the
    decimal mark `decimal`.
    """

    def __init__(
        self,
        columns: Mapping[str, str],
        ids: Sequence[str],
        labels: Mapping[str, frozenset[Any]],
        decimal: str,
    ):
        self.columns, self.ids, self.labels = dict(columns), tuple(ids), labels
        self.decimal = decimal
        self._names = frozenset([*columns, *ids])

    def read(self, rows: Any) -> GivenRows:
        """All rows of a frame, of an iterable, of JSON, or one row."""
        if is_frame(rows := as_frame(rows, "rows")):
            return self.read_frame(rows)
        return self.read_rows(list(rows_in(rows)))

    def read_rows(self, rows: Sequence[Any]) -> GivenRows:
        """Rows as objects or as JSON, one by one."""
        each = [self._row(one) for one in rows]
        known = [one if isinstance(one, Mapping) else {} for one in each]
        ids = {name: [row.get(name) for row in known] for name in self.ids}
        found = GivenRows({}, len(rows), ids)
        for i, row in enumerate(each):
            if isinstance(row, NotARow):
                found.fault(i, row.why)
                found.unusable.add(i)
                continue
            if len(row) < len(self._names) or not self._names.issuperset(row):
                self._compare(found, [i], row)
        for name, kind in self.columns.items():
            values = [row.get(name) for row in known]
            found.columns[name] = self._read(found, name, kind, values)
        return found

    def read_frame(self, frame: Any) -> GivenRows:
        """The rows of a frame of any library.

        Raises ValueError if a column of the model is there twice.
        """
        names = names_of(frame)
        twice = [name for name in self._names if names.count(name) > 1]
        if twice:
            raise ValueError(
                f"rows must have one column of each name. {quoted(twice)}"
                " are there twice."
            )
        series, n_rows = dict(zip(names, series_of(frame), strict=True)), len(frame)
        ids = {
            name: objects(series[name]).tolist() for name in self.ids if name in series
        }
        found = GivenRows({}, n_rows, ids)
        self._compare(found, range(n_rows), series)
        for name, kind in self.columns.items():
            values = series.get(name, [None] * n_rows)
            found.columns[name] = self._read(found, name, kind, values)
        return found

    def _row(self, given: Any) -> Any:
        """A row as a mapping, or why it is none."""
        if isinstance(given, str | bytes | bytearray):
            try:
                given = parsed(given)
            except BadJSONError as error:
                return NotARow(str(error))
        if isinstance(given, Mapping | NotARow):
            return given
        return NotARow(f"{NOT_A_ROW}; got {shown(given)}")

    def _compare(
        self, found: GivenRows, rows: Iterable[int], given: Mapping[Any, Any]
    ) -> None:
        """Say which columns rows do not have, and which the model does not use."""
        missing = [name for name in self.columns if name not in given]
        extra = [name for name in given if name not in self._names]
        for names, what, tell in (
            (missing, "the row has no", found.fault),
            (extra, "ignored columns", found.note),
        ):
            if names:
                text = f"{what} {quoted(names)}"
                for i in rows:
                    tell(i, text)

    def _read(self, found: GivenRows, name: str, kind: str, values: Any) -> Any:
        """The values of a column; what cannot be read is missing, and a fault."""
        dtype = getattr(values, "dtype", None)
        if kind == NUMBER and isinstance(dtype, np.dtype) and dtype.kind in "buif":
            numbers = np.asarray(values, np.float64)
            for i in np.flatnonzero(np.isinf(numbers)).tolist():
                self._fault(found, i, name, kind, numbers[i])
            return np.where(np.isinf(numbers), np.nan, numbers)
        if dtype is not None:
            values = objects(values).tolist()
        if kind in DATED:
            return self._dates(found, name, kind, values)
        read = self._reader(name, kind)
        out = []
        for i, value in enumerate(values):
            try:
                out.append(read(value))
            except Exception:
                # Whatever a value of another kind raises is a fault of its row.
                out.append(None)
                self._fault(found, i, name, kind, value)
        if kind == NUMBER:
            return np.array(out, np.float64)
        self._unseen(found, name, out)
        return out

    def _reader(self, name: str, kind: str) -> Callable[[Any], Any]:
        """What reads a value of a column that has no dates."""
        if kind == NUMBER:
            return self._number
        labels = self.labels.get(name, frozenset())
        change = self._label if kind == LABEL else as_text
        return lambda value: text_of(value, change, labels)

    def _label(self, value: Any) -> str | None:
        """A number that is used as text; in a text it has the decimal mark of training."""
        number = None
        if isinstance(value, str) and self.decimal != ".":
            number = self._plain(value)
        return as_label(value if number is None else number)

    def _plain(self, text: str) -> str | None:
        """The number in a text as Python writes it; None for codes and units too."""
        number = number_in(text, self.decimal, APOSTROPHE)
        if number is None or number.unit or number.is_code:
            return None
        return number.plain

    def _number(self, value: Any) -> float:
        """A number, or NaN for a missing one; ValueError for other values."""
        if type(value) is not str:
            return number_of(value)
        if value.strip() in MISSING:
            return math.nan
        if value.strip() in BOOLEANS:
            return float(BOOLEANS[value.strip()])
        number = self._plain(value)
        if number is None:
            raise ValueError
        return number_of(float(number))

    def _dates(self, found: GivenRows, name: str, kind: str, values: list[Any]) -> Any:
        """Dates, times of day or durations as they are given, None where missing."""
        pandas = optional("pandas")
        known = [None if is_gone(one) else one for one in values]
        allowed = (date, time, str) if kind != DURATION else (timedelta,)
        plain = [one if isinstance(one, allowed) else None for one in known]
        numbers = as_numbers(pandas.Series(plain, dtype=object), kind)
        # Durations of 290,000 years have too many microseconds.
        unread = np.isnan(numbers) | (np.abs(numbers) > MOST_SECONDS)
        for i in np.flatnonzero(unread).tolist():
            if known[i] is not None:
                self._fault(found, i, name, kind, values[i])
                plain[i] = None
        return plain

    def _unseen(self, found: GivenRows, name: str, values: Sequence[Any]) -> None:
        """Note the labels that training has not seen."""
        labels = self.labels.get(name)
        if labels is None:
            return
        for i, value in enumerate(values):
            if value is not None and value not in labels:
                text = f"column {shown(name)}: {shown(value)} was not in training"
                found.note(i, f"{text}, read as missing")

    def _fault(
        self, found: GivenRows, row: int, name: str, kind: str, value: Any
    ) -> None:
        such = f", such as {EXAMPLES[kind]}" if kind in EXAMPLES else ""
        found.fault(
            row,
            f"column {shown(name)} must hold {what_is(kind)}{such}; got {shown(value)}",
        )


def number_of(value: Any) -> float:
    """A finite number, or NaN for a missing value; ValueError for others."""
    if is_gone(value):
        return math.nan
    allowed = isinstance(value, Real | Decimal | np.bool_)
    if not allowed or isinstance(value, np.timedelta64):
        raise ValueError
    number = float(value)
    if math.isinf(number):
        raise ValueError
    return number


def text_of(
    value: Any, change: Callable[[Any], str | None], labels: frozenset[Any]
) -> str | None:
    """A text, or None for a missing one; ValueError for lists and the like."""
    if isinstance(value, str) and value in labels:
        return str(value)
    if is_gone(value):
        return None
    allowed = isinstance(value, str | Real | Decimal | np.bool_ | date | time)
    if not allowed or isinstance(value, np.timedelta64):
        raise ValueError
    return change(value.item() if isinstance(value, np.generic) else value)


def is_gone(value: Any) -> bool:
    """Whether a value is missing, or a text that stands for a missing one."""
    if isinstance(value, str):
        return value.strip() in MISSING
    try:
        return is_missing(value)
    except Exception:
        # Objects of others can raise anything when they are compared.
        return False


def shown(value: Any) -> str:
    """A value for a message, of a long one the first characters."""
    try:
        text = repr(value)
    except Exception:
        # Numbers of very many digits, very deep lists, objects of others.
        text = f"a value of {type(value).__name__}"
    return text if len(text) <= MAX_NAME else text[:MAX_NAME] + "..."


def batches(rows: Iterable[Any], n_rows: int) -> Iterator[list[Any]]:
    """The rows, this many at a time."""
    some = []
    for row in rows:
        some.append(row)
        if len(some) == n_rows:
            yield some
            some = []
    if some:
        yield some


def as_json(value: Any) -> Any:
    """A value as JSON can hold it."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, int | bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    text = value if isinstance(value, str) else short_text(value)
    # JSON in UTF-8 does not hold half a character.
    return text.encode("utf-8", "backslashreplace").decode()


def short_text(value: Any) -> str:
    """A date or the like as text; what no column has as in messages."""
    return str(value) if isinstance(value, date | time | timedelta) else shown(value)
