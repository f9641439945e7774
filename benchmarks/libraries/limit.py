"""The physical limit: the operations of all products at the highest rate of the machine.

The rate is that of large square products, through the BLAS that skmlp uses. The call has a
fixed length; `rounds` says for how many epochs its operations would be enough.
"""

import numpy as np

from skmlp.core._blas import matmul

from . import Trained

NAME = "limit"
SIZE, PRODUCTS = 1024, 3


def supports(task) -> bool:
    return not task.problem.non_zeros


def prepare(task, X, y):
    rng = np.random.RandomState(0)
    a, b = (rng.randn(SIZE, SIZE).astype(task.dtype) for _ in range(2))
    out = np.empty_like(a)
    operations = PRODUCTS * 2 * SIZE**3

    def multiply():
        for _ in range(PRODUCTS):
            matmul(a, b, out)
        return Trained(operations / task.problem.operations)

    return multiply
