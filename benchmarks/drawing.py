"""How the pictures of docs/images look: each is drawn for light pages and for dark ones.

`C0` to `C7` are colours of the style: C6 is grey, C7 is that of text.
"""

import re
from io import StringIO
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

COMMON = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "skmlp",  # the same file from the same results
}


def style(background: str, text: str, grid: str, colours: str) -> dict:
    """The settings with these colours."""
    of_text = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color")
    return {
        **COMMON,
        "figure.facecolor": background,
        "axes.facecolor": background,
        "savefig.facecolor": background,
        "grid.color": grid,
        "axes.prop_cycle": mpl.cycler(color=[*colours.split(), text]),
        **dict.fromkeys([*of_text, "ytick.color"], text),
    }


LIGHT = style(
    *("#ffffff", "#222832", "#d8dbe0"),
    "#1f7a99 #c4502a #7a5195 #57862b #9a6c00 #b8408c #7b8290",
)
DARK = style(
    *("#14181e", "#ced6dd", "#3a414c"),
    "#5cb8d6 #f0875f #b99ae0 #9ac867 #dcae45 #e88cc8 #8b93a1",
)


def save(path: Path, draw, *args) -> None:
    """Write the figure that `draw(*args)` returns to `NAME.svg` and `NAME_dark.svg`."""
    for name, settings in ((path.stem, LIGHT), (f"{path.stem}_dark", DARK)):
        with plt.rc_context(settings):
            figure, file = draw(*args), StringIO()
            about = {"Date": None, "Creator": None}
            figure.savefig(file, format="svg", metadata=about)
            plt.close(figure)
        path.with_stem(name).write_text(short(file.getvalue()))


def short(svg: str) -> str:
    """A path in a line, no indentation, and two digits of coordinates above 1."""
    svg = re.sub(r"\n\s*", "\n", svg).replace(" \n", " ")
    return re.sub(r"(?<![\d.])([1-9]\d*\.\d\d)\d+", r"\1", svg)
