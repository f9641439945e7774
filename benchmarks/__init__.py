"""Speed and memory of skmlp against scikit-learn, torch, skorch and a floor.

What to solve is in `problems`, one small adapter for each library in `libraries`, what
is compared in `comparisons` and `micro`. `python -m benchmarks.run` writes CSV files,
and `python -m benchmarks.report` makes docs/benchmarks.md of them.
"""

import os

# BLAS reads these once, when NumPy is imported; so they are set here, before any module
# of the suite. The comparison of thread counts asks for more through the variable.
THREADS = os.environ.get("BENCHMARK_THREADS", "1")
for _name in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM"):
    os.environ[f"{_name}_NUM_THREADS"] = THREADS
