"""Large tables in files: a sample of rows is in memory, all rows come in blocks."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from ..streaming.arrow import arrow
from ..streaming.files import PARQUET
from ..streaming.files import TEXT as TEXT_FILES
from ..streaming.large import SMALL_BYTES
from ..streaming.names import is_number
from ..streaming.parquet_files import without_dictionary
from ..streaming.sources import Source, source_of
from ..streaming.summary import Summary
from ..tabular.sizes import LARGEST_BATCH, epochs_in_blocks
from .choices import REGRESSION, Reading
from .dates import DURATION, TIME
from .evaluation import TabularMLP, TrainTestSplit, fit
from .io import check_exists
from .kinds import NUMBER, TEXT, as_kinds
from .tables import STDIN, as_pandas
from .task import Task
from .text import UserError, counted, one_line

TRIED_ROWS = 4 * LARGEST_BATCH, 16 * LARGEST_BATCH
"""The rows of two short fits, which show how long more rows take."""


class Way(NamedTuple):
    """How files are read: the source of their blocks, or None as a whole; and notes."""

    source: Source | None
    notes: list[str]


def way_of(paths: Sequence[Path], reading: Reading, text: Sequence[str] = ()) -> Way:
    """How files are read; in blocks if they are large. The columns `text` are text."""
    endings = PARQUET + TEXT_FILES
    if STDIN in paths or not all(one.name.lower().endswith(endings) for one in paths):
        return Way(None, [])
    for one in paths:
        check_exists(one)
    try:
        source = source_of([*paths], text, "TABLE")
        is_large = source.n_bytes >= SMALL_BYTES
    except (ImportError, ValueError) as error:
        # What is wrong with the files is said where they are read as a whole.
        with suppress(OSError):
            is_large = sum(one.stat().st_size for one in paths) >= SMALL_BYTES
            return as_a_whole(error) if is_large else Way(None, [])
        return Way(None, [])
    if not is_large:
        return Way(None, [])
    why = why_as_a_whole(reading)
    return as_a_whole(why) if why else Way(source, [])


def as_a_whole(why: object) -> Way:
    """Large files that are read as a whole, with the reason."""
    return Way(None, [f"read as a whole, which needs memory: {one_line(why)}"])


def why_as_a_whole(reading: Reading) -> str:
    """Why a table that is written like this is read as a whole; '' if it need not be."""
    default = Reading()
    for one in fields(reading):
        if getattr(reading, one.name) != getattr(default, one.name):
            if one.name == "default_decimal":
                return "the training table has decimal commas"
            return f"--{one.name} is set"
    return ""


@dataclass(frozen=True)
class Sample:
    """A large table of which a sample of rows is in memory.

    The table has `n_rows`, of which `n_unknown` have no target. `seconds` is the time of
    reading it once.
    """

    source: Source
    n_rows: int
    n_unknown: int
    seconds: float

    def training(self, rows: TrainTestSplit, task: Task) -> TrainTestSplit:
        """The split with all rows but those of the test, which train."""
        source = TrainingRows(self.source, task, rows.X_test.index.to_numpy())
        return replace(rows, X_train=source, y_train=task.target)

    def describe(self, model: TabularMLP, rows: TrainTestSplit) -> str:
        """How a large table is read, and about how long the fit of a model takes."""
        seconds = self._seconds_of(model, rows)
        size = f"{self.source.n_bytes / 1e9:.1f} GB"
        n = len(rows.y_train) + len(rows.y_test)
        time = "" if seconds is None else f"; the fit takes about {in_words(seconds)}"
        return (
            f"read in blocks ({size}): {n:,} rows, drawn at random, say what the columns "
            f"are, and train and test the other models{time}"
        )

    def _seconds_of(self, model: TabularMLP, rows: TrainTestSplit) -> float | None:
        """About the seconds of a fit; None: unknown, as few rows cannot train."""
        n_rows = self.n_rows - self.n_unknown
        changes = {"max_iter": 1, "batch_size": LARGEST_BATCH, "max_time": None}
        tried = clone(model).set_params(**changes)
        try:
            encoding, training = seconds_per_row(tried, rows)
        except ValueError:
            return None
        epochs = epochs_in_blocks({"max_iter": model.max_iter}, n_rows)
        n_visits = epochs.number * epochs.n_rows
        total = 2 * self.seconds + encoding * n_rows + training * n_visits
        if model.max_time is None:
            return total
        # This preset uses all of the time.
        limit = float(model.max_time)
        return limit if model.preset == "best" else min(total, limit)


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
    source: Source, target: str, report: Callable[[str], None]
) -> tuple[Sample, Any]:
    """A sample of the rows that have a target, and its frame; `report` gets progress.

    The index of the frame has the numbers of the rows.
    """
    start, whole, n_rows = perf_counter(), Summary(), 0
    for block in source.blocks():
        there = known(block, target)
        numbers = np.arange(n_rows, n_rows + block.num_rows)[there]
        rows = block.filter(arrow().array(there))
        whole.merge(Summary(rows.num_rows, [rows], numbers))
        n_rows += block.num_rows
        report(f"reading the table: {n_rows:,} rows")
    report("")
    if not whole.n_rows:
        raise UserError(f"Column {target!r}, the target, has no values.")
    table, numbers = whole.sample()
    frame = as_pandas(table).set_axis(numbers)
    seconds = perf_counter() - start
    return Sample(source, n_rows, n_rows - whole.n_rows, seconds), frame


@contextmanager
def speaking(model: TabularMLP) -> Iterator[None]:
    """Let a model say on standard error what it does."""
    model.set_params(verbose=True)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        model.set_params(verbose=False)


def known(block: Any, target: str) -> Any:
    """Which rows have a target; NaN is none."""
    missing = block.column(target).is_null(nan_is_null=True)
    return ~missing.to_numpy()


class TrainingRows(Source):
    """The rows of a source with a target that are no test rows, as the task has them."""

    def __init__(self, source: Source, task: Task, test: Any):
        super().__init__(source.where, source.name)
        self.source, self.task, self.test = source, task, np.sort(test)
        self.columns = [*task.columns, task.target]

    @property
    def n_bytes(self) -> int:
        """The size of the data of all rows."""
        return self.source.n_bytes

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        start = 0
        # Blocks would be joined once more, from two of them.
        for block in self.source._batches(self.columns):
            keep = known(block, self.task.target)
            first, last = np.searchsorted(self.test, [start, start + block.num_rows])
            keep[self.test[first:last] - start] = False
            start += block.num_rows
            table = block.filter(arrow().array(keep))
            if table.num_rows:
                yield self._converted(table).select(columns)

    def _converted(self, table: Any) -> Any:
        """The columns as the task has them."""
        kinds, target = self.task.columns, self.task.target
        others = [
            name for name in kinds if not is_plain(table.column(name).type, kinds[name])
        ]
        try:
            frame = as_kinds(
                as_pandas(table.select(others)), {one: kinds[one] for one in others}
            )
        except UserError as error:
            raise UserError(
                f"{error} The sample of the rows had none; write other values, or --drop "
                "the column."
            ) from None
        columns = {}
        for name, kind in kinds.items():
            if name in others:
                dtype = type_of(frame[name], kind)
                columns[name] = arrow().Array.from_pandas(frame[name], type=dtype)
            elif kind == NUMBER:
                columns[name] = table.column(name).cast("float64", safe=False)
            else:
                columns[name] = table.column(name)
        columns[target] = self._target(table.column(target))
        return arrow().table(columns)

    def _target(self, column: Any) -> Any:
        """The target: numbers, or labels of the type that the sample has."""
        if self.task.kind == REGRESSION:
            return column.cast("float64", safe=False)
        if self.task.y.dtype.kind not in "OU":
            try:
                return column.cast(arrow().from_numpy_dtype(self.task.y.dtype))
            except ValueError as error:
                raise UserError(
                    f"Column {self.task.target!r}, the target, has classes in the "
                    f"sample of the rows, but not in all ({one_line(error)}). Set --task."
                ) from None
        return as_texts(column)


def as_texts(column: Any) -> Any:
    """Labels as text, numbers as the sample has them."""
    column = without_dictionary(column)
    if is_plain(column.type, TEXT):
        return column
    if arrow("types").is_integer(column.type):
        return arrow().array([*map(str, column.to_pylist())])
    return arrow().array(column.cast("float64").to_numpy().astype(str).tolist())


def is_plain(dtype: Any, kind: str) -> bool:
    """Whether a type of pyarrow is that of columns of a kind."""
    if kind == NUMBER:
        return is_number(dtype) and not str(dtype).startswith("dictionary")
    types = arrow("types")
    tests = {
        TEXT: (types.is_string, types.is_large_string),
        TIME: (types.is_time,),
        DURATION: (types.is_duration,),
    }
    return any(test(dtype) for test in tests.get(kind, (types.is_timestamp,)))


def type_of(series: Any, kind: str) -> Any:
    """The type of pyarrow of a converted column."""
    pyarrow = arrow()
    known = {
        NUMBER: pyarrow.float64(),
        TEXT: pyarrow.string(),
        TIME: pyarrow.time64("us"),
        DURATION: pyarrow.duration("us"),
    }
    zone = getattr(series.dtype, "tz", None)
    return known.get(kind, pyarrow.timestamp("us", zone and str(zone)))


def in_words(seconds: float) -> str:
    """About how long something takes."""
    if seconds < 90:
        return counted(max(round(seconds), 1), "second")
    return f"{round(seconds / 60)} minutes"
