"""Files that are replaced as a whole: complete, or as they were before."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the block ends.

    The content is written to a temporary file in the same folder, synchronised with the
    disk, and then renamed. If the block or the disk fails, `path` is as it was before. A
    symbolic link stays, and the file that it names is replaced. A device or a pipe cannot
    be replaced, and is written directly.

    Parameters
    ----------
    path : Path
        The file to write. Its folder must exist.

    Yields
    ------
    BinaryIO
        The temporary file, open for writing.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    descriptor, name = mkstemp(prefix=".skmlp-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(path))
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _synchronise_folder(path.parent)


def _mode(path: Path) -> int:
    """The permissions of the file, or those that a new file gets."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _synchronise_folder(folder: Path) -> None:
    """Make a rename permanent; some systems cannot open a folder for that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
