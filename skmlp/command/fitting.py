"""Fits of models, with their warnings as lines of the report."""

import warnings
from contextlib import nullcontext
from typing import NamedTuple

from ..common.printable import printable
from . import evaluation
from .evaluation import TabularMLP, TrainTestSplit
from .large import Sample, speaking
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
    """

    task: Task
    n_rows: int
    decimal: str = "."
    sample: Sample | None = None
    marks: Marks | None = None
    test: GivenTest | None = None

    def n_trained(self, rows: TrainTestSplit) -> int:
        """How many rows train."""
        if self.sample is None:
            return len(rows.y_train)
        return self.n_rows - (0 if rows.apart else len(rows.y_test))


class Spent(NamedTuple):
    """The seconds of a fit, and whether Ctrl-C has ended it."""

    seconds: float
    interrupted: bool = False


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
    show_progress(f"fitting {name} ...")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with speaking(aloud) if aloud else nullcontext():
                seconds = evaluation.fit(model, rows)
    finally:
        show_progress("")
    messages = list(dict.fromkeys(one_line(w.message) for w in caught))
    for message in messages:
        print(printable(f"{name}: {message}"))
    return Spent(seconds, INTERRUPTED in messages)
