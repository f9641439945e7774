"""Test rows in files of their own, read as the table that trains."""

import argparse
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..tabular.columns import objects
from .choices import CLASSIFICATION
from .evaluation import TrainTestSplit
from .kinds import NUMBER, TEXT, as_kind, as_kinds, as_text, kind_of
from .models import with_zone
from .parser import reading
from .splits import GROUP, Marks, all_rows, judged, read_marks, unjudged, what_is_where
from .tables import names_of, read_table
from .task import Task, text_columns
from .text import UserError, counted, quoted


class GivenTest(NamedTuple):
    """The test rows in files: as the task has its rows, with notes for the user."""

    X: Any
    y: Any
    notes: list[str]


class Trained(NamedTuple):
    """The table that trains: its task, its frame, its decimal mark, its marks."""

    task: Task
    frame: Any
    decimal: str
    marks: Marks | None


def read_test(arguments: argparse.Namespace, trained: Trained) -> GivenTest | None:
    """The test rows in the files of --test-file; None without such files."""
    paths = arguments.test_file
    if not paths:
        return None
    task = trained.task
    target = trained.frame[task.target].loc[task.X.index]
    is_text = kind_of(target) == TEXT
    text = [*text_columns(task.columns), *([task.target] if is_text else [])]
    if trained.marks is not None and kind_of(trained.marks.values) == TEXT:
        text.append(trained.marks.column)
    how = replace(reading(arguments), default_decimal=trained.decimal)
    table = read_table(paths, how, text)
    where, n_rows = f"--test-file {names_of(paths)}", counted(len(table.frame), "row")
    try:
        found = test_rows(table.frame, target, trained, arguments)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    notes = [f"{where}: {n_rows}", *table.notes, *found.notes]
    return found._replace(notes=notes)


def test_rows(
    frame: Any, target: Any, trained: Trained, arguments: argparse.Namespace
) -> GivenTest:
    """The rows of a frame as the task has its rows; `target` is that of the table."""
    task, marks, notes = trained.task, trained.marks, []
    needed = [*task.columns, task.target, *([marks.column] if marks else [])]
    missing = [name for name in dict.fromkeys(needed) if name not in frame.columns]
    if missing:
        raise UserError(f"the test needs columns {quoted(missing)}.")
    extra = [name for name in frame.columns if name not in trained.frame.columns]
    extra = [name for name in extra if name not in arguments.drop]
    if extra:
        notes.append(f"ignored columns {quoted(extra)}")
    known = frame[task.target].notna().to_numpy()
    if not known.any():
        raise UserError(f"column {task.target!r}, the target, has no values.")
    if not known.all():
        n = counted((~known).sum(), "row")
        notes.append(f"dropped, {task.target} is missing: {n}")
    frame = frame[known]
    y, there, more = target_as(frame[task.target], target, task)
    if marks is not None:
        notes.append(apart(marks, frame, arguments))
    X = as_kinds(frame[[*task.columns]], task.columns)
    return GivenTest(with_zones_of(X, task.X)[there], y, notes + more)


def target_as(series: Any, target: Any, task: Task) -> tuple[Any, Any, list[str]]:
    """The target as the task has it, the rows whose class is known, and notes."""
    kind = kind_of(target)
    if task.kind != CLASSIFICATION:
        values = as_kind(series, NUMBER)
        if not np.isfinite(values).all():
            raise UserError(f"column {task.target!r}, the target, has infinite values.")
        return values, np.ones(len(values), bool), []
    as_kind(series, kind)
    labels = dict(zip(names_of_labels(target, kind), task.y.tolist(), strict=True))
    names = names_of_labels(series, kind)
    there = np.array([name in labels for name in names])
    notes = [] if there.all() else [unjudged(np.array(names)[~there])]
    y = [labels[name] for name in names if name in labels]
    return np.array(y, task.y.dtype), there, notes


def names_of_labels(series: Any, kind: str) -> list[Any]:
    """Labels as text, of any type that a file has."""
    values = objects(series)
    if kind == NUMBER:
        values = [int(one) if float(one).is_integer() else float(one) for one in values]
    return [*map(as_text, values)]


def with_zones_of(X: Any, other: Any) -> Any:
    """A table whose dates have a time zone where those of the other table have one."""
    dates = [name for name in X if X[name].dtype.kind == other[name].dtype.kind == "M"]
    zones = {name: getattr(other[name].dtype, "tz", None) for name in dates}
    return X.assign(
        **{name: with_zone(X[name], zone is not None) for name, zone in zones.items()}
    )


def apart(marks: Marks, frame: Any, arguments: argparse.Namespace) -> str:
    """Which groups or times train and which are tested.

    Raises UserError if a group is in both, or if a test row is not later.
    """
    test = read_marks(frame, arguments, kind_of(marks.values))
    assert test is not None
    name = f"column {marks.column!r}"
    if marks.option == GROUP:
        both = np.intersect1d(marks.keys, test.keys)
        if len(both):
            raise UserError(
                f"with --group the test must have other groups than the table. Got "
                f"{counted(len(both), 'group')} of {name} in both, such as "
                f"{both[0]!r}; remove their rows."
            )
    elif test.keys.min() <= marks.keys.max():
        raise UserError(
            f"with --time all test rows must be later than the table. Got {name} from "
            f"{test.ends[0]} in the test, and up to {marks.ends[1]} in the table."
        )
    return what_is_where(marks, test)


def split(
    task: Task, marks: Marks | None, test: GivenTest
) -> tuple[TrainTestSplit, list[str]]:
    """All rows of a task train, and others are the test; with notes."""
    rows = replace(all_rows(task, marks), X_test=test.X, y_test=test.y, apart=True)
    rows, notes = judged(rows)
    return rows, [*test.notes, *notes]
