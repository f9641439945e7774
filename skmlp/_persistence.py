"""Stored models: their version, and attributes that older releases did not have.

A state has an object's attributes and the version of skmlp. States of 0.1.0 have no
version. A release reads the states of all earlier releases and refuses those of later ones.
"""

import re
from inspect import signature
from typing import Any

import numpy as np

from ._version import __version__
from .common.labels import Labels
from .core.history import Record

VERSION = "_skmlp_version"
"""The key of the version in a state."""

STAGES = {"dev": -4, "a": -3, "b": -2, "rc": -1, "post": 1}
"""Suffixes of a version, and their order; a version without suffix is 0."""


def order(version: str) -> tuple[Any, ...]:
    """A sort key: later versions have greater keys."""
    public = version.partition("+")[0]
    release = [int(n) for n in re.findall(r"\d+", re.split("[a-z]", public)[0])]
    while release and release[-1] == 0:
        release.pop()
    parts = re.findall(r"(dev|a|b|rc|post)(\d*)", public)
    stages = [(STAGES[name], int(n or 0)) for name, n in parts]
    return release, [*stages, (0, 0)]


def refuse_newer(version: Any) -> None:
    """Raise ValueError if the version is later than that of this release, or none."""
    if not isinstance(version, str) or not re.match(r"\d{1,9}(\.|$|[a-z])", version):
        raise ValueError(
            "The version of a stored model must be text such as "
            f"{__version__!r}. Got {version!r}."
        )
    if order(version) > order(__version__):
        raise ValueError(
            f"The model is from skmlp {version}, and this is skmlp {__version__}, which "
            "cannot read models of later releases. Install skmlp "
            f">= {version}, or fit the model again."
        )


def new_model(kind: Any, version: str) -> Any:
    """Create an object without attributes, for a state of that version.

    In a pickle this call comes before the state. A later version is thus refused before its
    state is read, which may name classes that this release does not have.
    """
    refuse_newer(version)
    return kind.__new__(kind)


class VersionedStateMixin:
    """Mixin of estimators and encoders: adds the version to their state."""

    @classmethod
    def _complete(cls, state: dict[str, Any]) -> None:
        """Add the fitted attributes that older releases did not have."""

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        return {**state, VERSION: __version__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(of_this_release(type(self), state))  # type: ignore[misc]

    def __reduce__(self) -> Any:
        return new_model, (type(self), __version__), self.__getstate__()


def of_this_release(kind: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an object, from a state of this or an earlier release.

    Parameters that older releases did not have get their defaults.
    """
    state = dict(state)
    version = state.pop(VERSION, "0.1.0")
    if version == __version__:
        return state
    refuse_newer(version)
    for parameter in signature(kind).parameters.values():
        state.setdefault(parameter.name, parameter.default)
    if "_theta" in state:
        kind._complete(state)
    return state


def complete(state: dict[str, Any]) -> None:
    """Add the fitted attributes that MLPs of older releases did not have."""
    if "_binarizer" in state:
        old = state.pop("_binarizer")
        state["_labels"] = Labels(old.y_type_, old.classes_, old.sparse_input_)
    losses, scores = state["loss_curve_"], state["validation_scores_"] or []
    n_before = len(losses) - len(scores)
    history = state.setdefault("history_", {"loss": list(losses)})
    history.setdefault("validation_score", [np.nan] * n_before + scores)
    for name in Record._fields:
        history.setdefault(name, [np.nan] * len(losses))
    # The best score is that of the last fit; the scores include those of earlier fits.
    start, best = len(losses) - state["n_iter_"], state["best_validation_score_"]
    recent = history["validation_score"][start:]
    best_iter = start + recent.index(best) + 1 if best in recent else None
    state.setdefault("best_iter_", best_iter)


def check_parameters(theta: Any, n_axes: int) -> None:
    """Raise ValueError unless theta, from a file, is a float array of that many axes."""
    fine = isinstance(theta, np.ndarray) and theta.dtype in (np.float32, np.float64)
    if not fine or theta.ndim != n_axes or 0 in theta.shape:
        raise ValueError(f"its parameters are no float array of {n_axes} axes")
