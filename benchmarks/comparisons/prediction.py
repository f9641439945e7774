"""Prediction for one row, a thousand and a million: time and peak memory."""

from functools import partial

import numpy as np

from benchmarks.libraries import scikit_learn, skmlp
from benchmarks.problems import Task, dense
from benchmarks.timing import peak_bytes, take_turns

from . import Case, repeats

CALLS = {1: 1000, 1_000: 200, 1_000_000: 1}
"""The number of calls in one timing, by the number of rows."""


def cases(quick):
    calls = {1: 50, 1_000: 10, 100_000: 1} if quick else CALLS
    for dtype in ("float64", "float32"):
        for n_rows, number in calls.items():
            for method in ("predict", "predict_proba"):
                label = f"{n_rows}/{method}/{dtype}"
                job = partial(_rows, n_rows, number, method, dtype, repeats(quick))
                yield Case(label, job)


def _rows(n_rows, number, method, dtype, n_repeats):
    (problem,) = dense("classes3")
    task = Task(problem, "adam", dtype).shortened(20)
    X = np.random.RandomState(1).randn(n_rows, problem.n_columns).astype(dtype)
    calls = {}
    for library in (skmlp, scikit_learn):
        model = library.prepare(task, *problem.data(dtype))().model
        calls[library.NAME] = partial(getattr(model, method), X)
    ours, theirs = (call() for call in calls.values())
    # float32: the weights differ by rounding before the first prediction.
    tolerance = 1e-6 if dtype == "float64" else 1e-2
    if method == "predict_proba":
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)
    else:
        assert np.mean(ours != theirs) <= tolerance, "predictions differ"
    del ours, theirs
    peaks = {name: peak_bytes(call) for name, call in calls.items()}
    for turn in take_turns(calls, n_repeats, number):
        for each in turn:
            yield {
                "rows": n_rows,
                "method": method,
                "dtype": dtype,
                "library": each.name,
                "repeat": each.repeat,
                "seconds": each.seconds,
                "peak_bytes": peaks[each.name],
            }
