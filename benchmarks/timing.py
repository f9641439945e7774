"""Measurement of time, alternating between libraries, and of peak memory."""

import gc
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

from sklearn.exceptions import ConvergenceWarning

# Training stops before convergence on purpose.
warnings.filterwarnings("ignore", category=ConvergenceWarning)


class Turn(NamedTuple):
    """One timed call."""

    name: Any
    repeat: int
    seconds: float
    result: Any


def take_turns(
    calls: dict[Any, Callable[[], Any]],
    repeats: int,
    number: int = 1,
    clock: Callable[[], float] = perf_counter,
) -> Iterator[list[Turn]]:
    """Time all calls one after another, `repeats` times; yield the turns of each round.

    A slow phase of the machine affects all calls of a round, so ratios within a round are
    more reliable than those of separate runs. Every second round runs in reverse order, so
    that no call always follows the same other one.

    `clock` is perf_counter for wall time, process_time for the CPU time of this process.
    """
    for repeat in range(repeats):
        order = list(calls)[:: -1 if repeat % 2 else 1]
        yield [_timed(name, calls[name], repeat, number, clock) for name in order]


def _timed(name, call, repeat, number, clock) -> Turn:
    gc.collect()
    start = clock()
    for _ in range(number):
        result = call()
    seconds = (clock() - start) / number
    return Turn(name, repeat, seconds, result)


def peak_bytes(call: Callable[[], Any]) -> int:
    """The peak of the memory that `call` allocates."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
