"""The plots of docs/benchmarks.md."""

import matplotlib.pyplot as plt

from .statistics import IN_NUMPY, OURS, SHAPES, exponent, growth, of_dense

COLOURS = {
    "skmlp": "C0",
    "scikit-learn": "C1",
    "torch": "C2",
    "skmlp in NumPy": "C3",
    "limit": "C4",
    "skorch": "C6",
    "floor": "C7",
}
SOLVERS = ("adam", "sgd", "lbfgs")


def speedups(found):
    """A dot for each dense problem and library, a panel for each solver and dtype."""
    peers = ("scikit-learn", "torch", "skorch", IN_NUMPY)
    caption = "time of the library / time of skmlp; right of the line skmlp is faster"
    return _panels({peer: (found[OURS], peer) for peer in peers}, caption, scale="log")


def floor_fraction(found):
    """The time of the matrix products as a fraction of each path's, and the limit."""
    series = {each: (found[each], "floor") for each in (OURS, IN_NUMPY)}
    series["limit"] = found[OURS], "limit"
    caption = (
        "time of the matrix products alone / time of skmlp;\n"
        "limit: their time at the highest rate / time of skmlp"
    )
    return _panels(series, caption)


def _panels(series, caption, scale="linear"):
    """`series` has the ratios and the peer to show for each label."""
    figure, axes = plt.subplots(
        3, 2, figsize=(7, 9), sharey=True, sharex=True, layout="constrained"
    )
    names = [*SHAPES][::-1]
    for row, solver in zip(axes, SOLVERS, strict=True):
        for axis, dtype in zip(row, ("float64", "float32"), strict=True):
            axis.axvline(1, color="C7", linewidth=0.8)
            for label, (found, peer) in series.items():
                values = of_dense(found, solver, dtype, peer)
                where = [names.index(name) for name in values]
                colour = COLOURS[label]
                axis.plot(values.values(), where, "o", color=colour, label=label)
            axis.set_title(f"{solver}, {dtype}")
            axis.set_yticks(range(len(names)), names)
            axis.set_ylim(-0.5, len(names) - 0.5)
            axis.set_xscale(scale)
            axis.grid(axis="x")
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
    return figure


def growth_curves(rows):
    """The time of an epoch by size, on logarithmic axes."""
    figure, axes = plt.subplots(3, 2, figsize=(7, 9), layout="constrained")
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
        axis.set_title(name)
        axis.grid()
        axis.legend(title="exponent", fontsize=8, title_fontsize=8)
    figure.supylabel("milliseconds per epoch", fontsize=10)
    return figure
