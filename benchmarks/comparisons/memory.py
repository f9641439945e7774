"""Peak memory of fit in addition to X and y."""

from functools import partial

from benchmarks.libraries import scikit_learn, skmlp, skmlp_numpy
from benchmarks.problems import TEXT, Task, dense
from benchmarks.timing import peak_bytes

from . import Case

SHAPES = dense("iris", "digits", "small-batch", "two-layers", "three-wide", "widest")


def cases(quick):
    for dtype in ("float64", "float32"):
        tasks = [Task(problem, "adam", dtype) for problem in (*SHAPES, TEXT)]
        tasks += [Task(problem, "sgd", dtype) for problem in dense("two-layers")]
        tasks += [
            Task(problem, "lbfgs", dtype) for problem in dense("digits", "two-layers")
        ]
        for task in tasks:
            yield Case(task.label, partial(_rows, task.shortened(10**6), False))
        for problem in dense("digits", "two-layers"):
            task = Task(problem, "adam", dtype)
            label = f"{task.label}/early_stopping"
            yield Case(label, partial(_rows, task.shortened(10**6), True))


def _rows(task, early_stopping):
    X, y = task.problem.data(task.dtype)
    for library in (skmlp, skmlp_numpy, scikit_learn):
        if not library.supports(task):
            continue
        train = library.prepare(task, X, y, early_stopping=early_stopping)
        train()  # imports and caches of the first call only
        yield {
            "problem": task.problem.name,
            "solver": task.solver,
            "dtype": task.dtype,
            "early_stopping": int(early_stopping),
            "library": library.NAME,
            "peak_bytes": peak_bytes(train),
        }
