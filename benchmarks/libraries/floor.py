"""The floor: the matrix products of every training step, and nothing else.

No library with the same BLAS can take the same steps in less time, except by faster
products of shapes that `np.matmul` does not pass to BLAS.
"""

from itertools import pairwise

import numpy as np

from . import Trained

NAME = "floor"


def supports(task) -> bool:
    return not task.problem.non_zeros


class Step:
    """The products of a step on `n_rows` rows, into preallocated arrays."""

    def __init__(self, problem, n_rows, dtype):
        rng = np.random.RandomState(0)
        self.W = [
            (rng.randn(n_in, n_out) / np.sqrt(n_in)).astype(dtype)
            for n_in, n_out in pairwise(problem.widths)
        ]
        self.dW = [np.empty_like(W) for W in self.W]
        self.H = [rng.randn(n_rows, n).astype(dtype) for n in problem.widths]
        self.dS = [np.ones_like(H) for H in self.H]

    def __call__(self, X):
        self.H[0] = X
        for i, W in enumerate(self.W):
            np.matmul(self.H[i], W, out=self.H[i + 1])
        for i in reversed(range(len(self.W))):
            np.matmul(self.H[i].T, self.dS[i + 1], out=self.dW[i])
            if i > 0:
                np.matmul(self.dS[i + 1], self.W[i].T, out=self.dS[i])


def prepare(task, X, y):
    n_rows = len(X)
    size = n_rows if task.solver == "lbfgs" else min(task.problem.batch_size, n_rows)
    batches = [X[start : start + size] for start in range(0, n_rows, size)]
    steps = {
        n: Step(task.problem, n, task.dtype) for n in {len(batch) for batch in batches}
    }

    def train():
        for _ in range(task.rounds):
            for batch in batches:
                steps[len(batch)](batch)
        return Trained(task.rounds)

    return train
