"""What a report is about: a model, test rows, and what is known of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor

from ..common.frames import is_frame, names_of, rows_of, series_of
from ..estimators import TabularMLPClassifier, TabularMLPRegressor
from .scores import Judged, intervals

DUMMIES = (DummyClassifier, DummyRegressor)

GUESSING = "guessing"
"""The name of the predictions without columns: the mean, or how frequent classes are."""


class Influence(NamedTuple):
    """How much worse a score is with a shuffled column, by place; NaN: not measured."""

    what: str
    mean: Any
    std: Any

    @property
    def order(self) -> list[int]:
        """The places of the columns that were measured, the most important first."""
        known = np.flatnonzero(np.isfinite(self.mean))
        return list(known[np.argsort(-self.mean[known], kind="stable")])


@dataclass(frozen=True)
class Evidence:
    """A fitted model, test rows, and `others`, fitted models to compare with, by name.

    `facts` and `notes` say what the model was trained on, `costs` what it took, `use` is
    code that uses the model; all of them can be empty. `max_time` limits the seconds of the
    importances, `influence`, if these are not known. `ids` is a frame of pandas with
    columns that name the test rows.
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
    influence: Influence | None = None
    max_time: float = 30.0
    seed: int = 0
    ids: Any = None

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
        return [self._judged(name, one) for name, one in models.items()]

    def _judged(self, name: str, model: Any) -> Judged:
        try:
            return Judged.of(name, model, self.X, self.y)
        except Exception as error:
            # Models of others may raise what they like.
            error.add_note(f"Raised by the model {name!r} of the report.")
            raise

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

    @cached_property
    def band(self) -> Any:
        """Intervals that should contain 90 % of the targets; None: the model has none."""
        if not hasattr(self.model, "predict_interval"):
            return None
        try:
            return self.model.predict_interval(self.X)
        except ValueError:
            # Too few rows were held out, or fit had a single quantile.
            return None

    @property
    def inside(self) -> float | None:
        """The part of the targets in these intervals."""
        if self.band is None:
            return None
        y = self.ours.y
        return float(np.mean((self.band[:, 0] <= y) & (y <= self.band[:, 1])))

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
