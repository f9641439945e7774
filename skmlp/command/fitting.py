"""Fits of models, with their warnings as lines of the report."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter
from typing import Any, NamedTuple

from sklearn.base import clone

from ..common.printable import printable
from ..tabular.sizes import LARGEST_BATCH, n_epochs
from . import evaluation
from .evaluation import TabularMLP, TrainTestSplit
from .large import TRIED_ROWS, Sample, in_words, seconds_per_row, speaking
from .models import Model
from .output import show_progress
from .splits import Marks
from .task import Task
from .tested_files import GivenTest
from .text import UserError, one_line

INTERRUPTED = "Training interrupted by user"
"""The warning of networks that Ctrl-C has ended."""


class Training(NamedTuple):
    """What the command trains on: a task, by a table in memory or a sample of one.

    `n_rows` are those with a target, and `decimal` is the decimal mark of the texts.
    `marks` are the groups or the times of the rows, and `test` has rows of other files.
    `ids` has the columns that name the rows of a table in memory.
    """

    task: Task
    n_rows: int
    decimal: str = "."
    sample: Sample | None = None
    marks: Marks | None = None
    test: GivenTest | None = None
    ids: Any = None

    def n_trained(self, rows: TrainTestSplit) -> int:
        """How many rows train."""
        if self.sample is None:
            return len(rows.y_train)
        return self.n_rows - (0 if rows.apart else len(rows.y_test))


class Spent(NamedTuple):
    """The seconds of a fit, and whether Ctrl-C has ended it."""

    seconds: float
    interrupted: bool = False


def time_of(model: TabularMLP, rows: TrainTestSplit, given: Training) -> str:
    """About how long the fit takes, as a sentence; '' if it is short or unknown.

    Two fits of one epoch to some of the rows show how long more rows take.
    """
    if given.sample is not None:
        return given.sample.time_of(model, rows)
    n_rows = len(rows.y_train)
    if n_rows <= TRIED_ROWS[-1] or rows.folds is not None:
        return ""
    tried = clone(model).set_params(max_iter=1, max_time=None, batch_size=LARGEST_BATCH)
    try:
        encoding, training = seconds_per_row(tried, rows)
    except ValueError:
        return ""
    epochs = n_epochs({"max_iter": model.max_iter}, n_rows)
    seconds, limit = n_rows * (encoding + epochs * training), model.max_time
    if limit is not None and limit < seconds:
        return f"the fit takes at most about {in_words(limit)}"
    return f"the fit takes about {in_words(seconds)}"


def fit_tabular(model: TabularMLP, rows: TrainTestSplit, given: Training) -> Spent:
    """Fit the tabular estimator, which holds out rows as the test does."""
    name, aloud = type(model).__name__, None
    if given.sample is not None:
        rows, aloud = given.sample.training(rows, given.task), model
    if rows.folds is not None:
        model.set_params(cv=rows.folds)
    try:
        return fit(name, model, rows, aloud)
    except ValueError as error:
        raise UserError(
            f"{name} cannot train on this table: {one_line(error)}."
        ) from None
    finally:
        if rows.folds is not None:
            # A stored model needs no numbers of rows.
            model.set_params(cv=None)


def fit(
    name: str, model: Model, rows: TrainTestSplit, aloud: TabularMLP | None = None
) -> Spent:
    """Fit a model and print its warnings.

    `aloud` is the model if it says what it does.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with speaking(aloud) if aloud else ticking(f"fitting {name}"):
            seconds = evaluation.fit(model, rows)
    messages = list(dict.fromkeys(one_line(w.message) for w in caught))
    for message in messages:
        print(printable(f"{name}: {message}"))
    return Spent(seconds, INTERRUPTED in messages)


@contextmanager
def ticking(what: str) -> Iterator[None]:
    """Show on a terminal what is done, and for how long."""
    start, end = perf_counter(), Event()

    def tick() -> None:
        while not end.wait(1):
            show_progress(f"{what}: {in_words(perf_counter() - start)}")

    show_progress(f"{what} ...")
    thread = Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
        show_progress("")
