"""The command line: options, help texts, checks of single values."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._version import __version__
from .choices import (
    CLASSIFICATION,
    MODELS,
    PLOTS,
    PRESETS,
    REGRESSION,
    REPORTS,
    TEST,
    Reading,
)
from .io import OPTIONAL
from .predict_options import add_output

USAGE = """\
%(prog)s [--quick]
       %(prog)s TABLE... --target COLUMN [options]
       %(prog)s predict MODEL TABLE... > predictions.csv"""
DESCRIPTION = """\
Without a table: compare the networks of skmlp with other models on data sets
of scikit-learn, and print scores and times; --quick takes a few seconds.

With a table, a .csv, .tsv, .txt, .xlsx or .parquet file: train on it to
predict the column --target from the others; the TABLE - is text from standard
input. Several files, or a folder of them, are one table. Files of 100 MB or
more are read in blocks, so that they need not fit into memory. The report
compares the scores on test rows with those of boosted trees, a linear model
and a constant baseline, and shows which columns matter. Columns may hold
numbers, text, booleans and dates, with missing values.

With predict: print the predictions of a saved model for the rows of another
table, as CSV, or write them to --output; for a classifier also the probability
of each class. --intervals says how sure they are, --explain why. A .skops
file is checked, and runs no code. A .pkl, .pickle or .joblib file can run any
code: set --trust-pickle if you trust its source."""
EPILOG = f"""\
Tables, plots and .skops files need more packages:
{", ".join(dict.fromkeys(name.partition(".")[0] for name in OPTIONAL))}.
The section Install of skmlp's README says how to install them.
Exit code: 0 for success, 1 if the comparison without a table fails or finds a
difference to scikit-learn, if the output is closed or the memory is full, 2 for
a wrong command line or file, 130 for Ctrl-C."""
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
DECIMALS, THOUSANDS = (".", ","), (",", ".", "'", " ", "_")
PLAIN: Any = {"color": False} if sys.version_info >= (3, 14) else {}
"""No escape codes in help texts; Python 3.14 writes them."""


def program() -> str:
    """How the user calls the command: the script, or the module."""
    return "skmlp" if Path(sys.argv[0]).stem == "skmlp" else "python -m skmlp"


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands except `predict`."""
    parser = argparse.ArgumentParser(
        prog=program(),
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **PLAIN,
    )
    add = parser.add_argument
    add(
        "tables",
        nargs="*",
        type=Path,
        metavar="TABLE",
        help="the table to train on: a file, several of the same columns, or a folder",
    )
    add("--quick", action="store_true", help="without a table: less data, fewer epochs")
    add("--target", metavar="COLUMN", help="the column to predict")
    add(
        "--task",
        choices=("auto", CLASSIFICATION, REGRESSION),
        default="auto",
        help="predict classes or numbers; default auto: inferred from the target",
    )
    add_columns(parser)
    add_training(parser)
    add("--save", type=Path, metavar="MODEL", help=f"model file: {', '.join(MODELS)}")
    add(
        "--report",
        type=Path,
        metavar="REPORT",
        help=f"the report as a page with figures: {', '.join(REPORTS)}",
    )
    add("--plot", type=Path, metavar="PLOT", help=f"plot file: {', '.join(PLOTS)}")
    add("--version", action="version", version=f"skmlp {__version__}")
    add_judging(parser)
    add_reading(parser)
    return parser


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Add the options that say on which rows the model is judged."""
    group = parser.add_argument_group("on which rows the model is judged")
    add = group.add_argument
    add(
        "--test",
        type=fraction,
        metavar="FRACTION",
        help=f"fraction of rows for the test; default {TEST:g}",
    )
    add(
        "--test-file",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="files with the test rows; all rows of TABLE train",
    )
    add(
        "--time",
        metavar="COLUMN",
        help="dates, times or numbers: the last rows are the test",
    )
    add(
        "--group",
        metavar="COLUMN",
        help="rows with the same value all train or are all in the test",
    )
    add(
        "--cv",
        type=folds,
        metavar="K",
        help="mean scores over K folds, each of which is the test once",
    )
    add(
        "--refit",
        action=argparse.BooleanOptionalAction,
        help="after the report, train on all rows and save that model; default with --save",
    )


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what columns are."""
    add = parser.add_argument
    add(
        "--drop",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="columns to ignore",
    )
    add(
        "--id",
        nargs="+",
        action="extend",
        default=[],
        dest="ids",
        metavar="COLUMN",
        help="columns that name the rows: no features, and kept in predictions",
    )
    add(
        *("--categorical", "--categories"),
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="columns of numbers that stand for categories, such as zip codes",
    )
    add(
        "--numbers",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="columns that are numbers, although they look like codes or categories",
    )


def add_training(parser: argparse.ArgumentParser) -> None:
    """Add the options of the training."""
    add = parser.add_argument
    add(
        "--preset",
        choices=PRESETS,
        default="default",
        help="accuracy for time: fast, default, or best, which uses all of --max-time",
    )
    add("--max-time", type=seconds, metavar="SECONDS", help="limit of training time")
    add("--jobs", type=jobs, default=-1, metavar="N", help="cores; default: all")
    add("--seed", type=seed, default=0, help="seed of split and weights; default 0")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a table is written."""
    group = parser.add_argument_group(
        "how the table is written",
        "Without these options it is found in the file. Text files have\n"
        "all of them but --sheet, Excel files all but --separator and --encoding,\n"
        "parquet files --decimal, --thousands and --missing.",
    )
    add = group.add_argument
    add(
        "--separator",
        type=separator,
        metavar="CHARACTER",
        help=f"between fields: a character, or {', '.join(SEPARATORS)}",
    )
    add(
        "--encoding",
        type=encoding,
        metavar="NAME",
        help="such as utf-8, cp1252, utf-16",
    )
    add("--decimal", choices=DECIMALS, metavar="MARK", help="before decimals: . or ,")
    add(
        "--thousands",
        choices=THOUSANDS,
        metavar="MARK",
        help="between thousands: , . ' _ or a space",
    )
    add(
        "--missing",
        nargs="+",
        action="extend",
        default=[],
        metavar="WORD",
        help="more words that mean a missing value, such as ? or -",
    )
    add(
        "--sheet", metavar="NAME", help="the sheet of an Excel file; default: the first"
    )


def reading(arguments: argparse.Namespace) -> Reading:
    """How the table is written, as the options say."""
    return Reading(
        separator=arguments.separator,
        encoding=arguments.encoding,
        decimal=arguments.decimal,
        thousands=arguments.thousands,
        missing=tuple(arguments.missing),
        sheet=arguments.sheet,
    )


def separator(text: str) -> str:
    """A character, or the one that a word means."""
    value = SEPARATORS.get(text, text)
    if len(value) != 1 or value in '\r\n\0"':
        raise argparse.ArgumentTypeError(
            f"must be one character or one of {', '.join(SEPARATORS)}. Got {text!r}."
        )
    return value


def encoding(text: str) -> str:
    """The name of an encoding of text."""
    try:
        # Some codecs, such as hex, are no encodings of text; this refuses them.
        b"".decode(text)
        "a".encode(text)
    except (LookupError, ValueError):
        raise argparse.ArgumentTypeError(
            f"must be the name of an encoding, such as utf-8, cp1252 or utf-16. "
            f"Got {text!r}."
        ) from None
    return text


def check_marks(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with an error if the same mark is for decimals and for thousands."""
    if arguments.decimal and arguments.decimal == arguments.thousands:
        parser.error("--decimal and --thousands must be different")


def fraction(text: str) -> float:
    """A number between 0 and 1."""
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1. Got {text}.")
    return value


def folds(text: str) -> int:
    """A number of folds."""
    value = int(text)
    if not value >= 2:
        raise argparse.ArgumentTypeError(f"must be at least 2. Got {text}.")
    return value


def seconds(text: str) -> float:
    """A number above 0."""
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0. Got {text}.")
    return value


def jobs(text: str) -> int:
    """A number of cores."""
    value = int(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be at least 1. Got {text}.")
    return value


def seed(text: str) -> int:
    """A seed for NumPy's generators."""
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to 2**32 - 1. Got {text}.")
    return value


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; its `work` is "compare", "train" or "predict"."""
    if argv and argv[0] == "predict":
        return argparse.Namespace(work="predict", **vars(parse_predict(argv[1:])))
    parser = make_parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        is_option = any(one.startswith("-") for one in rest)
        hint = "" if is_option else "; all TABLEs come before the options"
        parser.error(f"unrecognized arguments: {' '.join(rest)}{hint}")
    if not arguments.tables and set(argv) - {"--quick"}:
        several = arguments.missing or arguments.drop or arguments.test_file
        hint = "; it comes before --missing, --drop and --test-file" if several else ""
        parser.error(f"a TABLE is missing{hint}")
    if arguments.tables and arguments.quick:
        parser.error("--quick is for the comparison without a TABLE")
    check_marks(parser, arguments)
    work = "train" if arguments.tables else "compare"
    return argparse.Namespace(work=work, argv=[*argv], **vars(arguments))


def parse_predict(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line of `predict`."""
    parser = argparse.ArgumentParser(
        prog=f"{program()} predict",
        description="Print the predictions of a saved model for the rows of a table, "
        "as CSV; for a classifier also the probability of each class.",
        **PLAIN,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="a file written by --save")
    add(
        "tables",
        nargs="+",
        type=Path,
        metavar="TABLE",
        help="the rows to predict: files or a folder; -: from stdin",
    )
    add(
        "--trust-pickle",
        action="store_true",
        help="load a .pkl, .pickle or .joblib file, which can run any code",
    )
    add_output(parser)
    add_reading(parser)
    arguments = parser.parse_args(argv)
    check_marks(parser, arguments)
    return arguments
