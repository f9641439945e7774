"""BLAS threads in training: as many as the products of a step are worth, and no more.

Small products lose by being spread over threads, the more the busier the machine is. The
number of threads is a fixed function of the shapes of a step, so that results repeat to
the bit, and it is only ever lowered: a limit that the user or joblib has set stands.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

from ..core.network import Network

PRODUCTS_PER_THREAD = 2**25
"""Multiplications that make a further thread worth it; see docs/benchmarks.md."""


def threads_for(network: Network, n_rows: int, *, sparse: bool = False) -> int:
    """How many threads the largest product of a step on that many rows is worth.

    The first layer's products with sparse rows are not BLAS's.
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
    """The limits in force. They are the process's, and fits may run in several threads.

    The lowest holds, and what was there before the first is put back after the last.
    OpenBLAS takes limits from the main thread only.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.active: list[int] = []
        self.before: list[int] = []

    def change(self, add: int | None = None, remove: int | None = None) -> None:
        """Let a limit come or go."""
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
    """BLAS works with at most that many threads in the meantime."""
    _LIMITS.change(add=n_threads)
    try:
        yield
    finally:
        _LIMITS.change(remove=n_threads)
