"""Tables in files of all formats, and the messages about those that cannot be read."""

import os
import re
import sys
from datetime import date, datetime

import numpy as np
import pytest

from skmlp.command.tables import STDIN, Reading, as_names, read_table
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


@pytest.fixture
def excel(tmp_path):
    """Writes sheets, {name: rows}, as an Excel file."""
    openpyxl = pytest.importorskip("openpyxl")

    def save(sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"

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
    assert list(read_table(parquet(frame.set_index("3"))).frame) == ["3", "n", "d"]


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


def test_a_note_on_numbers_that_excel_rounds(excel):
    rows = [["id", "x"], [2**60, 1], [2**60 + 1, 2]]
    (note,) = read_table(excel({"one": rows})).notes
    assert note == "Excel keeps 15 digits of a number; some have more: 'id'"


def test_options_for_texts_of_a_parquet_file(parquet):
    path = parquet(pandas.DataFrame({"x": ["1.050,5", "?"], "n": [-999, 1]}))
    assert read_table(path).frame["x"].tolist() == ["1.050,5", "?"]
    frame = read_table(path, Reading(missing=("?", "-999"))).frame
    assert frame["x"].tolist()[0] == 1050.5
    assert frame["x"].isna().tolist() == [False, True]
    assert frame["n"].isna().tolist() == [True, False]


def test_an_excel_file(excel):
    rows = [
        [],
        ["a", "b", 2019, None, "d", "e", date(2024, 1, 1)],
        [1, "007", 1.5, None, datetime(2024, 1, 2), True, "NA"],
        [2, "x", "?", None, date(9999, 1, 2), None, ""],
        [],
        [2**40, None, 7, None, None, False, "NA"],
    ]
    table = read_table(excel({"one": rows, "two": []}))
    assert table.notes == [
        "sheet 'one' is used, not 'two' (--sheet)",
        "empty rows between rows, skipped: 1",
        "'b' is used as text: 1 of 2 values begins with 0: '007'",
        "'2019' is used as text: 1 of 3 values is no number: '?'; --missing '?' reads it "
        "as missing",
    ]
    frame = table.frame
    assert list(frame) == ["a", "b", "2019", "d", "e", "2024-01-01"]
    assert frame["a"].tolist() == [1, 2, 2**40]
    assert frame["b"].fillna("").tolist() == ["007", "x", ""]
    assert frame["2019"].tolist() == ["1.5", "?", "7"]
    days = [value.isoformat()[:10] for value in frame["d"].tolist()[:2]]
    assert days == ["2024-01-02", "9999-01-02"]
    assert frame["d"].isna().tolist() == [False, False, True]
    assert frame["e"].tolist() == [True, None, False]
    assert frame["2024-01-01"].isna().all()


def test_options_for_excel(excel):
    rows = [["a", "b"], [1.5, 7], ["2,5", 8], ["?", 9]]
    path = excel({"one": [["x"], [1]], "two": rows})
    reading = Reading(sheet="two", decimal=",", missing=("?",))
    table = read_table(path, reading, text=["b"])
    assert table.notes == []
    assert table.frame["a"].fillna(0).tolist() == [1.5, 2.5, 0]
    assert table.frame["b"].tolist() == ["7", "8", "9"]


def test_errors_in_excel_are_missing(excel):
    openpyxl = pytest.importorskip("openpyxl")
    path = excel({"one": [["a", "b"], [1, "x"], [2, "y"]]})
    book = openpyxl.load_workbook(path)
    book["one"]["A3"].value = "#N/A"
    book.save(path)
    table = read_table(path)
    assert table.frame["a"].isna().tolist() == [False, True]
    assert table.notes == ["cells with an error such as #N/A, read as missing: 1"]


@pytest.mark.parametrize(
    ("sheets", "sheet", "message"),
    [
        ({"a": [["x"], [1]], "b": []}, "c", "there is no sheet 'c'. It has 'a', 'b'."),
        ({"a": [], "b": [["x"], [1]]}, None, "the sheet is empty; sheet 'a' is used, "),
        ({"a": [["x"]]}, None, "the table has no rows."),
        ({"a": [["x", "x"], [1, 2]]}, None, "more than one column is called 'x'."),
    ],
)
def test_sheets_that_are_no_table(sheets, sheet, message, excel):
    with pytest.raises(UserError, match=message):
        read_table(excel(sheets), Reading(sheet=sheet))


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


@pytest.mark.parametrize(
    ("header", "note"),
    [
        ("", []),
        ("c,1990,1991", []),
        ("5.1,3.5,x", ["the header looks like a row of values: '5.1', '3.5', 'x'"]),
        ("x,2.5", ["the header looks like a row of values: 'x', '2.5'"]),
        ("5,6", ["the header looks like a row of values: '5', '6'"]),
        ("x,2024", []),
        ("#x,y", ["the header begins with '#': '#x', 'y'"]),
        (",x", []),
        ("x,", ["columns without a name, called 'column 2'"]),
    ],
)
def test_odd_headers_have_a_note(header, note):
    cells = header.split(",") if header else ["a"]
    names, notes = as_names(cells)
    assert names == [cell or f"column {i}" for i, cell in enumerate(cells, start=1)]
    assert notes == note


def test_values_as_a_header_and_equal_names():
    message = (
        "called '3.5'. The first line must be a header; it looks like a row of val"
    )
    with pytest.raises(UserError, match=message):
        as_names(["5.1", "3.5", "3.5"])


def test_many_equal_names_have_a_short_message():
    with pytest.raises(UserError, match="'c7' and 4992 more.") as caught:
        as_names([f"c{i // 2}" for i in range(10_000)])
    assert len(str(caught.value)) < 120
