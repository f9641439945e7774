"""Pictures of held-out predictions: reliability of probabilities, or residuals."""

from pathlib import Path
from typing import Any

import numpy as np

from .io import Classifier, Model, optional
from .text import UserError, one_line

ENDINGS = (".png", ".svg", ".pdf", ".jpg")
N_BINS = 10


def draw(path: Path, model: Model, X: Any, y: Any, target: str) -> None:
    """Draw the picture of a model on rows that it has not seen."""
    figure = optional("matplotlib.figure").Figure(figsize=(5.5, 5), layout="tight")
    axes = figure.subplots()
    if isinstance(model, Classifier):
        reliability(axes, *chances(model, X, y, target))
    else:
        residuals(axes, model.predict(X), y, target)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise UserError(f"{path}: {one_line(error)}.") from None


def chances(model: Classifier, X: Any, y: Any, target: str) -> tuple[Any, Any, str]:
    """Probabilities, whether it was so, and what: the second class, or the likeliest."""
    probabilities, classes = model.predict_proba(X), model.classes_
    if len(classes) == 2:
        return probabilities[:, 1], y == classes[1], f"{target} is {classes[1]}"
    best = probabilities.argmax(axis=1)
    return probabilities.max(axis=1), y == classes[best], "the likeliest class is right"


def bins(probability: Any, hit: Any) -> tuple[Any, Any, Any]:
    """Mean probability, share of hits and its standard error, in bins of equal size."""
    order = np.argsort(probability, kind="stable")
    groups = [part for part in np.array_split(order, N_BINS) if len(part)]
    predicted = np.array([probability[part].mean() for part in groups])
    share = np.array([hit[part].mean() for part in groups])
    sizes = np.array([len(part) for part in groups])
    # By the predicted chance: a bin where all or none were hits is uncertain, too.
    return predicted, share, np.sqrt(predicted * (1 - predicted) / sizes)


def reliability(axes: Any, probability: Any, hit: Any, what: str) -> None:
    """How often it was so, against how likely it was said to be."""
    predicted, share, error = bins(probability, hit)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfectly calibrated")
    axes.errorbar(
        predicted,
        share,
        2 * error,
        marker="o",
        capsize=3,
        label=f"a tenth of {len(hit)} held-out rows each, and 2 standard errors",
    )
    axes.set(
        xlabel=f"predicted probability that {what}",
        ylabel=f"share of rows where {what}",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
    )
    axes.legend(loc="upper left", fontsize="small")


def residuals(axes: Any, predicted: Any, y: Any, target: str) -> None:
    """What was too little, against the prediction."""
    axes.axhline(0, color="grey", linestyle=":")
    axes.plot(predicted, y - predicted, ".", alpha=min(1.0, 30 / len(y) ** 0.5))
    axes.set(
        xlabel=f"predicted {target}",
        ylabel=f"{target} - predicted {target}",
        title=f"{len(y)} held-out rows",
    )
