"""BLAS threads in training: as many as the matrix products of a step can use.

Several threads make small products slower, above all on a busy machine. The number of
threads depends only on the shapes of a step, so that results repeat to the bit. It is never
raised: a limit that the user or joblib has set stays in force.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from threading import RLock, get_ident
from typing import Any, Protocol

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


class _Library(Protocol):
    """A BLAS library, whose number of threads belongs to the process."""

    def get_num_threads(self) -> int: ...

    def set_num_threads(self, num_threads: int, /) -> object: ...


class _OpenBLAS:
    """OpenBLAS, set from any thread: threadpoolctl takes limits from one thread only."""

    def __init__(self, loaded: Any, name: str):
        """`name` is that of its functions, with {} for the verb."""
        self.get_num_threads: Callable[[], int] = getattr(loaded, name.format("get"))
        self.set_num_threads: Callable[[int], object]
        self.set_num_threads = getattr(loaded, name.format("set"))


def _settable(library: Any) -> _Library:
    """The library, so that every thread can set its number of threads."""
    loaded = getattr(library, "dynlib", None)
    for prefix, suffix in product(("", "scipy_"), ("", "64_", "_64")):
        name = f"{prefix}openblas_{{}}_num_threads{suffix}"
        if getattr(library, "threading_layer", "") == "pthreads" and hasattr(
            loaded, name.format("set")
        ):
            return _OpenBLAS(loaded, name)
    found: _Library = library
    return found


@cache
def _libraries() -> tuple[_Library, ...]:
    """The BLAS libraries of NumPy and SciPy. Looking for them takes milliseconds."""
    found = ThreadpoolController().select(user_api="blas")
    return tuple(map(_settable, found.lib_controllers))


@dataclass(eq=False)
class _Limit:
    """A maximum number of threads, and the thread that asked for it."""

    n_threads: int
    thread: int = field(default_factory=get_ident)


class _Limits:
    """The limits in force. They belong to the process; fits may run in several threads.

    The lowest limit applies. After the last one ends, the number of threads is what it was
    before the first, unless somebody else changed it. In a forked process only the limits
    of the thread that forked are in force: the other threads are gone.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.active: list[_Limit] = []
        self.before: list[int] = []
        self.wanted: list[int] = []

    def add(self, limit: _Limit) -> None:
        """Put a limit in force."""
        with self.lock:
            if not self.active:
                self.before = [library.get_num_threads() for library in _libraries()]
                self.wanted = self.before
            self.active.append(limit)
            self._apply()

    def remove(self, limit: _Limit) -> None:
        """End a limit."""
        with self.lock:
            self.active.remove(limit)
            self._apply()

    def _apply(self) -> None:
        """Set the numbers of threads that the limits in force allow."""
        lowest = min((limit.n_threads for limit in self.active), default=None)
        last = self.wanted
        self.wanted = [n if lowest is None else min(n, lowest) for n in self.before]
        for library, old, new in zip(_libraries(), last, self.wanted, strict=True):
            now = library.get_num_threads()
            too_many = lowest is not None and now > new
            if now != new and (now == old or too_many):
                library.set_num_threads(new)

    def after_fork(self) -> None:
        """In a forked process: end the limits of the threads that it does not have."""
        self.lock.release()
        left = [limit for limit in self.active if limit.thread == get_ident()]
        if left != self.active:
            self.active = left
            self._apply()


_LIMITS = _Limits()

if hasattr(os, "register_at_fork"):
    # A fork while another thread changes the limits would copy a lock that stays locked.
    os.register_at_fork(
        before=_LIMITS.lock.acquire,
        after_in_parent=_LIMITS.lock.release,
        after_in_child=_LIMITS.after_fork,
    )


@contextmanager
def at_most(n_threads: int) -> Iterator[None]:
    """Limit the number of BLAS threads during the block."""
    limit = _Limit(n_threads)
    _LIMITS.add(limit)
    try:
        yield
    finally:
        _LIMITS.remove(limit)
