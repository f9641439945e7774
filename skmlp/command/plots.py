"""Plots of predictions on test rows: reliability of probabilities, or residuals."""

import warnings
from pathlib import Path
from typing import Any

from ..common.files import replacing
from ..common.printable import printable
from ..reporting.figures import bins
from .io import optional
from .models import Classifier, Model
from .text import UserError, one_line, reason

LONGEST = 60
"""The most characters of a name; more do not fit into the plot."""

AS_IT_IS: Any = {
    "text.parse_math": False,
    "text.usetex": False,
    "axes.formatter.use_mathtext": False,
}
"""Settings of matplotlib that show text as it is: a name with $ is no formula."""


def draw(path: Path, model: Model, X: Any, y: Any, target: str) -> None:
    """Plot the predictions of a model on test rows into a file, or raise UserError."""
    optional("matplotlib.figure")
    try:
        with replacing(path) as file:
            make_figure(model, X, y, target, file, path.suffix[1:].lower())
    except OSError as error:
        raise UserError(f"{path}: the plot failed ({reason(error)}).") from None
    except Exception as error:
        # matplotlib and its backends raise errors of many types.
        raise UserError(f"{path}: the plot failed ({one_line(error)}).") from None


def make_figure(
    model: Model, X: Any, y: Any, target: str, file: Any, kind: str
) -> None:
    """Write the plot of a kind of file."""
    import matplotlib.figure

    with matplotlib.rc_context(AS_IT_IS), warnings.catch_warnings():
        # The plot shows a box for a character that its font does not have.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure = matplotlib.figure.Figure(figsize=(5.5, 5), layout="tight")
        axes = figure.subplots()
        if isinstance(model, Classifier):
            reliability(axes, *event_probabilities(model, X, y, target))
        else:
            residuals(axes, model.predict(X), y, target)
        figure.savefig(file, format=kind, dpi=150)


def shown(name: object) -> str:
    """A name as the plot shows it: printable, and not too long."""
    text = printable(str(name))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def event_probabilities(
    model: Classifier, X: Any, y: Any, target: str
) -> tuple[Any, Any, str]:
    """Probabilities of an event, where it occurred, and its name.

    The event is the second of two classes, or that the most probable class is right.
    """
    probabilities, classes = model.predict_proba(X), model.classes_
    if len(classes) == 2:
        what = f"{shown(target)} is {shown(classes[1])}"
        return probabilities[:, 1], y == classes[1], what
    best = classes[probabilities.argmax(axis=1)]
    return probabilities.max(axis=1), y == best, "the most probable class is right"


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
    target = shown(target)
    axes.axhline(0, color="grey", linestyle=":")
    axes.plot(predicted, y - predicted, ".", alpha=min(1.0, 30 / len(y) ** 0.5))
    axes.set(
        xlabel=f"predicted {target}",
        ylabel=f"{target} - predicted {target}",
        title=f"{len(y)} test rows",
    )
