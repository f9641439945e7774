"""Import optional packages and check paths; raises UserError if that fails."""

import importlib
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..common.files import try_to_replace
from .text import UserError, one_line, reason

OPTIONAL = {
    "pandas": "Reading a table",
    "pyarrow": "Reading a large table fast",
    "pyarrow.compute": "Reading a large table fast",
    "pyarrow.csv": "Reading a large table fast",
    "pyarrow.parquet": "A parquet file",
    "openpyxl": "Reading an Excel file",
    "matplotlib.figure": "A plot",
    "jinja2": "A report",
    "skops.io": "A model in a .skops file",
}
"""Optional modules, and what needs them."""


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
    """The ending of a file name, such as .csv or .csv.gz, if it is one of `known`.

    Raises UserError for another one.
    """
    known = tuple(known)
    for suffix in ("".join(path.suffixes[-2:]).lower(), path.suffix.lower()):
        if suffix in known:
            return suffix
    raise UserError(f"{path}: {what} must end in one of {', '.join(known)}.")


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
