"""Whether a network fits into the memory of the machine."""

import os
from collections.abc import Sequence
from math import inf

from ..core.network import Network
from .errors import InvalidParameterError


def machine_memory() -> float:
    """The bytes of the machine's memory; infinite where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return inf


def check_memory(
    networks: Sequence[Network], n_rows: int, itemsize: int, parameters: str
) -> None:
    """Raise InvalidParameterError if training needs more than the machine's memory.

    Training needs at least the weights of all networks, the gradient of one, and its units
    for the `n_rows` rows of a step. `parameters` says, for the message, what gives these
    sizes.
    """
    sizes = [network.n_parameters for network in networks]
    n_weights = sum(sizes)
    n_units = max(sum(one.n_out for one in network.layers) for network in networks)
    needed = itemsize * (n_weights + max(sizes) + n_rows * n_units)
    if needed > machine_memory():
        raise InvalidParameterError(
            f"{parameters} must give a network that fits into memory. Training needs more "
            f"than {needed:.1e} bytes, and the machine has {machine_memory():.1e}: "
            f"{n_weights:.1e} weights, and {n_units:.1e} units for each of the "
            f"{n_rows} rows of a step."
        )
