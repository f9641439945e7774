"""What a fit costs around its steps: its time without the time of its epochs."""

from dataclasses import replace
from functools import partial

from benchmarks.libraries import scikit_learn, skmlp, skmlp_numpy
from benchmarks.problems import Task, dense
from benchmarks.timing import take_turns

from . import Case, repeats

MANY = 11
"""Epochs of the longer fit; the shorter one has one epoch."""

LIBRARIES = (skmlp, skmlp_numpy, scikit_learn)


def cases(quick):
    for dtype in ("float64", "float32"):
        for problem in dense("iris", "digits", "classes3"):
            number = 2 if quick else 20
            job = partial(_rows, problem, dtype, number, repeats(quick))
            yield Case(f"{problem.name}/{dtype}", job)


def _rows(problem, dtype, number, n_repeats):
    data = problem.data(dtype)
    calls = {}
    for library in LIBRARIES:
        for epochs in (1, MANY):
            task = Task(replace(problem, epochs=epochs), "adam", dtype)
            calls[library.NAME, epochs] = library.prepare(task, *data)
    for call in calls.values():
        call()  # costs of the first call only
    for turn in take_turns(calls, n_repeats, number):
        seconds = {each.name: each.seconds for each in turn}
        for library in LIBRARIES:
            short, long = (seconds[library.NAME, epochs] for epochs in (1, MANY))
            epoch = (long - short) / (MANY - 1)
            yield {
                "problem": problem.name,
                "dtype": dtype,
                "library": library.NAME,
                "repeat": turn[0].repeat,
                "seconds": short - epoch,
                "epoch_seconds": epoch,
            }
