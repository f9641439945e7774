"""Measuring: contestants in turn, peak memory."""

import gc
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

from sklearn.exceptions import ConvergenceWarning

# Training is cut short on purpose.
warnings.filterwarnings("ignore", category=ConvergenceWarning)


class Turn(NamedTuple):
    """One timed call."""

    name: str
    repeat: int
    seconds: float
    result: Any


def take_turns(
    contestants: dict[str, Callable[[], Any]], repeats: int, number: int = 1
) -> Iterator[list[Turn]]:
    """Time all contestants, one after another, `repeats` times; yield round by round.

    What slows the machine for a while slows neighbours alike, so the ratios of a round
    mean more than those of separate runs. Every other round goes backwards, so that
    nobody always runs behind the same one.
    """
    for repeat in range(repeats):
        order = list(contestants)[:: -1 if repeat % 2 else 1]
        yield [_timed(name, contestants[name], repeat, number) for name in order]


def _timed(name: str, call: Callable[[], Any], repeat: int, number: int) -> Turn:
    gc.collect()
    start = perf_counter()
    for _ in range(number):
        result = call()
    seconds = (perf_counter() - start) / number
    return Turn(name, repeat, seconds, result)


def peak_bytes(call: Callable[[], Any]) -> int:
    """The most memory held at a time by what `call` allocates."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
