"""Files without quotes are read by pyarrow, and as the module csv reads them."""

import gzip
from io import BufferedReader, BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmlp.command import plain_files, tables
from skmlp.command.tables import Reading, read_text
from skmlp.command.text import UserError
from skmlp.command.textfiles import SEPARATORS

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow", exc_type=ImportError)

PLAIN = "a,b\n1,x\n2,\n"
BOM = "\ufeff"


def read(data, is_fast=True, **how):
    """The texts and notes of a file, or the error; and how often pyarrow read it."""
    n_fast = 0

    def counted(*args):
        nonlocal n_fast
        frame = plain_files.plain_frame(*args) if is_fast else None
        n_fast += frame is not None
        return frame

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "plain_frame", counted)
        try:
            file = BufferedReader(BytesIO(data))
            frame, _, notes = read_text(file, Reading(**how))
            return (frame, notes), n_fast
        except (UserError, UnicodeError, EOFError, OSError) as error:
            return (None, f"{type(error)}: {error}"), n_fast


def check_same(data, **how):
    """Check that both readers agree; the number of times that pyarrow read the file."""
    (frame, notes), n_fast = read(data, **how)
    (expected, expected_notes), _ = read(data, is_fast=False, **how)
    assert notes == expected_notes
    assert (frame is None) == (expected is None)
    if frame is not None:
        pandas.testing.assert_frame_equal(frame, expected, check_column_type="exact")
    return n_fast


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        (PLAIN, True),
        (PLAIN[:-1], True),
        (BOM + PLAIN, True),
        (PLAIN.replace("\n", "\r\n"), True),
        (PLAIN.replace("x", "\u00e9 \u2028\x0b,"), False),
        (PLAIN.replace("x", "\u00e9 \u2028\x0b\x85\x1c"), True),
        (PLAIN.replace("x", "NA"), True),
        (PLAIN.replace("x", "x "), True),
        (PLAIN * 3000, False),
        ("a,b\n" + "1,x\n2,\n,\n" * 3000, True),
        (PLAIN.replace("\n", "\r"), False),
        (PLAIN.replace("1", BOM), False),
        (PLAIN.replace("2", BOM), False),
        (PLAIN.replace("x", " x"), False),
        (PLAIN.replace("1", " 1"), False),
        (PLAIN.replace("a", " a"), False),
        (PLAIN.replace("x", '"x"'), False),
        (PLAIN.replace("x", 'x"'), False),
        (PLAIN.replace("x", "\0"), False),
        (PLAIN.replace("x", "x\r"), True),
        (PLAIN.replace("2", "\n2"), False),
        (PLAIN.replace("2,", "2"), False),
        (PLAIN.replace("x", "x,y"), False),
        (PLAIN.replace("\n", "\r\n").replace("2", "\r\n2"), False),
        (PLAIN + "\n", False),
        ("\n" + PLAIN, False),
        ("sep=,\n" + PLAIN, False),
        ("a,b\n", False),
        ("a,b", False),
        ("a\n1\n2\n", False),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_plain(text, is_plain, pack):
    assert check_same(pack(text.encode())) == is_plain


@pytest.mark.parametrize(
    ("data", "how", "is_plain"),
    [
        (PLAIN.encode(), {"encoding": "UTF8"}, True),
        (PLAIN.encode(), {"encoding": "cp1252"}, False),
        (PLAIN.encode("utf-16"), {}, False),
        (PLAIN.encode().replace(b"x", b"\xe9"), {}, False),
        (PLAIN.encode() * 9 + b"\xe9", {}, False),
        (PLAIN.encode().replace(b"x", b"\xed\xa0\x80"), {}, False),
        (PLAIN.replace(",", " ").encode(), {"separator": " "}, False),
        (PLAIN.replace(",", ":").encode(), {"separator": ":"}, True),
        (PLAIN.replace(",", "\u00e9").encode(), {"separator": "\u00e9"}, False),
        (gzip.compress(PLAIN.encode() * 9999, mtime=0)[:-9], {}, False),
        (gzip.compress(PLAIN.encode(), mtime=0) + b"more", {}, False),
        (gzip.compress(b"a,b\n", mtime=0) + gzip.compress(b"1,x\n", mtime=0), {}, True),
    ],
)
def test_encodings_separators_and_broken_files(data, how, is_plain):
    assert check_same(data, **how) == is_plain


def test_a_row_longer_than_a_block(monkeypatch):
    text = "a,b\n" + "1,x\n" * 50
    monkeypatch.setattr(plain_files, "BYTES_AT_A_TIME", 20)
    assert check_same(text.encode()) == 1
    assert check_same((text + "1," + "x" * 100).encode()) == 0


def test_without_pyarrow(monkeypatch):
    def missing(name):
        raise UserError(name)

    monkeypatch.setattr(plain_files, "optional", missing)
    assert check_same(PLAIN.encode()) == 0


ODD = ["", *'" \0\n\r', "\r\n", "\n\n", BOM, "\u00e9", "\x85", "\ud800", *SEPARATORS]


@given(
    rows=st.lists(st.lists(st.text("a1.", max_size=2), min_size=2, max_size=2)),
    separator=st.sampled_from(SEPARATORS),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    odd=st.sampled_from(ODD),
    place=st.integers(0, 30),
    pack=st.sampled_from([bytes, gzip.compress]),
)
def test_pyarrow_reads_as_the_module_csv(rows, separator, end, odd, place, pack):
    text = end.join(separator.join(row) for row in [["x", "y"], *rows]) + end
    data = (text[:place] + odd + text[place:]).encode("utf-8", "surrogatepass")
    check_same(pack(data))
    check_same(pack(data), separator=separator)
