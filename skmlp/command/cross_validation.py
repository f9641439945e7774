"""Scores by cross-validation: means over folds, each of which is the test once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from ..common.printable import printable
from ..tabular.folds import Fold, make_folds
from . import evaluation
from .choices import CLASSIFICATION
from .evaluation import SECONDS, TabularMLP, TrainTestSplit
from .fitting import Training, fit, fit_tabular
from .models import Model
from .splits import (
    GROUP,
    MIN_TRAINED,
    Marks,
    check_number,
    forward,
    judged,
    strata_of,
    taken,
)
from .task import Task
from .text import UserError, counted, one_line


@dataclass(frozen=True)
class Folds:
    """The folds of the rows of a task; splits are made when they are needed."""

    task: Task
    marks: Marks | None
    folds: Sequence[Fold]

    def __len__(self) -> int:
        return len(self.folds)

    def __iter__(self) -> Iterator[TrainTestSplit]:
        return (rows for rows, _ in self.with_notes())

    def with_notes(self) -> Iterator[tuple[TrainTestSplit, list[str]]]:
        """Each split, and notes on rows that cannot be judged; UserError if it is none."""
        for i, fold in enumerate(self.folds, 1):
            where = f"fold {i} of {len(self)}"
            try:
                if self.marks is not None:
                    check_number(self.marks.take(fold.training), MIN_TRAINED)
                split = taken(self.task, self.marks, fold)
                rows, notes = judged(split, "; set another --cv.")
            except UserError as error:
                raise UserError(f"--cv {len(self)}: {where}: {error}") from None
            yield rows, [f"{where}: {note}" for note in notes]

    def notes(self) -> list[str]:
        """Notes on the folds."""
        notes = [note for _, each in self.with_notes() for note in each]
        if self.marks is None:
            return notes
        first, last = self.marks.ends
        n = len(np.unique(self.marks.keys))
        where = (
            f"{counted(n, 'group')}, each in one fold"
            if self.marks.option == GROUP
            else f"from {first} to {last}; the rows before a fold train for its test"
        )
        return [f"by {self.marks.column!r}: {where}", *notes]


def folds_of(task: Task, marks: Marks | None, n_folds: int, seed: int) -> Folds:
    """Folds at random, by group, or one after the other in time."""
    if marks is not None and marks.option != GROUP:
        return Folds(task, marks, in_time(marks, n_folds))
    groups = None if marks is None else marks.codes
    n = len(task.y) if groups is None else int(groups.max()) + 1
    if n < n_folds:
        what = "row" if groups is None else "group"
        raise UserError(
            f"--cv must be at most the number of {what}s, which is {n:,}. Got {n_folds}."
        )
    strata = strata_of(task) if task.kind == CLASSIFICATION else None
    rng = np.random.RandomState(seed)
    found = make_folds(len(task.y), n_folds, strata, rng, n_folds, groups)
    return Folds(task, marks, found)


def in_time(marks: Marks, n_folds: int) -> list[Fold]:
    """Folds of about the same size, tested by training on all rows before."""
    codes = marks.codes
    check_number(marks, MIN_TRAINED + 1)
    order = np.argsort(codes, kind="stable")
    fractions = [i / (n_folds + 1) for i in range(1, n_folds + 1)]
    found = forward(codes[order], fractions)
    if len(found) < n_folds:
        raise UserError(
            f"--cv must be at most {len(found)} for column {marks.column!r}, as rows of "
            f"one time are not split. Got {n_folds}."
        )
    return [Fold(order[train], order[test]) for train, test in found]


class Score(NamedTuple):
    """Scores with the seconds of a fit, and the loss of each test row."""

    scores: dict[str, float]
    losses: Any


Fitted = tuple[TabularMLP, float]
"""A model and the seconds of its fit."""


def fit_to_the_end(model: TabularMLP, rows: TrainTestSplit, given: Training) -> float:
    """Fit one of several models and return the seconds; Ctrl-C ends the command."""
    spent = fit_tabular(model, rows, given)
    if spent.interrupted:
        raise KeyboardInterrupt
    return spent.seconds


def scores_of(fitted: Sequence[Fitted], folds: Folds, seed: int) -> dict[str, Score]:
    """Mean scores of the models of the folds, and of their peers, fitted here."""
    ours = [score(*one, rows) for one, rows in zip(fitted, folds, strict=True)]
    found = {type(fitted[0][0]).__name__: mean_of(ours)}
    for name, peer in evaluation.peers(folds.task, seed).items():
        try:
            found[name] = mean_of([fit_and_score(name, peer, rows) for rows in folds])
        except Exception as error:
            # A peer is not ours: whatever it raises, the report goes on without it.
            print(printable(f"{name} failed: {one_line(error)}"))
    return found


def fit_and_score(name: str, peer: Model, rows: TrainTestSplit) -> Score:
    """What the test rows say of a copy of a model, fitted here."""
    model = clone(peer)
    return score(model, fit(name, model, rows).seconds, rows)


def score(model: Model, seconds: float, rows: TrainTestSplit) -> Score:
    """What the test rows say of a fitted model."""
    found = evaluation.judged(type(model).__name__, model, rows)
    return Score({**found.scores(), SECONDS: seconds}, found.losses)


def mean_of(each: Sequence[Score]) -> Score:
    """The mean scores over folds with their standard deviations, and all losses."""
    names = [name for name in each[0].scores if all(name in one.scores for one in each)]
    means: dict[str, float] = {}
    for name in names:
        values = [one.scores[name] for one in each]
        means[name] = float(np.mean(values))
        if name != SECONDS:
            means[f"{name} std"] = float(np.std(values, ddof=1))
    return Score(means, np.concatenate([one.losses for one in each]))
