"""One and two BLAS threads, on a quiet and on a busy machine."""

import contextlib
import json
import os
import subprocess
import sys
from functools import partial
from math import ceil

from benchmarks.libraries import scikit_learn, skmlp, skmlp_numpy
from benchmarks.problems import Task, dense
from benchmarks.timing import take_turns

from . import Case, repeats

SHAPES = ("classes3", "two-layers", "three-wide")
SETTINGS = [(1, False), (2, False), (1, True), (2, True)]
"""The number of threads, and whether other processes keep each core busy."""


def cases(quick):
    factor = 20 if quick else 4
    for n_threads, busy in SETTINGS:
        label = f"{n_threads}/{'busy' if busy else 'quiet'}"
        yield Case(label, partial(_rows, n_threads, busy, factor, repeats(quick)))


def _rows(n_threads, busy, factor, n_repeats):
    """Time in a separate process, because BLAS reads its thread count when loaded."""
    command = [sys.executable, "-m", __name__, str(factor), str(n_repeats)]
    environment = {**os.environ, "BENCHMARK_THREADS": str(n_threads)}
    with all_cores(), busy_processes() if busy else contextlib.nullcontext():
        done = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        )
    for row in json.loads(done.stdout):
        yield {"threads": n_threads, "busy": int(busy), **row}


@contextlib.contextmanager
def all_cores():
    """Allow all cores, also if the suite itself is limited to one."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextlib.contextmanager
def busy_processes():
    """Run a busy process on each core."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = []
    try:
        for core in range(os.cpu_count() or 1):
            processes.append(subprocess.Popen(command))
            with contextlib.suppress(AttributeError, OSError):
                os.sched_setaffinity(processes[-1].pid, [core])
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def main() -> None:
    """Time all shapes in this process and print the rows as JSON."""
    factor, n_repeats = map(int, sys.argv[1:])
    rows = []
    for problem in dense(*SHAPES):
        task = Task(problem, "adam", "float64").shortened(factor)
        data = problem.data(task.dtype)
        calls = {
            library.NAME: library.prepare(task, *data)
            for library in (skmlp, skmlp_numpy, scikit_learn)
        }
        for call in calls.values():
            call()  # costs of the first call only
        n_steps = task.rounds * ceil(problem.n_rows / problem.batch_size)
        for turn in take_turns(calls, n_repeats):
            for each in turn:
                row = {"problem": problem.name, "library": each.name}
                row |= {"repeat": each.repeat, "step_seconds": each.seconds / n_steps}
                rows.append(row)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
