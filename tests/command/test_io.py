"""Tables and models in files, and the messages about those that cannot be read."""

import re
import sys
from datetime import date

import pytest

from skmlp.command import io
from skmlp.command.io import (
    check_different,
    check_writable,
    find_separator,
    optional,
    read_table,
)
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")

TEXT = 'city{0}rooms{0}note\nBonn{0}3{0}"a{0} b"\nUlm{0}{0}c\n'


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.TXT"])
def test_csv_with_any_of_three_separators(separator, name, write):
    frame = read_table(write(name, TEXT.format(separator)))
    assert list(frame) == ["city", "rooms", "note"]
    assert frame["city"].tolist() == ["Bonn", "Ulm"]
    assert frame["rooms"].isna().tolist() == [False, True]
    assert frame["note"].tolist() == [f"a{separator} b", "c"]


def test_one_column_and_a_mark_of_utf8(write):
    frame = read_table(write("a.csv", b"\xef\xbb\xbfname\nx\ny\n"))
    assert frame["name"].tolist() == ["x", "y"]


def test_the_separator_is_one_that_all_lines_agree_on():
    lines = ["a;b;c\n", "1,5;2,5;x, y, z\n", "2,5;3;w\n"]
    assert find_separator(lines) == ";"
    assert find_separator(["a, b\n", "1, 2\n"]) == ","


def test_columns_without_a_name(write):
    frame = read_table(write("a.csv", ",x,\n0,5,\n1,6,\n"))
    assert list(frame) == ["column 1", "x", "column 3"]
    assert frame["x"].tolist() == [5, 6]


def test_decimal_commas(write):
    frame = read_table(write("a.csv", "x;y;t\n1,5;-2;1,a\n,25;3;b\n"))
    assert frame["x"].tolist() == [1.5, 0.25]
    assert frame["y"].tolist() == [-2, 3]
    assert frame["t"].tolist() == ["1,a", "b"]


def test_commas_that_are_no_decimal_ones(write):
    frame = read_table(write("a.tsv", "x\ty\n4,282\t8\n1,494\t2\n"))
    assert frame["x"].tolist() == ["4,282", "1,494"]
    frame = read_table(write("a.csv", "x;y\n1,2;0.5\n2,3;1.5\n"))
    assert frame["x"].tolist() == ["1,2", "2,3"]
    assert frame["y"].tolist() == [0.5, 1.5]


def test_columns_that_are_to_be_text(write):
    path = write("a.csv", "x, y\n01,02\n1,2\n")
    frame = read_table(path, ["y", "not there"])
    assert frame["x"].tolist() == [1, 1]
    assert frame["y"].tolist() == ["02", "2"]


def test_parquet(tmp_path):
    pytest.importorskip("pyarrow", exc_type=ImportError)
    frame = pandas.DataFrame(
        {"n": [1.5, None], "d": [date(2024, 1, 2), None], 3: ["a", "b"]}
    )
    frame.columns = frame.columns.astype(str)
    frame.to_parquet(tmp_path / "a.parquet")
    again = read_table(tmp_path / "a.parquet")
    assert list(again) == ["n", "d", "3"]
    assert again["d"].tolist()[0] == date(2024, 1, 2)
    frame.set_index("3").to_parquet(tmp_path / "a.parquet")
    assert list(read_table(tmp_path / "a.parquet")) == ["3", "n", "d"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", "x", "a table must end in one of .csv, .tsv, .txt, .parquet."),
        ("a.csv", "", "the file is empty."),
        ("a.csv", "x,y\n", "the table has no rows."),
        ("a.csv", "\n\n", "this cannot be read (No columns to parse from file)."),
        ("a.csv", "x,y\n1,2,3\n1,2\n", "a row has more fields than the first row."),
        ("a.csv", "x,y\n1,2\n1,2,3\n", "this cannot be read (Error tokenizing data"),
        ("a.csv", b"x,y\n\xe4,2\n", "this is not text in UTF-8."),
        ("a.csv", b"x\0y\n1,2\n", "this cannot be read (it is not text)."),
        ("a.csv", 'x,y\n"1,2\n', "this cannot be read ("),
        ("a.csv", "x, x\n1,2\n", "more than one column is called 'x'."),
        ("a.parquet", "PAR1 and so on", "this cannot be read ("),
    ],
)
def test_files_that_are_no_table(name, content, message, write):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", exc_type=ImportError)
    path = write(name, content)
    with pytest.raises(UserError, match=re.escape(f"{path}: {message}")) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


def test_missing_files(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_table(tmp_path / "b.csv")
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(UserError, match="not a file"):
        read_table(tmp_path / "c.csv")


@pytest.mark.parametrize("name", list(io.OPTIONAL))
def test_a_package_that_is_not_installed(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    package = name.partition(".")[0]
    with pytest.raises(
        UserError, match=rf"^[A-Z].* needs {package}, which is not .*Install"
    ):
        optional(name)


def test_a_package_that_cannot_be_imported(monkeypatch):
    def fail(name):
        raise ImportError("it needs another NumPy.\nSo it is.")

    monkeypatch.setattr(io.importlib, "import_module", fail)
    with pytest.raises(
        UserError, match=r"cannot be imported \(it needs another NumPy\)\. "
    ):
        optional("pyarrow")


@pytest.mark.parametrize("error", [ValueError, AttributeError, OSError, SystemError])
def test_a_package_that_breaks(error, monkeypatch):
    def fail(name):
        raise error("another NumPy")

    monkeypatch.setattr(io.importlib, "import_module", fail)
    with pytest.raises(UserError, match=r"which cannot be imported \(another NumPy\)"):
        optional("pandas")


def test_paths_that_are_one_file(tmp_path):
    check_different({"a": tmp_path / "a", "b": tmp_path / "b"})
    with pytest.raises(UserError, match="a: c and a are the same file"):
        check_different({"a": tmp_path / "a", "c": tmp_path / "x" / ".." / "a"})


def test_paths_to_write(tmp_path):
    assert check_writable(tmp_path / "a.PNG", [".png"], "a plot") == ".png"
    with pytest.raises(UserError, match="a plot must end in one of .png, .pdf"):
        check_writable(tmp_path / "a.gif", [".png", ".pdf"], "a plot")
    with pytest.raises(UserError, match="the folder .*nowhere does not exist"):
        check_writable(tmp_path / "nowhere" / "a.png", [".png"], "a plot")
    (tmp_path / "b.png").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        check_writable(tmp_path / "b.png", [".png"], "a plot")
