"""How C knows activations, heads and optimisers: by their names and settings."""

from collections.abc import Callable
from typing import Any

from ..activations import ACTIVATIONS, LeakyRelu
from ..heads import HEADS, Gaussian, Head, Huber, Quantile
from ..optimizers import OPTIMIZERS
from .checks import number

NAMES: dict[str, dict[type, str]] = {
    "activations": {type(one): name for name, one in ACTIVATIONS.items()},
    "heads": {type(one): name for name, one in HEADS.items()},
    "optimizers": {kind: name for name, kind in OPTIMIZERS.items()},
}
"""The name of each class in its registry, by which C knows it. Later entries of the
registries are not in it: C does not know them."""

SETTINGS: dict[type, Callable[[Any], float]] = {
    LeakyRelu: lambda activation: activation.slope,
    Huber: lambda head: head.huber_delta,
    Gaussian: lambda head: head.beta,
}
"""The number that an activation or a head of a class is set by."""


def setting_of(one: Any) -> float:
    """The number that an activation or a head is set by, or 0."""
    setting = SETTINGS.get(type(one))
    return 0.0 if setting is None else number(setting(one))


def levels_of(head: Head) -> tuple[float, ...]:
    """The levels of a quantile head; one number for any other head."""
    return head.levels if isinstance(head, Quantile) else (0.0,)
