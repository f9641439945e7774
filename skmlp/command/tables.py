"""Read tables in text files, Excel files and parquet files."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from io import BufferedReader, BytesIO
from os import listdir
from os.path import isdir
from pathlib import Path
from typing import Any

from ..streaming.files import where_of
from ..streaming.parquet_files import columns_in
from .choices import Reading
from .excel_files import read_excel, table_of_cells
from .io import check_exists, ending, optional
from .parts import Part, Table, as_names, check_rows, joined, typed_table
from .plain_files import plain_frame
from .text import UserError, one_line, quoted
from .textfiles import as_frame, decoded, long_fields, open_rows, without_nul

STDIN = Path("-")


@dataclass(frozen=True)
class Format:
    """A kind of file: endings of names, options, the package it needs, how it is read.

    `read` gives the content of a file, `join` that of several, and `table` the table of it.
    """

    endings: tuple[str, ...]
    options: tuple[str, ...]
    package: str
    read: Callable[[BufferedReader, Reading], Part]
    join: Callable[[Sequence[Any]], Any]
    table: Callable[[Any, list[str], Reading, frozenset[str] | None], Table]


def name_of(path: Path) -> str:
    """How a file is called in messages."""
    return "standard input" if path == STDIN else str(path)


def names_of(paths: Sequence[Path]) -> str:
    """How the files of a table are called in messages."""
    return where_of([name_of(one) for one in paths])


def read_table(
    path: Path | Sequence[Path],
    reading: Reading | None = None,
    text: Iterable[str] | None = None,
) -> Table:
    """The table in a file, or in several with the same columns.

    Parameters
    ----------
    path : Path or sequence of Path
        A file, or several of one format; `STDIN` is standard input, as text.
    reading : Reading or None
        How the table is written; None: all is found in the files.
    text : iterable of str or None
        Names of columns of text, even if all their values are numbers. None: it is not
        known which columns are text.

    Returns
    -------
    Table
        With at least one row. The names of columns are different texts.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    reading = reading or Reading()
    file_format = format_of(paths)
    for one in paths:
        check_options(one, reading, file_format)
        if one != STDIN:
            check_exists(one)
    for package in {"pandas", file_format.package}:
        optional(package)
    parts = [_part(one, file_format, reading) for one in paths]
    check_same_columns(paths, parts)
    notes = [
        note if len(paths) == 1 else f"{name_of(one)}: {note}"
        for one, part in zip(paths, parts, strict=True)
        for note in part.notes
    ]
    known = None if text is None else frozenset(text)
    with faults_of(paths, reading):
        content = file_format.join([part.content for part in parts])
        return file_format.table(content, notes, reading, known)


def _part(path: Path, file_format: Format, reading: Reading) -> Part:
    """What a file has."""
    with faults_of([path], reading), opened(path) as file:
        return file_format.read(file, reading)


@contextmanager
def faults_of(paths: Sequence[Path], reading: Reading) -> Iterator[None]:
    """Errors of reading files as a UserError that names them."""
    where = names_of(paths)
    try:
        yield
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{where}: {_no_text(error, reading.encoding)}") from None
    except MemoryError:
        raise
    except Exception as error:
        # The readers raise many types of errors for a broken file.
        raise UserError(f"{where}: this cannot be read ({one_line(error)}).") from None


def check_same_columns(paths: Sequence[Path], parts: Sequence[Part]) -> None:
    """Raise UserError unless all files have the columns of the first, in any order."""
    first = parts[0].names
    for path, part in zip(paths, parts, strict=True):
        missing = [name for name in first if name not in part.names]
        extra = [name for name in part.names if name not in first]
        if missing or extra:
            what = f"has no {quoted(missing)}" if missing else f"has {quoted(extra)}"
            raise UserError(
                f"{name_of(path)}: it must have the columns of {name_of(paths[0])}; it "
                f"{what}."
            )


def files_in_folders(paths: Sequence[Path]) -> list[Path]:
    """These files, and those of a folder instead of it, in the order of their names."""
    known = tuple(one for each in FORMATS for one in each.endings)
    found: list[Path] = []
    for path in paths:
        tables = [path]
        if isdir(path):
            names = sorted(one for one in listdir(path) if one.lower().endswith(known))
            tables = [path / one for one in names if not one.startswith((".", "~$"))]
        if not tables:
            raise UserError(f"{path}: this is not a file, nor a folder with tables.")
        found += tables
    return found


def format_of(paths: Sequence[Path]) -> Format:
    """The format of files, by their names; UserError if they have several."""
    known = [one for each in FORMATS for one in each.endings]
    found = []
    for path in paths:
        suffix = ".csv" if path == STDIN else ending(path, known, "a table")
        found.append(next(one for one in FORMATS if suffix in one.endings))
    other = next((i for i, one in enumerate(found) if one != found[0]), None)
    if other is not None:
        raise UserError(
            f"{name_of(paths[other])}: all files must be of one format. "
            f"{name_of(paths[0])} is of another."
        )
    return found[0]


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


def read_text(file: BufferedReader, reading: Reading) -> Part:
    """The texts in a text file."""
    with decoded(file, reading.encoding) as lines, long_fields():
        rows, notes = open_rows(without_nul(lines), reading.separator)
        names, odd = as_names(rows.header)
        frame = plain_frame(lines, rows.separator, rows.header, names)
        if frame is None:
            frame = as_frame(optional("pandas"), rows, names)
        return Part(frame, names, notes + odd + rows.notes())


def read_parquet(file: BufferedReader, reading: Reading) -> Part:
    """The table of pyarrow in a parquet file."""
    try:
        table = optional("pyarrow.parquet").ParquetFile(file).read()
        table.validate(full=True)
    except ValueError as error:
        if "UTF8" not in str(error):
            raise
        raise UserError("it has text that is not in UTF-8.") from None
    columns = columns_in(table.schema)
    as_names(columns)
    table = table.select(columns)
    for name, values in indices_that_count(table.schema).items():
        if len(values) == table.num_rows:
            table = table.append_column(name, [values])
    return Part(table, as_names(table.column_names)[0], [])


def indices_that_count(schema: Any) -> dict[str, range]:
    """The index of pandas with a name, if it counts: its values are in no column."""
    return {
        str(one["name"]): range(one["start"], one["stop"], one["step"])
        for one in (schema.pandas_metadata or {}).get("index_columns", [])
        if isinstance(one, dict) and one["name"] is not None
    }


def joined_parquet(tables: Sequence[Any]) -> Any:
    """A table of pyarrow with the rows of all; UserError if types do not fit."""
    arrow = optional("pyarrow")
    if len(tables) == 1:
        return tables[0]
    try:
        return arrow.concat_tables(tables, promote_options="permissive")
    except (TypeError, ValueError) as error:
        raise UserError(
            f"a column must have the same type in all files ({one_line(error)})."
        ) from None


def table_of_parquet(
    content: Any, notes: list[str], reading: Reading, text: frozenset[str] | None
) -> Table:
    """A table of pyarrow as a frame; its texts are numbers only if options say so."""
    frame = as_pandas(content)
    frame.columns, odd = as_names(frame.columns)
    if reading.decimal or reading.thousands or reading.missing:
        return typed_table(frame, notes + odd, reading, text)
    check_rows(frame)
    return Table(frame, notes + odd)


def as_pandas(table: Any) -> Any:
    """A table of pyarrow as a frame, with exact integers.

    The types are those of pyarrow, not those that a frame had, as blocks have them too.
    """
    mapper = _exact_integers(table)
    return table.to_pandas(types_mapper=mapper, ignore_metadata=True)


def _exact_integers(table: Any) -> Callable[[Any], Any] | None:
    """The types of integers if some are missing; float64 would round large ones."""
    pandas = optional("pandas")
    types = {"int64": pandas.Int64Dtype(), "uint64": pandas.UInt64Dtype()}
    some_missing = any(
        str(column.type) in types and column.null_count for column in table.columns
    )
    return (lambda kind: types.get(str(kind))) if some_missing else None


FORMATS = (
    Format(
        (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"),
        ("separator", "encoding", "decimal", "thousands", "missing"),
        "pandas",
        read_text,
        joined,
        typed_table,
    ),
    Format(
        (".parquet",),
        ("decimal", "thousands", "missing"),
        "pyarrow.parquet",
        read_parquet,
        joined_parquet,
        table_of_parquet,
    ),
    Format(
        (".xlsx", ".xlsm"),
        ("decimal", "thousands", "missing", "sheet"),
        "openpyxl",
        read_excel,
        joined,
        table_of_cells,
    ),
)
"""Formats of tables; standard input is of the first one."""
