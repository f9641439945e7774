"""Read tables in text files, Excel files and parquet files."""

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time
from io import BufferedReader, BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from .choices import Reading
from .io import check_exists, ending, optional
from .numbers import typed
from .plain_files import plain_frame
from .text import UserError, one_line, quoted
from .textfiles import (
    EMPTY,
    as_frame,
    decoded,
    kind_of_file,
    long_fields,
    open_rows,
    without_nul,
)

STDIN = Path("-")


@dataclass
class Table:
    """A frame, notes on how it was read, and the decimal mark of its texts."""

    frame: Any
    notes: list[str]
    decimal: str = "."


@dataclass(frozen=True)
class Format:
    """A kind of file: endings of names, options, the package it needs, the reader."""

    endings: tuple[str, ...]
    options: tuple[str, ...]
    package: str
    read: Callable[[BufferedReader, Reading, frozenset[str] | None], Table]


def name_of(path: Path) -> str:
    """How a table is called in messages."""
    return "standard input" if path == STDIN else str(path)


def read_table(
    path: Path, reading: Reading | None = None, text: Iterable[str] | None = None
) -> Table:
    """The table in a file.

    Parameters
    ----------
    path : Path
        A file; `STDIN` is standard input, as text.
    reading : Reading or None
        How the table is written; None: all is found in the file.
    text : iterable of str or None
        Names of columns of text, even if all their values are numbers. None: it is not
        known which columns are text.

    Returns
    -------
    Table
        With at least one row. The names of columns are different texts.
    """
    reading = reading or Reading()
    file_format = format_of(path)
    check_options(path, reading, file_format)
    if path != STDIN:
        check_exists(path)
    for package in {"pandas", file_format.package}:
        optional(package)
    try:
        with opened(path) as file:
            known = None if text is None else frozenset(text)
            return file_format.read(file, reading, known)
    except UserError as error:
        raise UserError(f"{name_of(path)}: {error}") from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name_of(path)}: {_no_text(error, reading.encoding)}"
        ) from None
    except MemoryError:
        raise
    except Exception as error:
        # The readers raise many types of errors for a broken file.
        why = one_line(error)
        raise UserError(f"{name_of(path)}: this cannot be read ({why}).") from None


def format_of(path: Path) -> Format:
    """The format of a file, by its name."""
    if path == STDIN:
        return FORMATS[0]
    suffix = ending(path, [one for each in FORMATS for one in each.endings], "a table")
    return next(one for one in FORMATS if suffix in one.endings)


def check_options(path: Path, reading: Reading, file_format: Format) -> None:
    """Raise UserError if an option is not for this format."""
    for option in fields(reading):
        given = getattr(reading, option.name) != option.default
        if given and option.name not in (*file_format.options, "default_decimal"):
            endings = [
                suffix
                for one in FORMATS
                for suffix in one.endings
                if option.name in one.options
            ]
            raise UserError(
                f"{name_of(path)}: --{option.name} is for tables that end in "
                f"{', '.join(endings)}."
            )


def opened(path: Path) -> BufferedReader:
    """A file for reading from any place, so the whole of standard input.

    Raises UserError if standard input is a terminal or closed.
    """
    if path != STDIN:
        return path.open("rb")
    if sys.stdin is None or sys.stdin.closed:
        raise UserError("it is closed.")
    if sys.stdin.isatty():
        raise UserError("it is a terminal. Send a table with | or <.")
    with open(sys.stdin.fileno(), "rb", closefd=False) as file:
        return BufferedReader(BytesIO(file.read()))


def _no_text(error: UnicodeDecodeError, encoding: str | None) -> str:
    """Why bytes are no text, with the bytes around the first wrong one."""
    near = error.object[max(0, error.start - 10) : error.start + 10]
    name = (encoding or error.encoding).upper().removesuffix("-SIG")
    return (
        f"this is not text in {name} (near {near!r}). Set --encoding to the one that "
        "the file has, such as cp1252 or utf-16."
    )


def read_text(
    file: BufferedReader, reading: Reading, text: frozenset[str] | None
) -> Table:
    """The table in a text file."""
    with decoded(file, reading.encoding) as lines, long_fields():
        rows, notes = open_rows(without_nul(lines), reading.separator)
        names, odd = as_names(rows.header)
        frame = plain_frame(lines, rows.separator, rows.header, names)
        if frame is None:
            frame = as_frame(optional("pandas"), rows, names)
        notes += odd + rows.notes()
    check_rows(frame)
    return typed_table(frame, notes, reading, text)


def typed_table(
    frame: Any, notes: list[str], reading: Reading, text: frozenset[str] | None
) -> Table:
    """The table with the numbers that its texts are."""
    frame, more, decimal = typed(
        frame,
        reading.decimal,
        reading.thousands,
        reading.missing,
        text,
        reading.default_decimal,
    )
    return Table(frame, notes + more, decimal)


def as_names(cells: Iterable[Any]) -> tuple[list[str], list[str]]:
    """The names of columns, from the cells of a header; and notes.

    Raises UserError if two are equal or there is none.
    """
    cells = [str(cell).strip() for cell in cells]
    names = [cell or f"column {i}" for i, cell in enumerate(cells, start=1)]
    if not names:
        raise UserError(EMPTY)
    is_value = looks_like_values(names)
    hint = (
        ""
        if not is_value
        else (" The first line must be a header; it looks like a row of values.")
    )
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise UserError(f"more than one column is called {quoted(twice)}.{hint}")
    notes = []
    if is_value:
        notes.append(f"the header looks like a row of values: {quoted(names)}")
    elif names[0].startswith("#"):
        notes.append(f"the header begins with '#': {quoted(names)}")
    blank = [name for name, cell in zip(names, cells, strict=True) if not cell]
    # The first name is blank where pandas or R wrote the names of rows.
    if blank not in ([], ["column 1"]):
        notes.append(f"columns without a name, called {quoted(blank)}")
    return names, notes


def looks_like_values(names: list[str]) -> bool:
    """Whether at least half of the names are numbers, other than years in order."""
    numbers = []
    for name in names:
        try:
            numbers.append(float(name.replace(",", ".")))
        except ValueError:
            continue
    increase = all(before < after for before, after in pairwise(numbers))
    are_years = increase and all(1000 <= n < 3000 and n % 1 == 0 for n in numbers)
    return 2 * len(numbers) >= len(names) and not are_years


def check_rows(frame: Any) -> None:
    """Raise UserError if a frame has no rows."""
    if len(frame) == 0:
        raise UserError("the table has no rows.")


def read_parquet(
    file: BufferedReader, reading: Reading, text: frozenset[str] | None
) -> Table:
    """The table in a parquet file."""
    try:
        table = optional("pyarrow.parquet").ParquetFile(file).read()
        table.validate(full=True)
    except ValueError as error:
        if "UTF8" not in str(error):
            raise
        raise UserError("it has text that is not in UTF-8.") from None
    frame = table.to_pandas(types_mapper=_exact_integers(table))
    if frame.index.names != [None]:
        frame = frame.reset_index()
    frame.columns, notes = as_names(frame.columns)
    check_rows(frame)
    frame = frame.reset_index(drop=True)
    if reading.decimal or reading.thousands or reading.missing:
        return typed_table(frame, notes, reading, text)
    return Table(frame, notes)


def _exact_integers(table: Any) -> Callable[[Any], Any] | None:
    """The types of integers if some are missing; float64 would round large ones."""
    pandas = optional("pandas")
    types = {"int64": pandas.Int64Dtype(), "uint64": pandas.UInt64Dtype()}
    some_missing = any(
        str(column.type) in types and column.null_count for column in table.columns
    )
    return (lambda kind: types.get(str(kind))) if some_missing else None


def read_excel(
    file: BufferedReader, reading: Reading, text: frozenset[str] | None
) -> Table:
    """The table in a sheet of an Excel file."""
    pandas = optional("pandas")
    kind = kind_of_file(file.peek(8))
    if "xlsx" not in kind:
        raise UserError(f"this is {kind or 'no Excel file'}.")
    cells, notes = _cells(pandas, file, reading.sheet)
    empty = cells.eq("")
    used = (~empty.all(axis=1)).to_numpy().nonzero()[0]
    if len(used) == 0:
        raise UserError("; ".join(["the sheet is empty", *notes]) + ".")
    n_skipped = int(used[-1] - used[0] + 1 - len(used))
    if n_skipped:
        notes.append(f"empty rows between rows, skipped: {n_skipped:,}")
    cells = cells.loc[used, ~empty.all(axis=0)]
    names, odd = as_names(map(as_text, cells.iloc[0]))
    rows = cells.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    check_rows(rows)
    n_errors = int(rows.isna().to_numpy().sum())
    if n_errors:
        notes.append(f"cells with an error such as #N/A, read as missing: {n_errors:,}")
    raw = [name for name in names if name in (text or ()) or _has_text(rows[name])]
    return _columns(rows, raw, notes + odd + notes_on_digits(rows), reading, text)


def _cells(
    pandas: Any, file: BufferedReader, sheet: str | None
) -> tuple[Any, list[str]]:
    """The cells of a sheet: '' if empty, NaN for an error; and a note on other sheets."""
    with warnings.catch_warnings():
        # openpyxl warns of styles and the like, which no table needs.
        warnings.simplefilter("ignore", UserWarning)
        with pandas.ExcelFile(file, engine="openpyxl") as book:
            sheets = book.sheet_names
            if sheet not in (None, *sheets):
                raise UserError(
                    f"there is no sheet {sheet!r}. It has {quoted(sheets)}."
                )
            used = sheets[0] if sheet is None else sheet
            cells = pandas.read_excel(
                book, sheet_name=used, header=None, dtype=object, na_filter=False
            )
    others = [one for one in sheets if one != used]
    if sheet is not None or not others:
        return cells, []
    return cells, [f"sheet {used!r} is used, not {quoted(others)} (--sheet)"]


def notes_on_digits(rows: Any) -> list[str]:
    """A note on numbers with more digits than Excel keeps."""
    names = [
        name
        for name in rows
        if any(
            isinstance(cell, int | float) and abs(cell) >= 1e15 for cell in rows[name]
        )
    ]
    if not names:
        return []
    return [f"Excel keeps 15 digits of a number; some have more: {quoted(names)}"]


def _has_text(cells: Any) -> bool:
    """Whether a column has a text, or nothing at all."""
    seen = [cell for cell in cells if not (isinstance(cell, str) and cell == "")]
    return not seen or any(isinstance(cell, str) for cell in seen)


def _columns(
    rows: Any,
    raw: list[str],
    notes: list[str],
    reading: Reading,
    text: frozenset[str] | None,
) -> Table:
    """The table of cells: columns with texts are read like those of a text file."""
    pandas = optional("pandas")
    decimal = reading.decimal or "."
    texts = {
        name: pandas.Series([as_text(cell, decimal) for cell in rows[name]], dtype=str)
        for name in raw
    }
    others = {
        name: rows[name].map(lambda cell: None if cell == "" else cell).infer_objects()
        for name in rows
        if name not in texts
    }
    # Types without texts in them stay, but for words that mean a missing value.
    columns = texts | others
    frame = pandas.DataFrame({name: columns[name] for name in rows})
    return typed_table(frame, notes, reading, text)


def as_text(cell: Any, decimal: str = ".") -> str:
    """A cell as it would be in a text file."""
    if isinstance(cell, float):
        # An error is NaN.
        return "" if cell != cell else repr(cell).replace(".", decimal)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell).lstrip(" ")


FORMATS = (
    Format(
        (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"),
        ("separator", "encoding", "decimal", "thousands", "missing"),
        "pandas",
        read_text,
    ),
    Format(
        (".parquet",),
        ("decimal", "thousands", "missing"),
        "pyarrow.parquet",
        read_parquet,
    ),
    Format(
        (".xlsx", ".xlsm"),
        ("decimal", "thousands", "missing", "sheet"),
        "openpyxl",
        read_excel,
    ),
)
"""Formats of tables; standard input is of the first one."""
