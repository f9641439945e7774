"""Figures of matplotlib as SVG in a page, in the colours of the page."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from itertools import count
from typing import Any
from xml.etree import ElementTree

INK, PAPER = "#010203", "#fcfdfe"
"""The colours that become those of the text and of the page."""

SERIES = ("#0a0b01", "#0a0b02", "#0a0b03")
"""The colours that become those of series."""

COLORS = {INK: "currentColor", PAPER: "var(--paper)"} | {
    color: f"var(--series-{i})" for i, color in enumerate(SERIES, 1)
}
"""What stands for the colours of a figure in the page."""

SETTINGS: Any = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.formatter.use_mathtext": False,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.size": 10,
    "legend.facecolor": PAPER,
    "legend.framealpha": 0.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "skmlp",
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": INK,
    "ytick.color": INK,
}
"""The settings of matplotlib: the colours above, and text that stays text."""

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"

Draw = Callable[[Any], None]
"""A function that draws on axes."""


class Drawings:
    """Draws figures; the ids of each differ from those of the others of a page."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def svg(
        self, draw: Draw, label: str, size: tuple[float, float] = (4.6, 3.6)
    ) -> str:
        """An SVG element with what is drawn, and a text for those who do not see it."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        with mpl.rc_context(SETTINGS), warnings.catch_warnings():
            # The page has the text, whatever fonts matplotlib has.
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            figure = Figure(figsize=size, layout="constrained")
            draw(figure.subplots())
            file = io.BytesIO()
            figure.savefig(file, format="svg", metadata={"Date": None})
        return embedded(file.getvalue(), label, f"f{next(self._numbers)}-")


def embedded(file: bytes, label: str, prefix: str) -> str:
    """An SVG file as an element of a page; `prefix` begins its ids."""
    root = ElementTree.fromstring(file)
    for parent in root.iter():
        for child in list(parent):
            if child.tag in (f"{SVG}metadata", f"{SVG}style"):
                parent.remove(child)
    values = " ".join(value for one in root.iter() for value in one.attrib.values())
    used = set(re.findall(r"#([-\w]+)", values))
    for one in root.iter():
        # An element in a page has no namespaces.
        one.tag = one.tag.removeprefix(SVG)
        attributes = {
            key.removeprefix(LINK): in_page(value, prefix)
            for key, value in one.attrib.items()
        }
        name = attributes.pop("id", "")
        if name in used:
            attributes["id"] = prefix + name
        one.attrib = attributes
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": label}
    return ElementTree.tostring(root, encoding="unicode")


def in_page(value: str, prefix: str) -> str:
    """The value of an attribute, with the colours and the ids of the page."""
    for color, name in COLORS.items():
        value = value.replace(color, name)
    if value.startswith("#"):
        return f"#{prefix}{value[1:]}"
    return value.replace("url(#", f"url(#{prefix}")
