"""Plots of predictions on test rows: reliability of probabilities, or residuals."""

from pathlib import Path
from typing import Any

import numpy as np

from .io import optional
from .models import Classifier, Model
from .text import UserError, one_line

ENDINGS = (".png", ".svg", ".pdf", ".jpg")
N_BINS = 10


def draw(path: Path, model: Model, X: Any, y: Any, target: str) -> None:
    """Plot the predictions of a model on test rows into a file."""
    figure = optional("matplotlib.figure").Figure(figsize=(5.5, 5), layout="tight")
    axes = figure.subplots()
    if isinstance(model, Classifier):
        reliability(axes, *event_probabilities(model, X, y, target))
    else:
        residuals(axes, model.predict(X), y, target)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise UserError(f"{path}: {one_line(error)}.") from None


def event_probabilities(
    model: Classifier, X: Any, y: Any, target: str
) -> tuple[Any, Any, str]:
    """Probabilities of an event, where it occurred, and its name.

    The event is the second of two classes, or that the most probable class is right.
    """
    probabilities, classes = model.predict_proba(X), model.classes_
    if len(classes) == 2:
        return probabilities[:, 1], y == classes[1], f"{target} is {classes[1]}"
    best = classes[probabilities.argmax(axis=1)]
    return probabilities.max(axis=1), y == best, "the most probable class is right"


def bins(probability: Any, occurred: Any) -> tuple[Any, Any, Any]:
    """Mean probability, observed fraction and its standard error, in bins of equal size."""
    order = np.argsort(probability, kind="stable")
    groups = [part for part in np.array_split(order, N_BINS) if len(part)]
    predicted = np.array([probability[part].mean() for part in groups])
    observed = np.array([occurred[part].mean() for part in groups])
    sizes = np.array([len(part) for part in groups])
    # Computed from the prediction: from an observed 0 or 1 the error would be zero.
    return predicted, observed, np.sqrt(predicted * (1 - predicted) / sizes)


def reliability(axes: Any, probability: Any, occurred: Any, what: str) -> None:
    """Observed fraction of an event against its predicted probability."""
    predicted, observed, error = bins(probability, occurred)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfectly calibrated")
    axes.errorbar(
        predicted,
        observed,
        2 * error,
        marker="o",
        capsize=3,
        label=f"{len(occurred)} test rows in {len(predicted)} bins, 2 standard errors",
    )
    axes.set(
        xlabel=f"predicted probability that {what}",
        ylabel=f"fraction of rows where {what}",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
    )
    axes.legend(loc="upper left", fontsize="small")


def residuals(axes: Any, predicted: Any, y: Any, target: str) -> None:
    """Residuals against predictions."""
    axes.axhline(0, color="grey", linestyle=":")
    axes.plot(predicted, y - predicted, ".", alpha=min(1.0, 30 / len(y) ** 0.5))
    axes.set(
        xlabel=f"predicted {target}",
        ylabel=f"{target} - predicted {target}",
        title=f"{len(y)} test rows",
    )
