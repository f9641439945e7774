"""The columns of predictions: ids, probabilities, intervals, sets, reasons."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .models import Classifier, SavedModel
from .reasons import Reasons
from .text import UserError, one_line


@dataclass(frozen=True)
class Outputs:
    """What a model predicts, as columns of a table.

    `ids` are columns of the table that come first. `coverage` is that of intervals or
    sets; None: there are none.
    """

    saved: SavedModel
    ids: Sequence[str] = ()
    coverage: float | None = None

    @property
    def labels(self) -> Sequence[Any]:
        """The classes, if the model has them."""
        model = self.saved.model
        return model.classes_ if isinstance(model, Classifier) else ()

    def columns(
        self, frame: Any, X: Any, reasons: Reasons | None = None
    ) -> dict[str, Any]:
        """The columns for rows of a table; X has their features."""
        target, names = self.saved.target, [*self.ids]
        columns = {name: frame[name] for name in names}
        for name, values in predictions_of(self.saved, X, names).items():
            columns[name] = values
        if self.coverage is not None:
            more = covering(self.saved, X, self.coverage)
            for name, values in more.items():
                columns[free(f"{target}_{name}", columns)] = values
        if reasons is not None:
            for name, values in reasons.columns(frame, X).items():
                columns[free(name, columns)] = values
        return columns


def predictions_of(
    saved: SavedModel, X: Any, taken: Sequence[str] = ()
) -> dict[str, Any]:
    """Predictions, and the probability of each class, under names that are not taken."""
    predictions = {saved.target: saved.model.predict(X)}
    if isinstance(saved.model, Classifier):
        probabilities = saved.model.predict_proba(X)
        names = probability_names(saved.target, saved.model.classes_, taken)
        predictions.update(zip(names, probabilities.T, strict=True))
    return predictions


def probability_names(
    target: str, labels: Iterable[Any], taken: Sequence[str] = ()
) -> list[str]:
    """The names of the columns with the probability of each class."""
    names = [f"probability_{label}" for label in labels]
    for i, name in enumerate(names):
        # Two columns of one name could not be read as a table.
        while names[i] in (target, *taken) or (
            names[i] != name and names.count(names[i]) > 1
        ):
            names[i] += "_"
    return names


def free(name: str, taken: Iterable[str]) -> str:
    """A name that no column has."""
    taken = set(taken)
    while name in taken:
        name += "_"
    return name


def covering(saved: SavedModel, X: Any, coverage: float) -> dict[str, Any]:
    """Intervals or sets that have the true value with a given probability."""
    model: Any = saved.model
    is_classifier = isinstance(model, Classifier)
    method = "predict_set" if is_classifier else "predict_interval"
    if not hasattr(model, method):
        raise UserError(
            f"--intervals: a {type(model).__name__} has none. Train a model with "
            "python -m skmlp TABLE --save MODEL."
        )
    try:
        found = getattr(model, method)(X, coverage=coverage)
    except ValueError as error:
        raise UserError(f"--intervals: {one_line(error)}.") from None
    if not is_classifier:
        return {"low": found[:, 0], "high": found[:, 1]}
    sets = np.empty(len(found), dtype=object)
    sets[:] = [model.classes_[there].tolist() for there in found]
    return {"set": sets}


def as_text(labels: Iterable[Any]) -> str:
    """A set of labels as one text, which `csv.reader` with the delimiter | reads."""
    text = io.StringIO()
    # Labels with letters of the terminator get quotes.
    csv.writer(text, delimiter="|", lineterminator="\r\n").writerow(labels)
    return text.getvalue().removesuffix("\r\n")
