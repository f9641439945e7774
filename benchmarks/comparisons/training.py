"""Training time of every library.

The weights of skmlp, on both paths, and of scikit-learn are compared.
"""

from functools import partial

import numpy as np

from benchmarks.libraries import available
from benchmarks.problems import DENSE, TEXT, Task, dense
from benchmarks.timing import take_turns

from . import PATHS, Case, repeats

FEW_ROUNDS = {"skorch": 2}
"""Rounds of a library that takes several times as long as all others together."""


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
    calls, in_all_rounds = {}, {}
    for name, library in available().items():
        if not library.supports(task):
            continue
        library.prepare(task.shortened(10**6), X, y)()  # costs of the first call only
        calls[name] = library.prepare(task, X, y)
        if name not in FEW_ROUNDS:
            in_all_rounds[name] = calls[name]
    few = min(n_repeats, *FEW_ROUNDS.values())
    turns = [*take_turns(calls, few)]
    for turn in take_turns(in_all_rounds, n_repeats - few):
        turns.append([each._replace(repeat=each.repeat + few) for each in turn])
    return [row for turn in turns for row in _compared(task, turn)]


def _compared(task, turn):
    """The rows of one round, after a check that the weights agree."""
    models = {each.name: each.result.model for each in turn}
    ours = [models[path] for path in PATHS if path in models]
    differences = {
        path: weight_difference(model, models["scikit-learn"])
        for path, model in zip(PATHS, ours, strict=False)
    }
    between_paths = weight_difference(ours[0], ours[-1])
    for difference in (*differences.values(), between_paths):
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
            "difference": differences.get(each.name, ""),
            "between_paths": between_paths,
        }


def weights(model):
    return np.concatenate([a.ravel() for a in (*model.coefs_, *model.intercepts_)])


def weight_difference(model, other) -> float:
    """The largest difference between two weights, relative to the largest weight."""
    a, b = weights(model), weights(other)
    return float(np.abs(a - b).max() / np.abs(b).max())


def check(task, difference) -> None:
    """Raise AssertionError if the weights of two models differ too much."""
    if task.solver == "lbfgs":
        # A line search decides on rounded numbers, and one different decision changes
        # all later iterations: both end in equally good but different points. In
        # float32, scikit-learn also searches in float64.
        bound = 1.0
    elif task.dtype == "float32":
        # Rounding moves a relu unit across its kink, and Adam normalises small
        # gradients; over hundreds of steps the weights differ visibly.
        bound = 0.1
    else:
        bound = 1e-6
    # Written so that NaN fails too.
    assert difference <= bound, f"{task.label}: weights differ by {difference:.1e}"
