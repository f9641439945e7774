import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from skmlp.common.files import replacing, try_to_replace

OLD, NEW = b"the old content", b"the new content"


def write(path, content=NEW):
    with replacing(path) as file:
        file.write(content)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("there", [False, True])
def test_the_file_has_the_new_content(there, tmp_path):
    path = tmp_path / "a"
    if there:
        path.write_bytes(OLD)
    write(path)
    assert path.read_bytes() == NEW
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError, OSError])
def test_an_error_leaves_the_folder_as_it_was(there, error, tmp_path):
    path = tmp_path / "a"
    if there:
        path.write_bytes(OLD)
    with pytest.raises(error), replacing(path) as file:
        file.write(NEW)
        raise error
    assert names(tmp_path) == ["a"] * there
    assert not there or path.read_bytes() == OLD


KILLED = """
import os, signal, sys
from pathlib import Path
from skmlp.common.files import replacing, try_to_replace
with replacing(Path(sys.argv[1])) as file:
    file.write(b"x" * int(sys.argv[2]))
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("n_bytes", [0, 1, 100_000])
def test_a_kill_leaves_the_old_file(n_bytes, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(OLD)
    command = [sys.executable, "-c", KILLED, str(path), str(n_bytes)]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    assert path.read_bytes() == OLD


@pytest.mark.skipif(os.name == "nt", reason="permissions are of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_permissions_stay(mode, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(OLD)
    path.chmod(mode)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="permissions are of POSIX")
def test_a_new_file_has_the_permissions_of_new_files(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="links are of POSIX")
@pytest.mark.parametrize("there", [False, True])
def test_a_link_stays_a_link(there, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if there:
        (folder / "b").write_bytes(OLD)
    (tmp_path / "a").symlink_to(folder / "b")
    write(tmp_path / "a")
    assert (tmp_path / "a").is_symlink()
    assert (folder / "b").read_bytes() == NEW


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_devices_are_written_and_not_replaced(tmp_path):
    (tmp_path / "a").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "a")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a"):
        write(tmp_path / "a")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("there", [False, True])
def test_a_try_changes_nothing(there, tmp_path):
    path = tmp_path / "a"
    if there:
        path.write_bytes(OLD)
        before = path.stat()
    try_to_replace(path)
    assert names(tmp_path) == ["a"] * there
    if there:
        assert path.read_bytes() == OLD
        assert path.stat() == before


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_try_without_a_folder(folder, tmp_path):
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises((FileNotFoundError, NotADirectoryError)):
        try_to_replace(tmp_path / folder / "a")


def test_a_try_of_a_folder(tmp_path):
    with pytest.raises(IsADirectoryError):
        try_to_replace(tmp_path)


def test_a_try_of_a_file_that_is_read_only(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(OLD)
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        try_to_replace(path)
    path.chmod(0o644)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_try_of_a_device():
    try_to_replace(Path("/dev/full"))


@pytest.mark.skipif(os.name == "nt", reason="pipes are of POSIX")
def test_a_try_of_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(OSError, match="pipe"):
        try_to_replace(tmp_path / "a")
