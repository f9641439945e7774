"""Presets: the settings that a fit trains, by the time that it may take."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..common.parameters import Settings, Table

Changes = Mapping[str, Any]
"""Parameters of networks that a preset changes."""

Setting = Sequence[Changes]
"""The changes of the networks of a setting, in turn."""

Presets = Mapping[str | None, Sequence[Setting]]
"""The settings of each preset."""

PERIODIC: Changes = {"n_bins": 0}
PIECEWISE: Changes = {"n_frequencies": 0}
PLAIN: Changes = {"n_bins": 0, "n_frequencies": 0}
"""The features of numbers."""

RELU: Changes = {**PERIODIC, "activation": "relu"}
NO_DROPOUT: Changes = {"dropout": 0.0}

SHALLOW_RELU: Changes = {
    **NO_DROPOUT,
    "activation": "relu",
    "hidden_layer_sizes": (128, 128),
}
FEW, MANY = {"n_estimators": 2}, {"n_estimators": 16}

FEATURES = ("n_bins", "n_frequencies")
"""Parameters that a change to 0 leaves out, whatever their value."""

SLOWER: Changes = {"learning_rate_init": 0.04}
EXPONENTIAL = ("poisson", "gamma", "gaussian")
"""Losses with which presets train more slowly: exponentials of scores grow fast."""

UNCHANGED: Sequence[Setting] = [[PERIODIC, PIECEWISE, PERIODIC]]

OF_CLASSIFIER: Presets = {
    "fast": [[{**RELU, **FEW}, {**PIECEWISE, **FEW}]],
    "default": [[RELU, PIECEWISE, PERIODIC, PIECEWISE]],
    "best": [[{**one, **MANY}] for one in (PIECEWISE, RELU, PLAIN)],
    None: UNCHANGED,
}

OF_REGRESSOR: Presets = {
    "fast": [[{**one, **SHALLOW_RELU, **FEW} for one in (PERIODIC, PIECEWISE)]],
    "default": [[{**one, **SHALLOW_RELU} for one in (PERIODIC, PIECEWISE)]],
    "best": [
        [{**PIECEWISE, **SHALLOW_RELU, **MANY}],
        [{**PIECEWISE, **NO_DROPOUT, **MANY}],
        [{**PERIODIC, **NO_DROPOUT, **MANY}],
    ],
    None: UNCHANGED,
}

NAMES = tuple(name for name in OF_CLASSIFIER if name)

SPACE: Sequence[Sequence[Changes]] = (
    (PIECEWISE, PERIODIC, {**PIECEWISE, "n_bins": 64}, PLAIN),
    tuple({"activation": name} for name in ("relu", "selu", "mish")),
    tuple({"dropout": p} for p in (0.0, 0.05, 0.1, 0.2, 0.3)),
    tuple({"learning_rate_init": factor} for factor in (0.5, 1.0, 2.0)),
    tuple({"weight_decay": decay} for decay in (0.0, 0.02, 0.1)),
    tuple({"hidden_layer_sizes": (n,) * k} for k in (2, 3) for n in (64, 128, 256)),
)
"""What settings at random change, a value of each; learning rates as factors."""

MOST_DRAWN = 1000
"""The most settings at random."""


class Candidate(NamedTuple):
    """A setting: its changes, and all parameters, of its networks in turn."""

    changes: list[Changes]
    settings: list[Settings]

    @classmethod
    def of(cls, setting: Setting, given: Settings, table: Table) -> "Candidate":
        """With the changes that the given parameters allow."""
        changes = [_allowed(one, given, table) for one in setting]
        if all(one == changes[0] for one in changes):
            changes = changes[:1]
        return cls(changes, [{**given, **one} for one in changes])


def candidates(given: Settings, table: Table, presets: Presets) -> list[Candidate]:
    """The settings of the preset that is given.

    A parameter that is not its default is not changed. Settings that this makes equal come
    once.
    """
    found: list[Candidate] = []
    of_loss = SLOWER if given["preset"] and given.get("loss") in EXPONENTIAL else {}
    for setting in presets[given["preset"]]:
        one = Candidate.of([{**of_loss, **one} for one in setting], given, table)
        if one.changes not in [known.changes for known in found]:
            found.append(one)
    return found


def more_candidates(
    given: Settings, table: Table, known: Sequence[Candidate], rng: Any
) -> Iterator[Candidate]:
    """Further settings, at random, that differ from each other and from known ones."""
    found = [one.changes for one in known]
    for _ in range(MOST_DRAWN):
        drawn = [values[rng.randint(len(values))] for values in SPACE]
        changes = {name: value for one in drawn for name, value in one.items()}
        changes["learning_rate_init"] *= known[0].settings[0]["learning_rate_init"]
        one = Candidate.of([changes], given, table)
        if one.changes not in found:
            found.append(one.changes)
            yield one


def _allowed(changes: Changes, given: Settings, table: Table) -> Changes:
    """The changes of parameters that have their defaults, and of features."""
    both = all(given[name] for name in FEATURES)
    return {
        name: value
        for name, value in changes.items()
        if (both and name in FEATURES and value == 0)
        or (
            np.array_equal(given[name], table[name].default)
            and value != table[name].default
            and (both or name not in FEATURES)
        )
    }
