"""What sections of a report are made of: texts, tables, pictures, code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `share`, from 0 to 1, is also shown as a bar or a shade."""

    text: str
    share: float | None = None


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: str = field(default="text", init=False)


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: Sequence[str]
    kind: str = field(default="items", init=False)


@dataclass(frozen=True)
class Code:
    """Lines of code."""

    text: str
    kind: str = field(default="code", init=False)


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its name.

    Cells with a share have a shade if the table is `shaded`, else a bar. `is_text` says
    that cells are texts rather than numbers.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    shaded: bool = False
    is_text: bool = False
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Picture:
    """A figure as SVG."""

    svg: str
    caption: str
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Section:
    """A part of a report with a title; `name` is its address in the page."""

    name: str
    title: str
    parts: Sequence[Text | Items | Code | Table | Picture]


def number(value: float) -> str:
    """A number with four digits."""
    if value != value:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def percent(share: float) -> str:
    """A part of all as percent."""
    return f"{100 * share:.1f} %"
