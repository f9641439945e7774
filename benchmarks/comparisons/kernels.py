"""Training with the kernel that OpenBLAS chooses, and with the one that is set.

`OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` fix a kernel. The suite unsets them, so where
they were set this measures with them too; otherwise there is nothing to compare.
"""

import json
import os
import subprocess
import sys
from functools import partial

from benchmarks import FIXED_KERNEL
from benchmarks.libraries import floor, scikit_learn, skmlp, skmlp_numpy
from benchmarks.problems import DENSE, Task, dense
from benchmarks.timing import take_turns
from skmlp.core.compiled.library import blas_kernel

from . import Case

LIBRARIES = (skmlp, skmlp_numpy, scikit_learn, floor)


def cases(quick):
    if FIXED_KERNEL:
        for setting in ("chosen", "set"):
            yield Case(setting, partial(_rows, setting, quick))


def _rows(setting, quick):
    """Time in a separate process, because BLAS reads the variables when loaded."""
    more = FIXED_KERNEL | {"BENCHMARK_KEEPS_KERNEL": "1"} if setting == "set" else {}
    done = subprocess.run(
        [sys.executable, "-m", __name__, "quick" if quick else "full"],
        env={**os.environ, **more},
        check=True,
        capture_output=True,
        text=True,
    )
    for row in json.loads(done.stdout):
        yield {"setting": setting, **row}


def main() -> None:
    """Time the dense problems in this process and print the rows as JSON."""
    quick = sys.argv[1] == "quick"
    rows = []
    for dtype in ("float64", "float32"):
        for problem in dense("iris", "small-batch") if quick else DENSE:
            task = Task(problem, "adam", dtype).shortened(20 if quick else 2)
            data = problem.data(dtype)
            calls = {each.NAME: each.prepare(task, *data) for each in LIBRARIES}
            for call in calls.values():
                call()  # costs of the first call only
            for turn in take_turns(calls, 2 if quick else 5):
                for each in turn:
                    row = {"kernel": blas_kernel(), "problem": problem.name}
                    row |= {"dtype": dtype, "library": each.name}
                    row |= {"repeat": each.repeat, "seconds": each.seconds}
                    rows.append(row)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
