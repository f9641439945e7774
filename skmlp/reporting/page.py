"""Sections as one page of HTML that needs no other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from .content import Section

TEMPLATE = Path(__file__).with_name("page.html")


def page(title: str, made: str, sections: Iterable[Section]) -> str:
    """The page; `made` says by what it was made. All texts are escaped."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["runs"] = runs
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(title=title, made=made, sections=list(sections))


def runs(parts: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Parts of the same kind that come one after the other."""
    for kind, some in groupby(parts, lambda part: part.kind):
        yield kind, list(some)
