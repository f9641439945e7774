"""Read tables and check paths; raises UserError if that fails.

pandas, pyarrow, skops and matplotlib are optional, and imported here when needed.
"""

import csv
import importlib
import os
import stat
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..common.files import try_to_replace
from .text import UserError, one_line, quoted, reason

OPTIONAL = {
    "pandas": "Reading a table",
    "pyarrow": "Reading a parquet file",
    "matplotlib.figure": "A plot",
    "skops.io": "A model in a .skops file",
}
"""Optional modules, and what needs them."""

TABLES = (".csv", ".tsv", ".txt", ".parquet")
SEPARATORS = ",;\t"
N_SAMPLED = 30
DECIMAL_COMMA = r"[-+]?\d*,\d+"


def optional(name: str) -> Any:
    """Import a module of OPTIONAL, or raise UserError."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        # A package that does not fit another one can raise any error.
        missing = isinstance(error, ModuleNotFoundError)
        why = (
            "is not installed" if missing else f"cannot be imported ({one_line(error)})"
        )
        raise UserError(
            f"{OPTIONAL[name]} needs {name.partition('.')[0]}, which {why}. "
            "The section Install of skmlp's README says how to install it."
        ) from None


def ending(path: Path, known: Iterable[str], what: str) -> str:
    """The ending of a file name; UserError if it is not one of `known`."""
    if path.suffix.lower() not in known:
        raise UserError(f"{path}: {what} must end in one of {', '.join(known)}.")
    return path.suffix.lower()


def check_exists(path: Path) -> None:
    """Raise UserError unless the path is a file with content that can be read."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"{path}: this is not a file.")
        path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{path}: there is no such file.") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: this cannot be read ({reason(error)}).") from None
    if status.st_size == 0:
        raise UserError(f"{path}: the file is empty.")


def check_writable(path: Path, endings: Iterable[str], what: str) -> str:
    """The ending of a file name; UserError if the file cannot be written."""
    suffix = ending(path, endings, what)
    try:
        try_to_replace(path)
    except IsADirectoryError:
        raise UserError(f"{path}: this is a folder.") from None
    except (FileNotFoundError, NotADirectoryError):
        place = Path(os.path.realpath(path)) if path.is_symlink() else path
        raise UserError(f"{path}: the folder {place.parent} does not exist.") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: this cannot be written ({reason(error)}).") from None
    return suffix


def check_different(paths: Mapping[str, Path]) -> None:
    """Raise UserError if two of the paths, by what they are for, are the same file."""
    seen: dict[str, str] = {}
    for what, path in paths.items():
        place = os.path.realpath(path)
        if place in seen:
            raise UserError(f"{path}: {what} and {seen[place]} are the same file.")
        seen[place] = what


def read_table(path: Path, text: Iterable[str] = ()) -> Any:
    """The table in a file as a frame; columns named in `text` are read as text."""
    suffix = ending(path, TABLES, "a table")
    check_exists(path)
    pandas = optional("pandas")
    if suffix == ".parquet":
        optional("pyarrow")
    try:
        with warnings.catch_warnings():
            # pandas only warns if a row has more fields than there are names.
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            if suffix == ".parquet":
                with path.open("rb") as file:
                    frame = pandas.read_parquet(file)
            else:
                frame = _read_csv(pandas, path, set(text))
    except UserError:
        raise
    except UnicodeDecodeError:
        raise UserError(f"{path}: this is not text in UTF-8.") from None
    except pandas.errors.ParserWarning:
        raise UserError(f"{path}: a row has more fields than the first row.") from None
    except Exception as error:
        # pyarrow and pandas raise many types of errors for a broken file.
        raise UserError(f"{path}: this cannot be read ({one_line(error)}).") from None
    if frame.index.names != [None]:
        frame = frame.reset_index()
    frame.columns = [str(name) for name in frame.columns]
    _check_names(path, list(frame.columns))
    if len(frame) == 0:
        raise UserError(f"{path}: the table has no rows.")
    return frame.reset_index(drop=True)


def _read_csv(pandas: Any, path: Path, text: set[str]) -> Any:
    with path.open(encoding="utf-8-sig", newline="") as file:
        sample = [line for line, _ in zip(file, range(N_SAMPLED), strict=False)]
    if any("\0" in line for line in sample):
        raise ValueError("it is not text")
    separator = find_separator(sample)
    rows = csv.reader(sample, delimiter=separator, skipinitialspace=True)
    first = next((row for row in rows if row), [])
    names = [name.strip() or f"column {i}" for i, name in enumerate(first, start=1)]
    # pandas would rename the second of two equal names.
    _check_names(path, names)
    how: dict[str, Any] = {
        "sep": separator,
        "encoding": "utf-8-sig",
        "header": 0,
        "names": names or None,
        "index_col": False,
        "low_memory": False,
        "skipinitialspace": True,
        "dtype": {name: str for name in names if name in text},
    }
    frame = pandas.read_csv(path, **how)
    others = [frame[name] for name in frame if name not in text]
    if separator == ";" and _with_commas(others):
        frame = pandas.read_csv(path, decimal=",", **how)
    return frame


def _check_names(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"{path}: more than one column is called {quoted(twice)}.")


def find_separator(lines: list[str]) -> str:
    """The separator that splits the first row, and most others into as many fields."""

    def fit(separator: str) -> tuple[bool, int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        first = counts[0] if counts else 0
        return first > 1, counts.count(first), first

    return max(SEPARATORS, key=fit)


def _with_commas(columns: list[Any]) -> bool:
    """Whether numbers have decimal commas: some have one, none a decimal point."""
    points = any(one.dtype.kind == "f" and (one.dropna() % 1).any() for one in columns)
    return not points and any(_has_decimal_commas(one) for one in columns)


def _has_decimal_commas(series: Any) -> bool:
    if series.dtype.kind in "biuf":
        return False
    seen = series.dropna().astype(str)
    return bool(len(seen) and seen.str.fullmatch(rf"[-+]?\d+|{DECIMAL_COMMA}").all())
