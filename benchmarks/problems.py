"""The problems: shapes, data and training time."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse
from sklearn.datasets import load_digits, load_iris
from sklearn.preprocessing import scale

# scikit-learn's defaults, used for every library.
LEARNING_RATE, MOMENTUM, ALPHA = 1e-3, 0.9, 1e-4

LOADERS = {"iris": load_iris, "digits": load_digits}


@dataclass(frozen=True)
class Problem:
    """A training problem: the shape of the network and the data.

    `n_classes` is 0 for regression; `non_zeros` is the number of non-zeros in a row of
    sparse data. With `epochs` and `iterations` (of L-BFGS) scikit-learn trains for about
    half a second: long enough to time, and short enough for several rounds.
    """

    name: str
    n_rows: int
    n_columns: int
    hidden: tuple[int, ...]
    n_classes: int
    batch_size: int
    epochs: int
    iterations: int = 0
    source: str = ""
    non_zeros: int = 0

    @property
    def n_outputs(self) -> int:
        """Two classes have one score, as regression has."""
        return self.n_classes if self.n_classes > 2 else 1

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.n_columns, *self.hidden, self.n_outputs)

    @property
    def operations(self) -> int:
        """Floating-point operations of the matrix products of an epoch.

        Each layer has one product forward and two backward; the first has one backward.
        """
        sizes = [n_in * n_out for n_in, n_out in pairwise(self.widths)]
        return 2 * self.n_rows * (3 * sum(sizes) - sizes[0])

    @property
    def shape(self) -> str:
        """The shape in words, for tables."""
        layers = "-".join(map(str, self.hidden))
        what = f"{self.n_classes} classes" if self.n_classes else "regression"
        return (
            f"{self.n_rows:,} x {self.n_columns:,}, {layers}, {what}, "
            f"batch {self.batch_size}"
        )

    def data(self, dtype):
        """X and y: real data, or normal random columns and a noisy linear target."""
        if self.source:
            X, y = LOADERS[self.source](return_X_y=True)
            return scale(X).astype(dtype), y
        rng = np.random.RandomState(0)
        X = self._sparse(rng) if self.non_zeros else self._dense(rng)
        coefficients = rng.randn(self.n_columns, max(self.n_classes, 1))
        scores = scale(X @ coefficients) + 0.3 * rng.randn(self.n_rows, 1)
        y = scores.argmax(axis=1) if self.n_classes else scores[:, 0].astype(dtype)
        return X.astype(dtype), y

    def _dense(self, rng):
        return rng.randn(self.n_rows, self.n_columns)

    def _sparse(self, rng):
        """Rows like those of text data: `non_zeros` positive entries, norm 1."""
        # One entry in each of `non_zeros` equal parts of the row, so columns are distinct.
        part = self.n_columns // self.non_zeros
        offsets = rng.randint(part, size=(self.n_rows, self.non_zeros))
        columns = offsets + part * np.arange(self.non_zeros)
        values = rng.uniform(0.1, 1, columns.shape)
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        starts = np.arange(self.n_rows + 1) * self.non_zeros
        parts = values.ravel(), columns.ravel(), starts
        return sparse.csr_matrix(parts, (self.n_rows, self.n_columns))


@dataclass(frozen=True)
class Task:
    """A problem, a solver and a precision."""

    problem: Problem
    solver: str
    dtype: str

    @property
    def label(self) -> str:
        return f"{self.problem.name}/{self.solver}/{self.dtype}"

    @property
    def rounds(self) -> int:
        """The number of epochs, or of L-BFGS iterations."""
        if self.solver == "lbfgs":
            return self.problem.iterations
        return self.problem.epochs

    def shortened(self, factor: int) -> "Task":
        """The same task with the number of rounds divided by `factor`."""
        problem = replace(
            self.problem,
            epochs=max(1, self.problem.epochs // factor),
            iterations=max(2, self.problem.iterations // factor),
        )
        return replace(self, problem=problem)


DENSE = (
    Problem("iris", 150, 4, (100,), 3, 150, 1200, 150, source="iris"),
    Problem("digits", 1797, 64, (100,), 10, 200, 90, 60, source="digits"),
    Problem("classes3", 2000, 20, (100,), 3, 200, 100, 60),
    Problem("small-batch", 3000, 12, (64, 32), 2, 32, 20, 60),
    Problem("regression", 5000, 30, (50, 50), 0, 200, 45, 40),
    Problem("two-layers", 8000, 40, (128, 128), 2, 128, 8, 10),
    Problem("three-wide", 10000, 50, (256, 256, 256), 10, 256, 2, 4),
    Problem("widest", 10000, 50, (512, 512), 0, 1024, 2, 2),
)
SMALL_BATCH, WIDE = "small-batch", ("three-wide", "widest")
TEXT = Problem("text", 10000, 20000, (100,), 3, 200, 1, non_zeros=100)
BASE = Problem("base", 2000, 20, (100,), 3, 200, 8)
"""The problem of which the growth comparison varies one size at a time."""


def dense(*names: str) -> list[Problem]:
    """The dense problems with these names."""
    return [problem for problem in DENSE if problem.name in names]
