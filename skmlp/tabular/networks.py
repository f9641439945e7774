"""The networks of the members, by the parameters of an estimator."""

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
    settings: Settings,
    columns: ColumnLayout,
    n_scores: int,
    frequency_std: float,
    n_members: int,
) -> list[Network]:
    """The network of each member; those of a kind are one object.

    Members 1, 4, 7, ... have piecewise-linear features of numbers, the others periodic
    ones. Their errors differ more than those of members of one kind.
    """
    sizes = [int(size) for size in as_sizes(settings["hidden_layer_sizes"]) or ()]
    n_bins, n_frequencies = int(settings["n_bins"]), int(settings["n_frequencies"])
    kinds = [
        *([Numbers(0, n_frequencies, frequency_std)] if n_frequencies else []),
        *([Numbers(n_bins)] if n_bins else []),
    ]
    networks = [
        tabular_network(
            columns,
            [*sizes, n_scores],
            by_name(ACTIVATIONS, settings["activation"]),
            numbers=numbers,
            dropout=float(settings["dropout"]),
        )
        for numbers in kinds or [Numbers()]
    ]
    return [networks[-1 if i % 3 == 1 else 0] for i in range(n_members)]


def check_stored(
    networks: Any, n_members: int, n_in: int, n_out: int, n_parameters: int
) -> None:
    """Raise ValueError unless networks from a file are as many and fit the parameters."""
    if not isinstance(networks, tuple) or not 0 < len(networks) <= MAX_MEMBERS:
        raise ValueError(f"it has no tuple of 1 to {MAX_MEMBERS} networks")
    if len(networks) != n_members:
        raise ValueError(f"it has {len(networks)} networks, not {n_members}")
    check_networks(networks, n_in, n_out, n_parameters)
