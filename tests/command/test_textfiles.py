"""Text files: encodings, separators, quotes, and rows that do not fit."""

import csv
import gzip
import re

import pytest

from skmlp.command import textfiles
from skmlp.command.tables import Reading, read_table
from skmlp.command.text import UserError
from skmlp.command.textfiles import SEPARATORS, find_separator, long_fields

pandas = pytest.importorskip("pandas")

TEXT = "größe{0}note\n3{0}a\n4{0}b\n"
ENCODINGS = {
    "utf-8": None,
    "utf-8-sig": None,
    "utf-16": None,
    "utf-32": None,
    "utf-16-le": "utf-16-le",
    "cp1252": "cp1252",
    "latin-1": "latin-1",
}
"""Encodings, and --encoding where it is needed."""


def refused(path, **how):
    """The message with which a file is refused, without its name."""
    with pytest.raises(UserError) as caught:
        read_table(path, Reading(**how))
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz", "a.TXT"])
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_dialects(encoding, separator, name, end, write):
    data = TEXT.format(separator).replace("\n", end).encode(encoding)
    data = gzip.compress(data) if name.endswith("gz") else data
    table = read_table(write(name, data), Reading(encoding=ENCODINGS[encoding]))
    assert table.frame.to_dict("list") == {"größe": [3, 4], "note": ["a", "b"]}
    assert table.notes == []


@pytest.mark.parametrize(
    ("data", "how", "message"),
    [
        (
            "größe\n1\n".encode("latin-1"),
            {},
            r"not text in UTF-8 \(near b'gr\\xf6\\xdf",
        ),
        (b"x\n" + b"1\n" * 9000 + b"\xe4\n", {}, "Set --encoding to the one "),
        (
            b"x\n\x81\n",
            {"encoding": "cp1252"},
            r"not text in CP1252 \(near b'x\\n\\x81",
        ),
        (b"\xef\xbb\xbfx\n", {"encoding": "cp1252"}, "the mark of UTF-8, which "),
        ("x\n1\n".encode("utf-16")[:-1], {}, "not text in UTF-16"),
        ("x,y\n1,2\n".encode("utf-16-le"), {}, r"line 1 has NUL .*--encoding utf-16"),
        (b"x,y\n1,2\n" + bytes(64), {}, "line 3 has NUL characters: the file is dam"),
        (b"x,y\n1,2\n\0,3\n4,5\n", {}, "line 3 has NUL"),
        (b"PAR1\0", {}, "this is a parquet file, not text."),
        (b"PK\x03\x04", {}, "this is an .xlsx or a .zip file, not text."),
        (b"BZh9", {}, "this is a .bz2 file, not text."),
        (gzip.compress(b"", mtime=0), {}, "the file is empty."),
        (
            gzip.compress(b"x\n1\n" * 99, mtime=0)[:-9],
            {},
            "cannot be read [(]Compressed",
        ),
        (gzip.compress(bytes(99), mtime=0), {}, "line 1 has NUL"),
    ],
)
def test_what_is_no_text(data, how, message, write):
    assert re.match(f".*{message}", refused(write("a.csv", data), **how))


@pytest.mark.parametrize(
    ("lines", "separator", "also"),
    [
        (["a;b;c", "1,5;2,5;x, y, z", "2,5;3;w"], ";", ""),
        (["a, b", "1, 2"], ",", ""),
        (["article;price, EUR", "a;0,5", "b;1,5"], ";", ","),
        (["weight, kg;price, EUR;n", "1,5;2,5;1"], ";", ","),
        (["weight, kg;price, EUR", "1,5;2,5"], ";", ","),
        (["a|b", "1.5", "2.5"], ",", ""),
        (["a|b,c", "1|2,3", "4,5"], ",", ""),
        (['"a;b",c', '"1;2",3'], ",", ""),
        (["a\tb, c", "1\t2, 3"], "\t", ","),
        (["a"], ",", ""),
    ],
)
def test_the_separator_that_is_found(lines, separator, also):
    found, notes = find_separator([f"{line}\n" for line in lines])
    note = f"the separator {separator!r} is used; {also!r} fits as well (--separator)"
    assert (found, notes) == (separator, [note] if also else [])


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n"])
def test_a_line_that_says_the_separator(first, mark, write):
    path = write("a.csv", f"{mark}{first}x;y, z\n1;a\n2;b\n")
    expected = {"x": [1, 2], "y, z": ["a", "b"]}
    assert read_table(path).frame.to_dict("list") == expected
    path.write_text(f"{first}x;y\n1;2\n1;2;3\n")
    assert "line 4 has 3 fields, the header has 2." in refused(path)


def test_names_that_only_look_like_that_line(write):
    for name in ("sep=a", '"sep=;"', "sep="):
        frame = read_table(write("a.csv", f"{name}\n1\n")).frame
        assert list(frame) == [name.strip('"')]


def test_spaces_as_separators(write):
    path = write("a.txt", ' x  "y z"\n1   2 \n 3 4\n')
    frame = read_table(path, Reading(separator=" ")).frame
    assert frame.to_dict("list") == {"x": [1, 3], "y z": [2, 4]}
    (note,) = read_table(write("a.txt", "x y\n1 2\n")).notes
    assert "--separator space" in note


def test_long_fields(write):
    long = "word " * 30_000
    for text in (f'x,y\n"{long}",1\n', f'x,y\nb,1\n"{long}",2\n'):
        assert long in read_table(write("a.csv", text)).frame["x"].tolist()
    name = "n" * 200_000
    assert list(read_table(write("a.csv", f"{name},y\n1,2\n")).frame) == [name, "y"]


def test_the_limit_of_fields_is_as_before():
    before = csv.field_size_limit()
    with pytest.raises(UserError), long_fields():
        raise UserError
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2\n1,2,3\n", "line 3 has 3 fields, the header has 2. Text with a "),
        ("x,y\n1,2,\n1,2,\n", "most lines have 3 fields with the separator ','"),
        ("A title\n\nx;y\n1;2\n3;4\n", "with the separator ';', the first line has 1."),
        ("# comment\nx,y\n1,2\n3,4\n", "The header must be the first line"),
        ("A, b, c\nx;y;z;w\n1;2;3;4\n", "most lines have 4 fields"),
        ("x,y,z\n1,2\n3,4\n5,6,7\n", "the header has 3 fields, most rows have fewer."),
        ('x,y\n1,"2\n3,4\n', "in line 2 a quote begins a field that does not end"),
        ('x,y\n1,2\n3,"4\n', "in line 3 a quote begins a field"),
        ('x,y\n0,1\n1,"a\n2,b\n3,"c\n4,5\n', "in line 3 a quote begins a field"),
        ("x\n1\n\n2\n", "line 3 is blank. In a table with one column write"),
        ("\n \n", "the file is empty."),
    ],
)
def test_rows_that_do_not_fit(text, message, write):
    assert message in refused(write("a.csv", text))


@pytest.mark.parametrize(
    ("text", "columns", "note"),
    [
        (
            "x,y\n1,2\n3\n4,5\n",
            {"x": ["1", "3", "4"], "y": ["2", "", "5"]},
            "rows with fewer fields than the header, the rest of them read as missing: 1, "
            "the first in line 3",
        ),
        (
            "\nx,y\n\n1,2\n\n \n3,4\n\n",
            {"x": ["1", "3"], "y": ["2", "4"]},
            "blank lines between rows, skipped: 2, the first in line 5",
        ),
        (
            'x,y\n1,"5" disk"\n2,6" disk\n3,"7"" disk"\n',
            {"x": ["1", "2", "3"], "y": ['5 disk"', '6" disk', '7" disk']},
            "quotes within quotes that are not written twice: 1, the first in line 2",
        ),
        (
            "x,y\n1,2\nx,y\n",
            {"x": ["1", "x"], "y": ["2", "y"]},
            "the header again, read as a row: 1, the first in line 3",
        ),
    ],
)
def test_odd_rows_have_a_note(text, columns, note, write):
    # All columns as text: this is about the fields.
    table = read_table(write("a.csv", text), text=["x", "y"])
    assert table.frame.fillna("").to_dict("list") == columns
    assert table.notes == [note]


def test_fields_with_line_ends_and_missing_values_in_one_column(write):
    frame = read_table(write("a.csv", 'x,y\n1,"a\n\nb"\n2,"c\r\nd"\n')).frame
    assert frame["y"].tolist() == ["a\n\nb", "c\r\nd"]
    frame = read_table(write("a.csv", 'x\n1\n""\n2\n\n')).frame
    assert frame["x"].isna().tolist() == [False, True, False]


def test_frames_are_made_in_blocks(write, monkeypatch):
    path = write("a.csv", "x,y\n" + "".join(f"{i},a{i}\n" for i in range(25)))
    whole = read_table(path).frame
    monkeypatch.setattr(textfiles, "CELLS_AT_A_TIME", 14)
    pandas.testing.assert_frame_equal(read_table(path).frame, whole)
