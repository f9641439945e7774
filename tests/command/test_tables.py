"""Tables in files of all formats, and the messages about those that cannot be read."""

import os
import re
import sys
from datetime import date

import numpy as np
import pytest

from skmlp.command.tables import STDIN, Reading, read_table
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")


@pytest.fixture
def parquet(tmp_path):
    """Writes an Arrow table or a frame as parquet."""
    pq = pytest.importorskip("pyarrow.parquet", exc_type=ImportError)

    def save(table):
        path = tmp_path / "a.parquet"
        if isinstance(table, pandas.DataFrame):
            table.to_parquet(path)
        else:
            pq.write_table(table, path)
        return path

    return save


def test_columns_without_a_name(write):
    table = read_table(write("a.csv", ",x,\n0,5,\n1,6,\n"))
    frame = table.frame
    assert table.notes == ["columns without a name, called 'column 1', 'column 3'"]
    assert list(frame) == ["column 1", "x", "column 3"]
    assert frame["x"].tolist() == [5, 6]


def test_decimal_commas(write):
    path = write("a.csv", "x;y;t\n1,5;-2;1,a\n,25;3;b\n")
    frame = read_table(path, Reading(decimal=",")).frame
    assert frame["x"].tolist() == [1.5, 0.25]
    assert frame["y"].tolist() == [-2, 3]
    assert frame["t"].tolist() == ["1,a", "b"]


def test_columns_that_are_to_be_text(write):
    path = write("a.csv", "x, y\n01,02\n1,2\n")
    frame = read_table(path, text=["y", "not there"]).frame
    assert frame["x"].tolist() == ["01", "1"]
    assert frame["y"].tolist() == ["02", "2"]


def test_parquet(parquet):
    frame = pandas.DataFrame(
        {"n": [1.5, None], "d": [date(2024, 1, 2), None], 3: ["007", "b"]}
    )
    frame.columns = frame.columns.astype(str)
    again = read_table(parquet(frame)).frame
    assert list(again) == ["n", "d", "3"]
    assert again["d"].tolist()[0] == date(2024, 1, 2)
    assert again["3"].tolist() == ["007", "b"]
    assert list(read_table(parquet(frame.set_index("3"))).frame) == ["n", "d", "3"]


def test_integers_in_parquet_are_exact(parquet):
    pyarrow = pytest.importorskip("pyarrow", exc_type=ImportError)
    table = pyarrow.table(
        {
            "i": pyarrow.array([2**60 + 1, None]),
            "u": pyarrow.array([2**64 - 1, None], pyarrow.uint64()),
        }
    )
    frame = read_table(parquet(table)).frame
    assert [frame["i"][0], frame["u"][0]] == [2**60 + 1, 2**64 - 1]
    assert frame.isna().to_numpy().tolist() == [[False, False], [True, True]]


@pytest.mark.parametrize("dictionary", [False, True])
def test_text_in_parquet_that_is_not_in_utf8(dictionary, parquet):
    pyarrow = pytest.importorskip("pyarrow", exc_type=ImportError)
    buffers = [np.array([0, 1, 3], np.int32), b"a\xff\xfe"]
    words = pyarrow.Array.from_buffers(
        pyarrow.string(), 2, [None, *map(pyarrow.py_buffer, buffers)]
    )
    if dictionary:
        codes = pyarrow.array([0, 1])
        words = pyarrow.DictionaryArray.from_arrays(codes, words)
    path = parquet(pyarrow.table({"s": words}))
    with pytest.raises(UserError, match="it has text that is not in UTF-8.$"):
        read_table(path)


def test_equal_names_in_parquet(parquet):
    pyarrow = pytest.importorskip("pyarrow", exc_type=ImportError)
    columns = [pyarrow.array([1])] * 3
    path = parquet(pyarrow.Table.from_arrays(columns, names=["a", "b", "a"]))
    with pytest.raises(UserError, match="more than one column is called 'a'."):
        read_table(path)


def test_options_for_texts_of_a_parquet_file(parquet):
    path = parquet(pandas.DataFrame({"x": ["1.050,5", "?"], "n": [-999, 1]}))
    assert read_table(path).frame["x"].tolist() == ["1.050,5", "?"]
    frame = read_table(path, Reading(missing=("?", "-999"))).frame
    assert frame["x"].tolist()[0] == 1050.5
    assert frame["x"].isna().tolist() == [False, True]
    assert frame["n"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.ods",
            "x",
            "a table must end in one of .csv, .tsv, .txt, .csv.gz, .tsv.gz, .txt.gz, "
            ".parquet, .xlsx, .xlsm.",
        ),
        ("a.csv.zip", "x", "a table must end in one of .csv, "),
        ("a.csv", "", "the file is empty."),
        ("a.csv", "x,y\n", "the table has no rows."),
        ("a.csv", "x, x\n1,2\n", "more than one column is called 'x'."),
        ("a.parquet", "PAR1 and so on", "this cannot be read ("),
        ("a.xlsx", "x,y\n", "this is no Excel file."),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0",
            "this is an .xls file or an Excel file with a ",
        ),
        ("a.xlsx", "PK\3\4 and so on", "this cannot be read ("),
    ],
)
def test_files_that_are_no_table(name, content, message, write):
    packages = {".parquet": "pyarrow", ".xlsx": "openpyxl"}
    for ending, package in packages.items():
        if name.endswith(ending):
            pytest.importorskip(package, exc_type=ImportError)
    path = write(name, content)
    with pytest.raises(UserError, match=re.escape(f"{path}: {message}")) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.csv", {"sheet": "x"}),
        ("a.txt.gz", {"sheet": "x"}),
        ("a.xlsx", {"separator": ","}),
        ("a.xlsx", {"encoding": "utf-8"}),
        ("a.parquet", {"separator": ","}),
        ("a.parquet", {"encoding": "utf-8"}),
        ("a.parquet", {"sheet": "x"}),
    ],
)
def test_options_of_another_format(name, options, write):
    (option,) = options
    message = rf"--{option} is for tables that end in \.(csv|xlsx), "
    with pytest.raises(UserError, match=message):
        read_table(write(name, "x"), Reading(**options))


def test_missing_files(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_table(tmp_path / "b.csv")
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(UserError, match="not a file"):
        read_table(tmp_path / "c.csv")


def test_standard_input(write, monkeypatch):
    with write("a", "x;y\n1;2\n").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert read_table(STDIN).frame.to_dict("list") == {"x": [1], "y": [2]}
        assert not file.closed
        with pytest.raises(UserError, match="^standard input: the file is empty.$"):
            read_table(STDIN)
    with pytest.raises(UserError, match="^standard input: it is closed.$"):
        read_table(STDIN)


@pytest.mark.skipif(os.name == "nt", reason="terminals are of POSIX")
def test_a_terminal(monkeypatch):
    ours, theirs = os.openpty()
    os.close(ours)
    with open(theirs) as file:
        monkeypatch.setattr(file.buffer.raw, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys, "stdin", file)
        with pytest.raises(UserError, match="^standard input: it is a terminal"):
            read_table(STDIN)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_several_files_are_one_table(kind, tmp_path):
    packages = {"parquet": "pyarrow", "xlsx": "openpyxl"}
    pytest.importorskip(packages.get(kind, "pandas"), exc_type=ImportError)
    whole = pandas.DataFrame(
        {"n": [1.5, 2, None, 4], "s": ["a", "b", "7", "8"], "i": [1, 2, 3, 4]}
    )
    parts = [whole[:2], whole[2:][["s", "i", "n"]].reset_index(drop=True)]
    paths = [tmp_path / f"{name}.{kind}" for name in ("whole", "a", "b")]
    for path, frame in zip(paths, [whole, *parts], strict=True):
        write = getattr(frame, {"xlsx": "to_excel"}.get(kind, f"to_{kind}"))
        write(path, index=False)
    expected = read_table(paths[0]).frame
    pandas.testing.assert_frame_equal(read_table(paths[1:]).frame, expected)
    if kind != "parquet":
        # In one file alone these texts would be numbers.
        assert read_table(paths[2]).frame["s"].tolist() == [7, 8]


def test_notes_on_several_files_name_them(write):
    paths = [write("a.csv", "x,y\n1\n1,2\n1,3\n"), write("b.csv", "y,x\n1,2\n")]
    table = read_table(paths)
    assert table.frame.fillna(0).to_dict("list") == {
        "x": [1, 1, 1, 2],
        "y": [0, 2, 3, 1],
    }
    (note,) = table.notes
    assert note.startswith(f"{paths[0]}: rows with fewer fields than the header")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (("x,y\n1,2\n", "x\n1\n"), "b.csv: it must have the columns of "),
        (("x,y\n1,2\n", "x\n1\n"), "it has no 'y'."),
        (("x\n1\n", "x,z\n1,2\n"), "it has 'z'."),
        (("x\n1\n", "x,y,y\n1,2,3\n"), "b.csv: more than one column is called 'y'."),
        (("x\n", "x\n"), "a.csv and 1 more: the table has no rows."),
        (("x,y\n1,2\n", b"x,y\n\xff,2\n"), "b.csv: this is not text in UTF-8 "),
    ],
)
def test_files_that_do_not_fit(files, message, write):
    paths = [write(f"{n}.csv", text) for n, text in zip("ab", files, strict=True)]
    with pytest.raises(UserError, match=re.escape(message)):
        read_table(paths)


def test_files_of_several_formats(write):
    paths = [write("a.csv", "x\n1\n"), write("b.parquet", "x")]
    message = "b.parquet: all files must be of one format. .*a.csv is of another."
    with pytest.raises(UserError, match=message):
        read_table(paths)


def test_types_that_differ_between_parquet_files(tmp_path):
    pytest.importorskip("pyarrow", exc_type=ImportError)
    paths = [tmp_path / f"{name}.parquet" for name in "abc"]
    for path, x in zip(paths, ([1, 2], [1.5, None], ["01", "2"]), strict=True):
        pandas.DataFrame({"x": x}).to_parquet(path)
    assert read_table(paths[:2]).frame["x"].fillna(0).tolist() == [1, 2, 1.5, 0]
    with pytest.raises(
        UserError, match="a column must have the same type in all files"
    ):
        read_table(paths)
