from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from skmlp.streaming import rows_file
from skmlp.streaming.rows_file import RowsFile, folder_for, in_memory, n_pieces

Usage = namedtuple("Usage", "free")
N, WIDTH = 1000, 3
ROWS = np.arange(N * WIDTH, dtype=np.float32).reshape(N, WIDTH)


@contextmanager
def opened(folder, n_rows=N, number=7):
    """A file that is closed again."""
    file = RowsFile(folder, n_rows, WIDTH, number)
    yield file
    file.close()


@contextmanager
def filled(folder, parts, number=7):
    """A file with the rows in these parts."""
    with opened(folder, N, number) as file:
        for part in np.array_split(ROWS, parts):
            file.add(part)
        file.check_full()
        yield file


@pytest.mark.parametrize("parts", [1, 3, 100])
@pytest.mark.parametrize("number", [1, 7, N])
def test_every_row_exactly_once(parts, number, tmp_path):
    with filled(tmp_path, parts, number) as file:
        pieces = [file.piece(i) for i in range(number)]
        np.testing.assert_array_equal(file.piece(0), pieces[0])
    assert [len(one) for one in pieces] == file.sizes.tolist()
    assert np.ptp(file.sizes) <= 1
    found = np.concatenate(pieces)
    np.testing.assert_array_equal(found[np.argsort(found[:, 0])], ROWS)


@pytest.mark.parametrize("parts", [3, 100])
def test_more_rows_than_numpy_draws_from(parts, tmp_path, monkeypatch):
    monkeypatch.setattr(rows_file, "MOST_EXACT", N // 2)
    test_every_row_exactly_once(parts, 7, tmp_path)
    monkeypatch.undo()
    with opened(tmp_path, 2 * 10**9, 20_000) as file:
        file.add(ROWS)
        assert file._filled.sum() == N
        assert file._filled.max() < 10


def test_pieces_are_random_parts(tmp_path):
    with filled(tmp_path, 20, 10) as file:
        pieces = [file.piece(i)[:, 0] / WIDTH for i in range(10)]
    # Of numbers 0 to N - 1, the mean of 100 has a standard deviation of 27.
    means = [piece.mean() for piece in pieces]
    np.testing.assert_allclose(means, (N - 1) / 2, atol=4 * 27)
    assert not (np.diff(pieces[0]) > 0).all()


def test_no_rows(tmp_path):
    with opened(tmp_path, 0, n_pieces(0, WIDTH)) as file:
        file.check_full()
        assert file.piece(0).shape == (0, WIDTH)


def test_the_file_is_gone_when_it_is_closed(tmp_path):
    with filled(tmp_path, 2):
        pass
    assert not [*tmp_path.iterdir()]


def test_rows_that_are_missing(tmp_path):
    message = "stay the same.*Got 10 rows in the second"
    with opened(tmp_path) as file:
        file.add(ROWS[:10])
        with pytest.raises(ValueError, match=message):
            file.check_full()


def test_a_full_disk(tmp_path, monkeypatch):
    class Full:
        def seek(self, place):
            pass

        def write(self, data):
            raise OSError(28, "No space left on device")

    message = "temp_folder must .*No space left on device"
    with opened(tmp_path) as file, monkeypatch.context() as patch:
        patch.setattr(file, "_file", Full())
        with pytest.raises(ValueError, match=message):
            file.add(ROWS)


@pytest.mark.parametrize(
    ("n_rows", "width", "number"),
    [(0, 5, 1), (1, 5, 1), (10**5, 5, 1), (10**5 + 1, 5, 2), (10**6, 840, 201)],
)
def test_the_number_of_pieces(n_rows, width, number):
    assert n_pieces(n_rows, width) == number
    rows = -(-n_rows // number)
    assert rows <= rows_file.PIECE_ROWS
    assert rows * width * 4 <= rows_file.PIECE_BYTES


def test_folders(tmp_path, monkeypatch):
    lines = []
    assert folder_for(tmp_path, 10**8, lines.append) == tmp_path
    assert lines == [
        f"Writing 0.1 GB of encoded rows to a temporary file in {tmp_path}."
    ]
    monkeypatch.setattr(rows_file.tempfile, "gettempdir", lambda: str(tmp_path))
    assert folder_for(None, 10, lines.append) == tmp_path
    fallback = tmp_path / "fallback"
    fallback.mkdir()
    monkeypatch.setattr(rows_file, "FALLBACK", fallback)
    monkeypatch.setattr(rows_file, "in_memory", lambda one: one == tmp_path)
    assert folder_for(None, 10, lines.append) == fallback
    # A folder that is given is used wherever it is.
    assert folder_for(tmp_path, 10, lines.append) == tmp_path
    monkeypatch.setattr(rows_file, "in_memory", lambda one: True)
    with pytest.raises(ValueError, match="temp_folder must be a folder on a disk"):
        folder_for(None, 10, lines.append)


def test_no_path():
    with pytest.raises(TypeError, match="temp_folder must be a path or None. Got 3"):
        folder_for(3, 10, str)


def test_folders_without_room(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_file.shutil, "disk_usage", lambda one: Usage(3e8))
    folder_for(tmp_path, 10**6, str)
    with pytest.raises(
        ValueError, match="must have room for 0.1 GB .* with 0.3 GB free"
    ):
        folder_for(tmp_path, 10**8, str)


@pytest.mark.parametrize("make", [None, Path.touch])
def test_no_folder(make, tmp_path):
    path = tmp_path / "none"
    if make:
        make(path)
    with pytest.raises(ValueError, match="temp_folder must be a folder in which"):
        RowsFile(folder_for(path, 10, str), 10, 1, 1)


def test_file_systems_in_memory(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    folder = tmp_path / "a b"
    (folder / "c").mkdir(parents=True)
    place = str(folder).replace(" ", "\\040")
    mounts.write_text(f"disk / ext4 rw\nnone {place} tmpfs rw\n\n")
    monkeypatch.setattr(rows_file, "MOUNTS", mounts)
    assert not in_memory(tmp_path)
    assert in_memory(folder)
    assert in_memory(folder / "c")
    mounts.write_text(mounts.read_text() + f"disk {place}/c ext4 rw\n")
    assert not in_memory(folder / "c")
    monkeypatch.setattr(rows_file, "MOUNTS", tmp_path / "none")
    assert not in_memory(folder)
