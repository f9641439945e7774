"""The number of epochs and the batch size, by the number of rows."""

import math

from ..common.parameters import Settings

BATCHES = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
"""(n, size): the batch size for at most n rows."""

LARGEST_BATCH = 1024
EPOCHS, ROWS = 34, 8100
"""EPOCHS for ROWS rows; inversely proportional to the root of the number of rows."""

MIN_EPOCHS, MAX_EPOCHS = 8, 48

VISITS = 1_600_000
"""About the most rows that a network trains on in all epochs, but in at least one."""

MIN_PATIENCE, PATIENCE = 2, 8
"""The limits of the number of epochs without an improvement, a quarter of all epochs."""


def batch_size_for(settings: Settings, n_rows: int, most: int) -> int:
    """The number of rows in a mini-batch for `n_rows` rows; 'auto' is at most `most`."""
    size = settings["batch_size"]
    if size == "auto":
        size = next((size for rows, size in BATCHES if n_rows <= rows), LARGEST_BATCH)
        size = min(size, most)
    return min(int(size), n_rows)


def n_epochs(settings: Settings, n_rows: int) -> int:
    """The number of epochs for that many rows."""
    if settings["max_iter"] != "auto":
        return int(settings["max_iter"])
    n = max(round(EPOCHS * math.sqrt(ROWS / n_rows)), MIN_EPOCHS)
    return min(n, MAX_EPOCHS, max(round(VISITS / n_rows), 1))


def patience_for(settings: Settings, max_epochs: int) -> float:
    """The most epochs in a row without an improvement."""
    n: float | str = settings["n_iter_no_change"]
    if not isinstance(n, str):
        return n
    if settings["max_iter"] != "auto":
        return PATIENCE
    return min(max(max_epochs // 4, MIN_PATIENCE), PATIENCE)
