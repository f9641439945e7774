"""The command: train on a table and report, or predict with a saved model."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from . import evaluation, plots
from .evaluation import TabularMLP, TrainTestSplit
from .io import check_writable, optional, read_table
from .models import MODELS, Classifier, Model, SavedModel, load_model, save_model
from .task import CLASSIFICATION, REGRESSION, Task, as_kinds, infer_task, text_columns
from .text import UserError, as_table, counted, one_line, quoted

USAGE = """\
python -m skmlp [--quick]
       python -m skmlp TABLE --target COLUMN [options]
       python -m skmlp predict MODEL TABLE > predictions.csv"""
DESCRIPTION = """\
Without a table: compare the networks of skmlp with other models on data sets of
scikit-learn, and print scores and times; --quick takes a few seconds.

With a table, a .csv, .tsv, .txt or .parquet file: train on it to predict the column
--target from the others. The report compares the scores on test rows with those of
boosted trees, a linear model and a constant baseline, and shows which columns matter.
Columns may hold numbers, text, booleans and dates, with missing values.

With predict: print the predictions of a saved model for the rows of another table, as
CSV; for a classifier also the probability of each class. Loading a .pkl file can run
any code: use only files that you trust. A .skops file is checked before it is loaded."""
EPILOG = """\
Tables, plots and .skops files need more packages: pip install 'skmlp[command]'.
Exit code: 0 for success, 1 if the comparison without a table fails or finds a
difference to scikit-learn, 2 for a wrong command line or file."""


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands except `predict`."""
    parser = argparse.ArgumentParser(
        prog="python -m skmlp",
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("table", nargs="?", type=Path, metavar="TABLE", help="the table to train on")
    add("--quick", action="store_true", help="without a table: less data, fewer epochs")
    add("--target", metavar="COLUMN", help="the column to predict")
    add(
        "--task",
        choices=("auto", CLASSIFICATION, REGRESSION),
        default="auto",
        help="predict classes or numbers; default auto: inferred from the target",
    )
    add(
        "--test",
        type=fraction,
        default=0.25,
        metavar="FRACTION",
        help="fraction of rows for the test; default 0.25",
    )
    add(
        "--drop",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="columns to ignore",
    )
    add(
        "--max-time", type=seconds, metavar="SECONDS", help="limit of the training time"
    )
    add("--seed", type=seed, default=0, help="seed of split and weights; default 0")
    add("--save", type=Path, metavar="MODEL", help=f"model file: {', '.join(MODELS)}")
    endings = ", ".join(plots.ENDINGS)
    add("--plot", type=Path, metavar="PLOT", help=f"plot file: {endings}")
    return parser


def fraction(text: str) -> float:
    """A number between 0 and 1."""
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1. Got {text}.")
    return value


def seconds(text: str) -> float:
    """A number above 0."""
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0. Got {text}.")
    return value


def seed(text: str) -> int:
    """A seed for NumPy's generators."""
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to 2**32 - 1. Got {text}.")
    return value


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line of all commands except `predict`."""
    parser = make_parser()
    arguments = parser.parse_args(argv)
    if arguments.table is None and set(argv) - {"--quick"}:
        parser.error("a TABLE is missing")
    if arguments.table is not None and arguments.quick:
        parser.error("--quick is for the comparison without a TABLE")
    return arguments


def run(argv: Sequence[str]) -> int:
    """Train or predict; a UserError is printed in one line, with exit code 2."""
    try:
        if argv[0] == "predict":
            predict(argv[1:])
        else:
            train(parse(argv))
    except UserError as fault:
        print(f"skmlp: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("skmlp: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        close_output()
        print("skmlp: stopped, the output was closed", file=sys.stderr)
        return 1
    return 0


def train(arguments: argparse.Namespace) -> None:
    """Train on a table and print the report."""
    check_outputs(arguments)
    frame = read_table(arguments.table)
    if arguments.target is None:
        raise UserError(
            f"Which column to predict? Set --target to one of: {quoted(frame.columns, 30)}."
        )
    print(
        f"{arguments.table}: {counted(len(frame), 'row')}, "
        f"{counted(frame.shape[1], 'column')}"
    )
    task = infer_task(frame, arguments.target, arguments.task, arguments.drop)
    rows = evaluation.split(task, arguments.test, arguments.seed)
    for note in task.notes:
        print(note)
    n_text = len(text_columns(task.columns))
    print(
        f"{counted(len(rows.y_train), 'training row')}, "
        f"{counted(len(rows.y_test), 'test row')}; "
        f"{counted(len(task.columns) - n_text, 'numeric column')}, "
        f"{counted(n_text, 'text column')}\n",
        flush=True,
    )
    model = evaluation.tabular_mlp(task.kind, arguments.max_time, arguments.seed)
    compare(model, task, rows, arguments.seed)
    explain(model, rows, arguments.seed)
    if arguments.plot:
        plots.draw(arguments.plot, model, rows.X_test, rows.y_test, task.target)
        print(f"plot: {arguments.plot}")
    if arguments.save:
        save_model(arguments.save, SavedModel(model, task.target, task.columns))
        print(
            f"saved: {arguments.save}, the {type(model).__name__} of this report, "
            f"trained on the {counted(len(rows.y_train), 'training row')}"
        )


def check_outputs(arguments: argparse.Namespace) -> None:
    """Raise UserError before the training if a file could not be written after it."""
    if arguments.plot:
        check_writable(arguments.plot, plots.ENDINGS, "a plot")
        optional("matplotlib.figure")
    if arguments.save:
        suffix = check_writable(arguments.save, MODELS, "a model")
        if suffix == ".skops":
            optional("skops.io")


def show_progress(what: str) -> None:
    """Print a line on a terminal that the next output overwrites."""
    if sys.stderr.isatty():
        print(f"\r{what:<60}\r", end="", file=sys.stderr, flush=True)


def compare(model: TabularMLP, task: Task, rows: TrainTestSplit, seed: int) -> None:
    """Fit the model and its peers and print their scores."""
    models: dict[str, Model] = {type(model).__name__: model}
    models |= evaluation.peers(task, seed)
    table = {}
    for name, one in models.items():
        show_progress(f"fitting {name} ...")
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                spent = evaluation.fit(one, rows)
        except ValueError as error:
            if one is model:
                raise UserError(
                    f"{name} cannot train on this table: {one_line(error)}."
                ) from None
            print(f"{name} failed: {one_line(error)}")
            continue
        finally:
            show_progress("")
        for message in dict.fromkeys(one_line(w.message) for w in caught):
            print(f"{name}: {message}")
        table[name] = {**evaluation.scores(one, rows), evaluation.SECONDS: spent}
    print(as_table(table, "on the test rows"))


def explain(model: TabularMLP, rows: TrainTestSplit, seed: int) -> None:
    """Print importances and the seconds of each stage of the fit."""
    print("\n" + as_table(evaluation.importances(model, rows, seed), "shuffled column"))
    stages = ", ".join(f"{name} {time:.2f}" for name, time in model.seconds_.items())
    print(f"\nseconds of the fit: {stages}")


def predict(argv: Sequence[str]) -> None:
    """Print predictions as CSV."""
    parser = argparse.ArgumentParser(
        prog="python -m skmlp predict",
        description="Print the predictions of a saved model for the rows of a table, "
        "as CSV; for a classifier also the probability of each class.",
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="a file written by --save")
    add("table", type=Path, metavar="TABLE", help="the rows to predict")
    arguments = parser.parse_args(argv)
    saved = load_model(arguments.model)
    frame = read_table(arguments.table, text_columns(saved.columns))
    missing = [name for name in saved.columns if name not in frame.columns]
    if missing:
        raise UserError(
            f"{arguments.table}: the model needs columns {quoted(missing)}."
        )
    extra = [name for name in frame.columns if name not in saved.columns]
    if extra:
        print(f"skmlp: ignored columns {quoted(extra)}", file=sys.stderr)
    X = as_kinds(frame, saved.columns)
    predictions = {saved.target: saved.model.predict(X)}
    if isinstance(saved.model, Classifier):
        probabilities = saved.model.predict_proba(X)
        for label, probability in zip(
            saved.model.classes_, probabilities.T, strict=True
        ):
            predictions[f"probability_{label}"] = probability
    try:
        optional("pandas").DataFrame(predictions).to_csv(
            sys.stdout, index=False, float_format="%.7g"
        )
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as head, has closed the pipe.
        close_output()


def close_output() -> None:
    """Discard further output; Python would raise an error at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
