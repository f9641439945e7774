"""The number of epochs and the batch size, by the number of rows."""

import math
from typing import NamedTuple

from ..common.parameters import Settings

BATCHES = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
"""(n, size): the batch size for at most n rows."""

LARGEST_BATCH = 1024
EPOCHS, ROWS = 34, 8100
"""EPOCHS for ROWS rows; inversely proportional to the root of the number of rows."""

MIN_EPOCHS, MAX_EPOCHS = 8, 48

VISITS = 1_600_000
"""About the most rows that a network trains on in all epochs, but in at least one."""

EPOCH_ROWS, MOST_VISITS = 400_000, 4_000_000
"""The most rows of an epoch, and of all epochs, if rows come in blocks."""

MIN_PATIENCE, PATIENCE = 2, 8
"""The limits of the number of epochs without an improvement, a quarter of all epochs."""


def batch_size_for(settings: Settings, n_rows: int, most: int) -> int:
    """The number of rows in a mini-batch for `n_rows` rows; 'auto' is at most `most`."""
    size = settings["batch_size"]
    if size == "auto":
        size = next((size for rows, size in BATCHES if n_rows <= rows), LARGEST_BATCH)
        size = min(size, most)
    return min(int(size), n_rows)


class Epochs(NamedTuple):
    """The number of epochs, and about the number of rows of each."""

    number: int
    n_rows: int


def n_epochs(settings: Settings, n_rows: int) -> int:
    """The number of epochs for that many rows."""
    if settings["max_iter"] != "auto":
        return int(settings["max_iter"])
    n = max(round(EPOCHS * math.sqrt(ROWS / n_rows)), MIN_EPOCHS)
    return min(n, MAX_EPOCHS, max(round(VISITS / n_rows), 1))


def epochs_in_blocks(settings: Settings, n_rows: int) -> Epochs:
    """The epochs for that many rows, if they come in blocks.

    With `max_iter='auto'` an epoch has at most EPOCH_ROWS rows, and all epochs have about
    as many as in memory, but at most MOST_VISITS.
    """
    n = n_epochs(settings, n_rows)
    if settings["max_iter"] != "auto" or n_rows <= EPOCH_ROWS:
        return Epochs(n, n_rows)
    return Epochs(max(round(min(n * n_rows, MOST_VISITS) / EPOCH_ROWS), 1), EPOCH_ROWS)


def patience_for(settings: Settings, max_epochs: int) -> float:
    """The most epochs in a row without an improvement."""
    n: float | str = settings["n_iter_no_change"]
    if not isinstance(n, str):
        return n
    if settings["max_iter"] != "auto":
        return PATIENCE
    return min(max(max_epochs // 4, MIN_PATIENCE), PATIENCE)
