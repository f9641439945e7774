"""Models in files: which release wrote them, and what an older one left out.

A state is what an estimator's attributes are, and the version. That of 0.1.0 has none.
A release reads the states of all before it and refuses those of later ones.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._version import __version__
from .common.labels import Labels
from .common.parameters import Parameter
from .core.history import Record

VERSION = "_skmlp_version"
"""Under which name a state has the version."""

STAGES = {"dev": -4, "a": -3, "b": -2, "rc": -1, "post": 1}
"""Parts of a version beside the numbers, and where they are relative to none."""


def order(version: str) -> tuple[Any, ...]:
    """A key that sorts versions as they follow one another."""
    public = version.partition("+")[0]
    release = [int(n) for n in re.findall(r"\d+", re.split("[a-z]", public)[0])]
    while release and release[-1] == 0:
        release.pop()
    parts = re.findall(r"(dev|a|b|rc|post)(\d*)", public)
    stages = [(STAGES[name], int(n or 0)) for name, n in parts]
    return release, [*stages, (0, 0)]


def refuse_newer(version: str) -> None:
    """A model of a release after this one may be what this one cannot know."""
    if order(version) > order(__version__):
        raise ValueError(
            f"The model is from skmlp {version}, and this is skmlp {__version__}, which "
            "cannot read models of later releases. Install skmlp "
            f">= {version}, or fit the model again."
        )


def new_model(kind: Any, version: str) -> Any:
    """An estimator to be filled with a state of that version.

    In a pickle this call comes before the state, which may name what only a later
    release has.
    """
    refuse_newer(version)
    return kind.__new__(kind)


class VersionedStateMixin:
    """What an estimator inherits so that its state says of which release it is.

    `_parameter_table` has the defaults of parameters that an older release did not have.
    """

    _parameter_table: Mapping[str, Parameter]
    _parameter_names: tuple[str, ...]

    @classmethod
    def _complete(cls, state: dict[str, Any]) -> None:
        """Add the fitted attributes that an older release did not have."""

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        return {**state, VERSION: __version__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(of_this_release(type(self), state))  # type: ignore[misc]

    def __reduce__(self) -> Any:
        return new_model, (type(self), __version__), self.__getstate__()


def of_this_release(kind: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an estimator from a state of this release or of an older one."""
    state = dict(state)
    version = state.pop(VERSION, "0.1.0")
    if version == __version__:
        return state
    refuse_newer(version)
    for name in kind._parameter_names:
        state.setdefault(name, kind._parameter_table[name].default)
    if "_theta" in state:
        kind._complete(state)
    return state


def complete(state: dict[str, Any]) -> None:
    """Add the fitted attributes that an older MLPClassifier or MLPRegressor lacked."""
    if "_binarizer" in state:
        old = state.pop("_binarizer")
        state["_labels"] = Labels(old.y_type_, old.classes_, old.sparse_input_)
    losses, scores = state["loss_curve_"], state["validation_scores_"] or []
    n_before = len(losses) - len(scores)
    history = state.setdefault("history_", {"loss": list(losses)})
    history.setdefault("validation_score", [np.nan] * n_before + scores)
    for name in Record._fields:
        history.setdefault(name, [np.nan] * len(losses))
    # The best is that of the last fit, the scores are those of the fits before it too.
    start, best = len(losses) - state["n_iter_"], state["best_validation_score_"]
    recent = history["validation_score"][start:]
    best_iter = start + recent.index(best) + 1 if best in recent else None
    state.setdefault("best_iter_", best_iter)
