"""
Data larger than memory: what training needs
============================================

The rows are in a float32 file, a :class:`numpy.memmap`. A network is trained with
partial_fit on one block of rows after another, and with fit on the whole file, which is
not copied.
"""

import tempfile
import tracemalloc
import warnings
from pathlib import Path
from time import perf_counter

import numpy as np
from matplotlib import pyplot
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

BLOCK, N_ROWS = 20_000, 100_000

# %%
# The file has handwritten digits, drawn with replacement and with noise, because
# scikit-learn has no large bundled data.

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
rng = np.random.default_rng(0)
drawn = rng.integers(len(X), size=N_ROWS)
path = Path(tempfile.mkdtemp()) / "X.bin"
file = np.memmap(path, np.float32, "w+", shape=(N_ROWS, X.shape[1]))
for start in range(0, N_ROWS, BLOCK):
    rows = X[drawn[start : start + BLOCK]]
    file[start : start + BLOCK] = rows + rng.normal(scale=0.1, size=rows.shape)
file.flush()
labels = y[drawn]
print(f"a file of {file.nbytes / 1e6:.0f} MB, {N_ROWS:,} rows")

# %%
# Two ways to train for one epoch.


def by_blocks(model, X, y):
    """Train with partial_fit, each block copied from the file."""
    for start in range(0, len(X), BLOCK):
        block = np.array(X[start : start + BLOCK])
        model.partial_fit(block, y[start : start + BLOCK], classes=np.arange(10))


def as_a_whole(model, X, y):
    """Train with fit on the memmap."""
    with warnings.catch_warnings():
        # One epoch is enough here.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)


# %%
# The peak is the memory that is allocated during training. Pages of the file that the
# operating system caches do not count. In fit, the labels of all rows, ten numbers
# each, take most of the peak.

print(f"{'way':<12} {'peak, MB':>9} {'of the file':>12} {'seconds':>8} {'accuracy':>9}")
peaks = {"the file": file.nbytes / 1e6}
for name, way in (("partial_fit", by_blocks), ("fit", as_a_whole)):
    model = MLPClassifier((32,), max_iter=1, random_state=0)
    tracemalloc.start()
    start = perf_counter()
    way(model, file, labels)
    seconds, peak = perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    peaks[name] = peak / 1e6
    accuracy = model.score(X_test, y_test)
    print(f"{name:<12} {peak / 1e6:>9.1f} {peak / file.nbytes:>12.1%}", end=" ")
    print(f"{seconds:>8.1f} {accuracy:>9.3f}")

_, ax = pyplot.subplots(figsize=(6, 3))
ax.barh(list(peaks), list(peaks.values()))
ax.set(xlabel="MB")
ax.figure.tight_layout()

del file  # Windows cannot delete an open file
path.unlink()
