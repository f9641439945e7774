"""The networks of the members, by the parameters of an estimator."""

from collections.abc import Sequence
from typing import Any

from ..common.constraints import as_sizes
from ..common.parameters import Settings, by_name
from ..core.activations import ACTIVATIONS
from ..core.architectures import ColumnLayout, Numbers, tabular_network
from ..core.network import Network, check_networks
from .parameters import MAX_MEMBERS


def describe_networks(settings: Settings, n_members: int) -> str:
    """The parameters that give the sizes of the networks, for messages."""
    return (
        f"hidden_layer_sizes={settings['hidden_layer_sizes']!r}, "
        f"n_bins={settings['n_bins']}, n_frequencies={settings['n_frequencies']} and "
        f"n_estimators={n_members}"
    )


def make_networks(
    settings: Sequence[Settings],
    columns: ColumnLayout,
    n_scores: int,
    frequency_std: float,
    n_members: int,
) -> list[Network]:
    """The network of each member, by the settings in turn.

    Those of the same settings are one object.
    """
    networks = [
        tabular_network(
            columns,
            [*map(int, as_sizes(one["hidden_layer_sizes"]) or ()), n_scores],
            by_name(ACTIVATIONS, one["activation"]),
            numbers=_numbers(one, frequency_std),
            dropout=float(one["dropout"]),
        )
        for one in settings
    ]
    return [networks[i % len(networks)] for i in range(n_members)]


def _numbers(settings: Settings, frequency_std: float) -> Numbers:
    """The features of numbers: periodic ones, or else piecewise-linear ones."""
    n_frequencies = int(settings["n_frequencies"])
    if n_frequencies:
        return Numbers(0, n_frequencies, frequency_std)
    return Numbers(int(settings["n_bins"]))


def check_stored(
    networks: Any, n_members: int, n_in: int, n_out: int, n_parameters: int
) -> None:
    """Raise ValueError unless networks from a file are as many and fit the parameters."""
    if not isinstance(networks, tuple) or not 0 < len(networks) <= MAX_MEMBERS:
        raise ValueError(f"it has no tuple of 1 to {MAX_MEMBERS} networks")
    if len(networks) != n_members:
        raise ValueError(f"it has {len(networks)} networks, not {n_members}")
    check_networks(networks, n_in, n_out, n_parameters)
