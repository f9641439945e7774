"""Large tables in files: a sample of rows is in memory, all rows come in blocks."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone

from ..streaming.arrow import arrow
from ..streaming.large import MOST_CLASSES
from ..streaming.sources import Source
from ..streaming.summary import Summary
from ..tabular.sizes import LARGEST_BATCH, epochs_in_blocks
from .blocks import progress
from .choices import CLASSIFICATION
from .evaluation import TabularMLP, TrainTestSplit, fit
from .tables import as_pandas
from .task import Task
from .text import UserError, counted, one_line
from .training_rows import TrainingRows, known
from .witnesses import Witnesses

TRIED_ROWS = 4 * LARGEST_BATCH, 16 * LARGEST_BATCH
"""The rows of two short fits, which show how long more rows take."""

OF_SAMPLE = " (by the sample)"
JUDGED = (
    *("dropped, different", "dropped, row", "text with many"),
    "warning: a different integer",
)
"""How notes begin that are true of the sample, and perhaps not of all rows."""


@dataclass(frozen=True)
class Sample:
    """A large table of which a sample of rows is in memory.

    The table has `n_rows`, of which `n_unknown` have no target, and the sample has
    `n_sampled`. `seconds` is the time of reading the table once.
    """

    source: Source
    n_rows: int
    n_unknown: int
    n_sampled: int
    seconds: float
    has_many_classes: bool
    has_all_values: bool

    @property
    def is_part(self) -> bool:
        """Whether the table has more rows than the sample."""
        return self.n_sampled < self.n_rows - self.n_unknown

    @property
    def note(self) -> str:
        """How the table is read."""
        return (
            f"read in blocks ({self.source.n_bytes / 1e9:.1f} GB): {self.n_sampled:,} "
            "rows, most drawn at random, say what the columns are, and train and test the "
            "other models"
        )

    def describe(self, task: Task) -> None:
        """Add notes to a task; raise UserError if it has too many classes, by all rows."""
        if self.n_unknown:
            unknown = counted(self.n_unknown, "row")
            task.notes.append(f"dropped, {task.target} is missing: {unknown}")
        if self.is_part:
            task.notes[:] = [
                note + OF_SAMPLE if note.startswith(JUDGED) else note
                for note in task.notes
            ]
            if not self.has_all_values:
                task.notes[0] += OF_SAMPLE
        if self.has_many_classes and task.kind == CLASSIFICATION:
            raise UserError(
                f"Column {task.target!r}, the target, must have at most "
                f"{MOST_CLASSES:,} classes. Got more; is it an identifier?"
            )

    def training(self, rows: TrainTestSplit, task: Task) -> TrainTestSplit:
        """The split with all rows but those of the test, which train."""
        test = [] if rows.apart else rows.X_test.index
        source = TrainingRows(self.source, task, np.asarray(test, int))
        return replace(rows, X_train=source, y_train=task.target)

    def time_of(self, model: TabularMLP, rows: TrainTestSplit) -> str:
        """About how long the fit of a model takes, as a sentence; '' if it is unknown."""
        reading, limit = 2 * self.seconds, model.max_time
        if limit is not None and reading > limit:
            return (
                f"reading alone takes about {in_words(reading)}, longer than --max-time "
                f"{limit:g}: the networks will hardly train"
            )
        if limit is not None:
            return f"the fit takes at most about {in_words(limit)}"
        seconds = self._seconds_of(model, rows)
        return "" if seconds is None else f"the fit takes about {in_words(seconds)}"

    def _seconds_of(self, model: TabularMLP, rows: TrainTestSplit) -> float | None:
        """About the seconds of a fit; None: unknown, as few rows cannot train."""
        n_rows = self.n_rows - self.n_unknown
        tried = clone(model).set_params(max_iter=1, batch_size=LARGEST_BATCH)
        try:
            encoding, training = seconds_per_row(tried, rows)
        except ValueError:
            return None
        epochs = epochs_in_blocks({"max_iter": model.max_iter}, n_rows)
        n_visits = epochs.number * epochs.n_rows
        return 2 * self.seconds + encoding * n_rows + training * n_visits


def seconds_per_row(model: TabularMLP, rows: TrainTestSplit) -> tuple[float, float]:
    """The seconds of encoding and of training by which a fit to one more row is longer."""
    seconds = []
    sizes = [min(n, len(rows.y_train)) for n in TRIED_ROWS]
    for n in sizes:
        few = replace(rows, X_train=rows.X_train[:n], y_train=rows.y_train[:n])
        fit(model, few)
        seconds.append([model.seconds_["encode"], model.seconds_["train"]])
    fewer, more = np.array(seconds)
    encoding, training = np.maximum(more - fewer, 0) / max(sizes[1] - sizes[0], 1)
    return float(encoding), float(training)


def sample_of(
    source: Source, target: str, task: str, drop: Sequence[str]
) -> tuple[Sample, Any]:
    """A sample of the rows that have a target, and its frame without dropped columns.

    `task` is the option. The index of the frame has the numbers of the rows.
    """
    start, whole, n_rows = perf_counter(), Summary(), 0
    witnesses = Witnesses(target, task)
    columns = [one for one in source.columns if one not in drop]
    try:
        with progress("reading the table") as report:
            for block in source.blocks(columns):
                there = known(block, target)
                numbers = np.arange(n_rows, n_rows + block.num_rows)[there]
                rows = block.filter(arrow().array(there))
                whole.merge(Summary(rows.num_rows, [rows], numbers))
                witnesses.add(rows, numbers)
                n_rows += block.num_rows
                report(n_rows)
        if not whole.n_rows:
            raise UserError(f"Column {target!r}, the target, has no values.")
        whole.ends = witnesses.ends()
        table, numbers = whole.sample()
    except arrow().ArrowException as error:
        raise ValueError(one_line(error)) from None
    frame, seconds = as_pandas(table).set_axis(numbers), perf_counter() - start
    n_unknown = n_rows - whole.n_rows
    classes = witnesses.has_many_classes, witnesses.has_all_values
    return Sample(source, n_rows, n_unknown, len(frame), seconds, *classes), frame


def check_in_memory(arguments: argparse.Namespace) -> None:
    """Raise UserError if an option needs all rows in memory."""
    for option in ("time", "group", "cv"):
        if getattr(arguments, option) is not None:
            raise UserError(
                f"--{option}: files of 100 MB or more are read in blocks, and only a "
                "sample of their rows is in memory. Leave it out, or give smaller files."
            )


@contextmanager
def speaking(model: TabularMLP) -> Iterator[None]:
    """Let a model say on standard error what it does."""
    model.set_params(verbose=True)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        model.set_params(verbose=False)


def in_words(seconds: float) -> str:
    """About how long something takes."""
    if seconds < 90:
        return counted(max(round(seconds), 1), "second")
    return f"{round(seconds / 60)} minutes"
