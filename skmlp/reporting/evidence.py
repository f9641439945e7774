"""What a report is about: a model, test rows, and what is known of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor

from ..common.frames import is_frame, names_of, rows_of, series_of
from ..estimators import TabularMLPClassifier, TabularMLPRegressor
from .scores import Judged, intervals

DUMMIES = (DummyClassifier, DummyRegressor)

GUESSING = "guessing"
"""The name of the predictions without columns: the mean, or how frequent classes are."""


@dataclass(frozen=True)
class Evidence:
    """A fitted model, test rows, and `others`, fitted models to compare with, by name.

    `facts` and `notes` say what the model was trained on, `costs` what it took, `use` is
    code that uses the model; all of them can be empty. `max_time` limits the seconds of the
    importances.
    """

    model: Any
    X: Any
    y: Any
    target: str = "y"
    others: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    costs: Mapping[str, str] = field(default_factory=dict)
    use: str = ""
    max_time: float = 30.0
    seed: int = 0

    @property
    def name(self) -> str:
        """The name of the model."""
        return type(self.final).__name__

    @property
    def final(self) -> Any:
        """The model, or the last step of a pipeline or of a search."""
        model = getattr(self.model, "best_estimator_", self.model)
        return model[-1] if hasattr(model, "steps") else model

    @property
    def is_tabular(self) -> bool:
        """Whether the model takes the table itself, and `skmlp.explain` takes the model."""
        return isinstance(self.model, TabularMLPClassifier | TabularMLPRegressor)

    @cached_property
    def judged(self) -> list[Judged]:
        """The predictions of the model, of the others, and of guessing."""
        models = {self.name: self.model, **self.others}
        if self.constant == GUESSING:
            models[GUESSING] = guessing(self.model, self.y)
        return [Judged.of(name, one, self.X, self.y) for name, one in models.items()]

    @property
    def constant(self) -> str:
        """The name of the model that needs no columns."""
        names = [name for name, one in self.others.items() if isinstance(one, DUMMIES)]
        return names[0] if names else GUESSING

    @cached_property
    def intervals(self) -> list[dict[str, tuple[float, float]]]:
        """The intervals of the scores of each of them."""
        return [intervals(one, self.seed) for one in self.judged]

    @property
    def ours(self) -> Judged:
        """The predictions of the model."""
        return self.judged[0]

    @property
    def event(self) -> tuple[str, Any, Any] | None:
        """An event, whether it occurred in each row, and its probability.

        The second of two classes, or that the most probable class is right.
        """
        ours = self.ours
        if ours.probability is None:
            return None
        if len(ours.classes) == 2:
            name = f"{self.target} is {ours.classes[1]}"
            return name, ours.y == ours.classes[1], ours.probability[:, 1]
        best = ours.probability.max(axis=1)
        return "the most probable class is right", ours.y == ours.predicted, best

    @cached_property
    def columns(self) -> list[Any]:
        """The names of the columns, or their numbers."""
        return names_of(self.X) if is_frame(self.X) else list(range(self.X.shape[1]))

    def values(self, rows: Any) -> list[list[Any]]:
        """The values of some rows, by column."""
        some = rows_of(self.X, rows)
        if is_frame(some):
            return [list(one) for one in series_of(some)]
        whole = some.toarray() if hasattr(some, "toarray") else np.asarray(some)
        return list(whole.T.tolist())


def guessing(model: Any, y: Any) -> Any:
    """The best constant prediction of these targets."""
    if is_classifier(model):
        return DummyClassifier(strategy="prior").fit(np.zeros((len(y), 1)), y)
    return DummyRegressor().fit(np.zeros((len(y), 1)), y)
