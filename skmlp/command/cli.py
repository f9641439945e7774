"""The command: train on a table and report."""

import argparse
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ..common.printable import printable
from ..tabular.kinds import CODE, UNDECIDED
from ..tabular.texts import TEXT
from . import evaluation, importances, plots
from .blocks import as_a_whole, notes_on_texts, surveyed, way_of
from .choices import MODELS, PLOTS
from .column_options import check_column_options, column_kinds, unused
from .evaluation import TabularMLP, TrainTestSplit
from .io import check_different, check_writable, optional
from .large import OF_SAMPLE, Sample, sample_of, speaking
from .leaks import notes_on_leaks
from .models import Model, SavedModel, save_model
from .output import Stream, attempt, show_progress
from .parser import reading
from .predictions import predict
from .split_checks import notes_on_split
from .tables import files_in_folders, names_of, read_table
from .task import Task, check_names, infer_task, text_columns
from .text import UserError, as_table, counted, one_line, quoted


def run(arguments: argparse.Namespace, output: Stream) -> int:
    """Train or predict, and return the exit code."""
    files = files_in_folders(arguments.tables)
    if len(set(files)) < len(files):
        raise UserError(f"{names_of(files)}: the same file is given twice.")
    work = predict if arguments.work == "predict" else train
    return work(argparse.Namespace(**{**vars(arguments), "tables": files}), output)


def train(arguments: argparse.Namespace, output: Stream) -> int:
    """Train on a table, save the model, print the report, and plot."""
    check_paths(arguments)
    if arguments.save or arguments.plot:
        output.keep_going()
    given = read_training(arguments)
    rows = evaluation.split(given.task, arguments.test, arguments.seed)
    # The split has copies of the rows.
    task = replace(given.task, X=None)
    given = given._replace(task=task)
    n_train = given.n_rows - len(rows.y_test)
    describe(task, n_train, len(rows.y_test))
    warn(given, rows)
    model = evaluation.tabular_mlp(
        task.kind,
        arguments.seed,
        preset=arguments.preset,
        max_time=arguments.max_time,
        n_jobs=arguments.jobs,
        column_kinds=column_kinds(arguments, task),
    )
    spent = fit_tabular(model, rows, given)
    describe_kinds(model)
    stages: list[Callable[[], None]] = []
    if arguments.save:
        ids = tuple(arguments.ids)
        saved = SavedModel(model, task.target, task.columns, given.decimal, ids)
        stages.append(partial(save, arguments.save, saved, n_train))
    if arguments.plot:
        stages.append(partial(plot, arguments.plot, model, rows, task.target))
    # A stage that fails takes nothing from the others.
    codes = [attempt(stage) for stage in stages]
    if not output.fault:
        codes.append(attempt(partial(report, model, spent, task, rows, arguments.seed)))
    return max(codes)


def check_paths(arguments: argparse.Namespace) -> None:
    """Raise UserError before the training if a file could not be written after it."""
    tables = arguments.tables
    several = len(tables) > 1
    paths = {f"the table {one}" if several else "the table": one for one in tables}
    if arguments.plot:
        check_writable(arguments.plot, PLOTS, "a plot")
        optional("matplotlib.figure")
        paths["--plot"] = arguments.plot
    if arguments.save:
        suffix = check_writable(arguments.save, MODELS, "a model")
        if suffix == ".skops":
            optional("skops.io")
        paths["--save"] = arguments.save
    if len(paths) > 1:
        check_different(paths)


class Training(NamedTuple):
    """What the command trains on: a task, by a table in memory or a sample of one.

    `n_rows` are those with a target, and `decimal` is the decimal mark of the texts.
    """

    task: Task
    n_rows: int
    decimal: str = "."
    sample: Sample | None = None


def read_training(arguments: argparse.Namespace) -> Training:
    """Read the table, or a sample of a large one, and infer the task."""
    sample, frame, notes = sampled(arguments)
    if sample is not None:
        print_size(arguments, sample.n_rows, len(sample.source.columns), notes)
        task = make_task(arguments, frame, drop=[])
        sample.describe(task)
        return Training(task, sample.n_rows - sample.n_unknown, sample=sample)
    table = read_table(arguments.tables, reading(arguments))
    check_target(arguments, table.frame)
    n_rows, n_columns = table.frame.shape
    print_size(arguments, n_rows, n_columns, notes + table.notes)
    task = make_task(arguments, table.frame, unused(arguments))
    return Training(task, len(task.y), table.decimal)


def sampled(arguments: argparse.Namespace) -> tuple[Sample | None, Any, list[str]]:
    """A sample of a large table; None if it is read as a whole, with notes on why."""
    way = way_of(arguments.tables, reading(arguments))
    if way.source is None:
        return None, None, way.notes
    check_target(arguments, way.source)
    check_names(way.source, arguments.target, arguments.drop, arguments.categorical)
    way, texts = surveyed(way)
    if way.source is None:
        return None, None, way.notes
    try:
        target, task, drop = arguments.target, arguments.task, unused(arguments)
        sample, frame = sample_of(way.source, target, task, drop)
    except ValueError as error:
        return None, None, as_a_whole(error).notes
    odd, words = notes_on_texts(frame, texts, arguments.missing)
    if sample.is_part:
        odd = [note + OF_SAMPLE for note in odd]
    return sample, frame, [sample.note, *way.notes, *odd, *words]


def make_task(arguments: argparse.Namespace, frame: Any, drop: Sequence[str]) -> Task:
    """The task that the options and the columns say."""
    target, kind = arguments.target, arguments.task
    columns = arguments.categorical, arguments.numbers
    return infer_task(frame, target, kind, drop, *columns)


def print_size(
    arguments: argparse.Namespace, n_rows: int, n_columns: int, notes: Iterable[str]
) -> None:
    """Print what was read."""
    print(
        printable(f"{names_of(arguments.tables)}: {counted(n_rows, 'row')}, ")
        + counted(n_columns, "column")
    )
    for note in notes:
        print(printable(note))


def check_target(arguments: argparse.Namespace, table: Any) -> None:
    """Raise UserError unless the options name a target, and other columns once."""
    if arguments.target is None:
        names = quoted(table.columns, 30)
        raise UserError(f"Which column to predict? Set --target to one of: {names}.")
    check_column_options(arguments, table)


def describe(task: Task, n_train: int, n_test: int) -> None:
    """Print what is trained on."""
    for note in task.notes:
        print(printable(note))
    n_text = len(text_columns(task.columns))
    print(
        f"{counted(n_train, 'training row')}, {counted(n_test, 'test row')}; "
        f"{counted(len(task.columns) - n_text, 'numeric column')}, "
        f"{counted(n_text, 'text column')}",
        flush=True,
    )


def warn(given: Training, rows: TrainTestSplit) -> None:
    """Print what makes the scores too good."""
    task, sample = given.task, given.sample
    of = OF_SAMPLE if sample is not None and sample.is_part else ""
    columns, target = task.columns, task.target
    notes = notes_on_leaks(rows, columns, target)
    for note in notes + notes_on_split(rows, columns, target):
        print(printable(f"warning: {note}{of}"), flush=True)


def fit_tabular(model: TabularMLP, rows: TrainTestSplit, given: Training) -> float:
    """Fit the tabular estimator and return the seconds."""
    name, sample, aloud = type(model).__name__, given.sample, None
    if sample is not None:
        if time := sample.time_of(model, rows):
            print(time, flush=True)
        rows, aloud = sample.training(rows, given.task), model
    try:
        return fit(name, model, rows, aloud)
    except ValueError as error:
        raise UserError(
            f"{name} cannot train on this table: {one_line(error)}."
        ) from None


def fit(
    name: str, model: Model, rows: TrainTestSplit, aloud: TabularMLP | None = None
) -> float:
    """Fit a model, print its warnings, and return the seconds.

    `aloud` is the model if it says what it does.
    """
    show_progress(f"fitting {name} ...")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with speaking(aloud) if aloud else nullcontext():
                spent = evaluation.fit(model, rows)
    finally:
        show_progress("")
    for message in dict.fromkeys(one_line(w.message) for w in caught):
        print(printable(f"{name}: {message}"))
    return spent


def describe_kinds(model: TabularMLP) -> None:
    """Print what columns were taken as, where their values do not say it."""
    found = model.column_kinds_.items()
    codes, texts = (
        [name for name, one in found if one.kind == kind] for kind in (CODE, TEXT)
    )
    integers = [name for name, one in found if one.reason.startswith(UNDECIDED)]
    for what, names in (
        (
            "integers that are codes, used as numbers and categories (--numbers for "
            "numbers)",
            codes,
        ),
        ("texts of several words, used by their words", texts),
        ("integers used as numbers (--categorical for categories)", integers),
    ):
        if names:
            print(printable(f"{what}: {quoted(names)}"), flush=True)


def save(path: Path, saved: SavedModel, n_rows: int) -> None:
    """Save the model."""
    save_model(path, saved)
    name = type(saved.model).__name__
    rows = counted(n_rows, "training row")
    line = f"saved: {path}, the {name} of this report, trained on the {rows}"
    print(printable(line), flush=True)


def report(
    model: TabularMLP, spent: float, task: Task, rows: TrainTestSplit, seed: int
) -> None:
    """Print the verdict, scores, importances and seconds."""
    try:
        compare(model, spent, task, rows, seed)
        explain(model, rows, seed)
    except ValueError as error:
        raise UserError(f"The report cannot be made: {one_line(error)}.") from None


def plot(path: Path, model: TabularMLP, rows: TrainTestSplit, target: str) -> None:
    """Plot the predictions on the test rows."""
    plots.draw(path, model, rows.X_test, rows.y_test, target)
    print(printable(f"plot: {path}"), flush=True)


def compare(
    model: TabularMLP, spent: float, task: Task, rows: TrainTestSplit, seed: int
) -> None:
    """Print the verdict and the scores of the model and of its peers, fitted here."""
    ours = type(model).__name__
    scores = {ours: {**evaluation.scores(model, rows), evaluation.SECONDS: spent}}
    losses = {ours: evaluation.row_losses(model, rows)}
    for name, peer in evaluation.peers(task, seed).items():
        try:
            spent = fit(name, peer, rows)
            found = {**evaluation.scores(peer, rows), evaluation.SECONDS: spent}
            losses[name] = evaluation.row_losses(peer, rows)
        except Exception as error:
            # A peer is not ours: whatever it raises, the report goes on without it.
            print(printable(f"{name} failed: {one_line(error)}"))
        else:
            scores[name] = found
    if len(losses) > 1:
        print("\n" + printable(evaluation.verdict(losses)))
    print("\n" + as_table(scores, "on the test rows"), flush=True)


def explain(model: TabularMLP, rows: TrainTestSplit, seed: int) -> None:
    """Print importances and the seconds of each stage of the fit."""
    limit = importances.time_limit(model.max_time)
    shuffle = importances.Shuffle(model, rows, seed)
    found = importances.importances(shuffle, limit, show_progress)
    print("\n" + as_table(found.largest, "shuffled column"))
    n_columns = rows.X_test.shape[1]
    if found.n_shuffled < n_columns:
        print(
            f"{found.n_shuffled} of {counted(n_columns, 'column')} in {limit:g} seconds, "
            "found by shuffling groups of columns"
        )
    stages = ", ".join(f"{name} {time:.2f}" for name, time in model.seconds_.items())
    print(f"\nseconds of the fit: {stages}")
