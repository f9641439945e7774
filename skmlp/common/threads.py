"""BLAS threads in training: as many as the matrix products of a step can use.

Several threads make small products slower, above all on a busy machine. The number of
threads depends only on the shapes of a step, so that results repeat to the bit. It is never
raised: a limit that the user or joblib has set stays in force.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

from ..core.network import Network

PRODUCTS_PER_THREAD = 2**25
"""The number of multiplications for each thread; see docs/benchmarks.md."""


def threads_for(network: Network, n_rows: int, *, sparse: bool = False) -> int:
    """The number of threads for the largest product of a step on that many rows.

    With `sparse` rows, BLAS does not compute the products of the first layer.
    """
    layers = network.layers[1:] if sparse else network.layers
    largest = max((n_rows * layer.n_in * layer.n_out for layer in layers), default=0)
    return max(1, largest // PRODUCTS_PER_THREAD)


@cache
def _libraries() -> tuple[Any, ...]:
    """The BLAS libraries of NumPy and SciPy. Looking for them takes milliseconds."""
    found = ThreadpoolController().select(user_api="blas")
    return tuple(found.lib_controllers)


class _Limits:
    """The limits in force. They belong to the process; fits may run in several threads.

    The lowest limit applies. After the last one ends, the number of threads is what it was
    before the first. OpenBLAS takes limits from the main thread only.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.active: list[int] = []
        self.before: list[int] = []

    def change(self, add: int | None = None, remove: int | None = None) -> None:
        """Add or remove a limit."""
        with self.lock:
            if not self.active:
                self.before = [library.get_num_threads() for library in _libraries()]
            if add is not None:
                self.active.append(add)
            if remove is not None:
                self.active.remove(remove)
            for library, most in zip(_libraries(), self.before, strict=True):
                wanted = min([most, *self.active])
                if library.get_num_threads() != wanted:
                    library.set_num_threads(wanted)


_LIMITS = _Limits()


@contextmanager
def at_most(n_threads: int) -> Iterator[None]:
    """Limit the number of BLAS threads during the block."""
    _LIMITS.change(add=n_threads)
    try:
        yield
    finally:
        _LIMITS.change(remove=n_threads)
