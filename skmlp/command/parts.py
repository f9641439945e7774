"""Parts of tables, one of each file; the names of columns; tables of texts as numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from .choices import Reading
from .io import optional
from .numbers import typed
from .text import UserError, quoted
from .textfiles import EMPTY


class Part(NamedTuple):
    """What a file has: values as they are read, names of columns, and notes."""

    content: Any
    names: list[str]
    notes: list[str]


@dataclass
class Table:
    """A frame, notes on how it was read, and the decimal mark of its texts."""

    frame: Any
    notes: list[str]
    decimal: str = "."


def joined(frames: Sequence[Any]) -> Any:
    """A frame with the rows of all, and the columns of the first."""
    if len(frames) == 1:
        return frames[0]
    columns = list(frames[0])
    each = [frame[columns] for frame in frames]
    return optional("pandas").concat(each, ignore_index=True)


def typed_table(
    frame: Any, notes: list[str], reading: Reading, text: frozenset[str] | None
) -> Table:
    """The table with the numbers that its texts are; UserError if it has no rows."""
    check_rows(frame)
    frame, more, decimal = typed(
        frame,
        reading.decimal,
        reading.thousands,
        reading.missing,
        text,
        reading.default_decimal,
    )
    return Table(frame, notes + more, decimal)


def as_names(cells: Iterable[Any]) -> tuple[list[str], list[str]]:
    """The names of columns, from the cells of a header; and notes.

    Raises UserError if two are equal or there is none.
    """
    cells = [str(cell).strip() for cell in cells]
    names = [cell or f"column {i}" for i, cell in enumerate(cells, start=1)]
    if not names:
        raise UserError(EMPTY)
    is_value = looks_like_values(names)
    hint = (
        ""
        if not is_value
        else (" The first line must be a header; it looks like a row of values.")
    )
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise UserError(f"more than one column is called {quoted(twice)}.{hint}")
    notes = []
    if is_value:
        notes.append(f"the header looks like a row of values: {quoted(names)}")
    elif names[0].startswith("#"):
        notes.append(f"the header begins with '#': {quoted(names)}")
    blank = [name for name, cell in zip(names, cells, strict=True) if not cell]
    # The first name is blank where pandas or R wrote the names of rows.
    if blank not in ([], ["column 1"]):
        notes.append(f"columns without a name, called {quoted(blank)}")
    return names, notes


def looks_like_values(names: list[str]) -> bool:
    """Whether at least half of the names are numbers, other than years in order."""
    numbers = []
    for name in names:
        try:
            numbers.append(float(name.replace(",", ".")))
        except ValueError:
            continue
    increase = all(before < after for before, after in pairwise(numbers))
    are_years = increase and all(1000 <= n < 3000 and n % 1 == 0 for n in numbers)
    return 2 * len(numbers) >= len(names) and not are_years


def check_rows(frame: Any) -> None:
    """Raise UserError if a frame has no rows."""
    if len(frame) == 0:
        raise UserError("the table has no rows.")
