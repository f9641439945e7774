"""Tables in sheets of Excel files."""

import warnings
from datetime import datetime, time
from io import BufferedReader
from typing import Any

from .choices import Reading
from .io import optional
from .parts import Part, Table, as_names, check_rows, typed_table
from .text import UserError, quoted
from .textfiles import kind_of_file


def read_excel(file: BufferedReader, reading: Reading) -> Part:
    """The cells in a sheet of an Excel file."""
    pandas = optional("pandas")
    kind = kind_of_file(file.peek(8))
    if "xlsx" not in kind:
        raise UserError(f"this is {kind or 'no Excel file'}.")
    cells, notes = _cells(pandas, file, reading.sheet)
    empty = cells.eq("")
    used = (~empty.all(axis=1)).to_numpy().nonzero()[0]
    if len(used) == 0:
        raise UserError("; ".join(["the sheet is empty", *notes]) + ".")
    n_skipped = int(used[-1] - used[0] + 1 - len(used))
    if n_skipped:
        notes.append(f"empty rows between rows, skipped: {n_skipped:,}")
    cells = cells.loc[used, ~empty.all(axis=0)]
    names, odd = as_names(map(as_text, cells.iloc[0]))
    rows = cells.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    n_errors = int(rows.isna().to_numpy().sum())
    if n_errors:
        notes.append(f"cells with an error such as #N/A, read as missing: {n_errors:,}")
    return Part(rows, names, notes + odd + notes_on_digits(rows))


def _cells(
    pandas: Any, file: BufferedReader, sheet: str | None
) -> tuple[Any, list[str]]:
    """The cells of a sheet: '' if empty, NaN for an error; and a note on other sheets."""
    with warnings.catch_warnings():
        # openpyxl warns of styles and the like, which no table needs.
        warnings.simplefilter("ignore", UserWarning)
        with pandas.ExcelFile(file, engine="openpyxl") as book:
            sheets = book.sheet_names
            if sheet not in (None, *sheets):
                raise UserError(
                    f"there is no sheet {sheet!r}. It has {quoted(sheets)}."
                )
            used = sheets[0] if sheet is None else sheet
            cells = pandas.read_excel(
                book, sheet_name=used, header=None, dtype=object, na_filter=False
            )
    others = [one for one in sheets if one != used]
    if sheet is not None or not others:
        return cells, []
    return cells, [f"sheet {used!r} is used, not {quoted(others)} (--sheet)"]


def notes_on_digits(rows: Any) -> list[str]:
    """A note on numbers with more digits than Excel keeps."""
    names = [
        name
        for name in rows
        if any(
            isinstance(cell, int | float) and abs(cell) >= 1e15 for cell in rows[name]
        )
    ]
    if not names:
        return []
    return [f"Excel keeps 15 digits of a number; some have more: {quoted(names)}"]


def _has_text(cells: Any) -> bool:
    """Whether a column has a text, or nothing at all."""
    seen = [cell for cell in cells if not (isinstance(cell, str) and cell == "")]
    return not seen or any(isinstance(cell, str) for cell in seen)


def table_of_cells(
    rows: Any, notes: list[str], reading: Reading, text: frozenset[str] | None
) -> Table:
    """The table of cells: columns with texts are read like those of a text file."""
    check_rows(rows)
    pandas = optional("pandas")
    decimal = reading.decimal or "."
    raw = [name for name in rows if name in (text or ()) or _has_text(rows[name])]
    texts = {
        name: pandas.Series([as_text(cell, decimal) for cell in rows[name]], dtype=str)
        for name in raw
    }
    others = {
        name: rows[name].map(lambda cell: None if cell == "" else cell).infer_objects()
        for name in rows
        if name not in texts
    }
    # Types without texts in them stay, but for words that mean a missing value.
    columns = texts | others
    frame = pandas.DataFrame({name: columns[name] for name in rows})
    return typed_table(frame, notes, reading, text)


def as_text(cell: Any, decimal: str = ".") -> str:
    """A cell as it would be in a text file."""
    if isinstance(cell, float):
        # An error is NaN.
        return "" if cell != cell else repr(cell).replace(".", decimal)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell).lstrip(" ")
