"""Training time and memory against scikit-learn's own MLP, the same weights required.

    python benchmarks/versus_sklearn.py [--quick]

Both libraries train in turn, in one process, on one BLAS thread, for the same epochs; a
row gives the median of the paired ratios (scikit-learn's time over ours), their spread,
our time and the largest difference of the weights relative to the largest weight.
"""

import argparse
import os
import statistics
import time
import tracemalloc
import warnings
from dataclasses import dataclass, field

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import sklearn.neural_network
from scipy import sparse

import skmlp

UNENDING = {"tol": 0.0, "n_iter_no_change": 10**6, "random_state": 0}


@dataclass
class Problem:
    """A shape to train on: columns, hidden layers, classes (0 for regression)."""

    name: str
    n_rows: int
    n_columns: int
    hidden: tuple[int, ...]
    n_classes: int
    epochs: int
    parameters: dict = field(default_factory=dict)
    density: float = 1.0

    def data(self, dtype):
        rng = np.random.RandomState(0)
        scores = rng.randn(self.n_rows, max(self.n_classes, 1))
        if self.density < 1:
            X = sparse.random(
                self.n_rows, self.n_columns, self.density, "csr", dtype, random_state=0
            )
        else:
            X = rng.randn(self.n_rows, self.n_columns)
            scores += X @ rng.randn(self.n_columns, scores.shape[1])
            X = X.astype(dtype)
        return X, scores.argmax(axis=1) if self.n_classes else scores[:, 0]

    def fit(self, library, X, y):
        kind = library.MLPClassifier if self.n_classes else library.MLPRegressor
        settings = {"max_iter": self.epochs, **UNENDING, **self.parameters}
        model = kind(hidden_layer_sizes=self.hidden, **settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = time.perf_counter()
            model.fit(X, y)
        return time.perf_counter() - start, model


PROBLEMS = [
    Problem("adam 2000x20-100-2", 2000, 20, (100,), 2, 100),
    Problem("adam 2000x20-100-3", 2000, 20, (100,), 3, 100),
    Problem("adam 2000x20-100, regression", 2000, 20, (100,), 0, 100),
    Problem("sgd 2000x20-100-3", 2000, 20, (100,), 3, 100, {"solver": "sgd"}),
    Problem("adam 150x4-100-3", 150, 4, (100,), 3, 300),
    Problem(
        "adam 3000x12-64-32-2, batch 32", 3000, 12, (64, 32), 2, 10, {"batch_size": 32}
    ),
    Problem("adam 5000x30-50-50, regression", 5000, 30, (50, 50), 0, 20),
    Problem("adam 8000x40-128-128-2", 8000, 40, (128, 128), 2, 6),
    Problem("adam 10000x50-256-256-256-10", 10000, 50, (256,) * 3, 10, 2),
    Problem("tanh 2000x20-100-3", 2000, 20, (100,), 3, 60, {"activation": "tanh"}),
    Problem(
        "logistic 2000x20-100-3", 2000, 20, (100,), 3, 60, {"activation": "logistic"}
    ),
    Problem(
        "identity 2000x20-100-3", 2000, 20, (100,), 3, 60, {"activation": "identity"}
    ),
    Problem("adam 500x10-100-2, batch 1", 500, 10, (100,), 2, 4, {"batch_size": 1}),
    Problem("lbfgs 2000x20-100-3", 2000, 20, (100,), 3, 8, {"solver": "lbfgs"}),
    Problem("lbfgs 150x4-100-3", 150, 4, (100,), 3, 8, {"solver": "lbfgs"}),
    Problem("adam 2000x5000 sparse-100-3", 2000, 5000, (100,), 3, 3, density=0.01),
]


def weights(model):
    return np.concatenate([a.ravel() for a in model.coefs_ + model.intercepts_])


def compare(problem: Problem, dtype, repeats: int) -> str:
    """One row of the table."""
    X, y = problem.data(dtype)
    ours, ratios = [], []
    for _ in range(repeats):
        a, model = problem.fit(skmlp, X, y)
        b, other = problem.fit(sklearn.neural_network, X, y)
        ours.append(a)
        ratios.append(b / a)
    difference = (
        np.abs(weights(model) - weights(other)).max() / np.abs(weights(other)).max()
    )
    # In float32, and in the long run of lbfgs, rounding alone can come to more.
    if dtype == np.float64 and "lbfgs" not in problem.name:
        assert difference < 1e-6, f"{problem.name}: weights differ by {difference:.1e}"
    return (
        f"{problem.name:32} {np.dtype(dtype).name:8} {statistics.median(ratios):6.2f}"
        f" {min(ratios):6.2f} {max(ratios):6.2f} {1e3 * statistics.median(ours):9.1f}"
        f" {difference:9.0e}"
    )


def prediction_memory() -> None:
    """Peak memory of predict beyond the input, for both."""
    X = np.random.RandomState(0).randn(100_000, 10)
    for library in (skmlp, sklearn.neural_network):
        model = library.MLPRegressor(hidden_layer_sizes=(512, 512), max_iter=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X[:100], X[:100, 0])
        tracemalloc.start()
        model.predict(X)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        what = "predict 100,000 rows through (512, 512)"
        print(f"{what}, {library.__name__}: {peak / 1e6:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one run each, few epochs")
    quick = parser.parse_args().quick
    print(f"{'':32} {'dtype':8}  ratio    min    max   ours ms    differ")
    for dtype in (np.float64, np.float32):
        for problem in PROBLEMS:
            if quick:
                problem.epochs = min(problem.epochs, 2)
            print(compare(problem, dtype, 1 if quick else 7), flush=True)
    prediction_memory()


if __name__ == "__main__":
    main()
