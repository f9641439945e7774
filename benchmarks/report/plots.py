"""The plots of docs/benchmarks.md."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

from .statistics import SHAPES, exponent, growth, of_dense

COLOURS = {
    "scikit-learn": "#d1603d",
    "torch": "#7a5195",
    "skorch": "#999999",
    "floor": "#444444",
    "skmlp": "#2a7f9e",
}
SOLVERS = ("adam", "sgd", "lbfgs")


def speedups(found, path: Path) -> None:
    """A dot for each dense problem and library, a panel for each solver and dtype."""
    _panels(
        found,
        ("scikit-learn", "torch", "skorch"),
        "time of the library / time of skmlp; right of the line skmlp is faster",
        path,
        scale="log",
    )


def floor_fraction(found, path: Path) -> None:
    """The time of the matrix products as a fraction of skmlp's time."""
    _panels(
        found, ("floor",), "time of the matrix products alone / time of skmlp", path
    )


def _panels(found, peers, caption, path, scale="linear"):
    figure, axes = plt.subplots(
        2, 3, figsize=(11, 6), sharey=True, sharex=True, layout="constrained"
    )
    names = [*SHAPES][::-1]
    for row, dtype in zip(axes, ("float64", "float32"), strict=True):
        for axis, solver in zip(row, SOLVERS, strict=True):
            axis.axvline(1, color="black", linewidth=0.8)
            for peer in peers:
                values = of_dense(found, solver, dtype, peer)
                where = [names.index(name) for name in values]
                axis.plot(values.values(), where, "o", color=COLOURS[peer], label=peer)
            axis.set_title(f"{solver}, {dtype}", fontsize=10)
            axis.set_yticks(range(len(names)), names)
            axis.set_ylim(-0.5, len(names) - 0.5)
            axis.set_xscale(scale)
            axis.grid(axis="x", alpha=0.3)
    if scale == "log":
        ticks = [0.5, 1, 2, 5, 10, 20]
        axes[0, 0].set_xticks(ticks, map(str, ticks))
        axes[0, 0].minorticks_off()
    else:
        axes[0, 0].set_xlim(0, 1.1)
    if len(peers) > 1:
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(),
            loc="outside upper center",
            ncols=len(peers),
        )
    figure.supxlabel(caption, fontsize=10)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def growth_curves(rows, path: Path) -> None:
    """The time of an epoch by size, on logarithmic axes."""
    figure, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
    curves = growth(rows)
    names = list(dict.fromkeys(axis for axis, _ in curves))
    for axis, name in zip(axes.flat, names, strict=False):
        for library in ("skmlp", "floor"):
            sizes, times = curves[name, library]
            label = f"{library}: {exponent(sizes, times):.2f}"
            milliseconds = [1e3 * time for time in times]
            axis.loglog(sizes, milliseconds, "o-", color=COLOURS[library], label=label)
        axis.set_xticks(sizes, map(str, sizes))
        axis.minorticks_off()
        axis.set_title(name, fontsize=10)
        axis.grid(alpha=0.3)
        axis.legend(title="exponent", fontsize=8, title_fontsize=8)
    figure.supylabel("milliseconds per epoch", fontsize=10)
    figure.savefig(path, dpi=110)
    plt.close(figure)
