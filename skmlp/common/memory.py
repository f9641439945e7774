"""Whether a network fits into the memory of the machine."""

import os
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
    network: Network, n_rows: int, n_copies: int, itemsize: int, parameters: str
) -> None:
    """Raise InvalidParameterError if training needs more than the machine's memory.

    Training needs at least `n_copies` of the weights, and the units of all layers for the
    `n_rows` rows of a step. `parameters` says, for the message, what gives these sizes.
    """
    n_units = sum(layer.n_out for layer in network.layers)
    needed = itemsize * (n_copies * network.n_parameters + n_rows * n_units)
    if needed > machine_memory():
        raise InvalidParameterError(
            f"{parameters} must give a network that fits into memory. Training needs more "
            f"than {needed:.1e} bytes, and the machine has {machine_memory():.1e}: "
            f"{network.n_parameters:.1e} weights, and {n_units:.1e} units for each of the "
            f"{n_rows} rows of a step."
        )
