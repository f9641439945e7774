"""What the figures of a report show, drawn on axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from ..common.values import is_missing
from .scores import Judged
from .svg import INK, SERIES

BINS = 10
"""The groups of rows of a calibration curve."""

MOST_POINTS = 600
"""The most rows that are points of a figure."""

MOST_STEPS = 200
"""The most points of a curve."""

STYLES = ("-", "--", ":")
"""The lines of series, which differ without colours, too."""


def roc(axes: Any, occurred: Any, probability: Any) -> None:
    """The part of true events that is found, by that of false alarms."""
    false, true, _ = roc_curve(occurred, probability)
    axes.plot([0, 1], [0, 1], color=INK, linestyle=":", label="guessing")
    area = roc_auc_score(occurred, probability)
    axes.plot(*thinned(false, true), color=SERIES[0], label=f"AUC {area:.3f}")
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    axes.legend(loc="lower right")


def precision_recall(axes: Any, occurred: Any, probability: Any) -> None:
    """The part of alarms that is right, by the part of events that is found."""
    precision, recall, _ = precision_recall_curve(occurred, probability)
    share = float(np.mean(occurred))
    axes.axhline(share, color=INK, linestyle=":", label=f"guessing {share:.3f}")
    area = average_precision_score(occurred, probability)
    label = f"average precision {area:.3f}"
    axes.plot(*thinned(recall, precision), color=SERIES[0], label=label)
    axes.set(xlabel="recall", ylabel="precision", ylim=(-0.02, 1.02))
    axes.legend(loc="lower left")


def bins(probability: Any, occurred: Any) -> tuple[Any, Any, Any]:
    """Mean probability, observed fraction and its standard error, in bins of equal size."""
    order = np.argsort(probability, kind="stable")
    groups = [part for part in np.array_split(order, BINS) if len(part)]
    predicted = np.array([probability[part].mean() for part in groups])
    observed = np.array([occurred[part].mean() for part in groups])
    sizes = np.array([len(part) for part in groups])
    # Computed from the prediction: from an observed 0 or 1 the error would be zero.
    return predicted, observed, np.sqrt(predicted * (1 - predicted) / sizes)


def calibration(axes: Any, occurred: Any, probability: Any) -> None:
    """The observed fraction of an event, by its predicted probability."""
    predicted, observed, error = bins(probability, occurred)
    axes.plot([0, 1], [0, 1], color=INK, linestyle=":", label="calibrated")
    label = f"{len(predicted)} groups of rows, 2 standard errors"
    axes.errorbar(
        *(predicted, observed, 2 * error), color=SERIES[0], marker="o", label=label
    )
    axes.set(xlabel="predicted probability", ylabel="observed fraction")
    axes.legend(loc="upper left")


def predictions(axes: Any, judged: Judged, band: Any = None) -> None:
    """The truth by the prediction, with the ends of intervals if there are some."""
    some = some_rows(judged.predicted)
    x, y = judged.predicted[some], judged.y[some]
    ends = [min(x.min(), y.min()), max(x.max(), y.max())]
    axes.plot(ends, ends, color=INK, linestyle=":", label="truth = prediction")
    axes.plot(x, y, ".", color=SERIES[0], alpha=0.5, label="row")
    if band is not None:
        for end, label in zip(band[some].T, ("90 % interval", "_"), strict=True):
            axes.plot(x, end, color=SERIES[1], linewidth=1, label=label)
    axes.set(xlabel="prediction", ylabel="truth")
    axes.legend(loc="upper left")


def residuals(axes: Any, judged: Judged) -> None:
    """How far the truth is from the prediction."""
    some = some_rows(judged.predicted)
    x, y = judged.predicted[some], judged.y[some]
    axes.axhline(0, color=INK, linestyle=":")
    axes.plot(x, y - x, ".", color=SERIES[0], alpha=0.5)
    axes.set(xlabel="prediction", ylabel="truth - prediction")


def losses(axes: Any, history: Any, networks: Sequence[Any]) -> None:
    """The losses of training and validation rows by epoch; thin lines of each network."""
    both = zip(("loss", "validation_loss"), ("training", "validation"), strict=True)
    for (key, what), color, style in zip(both, SERIES, STYLES, strict=False):
        for one in networks:
            axes.plot(
                numbered(one[key]), one[key], color=color, alpha=0.3, linewidth=0.7
            )
        values = history[key]
        if np.isfinite(values).any():
            x = numbered(values)
            axes.plot(x, values, color=color, linestyle=style, label=f"{what} rows")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend()


def dependence(
    axes: Any, grid: Sequence[Any], lines: Any, names: Sequence[str]
) -> None:
    """The mean prediction by a column: a curve of numbers, points of labels."""
    numbers = np.asarray(grid).dtype.kind in "iuf"
    places: Any = np.asarray(grid, float) if numbers else np.arange(len(grid))
    both = zip(lines.reshape(len(grid), -1).T, SERIES, STYLES, strict=False)
    for (line, color, style), name in zip(both, names, strict=False):
        style = style if numbers else ""
        axes.plot(places, line, color=color, linestyle=style, marker=".", label=name)
    if not numbers:
        turned = max(len(str(one)) for one in grid) * len(grid) > 40
        labels = [shortened(one, 16) for one in grid]
        axes.set_xticks(places, labels, rotation=60 if turned else 0)
    axes.set(ylabel="mean prediction")
    if len(names) > 1:
        axes.legend()


def shortened(value: Any, most: int) -> str:
    """A value as text of at most so many characters; missing ones are a dash."""
    if is_missing(value):
        return "-"
    is_number = isinstance(value, float | np.floating)
    text = f"{value:.6g}" if is_number else str(value).removesuffix(" 00:00:00")
    return text if len(text) <= most else f"{text[: most - 1]}…"


def numbered(values: Any) -> Any:
    """1, 2, 3, ... for values."""
    return np.arange(1, len(values) + 1)


def some_rows(predicted: Any) -> Any:
    """Rows in the order of their predictions, at even distances if they are many."""
    order = np.argsort(predicted, kind="stable")
    n = min(len(order), MOST_POINTS)
    return order[np.linspace(0, len(order) - 1, n).round().astype(int)]


def thinned(x: Any, y: Any) -> tuple[Any, Any]:
    """Some of the points of a curve, with both ends."""
    places = np.linspace(0, len(x) - 1, min(len(x), MOST_STEPS)).round().astype(int)
    return x[places], y[places]
