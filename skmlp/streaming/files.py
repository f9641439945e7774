"""The files of a table, and the errors of reading them."""

from __future__ import annotations

import csv
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..common.errors import message_of, shown
from ..common.frames import some_of
from .arrow import arrow

PARQUET = (".parquet",)
TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
IN_FOLDERS = (".parquet", ".csv", ".csv.gz")
"""The endings of files: of parquet, of text, and of those that are read in a folder."""


def paths_of(given: Iterable[Any], name: str) -> list[Path]:
    """The files of paths; all are parquet or all are text."""
    paths = [file for path in given for file in files_of(Path(path), name)]
    first = paths[0]
    for path in paths:
        if is_text(path, name) != is_text(first, name):
            raise ValueError(
                f"{name} must have files of one kind, text or parquet. Got "
                f"{str(first)!r} and {str(path)!r}; give one kind."
            )
    return paths


def files_of(path: Path, name: str) -> list[Path]:
    """A file that can be opened, or those of a folder in the order of their names."""
    try:
        if path.is_dir():
            return files_in(path, name)
        is_text(path, name)
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise ValueError(
            f"{name} must be the path of a file or folder that can be read. Got "
            f"{str(path)!r}: {error.strerror or error}."
        ) from None
    if is_empty:
        raise ValueError(f"{name} must be a file with rows. Got {str(path)!r}, empty.")
    return [path]


def files_in(folder: Path, name: str) -> list[Path]:
    """The files of tables in a folder."""
    found = sorted(
        one
        for one in folder.iterdir()
        if one.name.lower().endswith(IN_FOLDERS) and not one.name.startswith(".")
    )
    if not found:
        raise ValueError(
            f"{name} must be a folder with files that end in {', '.join(IN_FOLDERS)}. "
            f"Got {str(folder)!r}, which has none; for folders in it give a "
            "pyarrow.dataset.dataset."
        )
    return [file for path in found for file in files_of(path, name)]


def is_text(path: Path, name: str) -> bool:
    """Whether a file is text, or else parquet, by its name."""
    for endings in (TEXT, PARQUET):
        if path.name.lower().endswith(endings):
            return endings is TEXT
    raise ValueError(
        f"{name} must be a folder, or a file that ends in {', '.join(PARQUET + TEXT)}. "
        f"Got {str(path)!r}" + ("." if path.exists() else ", which does not exist.")
    )


def check_names(names: Sequence[str], where: str, name: str) -> None:
    """Raise ValueError if a column occurs twice, or there is none."""
    twice = [one for one, n in Counter(names).items() if n > 1]
    if twice or not names:
        raise ValueError(
            f"{name} must have columns with different names. Got {where!r} with "
            f"{f'{twice[0]!r} twice' if twice else 'no column'}."
        )


def check_same_names(
    names: Sequence[str], path: Path, known: Sequence[str], first: Path, name: str
) -> None:
    """Raise ValueError unless a file has the columns of the first one, in any order."""
    missing = [one for one in known if one not in names]
    extra = [one for one in names if one not in known]
    if missing or extra:
        what = f"without {some_of(missing)}" if missing else f"with {some_of(extra)}"
        raise ValueError(
            f"{name} must have the same columns in all files. Got {str(path)!r} {what}, "
            f"unlike {str(first)!r}."
        )


def where_of(paths: Sequence[Path | str]) -> str:
    """How messages call files."""
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    return f"{paths[0]}{more}"


def no_rows(where: str, name: str) -> ValueError:
    """The error of a table without rows."""
    return ValueError(f"{name} must have at least one row. Got {where!r} without rows.")


@contextmanager
def reading(where: str, name: str, broken: Sequence[Any] = ()) -> Iterator[None]:
    """Name the file, and the first broken row, in the errors of reading it."""
    try:
        yield
    except MemoryError:
        raise
    except (
        *(OSError, EOFError, ValueError, csv.Error, zlib.error),
        arrow().ArrowException,
    ) as error:
        if str(error).startswith(f"{name} must"):
            raise
        why = why_broken(broken[0]) if broken else why_unread(error)
        raise ValueError(
            f"{name} must have files that can be read. Got {where!r}: {why}."
        ) from None


def why_broken(row: Any) -> str:
    """What is wrong with a row of a text file."""
    place = "a row" if row.number is None else f"row {row.number:,}"
    return (
        f"{place} (the header is row 1, blank lines are none) has {row.actual_columns} "
        f"fields instead of {row.expected_columns}: {shown(row.text)}; text with a "
        "separator in it needs quotes"
    )


def why_unread(error: Exception) -> str:
    """Why a file cannot be read."""
    text = " ".join(message_of(error).split()).rstrip(".")
    if "straddling" in text:
        return "it has a quote that does not end, or a row of more than 2 MB"
    if isinstance(error, UnicodeDecodeError) or "UTF8" in text:
        return f"it is not text in UTF-8, as which it must be written ({text})"
    return text
