"""Quotes that would swallow rows are found, in any parts of a file."""

import csv
import gzip
import io

import numpy as np
import pytest

from skmlp.streaming.quotes import CheckedQuotes
from skmlp.streaming.sources import source_of

GOOD = [
    "a,b\n1,2\n",
    '"a","b"\n"1","2"\n',
    'a,b\n"x, y","z\nz"\n',
    'a,b\n"say ""hi""",""\n"""",""""""\n',
    '"a",b\r\n"1",2\r"3",4',
    '\ufeff"a",b\n1,2\n',
    'a,b\n5" x 7",2"\n"1","""2"""\n',
    'a,b\n5"","1"\n',
]
BAD = [
    'a,b\n1,"2\n3,4\n',
    'a,b\n1,"2\n3,4\n5,"6",7\n',
    'a,b\n1,"2\n3,4\n5,"6"',
    'a,b\n1,"2',
    'a,b\n"x"y,1\n',
    'a,b\n"say "hi" now",1\n',
    'a,b\n"x\\"y",1\n',
]


def check(text, size):
    file = CheckedQuotes(io.BytesIO(text.encode()), ",")
    parts = []
    while part := file.read(size):
        parts.append(part)
    assert b"".join(parts) == text.encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("text", GOOD)
def test_fields_in_quotes(text, size):
    if text[0] != "\ufeff" or size > 3:
        check(text, size)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("text", BAD)
def test_quotes_in_other_places(text, size):
    with pytest.raises(ValueError, match="it has a quote that does not end"):
        check(text, size)


def passes(text, size):
    try:
        check(text, size)
    except ValueError:
        return False
    return True


def is_strict(text):
    """Whether Python reads a text in strict mode."""
    try:
        list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return False
    return True


def test_texts_pass_if_python_reads_them_and_only_then():
    rng = np.random.RandomState(0)
    n_passed = 0
    for _ in range(1000):
        text = "".join(rng.choice([*'"",,ab\n'], rng.randint(1, 14)))
        written = io.StringIO()
        csv.writer(written).writerows([[text, "x"], [text[::-1], ""]])
        check(written.getvalue(), 5)
        expected = is_strict(text)
        n_passed += expected
        assert [passes(text, size) for size in (1, 4, 100)] == [expected] * 3, text
    assert 200 < n_passed < 800


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize("text", BAD)
def test_files_are_refused(text, ending, tmp_path):
    path = tmp_path / f"t{ending}"
    data = text.encode()
    path.write_bytes(gzip.compress(data) if ending == ".csv.gz" else data)
    with pytest.raises(ValueError):
        source_of(path).table()


def test_the_file_is_closed():
    file = CheckedQuotes(io.BytesIO(b"a"), ",")
    file.close()
    assert file.closed
    assert file.file.closed
