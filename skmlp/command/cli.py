"""The command: train on a table and report."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..common.printable import printable
from ..tabular.kinds import CODE, UNDECIDED
from ..tabular.texts import TEXT
from . import evaluation, importances, plots, refit, splits, tested_files
from .blocks import as_a_whole, notes_on_texts, surveyed, way_of
from .cautions import warn
from .choices import MODELS, PLOTS, REPORTS
from .column_options import check_column_options, column_kinds, unused
from .cross_validation import Fitted, Folds, fit_to_the_end, folds_of, scores_of
from .evaluation import TabularMLP, TrainTestSplit
from .fitting import Training, fit, fit_tabular, time_of
from .importances import Importances
from .io import check_different, check_exists, check_writable, optional
from .large import OF_SAMPLE, Sample, check_in_memory, sample_of
from .models import SavedModel, save_model
from .output import Stream, attempt, show_progress
from .pages import Peer, Trial, write_page
from .parser import reading
from .predictions import predict
from .tables import STDIN, files_in_folders, names_of, read_table
from .task import Task, check_names, infer_task, text_columns
from .tested_files import Trained, read_test
from .text import UserError, as_table, counted, one_line, quoted


def run(arguments: argparse.Namespace, output: Stream) -> int:
    """Train or predict, and return the exit code."""
    found = dict(vars(arguments))
    for name in found.keys() & {"tables", "test_file"}:
        files = found[name] = files_in_folders(found[name])
        if len(set(files)) < len(files):
            raise UserError(f"{names_of(files)}: the same file is given twice.")
    work = predict if arguments.work == "predict" else train
    return work(argparse.Namespace(**found), output)


def train(arguments: argparse.Namespace, output: Stream) -> int:
    """Train on a table, save the model, print the report, plot, train on all rows."""
    check_options(arguments)
    if arguments.save or arguments.plot or arguments.report:
        output.keep_going()
    given = read_training(arguments)
    if arguments.cv is not None:
        return train_in_folds(arguments, given, output)
    rows, notes = split(arguments, given)
    again = refit.is_wanted(arguments)
    task = given.task
    if not again:
        # The split has copies of the rows.
        task = replace(task, X=None)
        given = given._replace(task=task)
    n_train = given.n_trained(rows)
    parts = counted(n_train, "training row"), counted(len(rows.y_test), "test row")
    describe(task, ", ".join(parts), notes)
    notes += warn(given, rows)
    model = make_model(arguments, task)
    if time := time_of(model, rows, given):
        print(time, flush=True)
    spent = fit_tabular(model, rows, given)
    describe_kinds(model)
    saved = saved_model(arguments, model, given)
    # A stage that fails takes nothing from the others.
    codes = []
    if arguments.save:
        codes.append(attempt(partial(save, arguments.save, saved, n_train)))
        again = again and codes == [0]
    if arguments.plot:
        codes.append(attempt(partial(plot, arguments.plot, model, rows, task.target)))
    if arguments.report or not output.fault:
        every = [*task.notes, *notes]
        trial = Trial(model, spent, task, rows, every, again, given.ids)
        codes.append(attempt(partial(report, arguments, trial, n_train)))
    if again:
        first = refit.First(arguments.save, saved, spent, n_train)
        codes.append(attempt(partial(refit.refit, first, given)))
    return max(codes, default=0)


def train_in_folds(
    arguments: argparse.Namespace, given: Training, output: Stream
) -> int:
    """Train on all rows and save, train on folds, plot, print the report."""
    task, seed = given.task, arguments.seed
    folds = folds_of(task, given.marks, arguments.cv, seed)
    n = len(folds)
    describe(task, f"{counted(given.n_rows, 'row')} in {n} folds", folds.notes())
    warn(given, next(iter(folds)))
    n_fits = n + bool(arguments.save)
    codes, fitted = [], []
    if arguments.save:
        model = make_model(arguments, task, n_fits)
        fit_to_the_end(model, splits.all_rows(task, given.marks), given)
        describe_kinds(model)
        saved = saved_model(arguments, model, given)
        codes.append(attempt(partial(save_of_all, arguments.save, saved, given.n_rows)))
    for rows in folds:
        model = make_model(arguments, task, n_fits)
        fitted.append((model, fit_to_the_end(model, rows, given)))
    if not arguments.save:
        describe_kinds(model)
    if arguments.plot:
        where, target = f", of fold {n}", task.target
        draw = partial(plot, arguments.plot, model, rows, target, where)
        codes.append(attempt(draw))
    if not output.fault:
        codes.append(attempt(partial(report_on_folds, fitted, folds, seed)))
    return max(codes, default=0)


def check_options(arguments: argparse.Namespace) -> None:
    """Raise UserError before the training if options do not fit together."""
    splits.check_options(arguments)
    refit.check_options(arguments)
    check_paths(arguments)


def make_model(
    arguments: argparse.Namespace, task: Task, n_fits: int = 1
) -> TabularMLP:
    """The model that the options say; several fits share --max-time."""
    limit = arguments.max_time
    return evaluation.tabular_mlp(
        task.kind,
        arguments.seed,
        preset=arguments.preset,
        max_time=None if limit is None else limit / n_fits,
        n_jobs=arguments.jobs,
        column_kinds=column_kinds(arguments, task),
    )


def check_paths(arguments: argparse.Namespace) -> None:
    """Raise UserError before the training if a file could not be written after it."""
    tables = arguments.tables
    several = len(tables) > 1
    paths = {f"the table {one}" if several else "the table": one for one in tables}
    for one in arguments.test_file:
        paths[f"--test-file {one}"] = one
        if one != STDIN:
            check_exists(one)
    if arguments.plot:
        check_writable(arguments.plot, PLOTS, "a plot")
        optional("matplotlib.figure")
        paths["--plot"] = arguments.plot
    if arguments.report:
        check_writable(arguments.report, REPORTS, "a report")
        optional("matplotlib.figure")
        optional("jinja2")
        paths["--report"] = arguments.report
    if arguments.save:
        suffix = check_writable(arguments.save, MODELS, "a model")
        if suffix == ".skops":
            optional("skops.io")
        paths["--save"] = arguments.save
    if len(paths) > 1:
        check_different(paths)


def read_training(arguments: argparse.Namespace) -> Training:
    """Read the table, or a sample of a large one, and infer the task."""
    sample, frame, notes = sampled(arguments)
    if sample is not None:
        print_size(arguments, sample.n_rows, len(sample.source.columns), notes)
        task = make_task(arguments, frame, drop=[])
        sample.describe(task)
        test = read_test(arguments, Trained(task, frame, ".", None))
        n_rows = sample.n_rows - sample.n_unknown
        return Training(task, n_rows, sample=sample, test=test)
    table = read_table(arguments.tables, reading(arguments))
    check_target(arguments, table.frame)
    n_rows, n_columns = table.frame.shape
    print_size(arguments, n_rows, n_columns, notes + table.notes)
    splits.check_columns(table.frame, arguments)
    task = make_task(arguments, table.frame, unused(arguments))
    marks = splits.marks_of(table.frame, task, arguments)
    test = read_test(arguments, Trained(task, table.frame, table.decimal, marks))
    ids = table.frame[arguments.ids] if arguments.ids and test is None else None
    return Training(task, len(task.y), table.decimal, marks=marks, test=test, ids=ids)


def split(
    arguments: argparse.Namespace, given: Training
) -> tuple[TrainTestSplit, list[str]]:
    """The training and the test rows, and notes on them."""
    if given.test is not None:
        return tested_files.split(given.task, given.marks, given.test)
    return splits.split(given.task, given.marks, arguments)


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
    check_in_memory(arguments)
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


def describe(task: Task, rows: str, notes: Sequence[str]) -> None:
    """Print what is trained on; `rows` says how many are in which part."""
    for note in [*task.notes, *notes]:
        print(printable(note))
    n_text = len(text_columns(task.columns))
    print(
        f"{rows}; {counted(len(task.columns) - n_text, 'numeric column')}, "
        f"{counted(n_text, 'text column')}",
        flush=True,
    )


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


def saved_model(
    arguments: argparse.Namespace, model: TabularMLP, given: Training
) -> SavedModel:
    """The model as a file has it."""
    task, ids = given.task, tuple(arguments.ids)
    return SavedModel(model, task.target, task.columns, given.decimal, ids)


def save(path: Path, saved: SavedModel, n_rows: int) -> None:
    """Save the model."""
    save_model(path, saved)
    name = type(saved.model).__name__
    rows = counted(n_rows, "training row")
    line = f"saved: {path}, the {name} of this report, trained on the {rows}"
    print(printable(line), flush=True)


def save_of_all(path: Path, saved: SavedModel, n_rows: int) -> None:
    """Save a model of all rows, which is not the one of the report."""
    save_model(path, saved)
    line = (
        f"saved: {path}, a {type(saved.model).__name__} trained on all "
        f"{counted(n_rows, 'row')}; the scores are of those trained on the folds"
    )
    print(printable(line), flush=True)


def report(arguments: argparse.Namespace, trial: Trial, n_train: int) -> None:
    """Print the verdict, scores, importances and seconds, and write the page."""
    try:
        peers = compare(trial, arguments.seed)
        found = explain(trial.model, trial.rows, arguments.seed)
        if arguments.report:
            write_page(arguments, trial, peers, found, n_train)
    except ValueError as error:
        raise UserError(f"The report cannot be made: {one_line(error)}.") from None


def report_on_folds(fitted: Sequence[Fitted], folds: Folds, seed: int) -> None:
    """Print the verdict and mean scores, and importances and seconds of the last fold."""
    try:
        found = scores_of(fitted, folds, seed)
        losses = {name: one.losses for name, one in found.items()}
        scores = {name: one.scores for name, one in found.items()}
        print_scores(losses, scores, f"means of {len(folds)} folds")
        *_, rows = folds
        explain(fitted[-1][0], rows, seed, f", fold {len(folds)}")
    except ValueError as error:
        raise UserError(f"The report cannot be made: {one_line(error)}.") from None


def plot(
    path: Path, model: TabularMLP, rows: TrainTestSplit, target: str, where: str = ""
) -> None:
    """Plot the predictions on the test rows; `where` says which these are."""
    plots.draw(path, model, rows.X_test, rows.y_test, target)
    print(printable(f"plot: {path}{where}"), flush=True)


def compare(trial: Trial, seed: int) -> dict[str, Peer]:
    """Print the verdict and the scores of the model and of its peers, fitted here."""
    model, rows = trial.model, trial.rows
    judged = {trial.name: evaluation.judged(trial.name, model, rows)}
    seconds, peers = {trial.name: trial.spent.seconds}, {}
    for name, peer in evaluation.peers(trial.task, seed).items():
        try:
            spent = fit(name, peer, rows).seconds
            judged[name] = evaluation.judged(name, peer, rows)
        except Exception as error:
            # A peer is not ours: whatever it raises, the report goes on without it.
            trial.notes.append(f"{name} failed: {one_line(error)}")
            print(printable(trial.notes[-1]))
        else:
            seconds[name], peers[name] = spent, Peer(peer, spent)
    losses = {name: one.losses for name, one in judged.items()}
    scores = {
        name: {**one.scores(), evaluation.SECONDS: seconds[name]}
        for name, one in judged.items()
    }
    print_scores(losses, scores, "on the test rows")
    return peers


def print_scores(
    losses: Mapping[str, Any], scores: dict[str, dict[str, float]], heading: str
) -> None:
    """Print the verdict, if there are several models, and the table of scores."""
    if len(losses) > 1:
        print("\n" + printable(evaluation.verdict(dict(losses))))
    print("\n" + as_table(scores, heading), flush=True)


def explain(
    model: TabularMLP, rows: TrainTestSplit, seed: int, where: str = ""
) -> Importances:
    """Print importances and the seconds of each stage of the fit; `where` names it."""
    limit = importances.time_limit(model.max_time)
    shuffle = importances.Shuffle(model, rows, seed)
    found = importances.importances(shuffle, limit, show_progress)
    print("\n" + as_table(found.largest, f"shuffled column{where}"))
    n_columns, n_printed = rows.X_test.shape[1], len(found.largest)
    if found.n_shuffled > n_printed:
        others = counted(found.n_shuffled - n_printed, "more column")
        print(f"and {others}, whose scores drop less")
    if found.n_shuffled < n_columns:
        print(
            f"{found.n_shuffled} of {counted(n_columns, 'column')} in {limit:g} seconds, "
            "found by shuffling groups of columns"
        )
    stages = ", ".join(f"{name} {time:.2f}" for name, time in model.seconds_.items())
    print(f"\nseconds of the fit{where}: {stages}")
    return found
