"""The tables by name: of a folder, or of packages."""

from pathlib import Path

from .large import BY_CAP
from .mixed import MIXED
from .tables import FURTHER, PACKAGED, Table, folder


def by_cap(
    directory: Path | None, cap: int, large: bool
) -> dict[int, dict[str, Table]]:
    """The tables for each maximal number of training rows."""
    if large:
        return BY_CAP
    return {cap: folder(directory) if directory else PACKAGED | FURTHER | MIXED}


def table_of(name: str, directory: Path | None, cap: int) -> Table:
    """The table of that name; for the caps of larger tables, also one of these."""
    if directory:
        return folder(directory)[name]
    return (PACKAGED | FURTHER | MIXED | BY_CAP.get(cap, BY_CAP[min(BY_CAP)]))[name]
