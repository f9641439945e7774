"""The options of `predict` beside those of reading a table."""

import argparse
from pathlib import Path

from .choices import COVERAGE, N_REASONS, OUTPUTS


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is predicted, and where it is written."""
    add = parser.add_argument
    add(
        "--output",
        type=Path,
        metavar="FILE",
        help=f"write the predictions to a file: {', '.join(OUTPUTS)}",
    )
    add(
        "--intervals",
        nargs="?",
        type=coverage,
        const=COVERAGE,
        metavar="COVERAGE",
        help="intervals of numbers, or sets of classes, that have the true value in this "
        f"fraction of rows; default {COVERAGE:g}",
    )
    add(
        "--explain",
        nargs="?",
        type=reasons,
        const=N_REASONS,
        metavar="K",
        help="for each row the K columns that move its prediction most; default "
        f"{N_REASONS}",
    )


def coverage(text: str) -> float:
    """A number between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(
            f"must be a number between 0 and 1, such as {COVERAGE:g}; MODEL and TABLE "
            f"come before it. Got {text!r}."
        )
    return value


def reasons(text: str) -> int:
    """A number of columns."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(
            f"must be an integer of at least 1, such as {N_REASONS}; MODEL and TABLE come "
            f"before it. Got {text!r}."
        )
    return int(text)
