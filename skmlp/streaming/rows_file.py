"""Rows of numbers in a temporary file, dealt out at random to pieces of it.

Each piece is a random part of all rows, so that training on one piece after the other is
like training on shuffled rows, whatever the order of the table.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ..common.errors import shown
from ..core._types import Array

PIECE_BYTES = 2**24
"""About the most bytes of a piece."""

PIECE_ROWS = 100_000
"""The most rows of a piece."""

MOST_EXACT = 10**9
"""NumPy draws from fewer rows than that without replacement."""

FREE_BYTES = 2**28
"""What must stay free on the disk."""

IN_MEMORY = ("tmpfs", "ramfs", "devtmpfs")
"""File systems that keep files in memory."""

MOUNTS, FALLBACK = Path("/proc/mounts"), Path("/var/tmp")
"""Where Linux lists its file systems, and a folder for large temporary files."""


class RowsFile:
    """Rows of single-precision numbers, in pieces of about equal sizes.

    The file has no name where the system allows it, and is gone when the process ends,
    however it ends.
    """

    def __init__(self, folder: Path, n_rows: int, width: int, n_pieces: int):
        self.folder, self.width = folder, width
        ends = np.arange(n_pieces + 1) * n_rows // n_pieces
        self._starts = ends[:-1]
        self.sizes = np.diff(ends)
        self._filled = np.zeros(n_pieces, np.int64)
        self._rng = np.random.default_rng(0)
        self._lock = Lock()
        with named(folder):
            # It is open as long as the object.
            self._file = tempfile.TemporaryFile(  # noqa: SIM115
                prefix="skmlp-rows-", dir=folder
            )
            self._file.truncate(n_rows * width * 4)

    @property
    def n_rows(self) -> int:
        """The number of rows that the file has room for."""
        return int(self.sizes.sum())

    def add(self, rows: Array) -> None:
        """Deal out rows (n, width): each order of all rows is equally likely."""
        counts = self._counts(len(rows))
        order, start = self._rng.permutation(len(rows)), 0
        for piece in np.flatnonzero(counts):
            some = rows[order[start : start + counts[piece]]]
            start += counts[piece]
            place = self._starts[piece] + self._filled[piece]
            self._file.seek(int(place) * self.width * 4)
            with named(self.folder):
                self._file.write(np.ascontiguousarray(some, np.float32).data)
            self._filled[piece] += len(some)

    def _counts(self, n: int) -> Any:
        """How many of the next n rows each piece gets."""
        room = self.sizes - self._filled
        if room.sum() < MOST_EXACT:
            return self._rng.multivariate_hypergeometric(room, n, method="marginals")
        # With so much room left it makes no difference how much the pieces have.
        return self._rng.multinomial(n, room / room.sum())

    def check_full(self) -> None:
        """Write what is buffered; raise ValueError if rows are missing."""
        with named(self.folder):
            self._file.flush()
        if (self._filled < self.sizes).any():
            raise ValueError(
                f"X must stay the same while fit reads it. Got {self._filled.sum()} rows "
                f"in the second pass, and {self.n_rows} in the first."
            )

    def piece(self, i: int) -> Array:
        """The rows of a piece, (n, width)."""
        rows = np.empty((self.sizes[i], self.width), np.float32)
        if not rows.size:
            return rows
        with self._lock:
            self._file.seek(int(self._starts[i]) * self.width * 4)
            self._file.readinto(rows.data.cast("B"))
        return rows

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


def piece_rows(width: int) -> int:
    """The most rows of a piece with so many columns."""
    return min(max(PIECE_BYTES // (4 * width), 1), PIECE_ROWS)


def n_pieces(n_rows: int, width: int) -> int:
    """The number of pieces of a file."""
    return max(-(-n_rows // piece_rows(width)), 1)


def folder_for(given: Any, n_bytes: int, say: Callable[[str], None]) -> Path:
    """The folder of a temporary file of that size; the size is announced.

    A folder that is given is used if there is room; otherwise the first of the system's
    folders for temporary files that is not in memory.

    Raises ValueError if there is no room, or no such folder, and TypeError if it is no
    path.
    """
    if not isinstance(given, str | PathLike | None):
        raise TypeError(f"temp_folder must be a path or None. Got {shown(given)}.")
    if given is not None:
        folder = Path(given)
    else:
        places = [Path(tempfile.gettempdir()), FALLBACK]
        on_disk = [one for one in places if one.is_dir() and not in_memory(one)]
        if not on_disk:
            raise ValueError(
                f"temp_folder must be a folder on a disk, as {places[0]} is in memory. "
                "Got None: set it, or the environment variable TMPDIR."
            )
        folder = on_disk[0]
    with named(folder), tempfile.TemporaryFile(dir=folder):
        free = shutil.disk_usage(folder).free
    if free < n_bytes + FREE_BYTES:
        raise ValueError(
            f"temp_folder must have room for {gigabytes(n_bytes)} of encoded rows. Got "
            f"{str(folder)!r} with {gigabytes(free)} free: set temp_folder to a folder on "
            "another disk, or train on fewer columns or rows."
        )
    say(
        f"Writing {gigabytes(n_bytes)} of encoded rows to a temporary file in {folder}."
    )
    return folder


def in_memory(folder: Path) -> bool:
    """Whether files of a folder are in memory; False where the system does not say."""
    try:
        lines = MOUNTS.read_text().splitlines()
    except OSError:
        return False
    place = folder.resolve()
    mounts = [line.split()[1:3] for line in lines if len(line.split()) > 2]
    above = [
        (len(Path(path).parts), kind) for path, kind in mounts if holds(path, place)
    ]
    return max(above, default=(0, ""))[1] in IN_MEMORY


def holds(path: str, place: Path) -> bool:
    """Whether a folder holds a place. Blanks in names are escaped."""
    return place.is_relative_to(Path(path.replace("\\040", " ")))


def gigabytes(n_bytes: int) -> str:
    """A size as text."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 5e7 else f"{n_bytes / 1e6:.1f} MB"


@contextmanager
def named(folder: Path) -> Iterator[None]:
    """Name the folder in errors of the disk."""
    try:
        yield
    except OSError as error:
        raise ValueError(
            "temp_folder must be a folder in which files can be written. Got "
            f"{str(folder)!r}: {error.strerror or error}."
        ) from error
