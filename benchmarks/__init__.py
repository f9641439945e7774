"""Speed and memory of skmlp, scikit-learn, torch, skorch and the matrix products alone.

`problems` has the problems to solve, `libraries` an adapter for each library,
`comparisons` and `micro` the measurements. `python -m benchmarks.run` writes CSV files,
and `python -m benchmarks.report` makes docs/benchmarks.md from them.
"""

import os

# BLAS reads these once, when NumPy is imported, so they are set before any module of the
# suite is imported. The comparison of thread counts sets BENCHMARK_THREADS.
THREADS = os.environ.get("BENCHMARK_THREADS", "1")
for _name in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM"):
    os.environ[f"{_name}_NUM_THREADS"] = THREADS

# These fix the kernel of OpenBLAS, sometimes an older one than the processor can run. The
# comparison of kernels sets BENCHMARK_KEEPS_KERNEL to measure with them.
FIXED_KERNEL = {
    _name: os.environ[_name]
    for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    if _name in os.environ
}
if "BENCHMARK_KEEPS_KERNEL" not in os.environ:
    for _name in FIXED_KERNEL:
        del os.environ[_name]
