"""Draw the pictures of docs/images that are not results of a benchmark.

`python -m docs.pictures` writes all of them. Folds, schedules and curves come from the
package itself.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullLocator, ScalarFormatter
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from benchmarks.drawing import save
from skmlp import LossCurveDisplay, MLPClassifier, TabularMLPRegressor
from skmlp.core.schedules import SCHEDULES, Cosine
from skmlp.tabular.folds import make_folds

IMAGES = Path(__file__).parent / "images"
PLACES = (0, 2.2, 4.8, 6.8, 9)
"""The places of x, h_1, h_L, s and the head."""


def network():
    """Units and weights; above them the forward process, below them the backward one."""
    figure, axis = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
    axis.set(xlim=(-0.8, 10), ylim=(-3.3, 3.7))
    axis.axis("off")
    for i, n_left, n_right in ((0, 4, 5), (2, 5, 2), (3, 2, 1)):
        for a in heights(n_left):
            for b in heights(n_right):
                ends = PLACES[i : i + 2], (a, b)
                axis.plot(*ends, color="C6", linewidth=0.6, zorder=0)
    for place, n_units in zip(PLACES, (4, 5, 5, 2), strict=False):
        axis.plot([place] * n_units, heights(n_units), "o", color="C0", markersize=11)
    middle = sum(PLACES[1:3]) / 2
    axis.text(middle, 0, "…", ha="center", va="center", fontsize=20)
    fill = plt.rcParams["axes.facecolor"]
    box = {"boxstyle": "round,pad=0.6", "facecolor": fill, "edgecolor": "C0"}
    axis.text(PLACES[-1], 0, "head, $y$", ha="center", va="center", bbox=box)
    forward(axis, 2.7)
    backward(axis, -2.9)
    return figure


def heights(n_units):
    """The heights of the units of a layer."""
    return 0.9 * (np.arange(n_units) - (n_units - 1) / 2)


def forward(axis, height):
    """From x to the prediction."""
    names = ("$x = h_0$", "$h_1$", "$h_L$", "$s$", "prediction")
    weights = ("$W_1, b_1$", "", "$W_{L+1}, b_{L+1}$", "")
    arrows(axis, height, (names, weights), "C0", "->")
    axis.text(PLACES[0], height + 0.6, "forward", ha="center", color="C0")


def backward(axis, height):
    """From the loss to the gradient of each layer."""
    names = ("", *map(slope, ("h_1", "h_L", "s")), "Loss")
    first, last = (
        f"{slope(f'W_{{{layer}}}')}\n{slope(f'b_{{{layer}}}')}"
        for layer in ("1", "L+1")
    )
    weights = (first, "", last, "")
    arrows(axis, height, (names, weights), "C1", "<-")
    axis.text(PLACES[0], height, "backward", ha="center", va="center", color="C1")


def slope(symbol):
    """The derivative of the loss."""
    return rf"$d\mathrm{{Loss}}/d{symbol}$"


def arrows(axis, height, texts, colour, style):
    """Names at the places, and an arrow with the symbols of weights between them."""
    names, weights = texts
    for left, right, symbols in zip(PLACES, PLACES[1:], weights, strict=False):
        ends = {"xytext": (left + 0.7, height), "xy": (right - 0.7, height)}
        look = {"arrowstyle": style, "color": colour}
        axis.annotate("", **ends, arrowprops=look)
        middle = (left + right) / 2, height + 0.15
        axis.text(*middle, symbols, ha="center", va="bottom", fontsize=9, color=colour)
    for place, name in zip(PLACES, names, strict=True):
        axis.text(place, height, name, ha="center", va="center", fontsize=11)


def folds():
    """A line for each network, a square for each row, filled where it validates."""
    n_rows, n_members = 24, 8
    found = make_folds(n_rows, n_members, None, np.random.RandomState(0))
    figure, axis = plt.subplots(figsize=(6.4, 2.9), layout="constrained")
    for i, fold in enumerate(found):
        for rows, colour in ((fold.training, "C0"), (fold.validation, "C1")):
            axis.plot(rows, [i] * len(rows), "s", color=colour, markersize=9)
    axis.lines[0].set_label("training rows")
    axis.lines[1].set_label("validation rows")
    axis.set_yticks(range(n_members), range(1, n_members + 1))
    axis.set_xticks([])
    axis.set(xlabel="rows of the table", ylabel="network", xlim=(-0.8, n_rows - 0.2))
    axis.invert_yaxis()
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    figure.legend(loc="outside upper right", ncols=2)
    return figure


def schedules():
    """The factor on the initial rate by the progress of training."""
    progress = np.linspace(0, 1, 201)
    plateaus = np.array([0.4, 0.7])
    figure, axis = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    for number, (name, schedule) in enumerate(SCHEDULES.items()):
        # 1,000 rows in each of 30 epochs; the rate of invscaling changes after an epoch.
        seen = 1000 * np.floor(30 * progress)
        factors = [
            schedule().factor(n_seen, int((plateaus <= t).sum()), t)
            for n_seen, t in zip(seen, progress, strict=True)
        ]
        axis.plot(progress, factors, color=f"C{number}", label=name)
    axis.set(xlabel="progress of training", ylabel="rate / learning_rate_init")
    axis.grid()
    figure.legend(loc="outside upper center", ncols=5, columnspacing=1)
    return figure


def learning_curves(model):
    """The losses of each epoch, and the one whose weights are kept."""
    figure, axis = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    LossCurveDisplay.from_estimator(model, name="tumours", ax=axis)
    axis.legend(frameon=True, edgecolor="none")
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(ScalarFormatter())
    axis.yaxis.set_minor_locator(NullLocator())
    axis.set_yticks([0.05, 0.1, 0.2, 0.5])
    axis.grid()
    return figure


def early_end(model):
    """The losses of an ensemble and, below them, its learning rate and the planned one."""
    epochs = np.arange(1, model.n_iter_ + 1)
    history = model.history_
    planned = np.arange(1, model.max_iter + 1)
    rates = [
        model.learning_rate_init * Cosine().factor(0, 0, epoch / model.max_iter)
        for epoch in planned
    ]
    figure, (losses, rate) = plt.subplots(
        2, figsize=(6.4, 4.8), sharex=True, layout="constrained"
    )
    losses.plot(epochs, history["loss"], label="training")
    losses.plot(epochs, history["validation_loss"], label="validation")
    best = losses.get_xaxis_transform()
    kept = {"color": "C1", "clip_on": False, "label": "best epoch of a network"}
    losses.plot(
        model.best_iter_, [0.02] * len(model.best_iter_), "^", transform=best, **kept
    )
    losses.set(ylabel="loss", yscale="log")
    losses.yaxis.set_major_formatter(ScalarFormatter())
    losses.set_yticks([0.1, 0.2, 0.5, 1])
    losses.yaxis.set_minor_locator(NullLocator())
    rate.plot(epochs, history["learning_rate"], color="C2", label="as it was")
    rate.plot(planned, rates, "--", color="C6", zorder=1, label="as planned")
    rate.set(xlabel="epoch", ylabel="learning rate", ylim=(0, None))
    for axis in (losses, rate):
        axis.grid()
        axis.legend()
    return figure


def tumours():
    """A network with early stopping, as in the page about watching the training."""
    X, y = load_breast_cancer(return_X_y=True)
    X, _, y, _ = train_test_split(scale(X), y, test_size=0.5, random_state=0)
    model = MLPClassifier(
        hidden_layer_sizes=(20,),
        learning_rate_init=0.01,
        max_iter=60,
        early_stopping=True,
        scoring="loss",
        random_state=0,
    )
    return model.fit(X, y)


def diabetes():
    """An ensemble whose training ends early."""
    X, y = load_diabetes(return_X_y=True)
    return TabularMLPRegressor(max_iter=48, random_state=0).fit(X, y)


def main():
    """Write all pictures."""
    for draw in (network, folds, schedules):
        save(IMAGES / f"{draw.__name__}.svg", draw)
    save(IMAGES / "learning_curves.svg", learning_curves, tumours())
    save(IMAGES / "early_end.svg", early_end, diabetes())


if __name__ == "__main__":
    main()
