"""On which rows a model is judged: drawn at random, whole groups, or the last in time."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.model_selection import ShuffleSplit

from ..common.frames import rows_of
from ..tabular.folds import Fold
from . import evaluation
from .choices import CLASSIFICATION, TEST
from .dates import DATED, as_numbers, why_no_dates
from .evaluation import TrainTestSplit
from .kinds import NUMBER, TEXT, as_kind, as_text, kind_of, what_is
from .task import Task, check_name
from .text import UserError, counted, quoted

GROUP, TIME = "--group", "--time"
MIN_TRAINED = 2
"""Networks need two groups or times at least: they train on one and hold out one."""

TRIES = 50
"""Random splits of groups, of which the best one is taken."""

CONFLICTS = (
    ("time", "group", "the last rows in time have groups that the first have"),
    ("test", "test_file", "with test files all rows of the table train"),
    ("cv", "test", "each row is in the test of one fold"),
    ("cv", "test_file", "each row of the table is in the test of one fold"),
    ("cv", "report", "the page is on the test of one model"),
)
"""Options that cannot be set together, and why."""

HELD_OUT = (0.8, 0.85, 0.9, 0.95)
"""Where the rows begin, in time, that networks hold out; they train on those before."""


@dataclass(frozen=True)
class Marks:
    """What a column says of the rows of a task: their groups or their times.

    `values` are as the table has them, and `keys` can be compared.
    """

    option: str
    column: str
    values: Any
    keys: Any

    @property
    def codes(self) -> Any:
        """The keys as integers from 0, in their order."""
        return np.unique(self.keys, return_inverse=True)[1]

    def take(self, rows: Any) -> "Marks":
        """The marks of these rows."""
        return replace(self, values=self.values.iloc[rows], keys=self.keys[rows])

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last value, as text."""
        rows = self.keys.argmin(), self.keys.argmax()
        first, last = (str(as_text(self.values.iloc[row])) for row in rows)
        midnight = " 00:00:00"
        return first.removesuffix(midnight), last.removesuffix(midnight)


def check_options(arguments: argparse.Namespace) -> None:
    """Raise UserError if options on the rows of the test contradict each other."""
    for one, other, why in CONFLICTS:
        values = getattr(arguments, one), getattr(arguments, other)
        if not any(value in (None, []) for value in values):
            names = [f"--{name.replace('_', '-')}" for name in (one, other)]
            raise UserError(
                f"{names[0]} and {names[1]} must not be set together: {why}. Leave one out."
            )


def check_columns(table: Any, arguments: argparse.Namespace) -> None:
    """Raise UserError unless --time or --group names a column that can be used."""
    for option, name in ((TIME, arguments.time), (GROUP, arguments.group)):
        if name is None:
            continue
        try:
            check_name(table, name)
        except UserError as error:
            raise UserError(f"{option}: {error}") from None
        if name == arguments.target:
            raise UserError(
                f"{option}: it must name another column than --target. Got {name!r}."
            )
        if option == GROUP and name in arguments.categorical:
            raise UserError(
                f"--categorical: column {name!r} is that of --group, and no feature."
            )


def dropped(arguments: argparse.Namespace) -> list[str]:
    """The columns that are no features: those of --drop, and that of --group."""
    names = [*arguments.drop, *([arguments.group] if arguments.group else [])]
    return list(dict.fromkeys(names))


def marks_of(frame: Any, task: Task, arguments: argparse.Namespace) -> Marks | None:
    """The groups or times of the rows of a task, which gets a note on their column."""
    marks = read_marks(frame.loc[task.X.index], arguments)
    if marks is None:
        return None
    name = marks.column
    if marks.option == GROUP:
        use = "has the groups of the rows, and is no feature"
    elif name in task.columns:
        drop = f"--drop {shlex.join([name])}"
        use = f"orders the rows, and is a feature too ({drop} leaves it out)"
    else:
        use = "orders the rows, and is no feature"
    task.notes.append(f"{name!r} {use}")
    return marks


def read_marks(
    frame: Any, arguments: argparse.Namespace, kind: str | None = None
) -> Marks | None:
    """The groups or times of rows; UserError if some are missing.

    The `kind` of a column of times is that of another table, or found.
    """
    if arguments.time is None and arguments.group is None:
        return None
    option = GROUP if arguments.time is None else TIME
    column = frame[arguments.group if option == GROUP else arguments.time]
    n_missing = int(column.isna().sum())
    if n_missing:
        raise UserError(
            f"{option}: column {column.name!r} must have a value in each row. Got "
            f"{counted(n_missing, 'row')} of {len(column):,} without one; fill them in, or "
            "remove these rows."
        )
    # Groups are texts, the same in files of all types.
    is_group = option == GROUP
    keys = as_kind(column, TEXT) if is_group else times_of(column, kind)
    return Marks(option, column.name, column, keys)


def times_of(column: Any, kind: str | None = None) -> Any:
    """Dates, times or numbers as floats."""
    kind = kind or kind_of(column)
    if kind in (NUMBER, *DATED):
        values = as_kind(column, kind)
        return values if kind == NUMBER else as_numbers(column, kind)
    why = why_no_dates(column.drop_duplicates().astype(str)) if kind == TEXT else ""
    raise UserError(
        f"{TIME}: column {column.name!r} must hold dates, times or numbers. Got "
        f"{what_is(kind)}{why and f' ({why})'}."
    )


def split(
    task: Task, marks: Marks | None, arguments: argparse.Namespace
) -> tuple[TrainTestSplit, list[str]]:
    """The rows of a task that train and those of the test, with notes."""
    fraction = arguments.test or TEST
    if marks is None:
        return evaluation.split(task, fraction, arguments.seed), []
    if marks.option == GROUP:
        fold = by_group(marks, strata_of(task), fraction, arguments.seed)
    else:
        fold = by_time(marks, fraction)
    rows, notes = judged(taken(task, marks, fold), "; set another --test.")
    train, test = (marks.take(part) for part in fold)
    return rows, [what_is_where(train, test), *notes]


def strata_of(task: Task) -> Any:
    """The class of each row as an integer; one for all numbers."""
    if task.kind == CLASSIFICATION:
        return np.unique(task.y, return_inverse=True)[1]
    return np.zeros(len(task.y), int)


def by_group(marks: Marks, strata: Any, fraction: float, seed: int) -> Fold:
    """The random split of groups that comes nearest to the fraction, also by class."""
    codes = marks.codes
    n_groups, whole = int(codes.max()) + 1, np.bincount(strata)
    check_number(marks, MIN_TRAINED + 1)
    shuffle = ShuffleSplit(TRIES, test_size=fraction, random_state=seed)
    try:
        tries = [test for _, test in shuffle.split(np.arange(n_groups))]
    except ValueError:
        tries = []
    if not tries or n_groups - len(tries[0]) < MIN_TRAINED:
        raise UserError(
            f"--test {fraction:g} of {n_groups} groups leaves too few for the training."
        )

    def distance(chosen: Any) -> float:
        test = np.isin(codes, chosen)
        by_class = np.bincount(strata[test], minlength=len(whole)) - fraction * whole
        return float(np.abs(by_class).sum() + np.abs(by_class.sum()))

    test = np.isin(codes, min(tries, key=distance))
    return Fold(np.flatnonzero(~test), np.flatnonzero(test))


def by_time(marks: Marks, fraction: float) -> Fold:
    """The last rows in time are the test; rows of one time are not split."""
    codes = marks.codes
    check_number(marks, MIN_TRAINED + 1)
    order = np.argsort(codes, kind="stable")
    first = int(np.searchsorted(codes[order], MIN_TRAINED))
    (start,) = changes_near(codes[order], [1 - fraction], first)
    return Fold(order[:start], order[start:])


def check_number(marks: Marks, least: int) -> None:
    """Raise UserError if there are too few groups or times."""
    n = len(np.unique(marks.keys))
    if n < least:
        what = "groups" if marks.option == GROUP else "times"
        test = "to test, " if least > MIN_TRAINED else ""
        raise UserError(
            f"{marks.option}: column {marks.column!r} must have at least {least} "
            f"different {what}: {test}to hold out in the training, to train on. Got {n}."
        )


def changes_near(codes: Any, fractions: Sequence[float], first: int = 1) -> list[int]:
    """The different rows, from `first`, at which codes change, nearest to fractions."""
    starts = np.flatnonzero(np.diff(codes)) + 1
    starts = starts[starts >= first]
    near = {starts[np.abs(starts - one * len(codes)).argmin()] for one in fractions}
    return sorted(map(int, near))


def forward(codes: Any, fractions: Sequence[float]) -> list[Fold]:
    """Folds of rows in the order of time, each validated by the rows up to the next."""
    starts = changes_near(codes, fractions)
    ends = [*starts[1:], len(codes)]
    return [
        Fold(np.arange(start), np.arange(start, end))
        for start, end in zip(starts, ends, strict=True)
    ]


def taken(task: Task, marks: Marks | None, fold: Fold) -> TrainTestSplit:
    """The split of the rows of a task, with what its networks hold out."""
    X, y, (train, test) = task.X, task.y, fold
    rows = TrainTestSplit(
        task.kind, rows_of(X, train), rows_of(X, test), y[train], y[test]
    )
    if marks is None:
        return rows
    codes = marks.codes[train]
    if marks.option == GROUP:
        return replace(rows, groups=codes)
    # Networks that train on most rows come first: there may be fewer networks than folds.
    return replace(rows, folds=forward(codes, HELD_OUT)[::-1])


def all_rows(task: Task, marks: Marks | None) -> TrainTestSplit:
    """All rows of a task train, those with times in their order."""
    order = np.arange(len(task.y))
    if marks is not None:
        check_number(marks, MIN_TRAINED)
        if marks.option == TIME:
            order = np.argsort(marks.codes, kind="stable")
    return taken(task, marks, Fold(order, order[:0]))


def judged(rows: TrainTestSplit, hint: str = ".") -> tuple[TrainTestSplit, list[str]]:
    """The split without test rows of classes that do not train, and notes on these.

    Raises UserError if too few rows or classes are left, with a hint at the end.
    """
    notes = []
    if rows.kind == CLASSIFICATION:
        classes = np.unique(rows.y_train)
        if len(classes) < 2:
            raise UserError(
                "The training rows must have at least 2 classes. Got "
                f"{quoted(classes)}{hint}"
            )
        known = np.isin(rows.y_test, classes)
        if not known.all():
            notes.append(unjudged(rows.y_test[~known]))
        rows = replace(
            rows,
            X_test=rows_of(rows.X_test, np.flatnonzero(known)),
            y_test=rows.y_test[known],
        )
    if min(len(rows.y_train), len(rows.y_test)) < 2:
        raise UserError(
            f"The test must leave at least 2 training rows and 2 test rows. Got "
            f"{len(rows.y_train)} and {len(rows.y_test)}{hint}"
        )
    return rows, notes


def unjudged(labels: Any) -> str:
    """A note on test rows of classes that do not train."""
    classes, counts = np.unique(labels, return_counts=True)
    each = ", ".join(
        f"{quoted([name])} ({counted(n, 'row')})"
        for name, n in [*zip(classes, counts, strict=True)][:8]
    )
    more = f" and {len(classes) - 8} more" if len(classes) > 8 else ""
    return (
        f"test rows left out, as no training row has their class, which cannot be judged: "
        f"{counted(len(labels), 'row')}, {each}{more}"
    )


def what_is_where(train: Marks, test: Marks) -> str:
    """Which groups or times the training and the test rows have."""
    if train.option == GROUP:
        n_train, n_test = (len(np.unique(one.keys)) for one in (train, test))
        where = f"{counted(n_train, 'group')} train, {n_test:,} test"
    else:
        (a, b), (c, d) = train.ends, test.ends
        where = f"training rows from {a} to {b}, test rows from {c} to {d}"
    return f"by {train.column!r}: {where}"
