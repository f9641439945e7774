"""Estimators for raw tables: training, prediction, encoding, and two jobs."""

import os
from functools import cache, partial
from multiprocessing import Process

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from benchmarks.libraries.skmlp_numpy import NAME as IN_NUMPY
from benchmarks.libraries.skmlp_numpy import in_numpy
from benchmarks.timing import take_turns
from skmlp import TableEncoder, TabularMLPClassifier

from . import Case, repeats
from .threads import all_cores

OURS, TREES = "skmlp", "HistGradientBoosting"
N_TRAIN, N_PREDICT = 8_000, 100_000
SPINS = 10**7


def cases(quick):
    n, n_predict = (1_000, 5_000) if quick else (N_TRAIN, N_PREDICT)
    n_repeats = repeats(quick)
    yield Case("fit", partial(_fits, n, n_repeats))
    for n_rows in (1, 16, n_predict):
        yield Case(f"predict/{n_rows}", partial(_predictions, n, n_rows, n_repeats))
    for n_rows in (1, n_predict):
        yield Case(f"encode/{n_rows}", partial(_encodings, n, n_rows, n_repeats))
    if (os.cpu_count() or 1) > 1:
        yield Case("two jobs", partial(_two_jobs, n, n_repeats))


@cache
def _table(n_rows):
    return make_classification(
        n_rows, 20, n_informative=10, n_classes=3, random_state=0
    )


@cache
def _model(n):
    """A model of 8 networks; its epochs do not change the time of prediction."""
    return TabularMLPClassifier(max_iter=1, random_state=0).fit(*_table(n))


def _rows(calls, n_repeats, number, **more):
    for call in calls.values():
        call()  # costs of the first call only
    for turn in take_turns(calls, n_repeats, number):
        for one in turn:
            row = {"library": one.name, "repeat": one.repeat, "seconds": one.seconds}
            yield {"rows": "", **more, **row}


def _fits(n, n_repeats):
    X, y = _table(n)
    ours = partial(
        TabularMLPClassifier(n_estimators=4, max_iter=8, random_state=0).fit, X, y
    )
    trees = partial(_in_one_thread(_trees().fit), X, y)
    calls = {OURS: ours, IN_NUMPY: in_numpy()(ours), TREES: trees}
    yield from _rows(calls, n_repeats, 1, rows=n)


def _predictions(n, n_rows, n_repeats):
    X, y = _table(n)
    rows = _some(n_rows)
    ours = partial(_model(n).predict_proba, rows)
    trees = partial(_in_one_thread(_trees().fit(X, y).predict_proba), rows)
    calls = {OURS: ours, IN_NUMPY: in_numpy()(ours), TREES: trees}
    yield from _rows(calls, n_repeats, _number(n_rows), rows=n_rows)


def _encodings(n, n_rows, n_repeats):
    encoder = TableEncoder().fit(_table(n)[0])
    calls = {OURS: partial(encoder.transform, _some(n_rows))}
    yield from _rows(calls, n_repeats, _number(n_rows), rows=n_rows)


def _two_jobs(n, n_repeats):
    """One job and two jobs, and as a yardstick two processes that only compute."""
    X, y = _table(n)

    def fit(n_jobs):
        model = TabularMLPClassifier(n_estimators=4, max_iter=8, random_state=0)
        return model.set_params(n_jobs=n_jobs).fit(X, y)

    calls = {f"{OURS}, n_jobs={n_jobs}": partial(fit, n_jobs) for n_jobs in (1, 2)}
    calls["a process twice"] = partial(_spin_in_processes, 2, at_once=False)
    calls["two processes"] = partial(_spin_in_processes, 2, at_once=True)
    with all_cores():
        yield from _rows(calls, n_repeats, 1, rows=n)


def _spin_in_processes(n_processes, *, at_once):
    running = []
    for _ in range(n_processes):
        running.append(Process(target=_spin))
        running[-1].start()
        if not at_once:
            running[-1].join()
    for process in running:
        process.join()


def _spin():
    for _ in range(SPINS):
        pass


def _some(n_rows):
    return np.random.RandomState(1).standard_normal((n_rows, 20))


def _number(n_rows):
    return 1 if n_rows > 1_000 else 20


def _trees():
    return HistGradientBoostingClassifier(random_state=0)


def _in_one_thread(function):
    def call(*arguments):
        with threadpool_limits(1):
            return function(*arguments)

    return call
