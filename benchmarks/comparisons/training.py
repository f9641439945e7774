"""Training: every library in turn, and the weights of the two that must agree."""

from functools import partial

import numpy as np

from benchmarks.libraries import available
from benchmarks.problems import DENSE, TEXT, Task, dense
from benchmarks.timing import take_turns

from . import Case, repeats

FEW_TURNS = {"skorch": 2}
"""Turns of a library that takes several times as long as all others together."""


def cases(quick):
    problems = dense("iris", "small-batch", "two-layers") if quick else DENSE
    tasks = [
        Task(problem, solver, dtype)
        for solver in ("adam", "sgd", "lbfgs")
        for dtype in ("float64", "float32")
        for problem in problems
    ]
    tasks += [Task(TEXT, "adam", dtype) for dtype in ("float64", "float32")]
    for task in tasks:
        timed = task.shortened(20) if quick else task
        yield Case(task.label, partial(_rows, timed, repeats(quick)))


def _rows(task, n_repeats):
    X, y = task.problem.data(task.dtype)
    contestants, unhurried = {}, {}
    for name, library in available().items():
        if not library.supports(task):
            continue
        library.prepare(task.shortened(10**6), X, y)()  # what only the first call costs
        contestants[name] = library.prepare(task, X, y)
        if name not in FEW_TURNS:
            unhurried[name] = contestants[name]
    few = min(n_repeats, *FEW_TURNS.values())
    turns = [*take_turns(contestants, few)]
    for turn in take_turns(unhurried, n_repeats - few):
        turns.append([each._replace(repeat=each.repeat + few) for each in turn])
    return [row for turn in turns for row in _compared(task, turn)]


def _compared(task, turn):
    """The rows of one round of turns, once the weights are found to agree."""
    models = {each.name: each.result.model for each in turn}
    difference = weight_difference(models["skmlp"], models["scikit-learn"])
    check(task, difference)
    for each in turn:
        yield {
            "problem": task.problem.name,
            "solver": task.solver,
            "dtype": task.dtype,
            "library": each.name,
            "repeat": each.repeat,
            "seconds": each.seconds,
            "rounds": each.result.rounds,
            "difference": difference,
        }


def weights(model):
    return np.concatenate([a.ravel() for a in (*model.coefs_, *model.intercepts_)])


def weight_difference(model, other) -> float:
    """The largest difference of two weights, relative to the largest weight."""
    a, b = weights(model), weights(other)
    return float(np.abs(a - b).max() / np.abs(b).max())


def check(task, difference) -> None:
    """Raise AssertionError if the two libraries did not train to the same weights."""
    if task.solver == "lbfgs":
        # A line search takes its decisions on rounded numbers, and one that goes
        # another way changes all that follows: the two end in points that are as good
        # and not the same. In float32, moreover, scikit-learn searches in float64.
        bound = 1.0
    elif task.dtype == "float32":
        # Rounding moves a unit of relu across its kink, and Adam divides small
        # gradients by themselves; hundreds of steps make this visible.
        bound = 0.1
    else:
        bound = 1e-6
    # Written so that NaN fails, too.
    assert difference <= bound, f"{task.label}: weights differ by {difference:.1e}"
