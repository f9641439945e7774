"""Files that are replaced as a whole: complete, or as they were before."""

import errno
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
    descriptor, name = _temporary_beside(path)
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


def try_to_replace(path: Path) -> None:
    """Raise the error of `replacing`, as far as it can be known before there is content.

    A temporary file is created in the folder and removed: only that shows, on every
    system, that the folder is writable. A file that is read-only is refused, although it
    could be replaced.

    Parameters
    ----------
    path : Path
        The file to write.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path = Path(os.path.realpath(path))
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None:
        _check_mode(mode)
        # This truncates nothing.
        os.close(os.open(path, os.O_WRONLY))
    if mode is None or stat.S_ISREG(mode):
        descriptor, name = _temporary_beside(path)
        os.close(descriptor)
        os.unlink(name)


def _temporary_beside(path: Path) -> tuple[int, str]:
    """Create a file in the same folder, which a rename can put in the place of `path`."""
    return mkstemp(prefix=".skmlp-", suffix=".tmp", dir=path.parent)


def _check_mode(mode: int) -> None:
    """Raise OSError for what is no file or device, and for a file that is read-only."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "this is a folder")
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise OSError(errno.EINVAL, "this is a pipe")
    if not mode & 0o222:
        # The superuser could open it.
        raise PermissionError(errno.EACCES, "the file is read-only")


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
