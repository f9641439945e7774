"""Products and sums through BLAS itself, where NumPy takes more calls or passes.

NumPy and SciPy may each bring a BLAS, with threads of its own that stay awake for a while
after a call. A training step that used both in turn would have them fight over the cores,
and so all its larger work is done here.

The routines write into the memory of their output argument, which has to be contiguous
and of the operands' precision: SciPy would copy any other and leave it as it was.
"""

import math
from typing import Any

import numpy as np
from scipy.linalg import blas

from ._types import Array

_AXPY: dict[Any, Any] = {np.dtype("f4"): blas.saxpy, np.dtype("f8"): blas.daxpy}
_DOT: dict[Any, Any] = {np.dtype("f4"): blas.sdot, np.dtype("f8"): blas.ddot}
_GEMM: dict[Any, Any] = {np.dtype("f4"): blas.sgemm, np.dtype("f8"): blas.dgemm}


def add_scaled(y: Array, x: Array, a: float) -> Array:
    """Y += a x for vectors, in place."""
    _AXPY[y.dtype](x, y, a=a)
    return y


def squared_norm(x: Array) -> float:
    """The |x|^2 of a vector."""
    return float(_DOT[x.dtype](x, x))


def norm(x: Array) -> float:
    """The length |x| of a vector, also where its square is too large or too small."""
    squared = squared_norm(x)
    if 0 < squared < math.inf:
        return math.sqrt(squared)
    largest = float(np.abs(x).max())
    if not 0 < largest < math.inf:
        return largest
    return largest * math.sqrt(squared_norm(x / x.dtype.type(largest)))


def matmul(
    a: Array, b: Array, out: Array, *, add: bool = False, scale: float = 1.0
) -> Array:
    """`scale` a @ b of matrices, written into `out` or, with `add`, added to it."""
    # BLAS counts columns first: it is to compute out^T = b^T a^T.
    left, right = b.T, a.T
    left_as_it_is, right_as_it_is = left.flags.f_contiguous, right.flags.f_contiguous
    _GEMM[out.dtype](
        scale,
        left if left_as_it_is else b,
        right if right_as_it_is else a,
        1.0 if add else 0.0,
        out.T,
        not left_as_it_is,
        not right_as_it_is,
        True,
    )
    return out
