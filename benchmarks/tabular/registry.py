"""The tables by name, of a folder or of packages, and the suites of tables."""

from pathlib import Path

from .large import BY_CAP
from .mixed import MIXED
from .tables import FURTHER, PACKAGED, Table, folder

SUITES = {
    "": {},
    "large": BY_CAP,
    "mixed": {8000: MIXED},
    "tuned": {8000: PACKAGED | FURTHER},
}
"""The tables by the maximal number of training rows; '' has those of the main page."""


def by_cap(directory: Path | None, cap: int, suite: str) -> dict[int, dict[str, Table]]:
    """The tables for each maximal number of training rows."""
    if suite:
        return SUITES[suite]
    return {cap: folder(directory) if directory else PACKAGED | FURTHER}


def table_of(name: str, directory: Path | None, cap: int) -> Table:
    """The table of that name; for the caps of larger tables, also one of these."""
    if directory:
        return folder(directory)[name]
    return (PACKAGED | FURTHER | MIXED | BY_CAP.get(cap, BY_CAP[min(BY_CAP)]))[name]


def file_of(name: str, suite: str) -> str:
    """The name of a file of results, of the main page or of a suite."""
    stem, suffix = name.split(".")
    return f"{stem}_{suite}.{suffix}" if suite else name
