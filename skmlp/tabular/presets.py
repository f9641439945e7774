"""Presets: the settings that a fit trains, by the time that it may take."""

from collections.abc import Iterator, Mapping, Sequence
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

SPACE: Sequence[Sequence[Changes]] = (
    (
        PIECEWISE,
        PERIODIC,
        {**PIECEWISE, "n_bins": 64},
        {**PERIODIC, "n_frequencies": 0},
    ),
    tuple({"activation": name} for name in ("relu", "selu", "mish")),
    tuple({"dropout": p} for p in (0.0, 0.05, 0.1, 0.2, 0.3)),
    tuple({"learning_rate_init": factor} for factor in (0.5, 1.0, 2.0)),
    tuple({"weight_decay": decay} for decay in (0.0, 0.02, 0.1)),
    tuple({"hidden_layer_sizes": (n,) * 3} for n in (64, 128, 256)),
)
"""What settings at random change, a value of each; learning rates as factors."""

MOST_DRAWN = 1000
"""The most settings at random."""


def candidates(settings: Settings, table: Table, presets: Presets) -> list[Candidate]:
    """The settings of the preset that is given.

    A parameter that is given, so that it is not its default, is not changed. Settings that
    this makes equal come once.
    """
    found: list[Changes] = []
    for changes in presets[settings["preset"]]:
        allowed = _allowed(changes, settings, table)
        if allowed not in found:
            found.append(allowed)
    return [Candidate(changes, {**settings, **changes}) for changes in found]


def more_candidates(
    settings: Settings, table: Table, known: Sequence[Candidate], rng: Any
) -> Iterator[Candidate]:
    """Further settings, at random, that differ from each other and from known ones."""
    found = [one.changes for one in known]
    for _ in range(MOST_DRAWN):
        changes = {
            name: value
            for values in SPACE
            for name, value in values[rng.randint(len(values))].items()
        }
        changes["learning_rate_init"] *= table["learning_rate_init"].default
        allowed = _allowed(changes, settings, table)
        if allowed not in found:
            found.append(allowed)
            yield Candidate(allowed, {**settings, **allowed})


def _allowed(changes: Changes, settings: Settings, table: Table) -> Changes:
    """The changes of parameters that have their defaults."""
    return {
        name: value
        for name, value in changes.items()
        if np.array_equal(settings[name], table[name].default)
        and value != table[name].default
    }
