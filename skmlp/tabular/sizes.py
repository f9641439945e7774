"""The number of epochs and the batch size, by the number of rows."""

import math

from ..common.parameters import Settings

BATCHES = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
"""(n, size): the batch size for at most n rows."""

LARGEST_BATCH = 1024
EPOCHS, ROWS = 34, 8100
"""EPOCHS for ROWS rows; inversely proportional to the root of the number of rows."""

MIN_EPOCHS, MAX_EPOCHS = 8, 48


def batch_size_for(settings: Settings, n_rows: int) -> int:
    """The number of rows in a mini-batch when training on `n_rows` rows."""
    size = settings["batch_size"]
    if size == "auto":
        size = next((size for most, size in BATCHES if n_rows <= most), LARGEST_BATCH)
    return min(int(size), n_rows)


def n_epochs(settings: Settings, n_rows: int) -> int:
    """The number of epochs for that many rows."""
    if settings["max_iter"] != "auto":
        return int(settings["max_iter"])
    n = round(EPOCHS * math.sqrt(ROWS / n_rows))
    return min(max(n, MIN_EPOCHS), MAX_EPOCHS)
