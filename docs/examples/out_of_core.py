"""Data larger than memory: training from a file, and the memory that it needs.

The file is a float32 numpy.memmap in a temporary folder. Its rows are handwritten digits,
drawn with replacement and with noise, because scikit-learn has no large bundled data. The
network is trained (a) with partial_fit on one block of rows after another and (b) with fit
on the whole memmap, which is not copied. The peak is the memory allocated during training,
measured by tracemalloc. Pages of the file that the operating system caches do not count.
In fit, the labels of all rows, ten numbers each, take most of the peak.

Prints a table.
"""

import argparse
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

BLOCK = 20_000


def write(path: Path, X: np.ndarray, y: np.ndarray, n_rows: int) -> np.ndarray:
    """Write rows to the file, block by block; return their labels."""
    rng = np.random.default_rng(0)
    file = np.memmap(path, np.float32, "w+", shape=(n_rows, X.shape[1]))
    drawn = rng.integers(len(X), size=n_rows)
    for start in range(0, n_rows, BLOCK):
        rows = X[drawn[start : start + BLOCK]]
        noise = rng.normal(scale=0.1, size=rows.shape)
        file[start : start + BLOCK] = rows + noise
    file.flush()
    return y[drawn]


def by_blocks(model: MLPClassifier, X: np.ndarray, y: np.ndarray) -> None:
    """Train for one epoch with partial_fit, each block copied from the file."""
    for start in range(0, len(X), BLOCK):
        block = np.array(X[start : start + BLOCK])
        model.partial_fit(block, y[start : start + BLOCK], classes=np.arange(10))


def as_a_whole(model: MLPClassifier, X: np.ndarray, y: np.ndarray) -> None:
    """Train for one epoch with fit on the memmap."""
    with warnings.catch_warnings():
        # One epoch is enough here.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)


def measured(work: Callable[..., None], *arguments: object) -> tuple[float, float]:
    """Return the peak memory in MB and the seconds."""
    tracemalloc.start()
    start = perf_counter()
    work(*arguments)
    seconds, peak = perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6, seconds


def main(megabytes: float) -> None:
    """Write the file, train in both ways and print the table."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
    n_rows = int(megabytes * 1e6 / 4 / X.shape[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.bin"
        y = write(path, X, y, n_rows)
        file = np.memmap(path, np.float32, "r", shape=(n_rows, X.shape[1]))
        print(f"a file of {file.nbytes / 1e6:.0f} MB, {n_rows} rows")
        print(f"{'way':<12} {'peak, MB':>9} {'of the file':>12} {'seconds':>8}", end="")
        print(f" {'test accuracy':>14}")
        for name, way in (("partial_fit", by_blocks), ("fit", as_a_whole)):
            model = MLPClassifier((32,), max_iter=1, random_state=0)
            peak, seconds = measured(way, model, file, y)
            fraction = peak * 1e6 / file.nbytes
            accuracy = model.score(X_test, y_test)
            print(f"{name:<12} {peak:>9.1f} {fraction:>12.1%} {seconds:>8.1f}", end="")
            print(f" {accuracy:>14.3f}")
        del file  # Windows cannot delete an open file


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="not used: there is no plot")
    parser.add_argument("--megabytes", type=float, default=200, help="size of the file")
    parser.add_argument("--quick", action="store_true", help="a file of 20 MB")
    options = parser.parse_args()
    main(20 if options.quick else options.megabytes)
