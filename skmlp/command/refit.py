"""A second training, on all rows, for the model that is saved."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sklearn.base import clone

from ..common.printable import printable
from .fitting import Spent, Training, fit_tabular
from .large import in_words
from .models import SavedModel, save_model
from .output import complain
from .splits import all_rows
from .text import UserError, counted


class First(NamedTuple):
    """The model that was judged: its file, its fit, and how many rows trained it."""

    path: Path
    saved: SavedModel
    spent: Spent
    n_rows: int


def check_options(arguments: argparse.Namespace) -> None:
    """Raise UserError if --refit has nothing to do, or --no-refit cannot be."""
    if arguments.refit is False and arguments.cv is not None and arguments.save:
        raise UserError(
            "--no-refit must be without --cv, or without --save: after a cross-validation, "
            f"the saved model is one of all rows. Got --cv {arguments.cv}."
        )
    if not arguments.refit:
        return
    if not arguments.save:
        raise UserError(
            "--refit must be with --save MODEL: a second training is for the file of the "
            "model. Got no --save."
        )
    if arguments.test_file:
        raise UserError(
            "--refit must be without --test-file: all rows of the table train already. To "
            "train on the test rows too, give their files as TABLEs. Got both."
        )


def is_wanted(arguments: argparse.Namespace) -> bool:
    """Whether all rows train in the end, as some have not trained the saved model."""
    if arguments.cv is not None:
        return False
    if arguments.refit is None:
        return arguments.save is not None and not arguments.test_file
    return bool(arguments.refit)


def refit(first: First, given: Training) -> None:
    """Train again on all rows, and replace the file of the model that was judged."""
    rows, path = counted(first.n_rows, "training row"), first.path
    if first.spent.interrupted:
        line = f"no training on all rows, as Ctrl-C ended the first: {path} stays"
        print(f"\n{printable(line)}", flush=True)
        return
    model: Any = clone(first.saved.model)
    every = counted(given.n_rows, "row")
    print(f"\ntraining again on all {every}, {time_of(first, given)}", flush=True)
    try:
        spent = fit_tabular(model, all_rows(given.task, given.marks), given)
        if spent.interrupted:
            raise KeyboardInterrupt
        save_model(path, replace(first.saved, model=model))
    except BaseException:
        complain(
            f"{path}: the training on all rows did not end, so the file keeps the model of "
            f"the report, trained on the {rows}."
        )
        raise
    line = (
        f"saved: {path}, a {type(model).__name__} trained on all {every}; the scores above "
        f"are of the one trained on the {rows}"
    )
    print(printable(line), flush=True)


def time_of(first: First, given: Training) -> str:
    """About how long the second training takes, by the first."""
    model: Any = first.saved.model
    before = first.spent.seconds
    seconds = before * given.n_rows / first.n_rows
    if model.max_time is not None:
        # Reading alone can take longer than the limit.
        seconds = min(seconds, max(before, model.max_time))
    return f"about {in_words(seconds)}"
