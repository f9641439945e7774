"""The plots of docs/tabular_benchmarks.md."""

import matplotlib.pyplot as plt
from matplotlib.ticker import ScalarFormatter

from .libraries import Entry
from .statistics import REFERENCE, Losses, Summary, frontier

COLOURS = {
    "skmlp": "C0",
    "sklearn_mlp": "C1",
    "realmlp_td": "C2",
    "lightgbm": "C3",
    "xgboost": "C4",
    "catboost": "C5",
    "realmlp_td_s": "C6",
    "hgb": "C7",
    "lightgbm_tuned": "C3",
}
LABELS = {
    "hgb": ((0, -18), "center"),
    "lightgbm": ((-5, 5), "right"),
    "realmlp_td": ((-5, 5), "right"),
    "skmlp:preset=best": ((-5, -14), "right"),
}
"""Offset and alignment of a name beside its point; for others ((5, 5), "left")."""

TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.7, 2, 3, 5, 10)


def cost(found: dict[str, Summary], names: dict[str, str]):
    """Loss by CPU seconds, a panel for each kind of target."""
    kinds = [kind for kind in next(iter(found.values())).ratios if kind != "all"]
    figure, axes = plt.subplots(
        len(kinds),
        figsize=(5.8, 3.1 * len(kinds)),
        sharex=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, kind in zip(axes[:, 0], kinds, strict=True):
        points = {
            library: (summary.fit_cpu, summary.ratios[kind])
            for library, summary in found.items()
        }
        edge = [points[library] for library in frontier(points)]
        axis.plot(*zip(*edge, strict=True), color="C6", zorder=0)
        for library, point in points.items():
            axis.plot(*point, "o", color=COLOURS[Entry(library).library])
            offset, side = LABELS.get(library, ((5, 5), "left"))
            look = {"textcoords": "offset points", "fontsize": 9, "ha": side}
            axis.annotate(names[library], point, offset, **look)
        axis.axhline(1, color="C7", linewidth=0.8, zorder=0)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(ScalarFormatter())
        axis.margins(x=0.25, y=0.15)
        axis.set_title(kind)
        axis.grid()
    figure.supxlabel("CPU seconds of a fit, median over the tables", fontsize=10)
    figure.supylabel(f"loss / loss of {names[REFERENCE]}", fontsize=10)
    return figure


def by_table(losses: Losses, names: dict[str, str]):
    """A dot for the ratio of the losses of each table and library."""
    tables = list(losses)[::-1]
    figure, axis = plt.subplots(
        figsize=(7, 1.5 + 0.2 * len(tables)), layout="constrained"
    )
    axis.axvline(1, color="C7", linewidth=0.8)
    for library in names:
        over = [losses[table][library] / losses[table][REFERENCE] for table in tables]
        if library != REFERENCE:
            axis.plot(
                over,
                tables,
                "o",
                markersize=4,
                color=COLOURS[library],
                label=names[library],
            )
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axis.set_xticks(ticks, map(str, ticks))
    axis.minorticks_off()
    axis.grid()
    axis.set_xlabel(
        f"loss / loss of {names[REFERENCE]}; left of the line the loss is lower",
        fontsize=10,
    )
    figure.legend(loc="outside upper center", ncols=3)
    return figure
