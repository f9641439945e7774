"""Which columns matter, in limited time: groups of columns, the most important halved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from time import perf_counter

import numpy as np


def by_halves(
    n_columns: int,
    decrease: Callable[[Sequence[int], int], list[float]],
    n_repeats: int,
    seconds: float,
    limit: float,
    tell: Callable[[int], None] = lambda n_done: None,
) -> dict[int, list[float]]:
    """The decrease of a score by single columns, for each repeat.

    `decrease` gives it for columns that are shuffled together and a number of repeats, of
    which one takes about `seconds`. If there is time for all columns before the `limit`,
    each is shuffled alone. Otherwise groups are shuffled together: the group with the
    largest decrease is halved next, down to single columns. So the time goes to the columns
    that matter.
    """
    start = perf_counter()
    in_time = n_columns * n_repeats * seconds <= limit
    every = range(n_columns)
    groups = [[column] for column in every] if in_time else [list(every)]
    # A heap of (minus the decrease, a number to sort by, columns).
    count = itertools.count()
    heap = [(-np.inf, next(count), group) for group in groups]
    found: dict[int, list[float]] = {}
    while heap and (perf_counter() - start < limit or not found):
        _, _, group = heappop(heap)
        if len(group) == 1:
            found[group[0]] = decrease(group, n_repeats)
            tell(len(found))
            continue
        for half in (group[: len(group) // 2], group[len(group) // 2 :]):
            heappush(heap, (-decrease(half, 1)[0], next(count), half))
    return found
