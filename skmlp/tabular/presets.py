"""Presets: the settings that a fit trains, by the time that it may take."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..common.parameters import Settings, Table

Changes = Mapping[str, Any]
"""Parameters of a setting that differ from their default."""

Presets = Mapping[str, Sequence[Changes]]
"""The settings of each preset."""

PERIODIC, PIECEWISE = {"n_bins": 0}, {"n_frequencies": 0}
"""The features of numbers of all networks of a setting."""


class Candidate(NamedTuple):
    """A setting: the parameters that it changes, and all of them."""

    changes: Changes
    settings: Settings


FAST: Changes = {"n_estimators": 2}

OF_CLASSIFIER: Presets = {
    "fast": [FAST],
    "default": [{}],
    "best": [PIECEWISE, PERIODIC, {**PERIODIC, "activation": "relu"}],
}

OF_REGRESSOR: Presets = {
    "fast": [FAST],
    "default": [{}],
    "best": [PIECEWISE, PERIODIC, {**PERIODIC, "dropout": 0.0}],
}

NAMES = tuple(OF_CLASSIFIER)


def candidates(settings: Settings, table: Table, presets: Presets) -> list[Candidate]:
    """The settings of the preset that is given.

    A parameter that is given, so that it is not its default, is not changed. Settings that
    this makes equal come once.
    """
    found: list[Changes] = []
    for changes in presets[settings["preset"]]:
        allowed = {
            name: value
            for name, value in changes.items()
            if np.array_equal(settings[name], table[name].default)
        }
        if allowed not in found:
            found.append(allowed)
    return [Candidate(changes, {**settings, **changes}) for changes in found]
