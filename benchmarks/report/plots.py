"""The plots of docs/benchmarks.md."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

from .statistics import IN_NUMPY, OURS, SHAPES, exponent, growth, of_dense

COLOURS = {
    "scikit-learn": "#d1603d",
    "torch": "#7a5195",
    "skorch": "#999999",
    "floor": "#444444",
    "limit": "#bbbbbb",
    "skmlp": "#2a7f9e",
    "skmlp in NumPy": "#7fc4a0",
}
SOLVERS = ("adam", "sgd", "lbfgs")


def speedups(found, path: Path) -> None:
    """A dot for each dense problem and library, a panel for each solver and dtype."""
    peers = ("scikit-learn", "torch", "skorch", IN_NUMPY)
    caption = "time of the library / time of skmlp; right of the line skmlp is faster"
    _panels({peer: (found[OURS], peer) for peer in peers}, caption, path, scale="log")


def floor_fraction(found, path: Path) -> None:
    """The time of the matrix products as a fraction of each path's, and the limit."""
    series = {each: (found[each], "floor") for each in (OURS, IN_NUMPY)}
    series["limit"] = found[OURS], "limit"
    caption = (
        "time of the matrix products alone / time of skmlp; "
        "limit: their time at the highest rate / time of skmlp"
    )
    _panels(series, caption, path)


def _panels(series, caption, path, scale="linear"):
    """`series` has the ratios and the peer to show for each label."""
    figure, axes = plt.subplots(
        2, 3, figsize=(11, 6), sharey=True, sharex=True, layout="constrained"
    )
    names = [*SHAPES][::-1]
    for row, dtype in zip(axes, ("float64", "float32"), strict=True):
        for axis, solver in zip(row, SOLVERS, strict=True):
            axis.axvline(1, color="black", linewidth=0.8)
            for label, (found, peer) in series.items():
                values = of_dense(found, solver, dtype, peer)
                where = [names.index(name) for name in values]
                colour = COLOURS[label]
                axis.plot(values.values(), where, "o", color=colour, label=label)
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
        axes[0, 0].set_xlim(left=0)
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(),
        loc="outside upper center",
        ncols=len(series),
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
        for library in (OURS, IN_NUMPY, "floor"):
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
