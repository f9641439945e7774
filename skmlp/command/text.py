"""Texts of the command: one-line errors, counts, quoted names, tables of numbers."""

from collections.abc import Iterable
from typing import Any

from ..common.printable import printable

MAX_LENGTH, MAX_NAME = 1000, 200
"""The most characters of the message of an error, and of a name in it."""


class UserError(Exception):
    """An error that the user can correct, with a one-line message."""


def one_line(error: object) -> str:
    """The first line of an error or a warning, or its type if it has no text."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:MAX_LENGTH] if lines else type(error).__name__


def reason(error: Exception) -> str:
    """Why a file cannot be used, without its name and the number of the error."""
    return getattr(error, "strerror", None) or one_line(error)


def counted(n: int, noun: str) -> str:
    """A number and its noun, such as '2 rows'."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def quoted(names: Iterable[Any], most: int = 8) -> str:
    """Names in quotes, at most this many; of a long one the first characters."""
    texts = [str(name) for name in names]
    each = [
        repr(one if len(one) <= MAX_NAME else one[:MAX_NAME] + "...") for one in texts
    ]
    more = f" and {len(each) - most} more" if len(each) > most else ""
    return ", ".join(each[:most]) + more


def as_table(rows: dict[str, dict[str, float]], heading: str) -> str:
    """A table of text: a row for each name, with its numbers."""
    names = list(next(iter(rows.values())))
    columns = [[heading, *map(printable, rows)]]
    columns += [
        [name, *numbers([row[name] for row in rows.values()])] for name in names
    ]
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for cells in zip(*columns, strict=True):
        padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        lines.append("  ".join([cells[0].ljust(widths[0]), *padded[1:]]))
    return "\n".join(lines)


def numbers(values: list[float], places: int = 4) -> list[str]:
    """Numbers of a column as text; few decimals if they are large, more if small."""
    largest = max(map(abs, values))
    if largest >= 100:
        form = ",.1f"
    elif places == 2 or largest >= 0.01:
        form = f".{places}f"
    else:
        form = ".6f" if largest >= 1e-4 else ".1e"
    return [format(value, form) for value in values]
