"""The time of an epoch by each size of the problem."""

from dataclasses import replace
from functools import partial

from benchmarks.libraries import floor, skmlp, skmlp_numpy
from benchmarks.problems import BASE, Task
from benchmarks.timing import take_turns

from . import Case, repeats

SWEEPS = {
    "rows": (500, 1000, 2000, 4000, 8000, 16000),
    "columns": (5, 15, 50, 150, 500, 1500),
    "width": (16, 32, 64, 128, 256, 512),
    "depth": (1, 2, 3, 5, 8, 12),
    "batch size": (8, 25, 75, 200, 600, 2000),
    "classes": (3, 6, 12, 25, 50, 100),
}


def with_size(axis, size):
    """The base problem with one of its sizes changed."""
    changes = {
        "rows": {"n_rows": size},
        "columns": {"n_columns": size},
        "width": {"hidden": (size,)},
        "depth": {"hidden": (100,) * size},
        "batch size": {"batch_size": size},
        "classes": {"n_classes": size},
    }
    return replace(BASE, **changes[axis])


def cases(quick):
    for axis, sizes in SWEEPS.items():
        for size in sizes:
            job = partial(_rows, axis, size, 4 if quick else 1, repeats(quick))
            yield Case(f"{axis}/{size}", job)


def _rows(axis, size, factor, n_repeats):
    task = Task(with_size(axis, size), "adam", "float64").shortened(factor)
    data = task.problem.data(task.dtype)
    libraries = (skmlp, skmlp_numpy, floor)
    calls = {library.NAME: library.prepare(task, *data) for library in libraries}
    for call in calls.values():
        call()  # costs of the first call only
    for turn in take_turns(calls, n_repeats):
        for each in turn:
            yield {
                "axis": axis,
                "size": size,
                "library": each.name,
                "repeat": each.repeat,
                "epoch_seconds": each.seconds / task.rounds,
            }
