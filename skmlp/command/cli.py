"""The command: train on a table and report, or predict with a saved model."""

import argparse
import csv
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..common.printable import printable
from ..tabular.kinds import CODE, UNDECIDED
from ..tabular.texts import TEXT
from . import evaluation, importances, plots
from .choices import MODELS, PLOTS
from .evaluation import TabularMLP, TrainTestSplit
from .io import check_different, check_writable, optional
from .kinds import as_kinds
from .models import Classifier, Model, SavedModel, load_model, save_model
from .output import Stream, attempt, complain, show_progress
from .parser import reading
from .tables import name_of, read_table
from .task import Task, infer_task, text_columns
from .text import UserError, as_table, counted, one_line, quoted

ROWS_AT_A_TIME, CELLS_AT_A_TIME = 10_000, 2_000_000
"""The most rows and numbers of predictions at a time."""


def run(arguments: argparse.Namespace, output: Stream) -> int:
    """Train or predict, and return the exit code."""
    work = predict if arguments.work == "predict" else train
    return work(arguments, output)


def train(arguments: argparse.Namespace, output: Stream) -> int:
    """Train on a table, save the model, print the report, and plot."""
    check_paths(arguments)
    if arguments.save or arguments.plot:
        output.keep_going()
    task, decimal = read_task(arguments)
    rows = evaluation.split(task, arguments.test, arguments.seed)
    describe(task, rows)
    model = evaluation.tabular_mlp(
        task.kind,
        arguments.seed,
        preset=arguments.preset,
        max_time=arguments.max_time,
        n_jobs=arguments.jobs,
    )
    spent = fit_tabular(model, rows)
    describe_kinds(model)
    stages: list[Callable[[], None]] = []
    if arguments.save:
        saved = SavedModel(model, task.target, task.columns, decimal)
        stages.append(partial(save, arguments.save, saved, len(rows.y_train)))
    if arguments.plot:
        stages.append(partial(plot, arguments.plot, model, rows, task.target))
    # A stage that fails takes nothing from the others.
    codes = [attempt(stage) for stage in stages]
    if not output.fault:
        codes.append(attempt(partial(report, model, spent, task, rows, arguments.seed)))
    return max(codes)


def check_paths(arguments: argparse.Namespace) -> None:
    """Raise UserError before the training if a file could not be written after it."""
    paths = {"the table": arguments.table}
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


def read_task(arguments: argparse.Namespace) -> tuple[Task, str]:
    """Read the table and infer the task; and the decimal mark of the table."""
    table = read_table(arguments.table, reading(arguments))
    frame = table.frame
    if arguments.target is None:
        raise UserError(
            f"Which column to predict? Set --target to one of: {quoted(frame.columns, 30)}."
        )
    print(
        printable(f"{name_of(arguments.table)}: {counted(len(frame), 'row')}, ")
        + counted(frame.shape[1], "column")
    )
    for note in table.notes:
        print(printable(note))
    task = infer_task(
        frame, arguments.target, arguments.task, arguments.drop, arguments.categorical
    )
    return task, table.decimal


def describe(task: Task, rows: TrainTestSplit) -> None:
    """Print what is trained on."""
    for note in task.notes:
        print(printable(note))
    n_text = len(text_columns(task.columns))
    print(
        f"{counted(len(rows.y_train), 'training row')}, "
        f"{counted(len(rows.y_test), 'test row')}; "
        f"{counted(len(task.columns) - n_text, 'numeric column')}, "
        f"{counted(n_text, 'text column')}",
        flush=True,
    )


def fit_tabular(model: TabularMLP, rows: TrainTestSplit) -> float:
    """Fit the tabular estimator and return the seconds."""
    name = type(model).__name__
    try:
        return fit(name, model, rows)
    except ValueError as error:
        raise UserError(
            f"{name} cannot train on this table: {one_line(error)}."
        ) from None


def fit(name: str, model: Model, rows: TrainTestSplit) -> float:
    """Fit a model, print its warnings, and return the seconds."""
    show_progress(f"fitting {name} ...")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
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
        ("integers that are codes, used as numbers and categories", codes),
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


def predict(arguments: argparse.Namespace, output: Stream) -> int:
    """Print predictions as CSV."""
    saved = load_model(arguments.model, trust_pickle=arguments.trust_pickle)
    how = replace(reading(arguments), default_decimal=saved.decimal)
    table = read_table(arguments.table, how, text_columns(saved.columns))
    for note in table.notes:
        complain(note)
    frame = table.frame
    missing = [name for name in saved.columns if name not in frame.columns]
    if missing:
        raise UserError(
            f"{name_of(arguments.table)}: the model needs columns {quoted(missing)}."
        )
    extra = [name for name in frame.columns if name not in saved.columns]
    if extra:
        complain(f"ignored columns {quoted(extra)}")
    X = saved.dates_of_fit(as_kinds(frame, saved.columns))
    tell_unseen(saved, X)
    for text in predictions_as_csv(saved, X, arguments):
        output.write_data(text)
    return 0


def tell_unseen(saved: SavedModel, X: Any) -> None:
    """Say which labels the training table did not have."""
    encoder = getattr(saved.model, "encoder_", None)
    unseen = {} if encoder is None else encoder._unseen(X)
    found = [
        f"{name!r} ({len(values):,} of {counted(len(X), 'row')}, such as {values[0]!r})"
        for name, values in unseen.items()
        if values
    ]
    if found:
        more = (
            f" and {counted(len(found) - 8, 'more column')}" if len(found) > 8 else ""
        )
        complain(
            f"values that the training table does not have, read as missing: "
            f"{', '.join(found[:8])}{more}"
        )


def predictions_as_csv(
    saved: SavedModel, X: Any, arguments: argparse.Namespace
) -> Iterator[str]:
    """The predictions as CSV, in blocks of rows, so that `read_table` reads the texts."""
    pandas = optional("pandas")
    try:
        labels = saved.model.classes_ if isinstance(saved.model, Classifier) else ()
        names = [saved.target, *probability_names(saved.target, labels)]
        plain = all(map(is_plain, [*names, *labels]))
        n_rows = max(1, min(ROWS_AT_A_TIME, CELLS_AT_A_TIME // len(names)))
        for first in range(0, len(X), n_rows):
            predictions = predictions_of(saved, X.iloc[first : first + n_rows])
            yield pandas.DataFrame(predictions).to_csv(
                index=False,
                header=first == 0,
                float_format="%.7g",
                lineterminator="\n",
                quoting=csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL,
            )
    except Exception as error:
        # A file can hold a model that is not as it should be.
        raise UserError(
            f"{arguments.model}: this model cannot predict the rows of "
            f"{name_of(arguments.table)} ({one_line(error)})."
        ) from None


def probability_names(target: str, labels: Iterable[Any]) -> list[str]:
    """The names of the columns with the probability of each class."""
    names = [f"probability_{label}" for label in labels]
    for i, name in enumerate(names):
        # Two columns of one name could not be read as a table.
        while names[i] == target or (names[i] != name and names.count(names[i]) > 1):
            names[i] += "_"
    return names


def predictions_of(saved: SavedModel, X: Any) -> dict[str, Any]:
    """The columns of the output: predictions, and the probability of each class."""
    predictions = {saved.target: saved.model.predict(X)}
    if isinstance(saved.model, Classifier):
        probabilities = saved.model.predict_proba(X)
        names = probability_names(saved.target, saved.model.classes_)
        predictions.update(zip(names, probabilities.T, strict=True))
    return predictions


def is_plain(text: Any) -> bool:
    """Whether a text in a table needs quotes at most for commas and quotes."""
    text = str(text)
    return text.isprintable() and text == text.strip() and not set(";|=") & set(text)
