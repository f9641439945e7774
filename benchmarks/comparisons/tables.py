"""The tabular estimators: training, prediction, encoding, and two jobs.

HistGradientBoosting gives the scale. Times are CPU seconds, those of two jobs wall time.
"""

import os
import subprocess
import sys
from functools import cache, partial
from time import process_time

import numpy as np
from joblib import parallel_config
from sklearn.datasets import make_classification, make_regression
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.model_selection import GridSearchCV

from benchmarks.libraries.skmlp_numpy import in_numpy
from benchmarks.timing import take_turns
from skmlp import TableEncoder, TabularMLPClassifier, TabularMLPRegressor

from . import PATHS, Case, repeats
from .threads import all_cores

OURS, IN_NUMPY = PATHS
TREES = "HistGradientBoosting"
JOBS = "jobs"
N_COLUMNS = 20
ESTIMATORS = {
    TabularMLPClassifier: HistGradientBoostingClassifier,
    TabularMLPRegressor: HistGradientBoostingRegressor,
}
GRID = {"weight_decay": [0.0, 0.01, 0.02, 0.04]}
COUNTING = "for _ in range({}): pass"


def cases(quick):
    n, n_predict, epochs, number = (
        (500, 5_000, 1, 5) if quick else (8_000, 100_000, 8, 100)
    )
    n_repeats = repeats(quick)
    for kind in ESTIMATORS:
        job = partial(_fits, kind, n, epochs, n_repeats)
        yield Case(f"fit/{kind.__name__}", job)
    for what, sizes in (
        (_predict_proba, (1, 16, n_predict)),
        (_transform, (1, n_predict)),
    ):
        for n_rows in sizes:
            # A call for many rows is long enough to time it alone.
            calls = number if n_rows <= 16 else 1
            job = partial(_of_new_rows, what, n, n_rows, calls, n_repeats)
            yield Case(f"{what.__name__.removeprefix('_')}/{n_rows}", job)
    if (os.cpu_count() or 1) > 1:
        yield Case(JOBS, partial(_jobs, n, epochs, n_repeats))


@cache
def _table(kind, n_rows):
    """Numeric columns, and three classes or numbers."""
    if kind is TabularMLPRegressor:
        return make_regression(n_rows, N_COLUMNS, noise=10, random_state=0)
    return make_classification(
        n_rows, N_COLUMNS, n_informative=10, n_classes=3, random_state=0
    )


def _networks(kind, epochs, **parameters):
    parameters = {"n_estimators": 4, "random_state": 0, **parameters}
    return kind(max_iter=epochs, **parameters)


def _row(each, n_rows, library, n_jobs=1):
    return {
        "rows": n_rows,
        "library": library,
        "n_jobs": n_jobs,
        "repeat": each.repeat,
        "seconds": each.seconds,
    }


def _in_turn(calls, n_rows, n_repeats, number=1):
    """The rows of calls that have run once before."""
    for turn in take_turns(calls, n_repeats, number, process_time):
        for each in turn:
            yield _row(each, n_rows, each.name)


def _fits(kind, n, epochs, n_repeats):
    X, y = _table(kind, n)
    ours = partial(_networks(kind, epochs).fit, X, y)
    trees = partial(ESTIMATORS[kind](random_state=0).fit, X, y)
    calls = {OURS: ours, IN_NUMPY: in_numpy()(ours), TREES: trees}
    for call in calls.values():
        call()  # costs of the first call only
    yield from _in_turn(calls, n, n_repeats)


def _of_new_rows(what, n, n_rows, number, n_repeats):
    rows = np.random.RandomState(1).standard_normal((n_rows, N_COLUMNS))
    calls = {name: partial(call, rows) for name, call in what(n).items()}
    results = {name: call() for name, call in calls.items()}
    if IN_NUMPY in results:
        np.testing.assert_allclose(results[OURS], results[IN_NUMPY], rtol=0, atol=1e-5)
    yield from _in_turn(calls, n_rows, n_repeats, number)


@cache
def _predict_proba(n):
    """The methods of models: more epochs would not change the time of the networks."""
    X, y = _table(TabularMLPClassifier, n)
    ours = _networks(TabularMLPClassifier, 1, n_estimators=8).fit(X, y).predict_proba
    trees = HistGradientBoostingClassifier(random_state=0).fit(X, y).predict_proba
    return {OURS: ours, IN_NUMPY: in_numpy()(ours), TREES: trees}


@cache
def _transform(n):
    """Both paths encode in the same way."""
    X, _ = _table(TabularMLPClassifier, n)
    return {OURS: TableEncoder().fit(X).transform}


def _jobs(n, epochs, n_repeats):
    """One job and two jobs; the yardstick is two processes that only count."""
    tasks = {
        "fit": partial(_fit_in_threads, n, epochs),
        "GridSearchCV": partial(_search_in_threads, n, epochs),
        "counting": partial(_count, epochs),
    }
    calls = {
        (name, n_jobs): partial(task, n_jobs)
        for name, task in tasks.items()
        for n_jobs in (1, 2)
    }
    with all_cores():
        for turn in take_turns(calls, n_repeats):
            for each in turn:
                name, n_jobs = each.name
                yield _row(each, n, name, n_jobs)


def _fit_in_threads(n, epochs, n_jobs):
    model = _networks(TabularMLPClassifier, epochs, n_jobs=n_jobs)
    return model.fit(*_table(TabularMLPClassifier, n))


def _search_in_threads(n, epochs, n_jobs):
    """Eight fits of one network."""
    model = _networks(TabularMLPClassifier, epochs, n_estimators=1)
    search = GridSearchCV(model, GRID, cv=2, refit=False, n_jobs=n_jobs)
    with parallel_config(backend="threading"):
        return search.fit(*_table(TabularMLPClassifier, n))


def _count(epochs, n_jobs):
    """Two processes, one after the other or both at once."""
    command = [sys.executable, "-c", COUNTING.format(epochs * 4 * 10**6)]
    for _ in range(2 // n_jobs):
        processes = [subprocess.Popen(command) for _ in range(n_jobs)]
        assert [process.wait() for process in processes] == [0] * n_jobs
