"""Sheets of Excel files, and those that are no table."""

from datetime import date, datetime

import pytest

from skmlp.command.choices import Reading
from skmlp.command.tables import read_table
from skmlp.command.text import UserError

pytest.importorskip("pandas")


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


def test_a_note_on_numbers_that_excel_rounds(excel):
    rows = [["id", "x"], [2**60, 1], [2**60 + 1, 2]]
    (note,) = read_table(excel({"one": rows})).notes
    assert note == "Excel keeps 15 digits of a number; some have more: 'id'"


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
