"""One BLAS thread: the products here are small, and threads would fight over cores."""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

os.environ.setdefault("MPLBACKEND", "Agg")
