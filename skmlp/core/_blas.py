"""Products and sums by direct calls of BLAS, where NumPy needs more calls or passes.

NumPy and SciPy may each bring a BLAS with its own threads, which stay awake for a while
after a call. If a training step used both in turn, their threads would compete for the
cores. All larger products and sums of a step therefore use SciPy's BLAS.

The routines write into their output argument. It must be contiguous and have the
precision of the operands: SciPy would copy any other array and not change the original.
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
    """Add a x to the vector y, in place and in one pass."""
    _AXPY[y.dtype](x, y, a=a)
    return y


def squared_norm(x: Array) -> float:
    """The squared norm |x|^2 of a vector."""
    return float(_DOT[x.dtype](x, x))


def norm(x: Array) -> float:
    """The norm |x| of a vector, also if its square overflows or underflows."""
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
    """Write `scale` a @ b into `out` or, with `add`, add it to `out`."""
    # BLAS stores matrices by columns, so it computes out^T = b^T a^T.
    left, right = b.T, a.T
    left_by_columns, right_by_columns = (
        left.flags.f_contiguous,
        right.flags.f_contiguous,
    )
    _GEMM[out.dtype](
        scale,
        left if left_by_columns else b,
        right if right_by_columns else a,
        1.0 if add else 0.0,
        out.T,
        not left_by_columns,
        not right_by_columns,
        True,
    )
    return out
