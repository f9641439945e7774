"""The numbers of a table of texts, in the form of the table; unclear ones are refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..common.missing import BOOLEANS, MISSING
from .io import optional
from .number_texts import (
    APOSTROPHES,
    BLANKS,
    MARKS,
    SPACES,
    Numbers,
    as_numbers,
    fault,
    number_in,
    read,
)
from .plain_numbers import plain_numbers
from .text import UserError, counted, quoted

MAX_NOTES = 8


class Options(NamedTuple):
    """The form of numbers where it is given, and the words for missing values."""

    decimal: str | None = None
    thousands: str | None = None
    missing: frozenset[str] = MISSING

    def marks(self) -> str:
        """The decimal marks to try."""
        return self.decimal or MARKS.replace(self.thousands or "", "")

    def separators(self, decimal: str) -> str:
        """The characters that may separate thousands."""
        given = self.thousands
        if given is None:
            return MARKS.replace(decimal, "") + SPACES + APOSTROPHES
        if given.isspace():
            return SPACES
        return APOSTROPHES if given in APOSTROPHES else given


@dataclass
class Column:
    """A column of texts: which are missing, and how the others read as numbers.

    `readings` has a reading for each decimal mark. `booleans` are the values of all rows
    with one, if all are booleans.
    """

    missing: Any
    readings: dict[str, Numbers] = field(default_factory=dict)
    booleans: Any = None

    def fitting(self) -> list[Numbers]:
        """The readings in which all texts are numbers or, without them, at least half."""
        every = self.readings.values()
        complete = [one for one in every if one.values is not None]
        return complete or [
            one for one in every if one.is_mostly_numbers and not one.codes.n_rows
        ]

    def demand(self) -> tuple[str, str] | None:
        """The decimal mark and separator, if there is one reading that fits."""
        fitting = self.fitting()
        return (fitting[0].decimal, fitting[0].separator) if len(fitting) == 1 else None

    def is_complete(self) -> bool:
        """Whether all texts are numbers in a reading."""
        return any(one.values is not None for one in self.readings.values())


def typed(
    frame: Any,
    decimal: str | None,
    thousands: str | None,
    missing: Iterable[str],
    text: Iterable[str] | None = None,
    default_decimal: str = ".",
) -> tuple[Any, list[str], str]:
    """A table with numbers and booleans instead of their texts.

    Parameters
    ----------
    frame : pandas.DataFrame
        Texts as a file has them. Columns of other types stay as they are.
    decimal, thousands : str or None
        The decimal mark, and what separates thousands; None: found out from all columns.
    missing : iterable of str
        Texts that mean a missing value, besides those of pandas.
    text : iterable of str or None
        The names of columns that stay text; of the others it is known what they are, so
        no note says that they are used as text. None: nothing is known.
    default_decimal : str
        The decimal mark if no column shows it.

    Returns
    -------
    frame : pandas.DataFrame
        Integers (int64, uint64, Int64, UInt64), float64, bool and boolean; other texts as
        they are, without those that mean a missing value.
    notes : list of str
        What is not plain.
    mark : str
        The decimal mark.

    Raises
    ------
    UserError
        If the numbers of a column depend on the decimal mark, and no other column shows it.
    """
    words = frozenset(missing)
    options = Options(decimal, thousands, MISSING | words)
    if decimal == thousands is not None:
        raise UserError(
            f"--decimal and --thousands must differ. Got {decimal!r} twice."
        )
    fixed = set(text or ())
    columns = {
        name: column_of(frame[name], options, name in fixed)
        for name in frame.columns
        if has_texts(frame[name])
    }
    mark = decimal_mark(columns.values(), options) or default_decimal
    check_clear(columns, options, mark)
    result = {name: without_numbers(frame[name], words) for name in frame.columns}
    for name, column in columns.items():
        values = None if name in fixed else values_of(column, options, mark)
        if values is None:
            result[name] = without(frame[name], column.missing)
        else:
            result[name] = with_missing(values, column.missing)
    table = optional("pandas").DataFrame(result, index=frame.index)
    free = {name: one for name, one in columns.items() if name not in fixed}
    notes = notes_on(free, options, mark)
    if text is None:
        notes += notes_on_faults(frame, free, options, mark)
    return table, notes + notes_on_words(frame, table, free), mark


def has_texts(series: Any) -> bool:
    """Whether a column has texts, and otherwise numbers at most."""
    words = str(series.dtype)
    if words != "object":
        return words.startswith("str") or "string[" in words
    types = set(map(type, series.dropna()))
    return str in types and all(
        issubclass(one, str | Real | Decimal) and not issubclass(one, bool | np.bool_)
        for one in types
    )


def column_of(series: Any, options: Options, is_fixed: bool = False) -> Column:
    """The column of a series of texts; without readings if it stays text."""
    marks, words = options.marks(), options.missing
    plain = None if is_fixed else plain_numbers(series, words, marks)
    if plain:
        return Column(plain.missing, plain.readings)
    missing = np.array(series.isin(words) | series.isna(), dtype=bool)
    codes, texts = series[~missing].factorize()
    padded = np.array([is_word(one, words) for one in texts], dtype=bool)
    if padded.any():
        missing[np.flatnonzero(~missing)[padded[codes]]] = True
        codes, texts = series[~missing].factorize()
    if is_fixed or len(texts) == 0:
        return Column(missing)
    if all(isinstance(one, str) and one.strip(BLANKS) in BOOLEANS for one in texts):
        booleans = np.array([BOOLEANS[one.strip(BLANKS)] for one in texts])
        return Column(missing, booleans=booleans[codes])
    counts, readings = np.bincount(codes), {}
    for mark in marks:
        one = read(list(texts), counts, mark, options.separators(mark))
        values = None if one.values is None else one.values[codes]
        readings[mark] = one._replace(values=values)
    return Column(missing, readings)


def is_word(value: Any, words: frozenset[str]) -> bool:
    """Whether a value is one of the words, with blanks around it."""
    return isinstance(value, str) and value.strip(BLANKS) in words


def decimal_mark(columns: Iterable[Column], options: Options) -> str:
    """The decimal mark of a table: a comma if columns demand it, and none the point.

    It is '' if no column shows it.
    """
    marks = options.marks()
    if len(marks) == 1:
        return marks
    demands = [(one.demand(), one.is_complete()) for one in columns]
    for least in (True, False):
        found = {
            demand[0] for demand, complete in demands if demand and complete >= least
        }
        if found:
            return "," if found == {","} else "."
    return ""


def check_clear(columns: dict[str, Column], options: Options, mark: str) -> None:
    """Raise UserError if a separator of thousands may also be a decimal mark."""
    if options.decimal or options.thousands:
        return
    proven = {column.demand() for column in columns.values()}
    for name, column in columns.items():
        one = column.readings.get(mark)
        if one is None or one.values is None or one.separator not in tuple(MARKS):
            continue
        if (mark, one.separator) not in proven:
            small = number_in(one.example, one.separator, mark)
            large = number_in(one.example, mark, one.separator)
            values = [number.plain for number in (large, small) if number]
            raise UserError(
                f"Column {name!r}: {one.example!r} can be {' or '.join(values)}. Set "
                f"--thousands {one.separator} for the first, --decimal {one.separator} "
                "for the second."
            )


def values_of(column: Column, options: Options, mark: str) -> Any:
    """The values of all rows with one, None if they are text."""
    if column.missing.all():
        return np.empty(0)
    if column.booleans is not None:
        return column.booleans
    reading = reading_of(column, options, mark)
    return reading.values if reading else None


def reading_of(column: Column, options: Options, mark: str) -> Numbers | None:
    """The reading of a column of numbers, None if it has other texts."""
    one = column.readings.get(mark)
    if one is None or one.values is None:
        return None
    # Other texts of digits have spaces too; people type other spaces in numbers only.
    return None if one.separator == " " and options.thousands is None else one


def without(series: Any, missing: Any) -> Any:
    """The column with missing values where they are."""
    return series.mask(missing) if missing.any() else series


def without_numbers(series: Any, words: Iterable[str]) -> Any:
    """A column of numbers with missing values instead of those among the words."""
    found = [number_in(word, ".", APOSTROPHES) for word in words]
    numbers = [as_numbers([one.plain])[0] for one in found if one and not one.unit]
    if not numbers or series.dtype.kind not in "iuf":
        return series
    missing = series.isin(numbers).to_numpy(bool)
    if series.dtype.kind != "f" and missing.any():
        series = series.astype("UInt64" if series.dtype.kind == "u" else "Int64")
    return without(series, missing)


def with_missing(values: Any, missing: Any) -> Any:
    """Values in the rows that have one."""
    if not missing.any():
        return values
    if values.dtype.kind == "f":
        full = np.full(len(missing), np.nan)
        full[~missing] = values
        return full
    full = np.zeros(len(missing), dtype=values.dtype)
    full[~missing] = values
    arrays = optional("pandas").arrays
    kind = arrays.BooleanArray if values.dtype == bool else arrays.IntegerArray
    return kind(full, missing)


def notes_on(columns: dict[str, Column], options: Options, mark: str) -> list[str]:
    """Notes on the units and separators that numbers have."""
    found: dict[str, list[str]] = {}
    for name, column in columns.items():
        one = reading_of(column, options, mark)
        if one and one.unit:
            found.setdefault(f"numbers without their {one.unit!r}", []).append(name)
        if one and one.separator:
            what = f"{one.separator!r} separates thousands"
            found.setdefault(what, []).append(name)
    return [f"{what}: {quoted(names)}" for what, names in found.items()]


def notes_on_faults(
    frame: Any, columns: dict[str, Column], options: Options, mark: str
) -> list[str]:
    """Notes on columns that are text although most of their texts are numbers."""
    notes = []
    for name, column in columns.items():
        if column.booleans is not None or reading_of(column, options, mark):
            continue
        readings = list(column.readings.values())
        if not any(one.is_mostly_numbers for one in readings):
            # They may be numbers with other options.
            free = column_of(frame[name], Options(missing=options.missing))
            readings = list(free.readings.values())
        if any(one.is_mostly_numbers for one in readings):
            notes.append(f"{name!r} is used as text: {fault(readings, mark)}")
    if len(notes) > MAX_NOTES:
        more = counted(len(notes) - MAX_NOTES, "more column")
        notes[MAX_NOTES:] = [f"{more} of numbers and other texts, used as text"]
    return notes


def notes_on_columns(texts: dict[str, Any], missing: Iterable[str]) -> list[str]:
    """Notes on columns of text, by name, of which most texts are numbers."""
    options = Options(missing=MISSING.union(missing))
    columns = {name: column_of(series, options) for name, series in texts.items()}
    return notes_on_faults(texts, columns, options, ".")


def notes_on_words(frame: Any, table: Any, columns: dict[str, Column]) -> list[str]:
    """A note on words in columns of text that are read as missing values."""
    found = []
    for name, column in columns.items():
        if column.missing.any() and has_texts(table[name]):
            words = frame[name][column.missing].dropna().str.strip(BLANKS)
            counts = words[words.isin(MISSING - {""})].value_counts()
            found += [(word, name, n) for word, n in counts.items()]
    return words_note(found)


def words_note(words: Iterable[tuple[str, str, int]]) -> list[str]:
    """A note on words that are read as missing: each with its column and its rows."""
    found = [f"{word!r} in {name!r} ({n:,})" for word, name, n in words]
    if not found:
        return []
    more = f" and {len(found) - MAX_NOTES} more" if len(found) > MAX_NOTES else ""
    return [f"read as missing: {', '.join(found[:MAX_NOTES])}{more}"]


def fault_of(series: Any) -> tuple[str, bool]:
    """Why the texts of a column are not numbers, and whether most are meant as numbers."""
    if str(series.dtype) == "category":
        return "its type is category", False
    values = series.dropna().astype(object)
    kinds = str, Real, Decimal
    texts = values.map(lambda one: one if isinstance(one, kinds) else repr(one))
    readings = list(column_of(texts, Options()).readings.values())
    if not readings:
        return f"it has values such as {next(iter(texts), None)!r}", False
    mostly = any(one.is_mostly_numbers and not one.codes.n_rows for one in readings)
    return fault(readings), mostly
