"""Predictions of a saved model for the rows of a table, printed or in a file."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..common.printable import printable
from .blocks import check_numbers, surveyed, way_of
from .choices import OUTPUTS, Reading
from .io import check_different, check_writable, optional
from .kinds import as_kinds
from .models import SavedModel, load_model
from .output import OutputError, Stream, complain
from .output_files import writing
from .outputs import Outputs
from .parser import reading
from .reasons import Reasons
from .tables import STDIN, as_pandas, names_of, read_table
from .task import text_columns
from .text import UserError, counted, one_line, quoted

ROWS_AT_A_TIME, CELLS_AT_A_TIME = 10_000, 2_000_000
"""The most rows and numbers of predictions at a time."""


def predict(arguments: argparse.Namespace, output: Stream) -> int:
    """Print or write predictions, one block of rows after the other."""
    check_paths(arguments)
    saved = load_model(arguments.model, trust_pickle=arguments.trust_pickle)
    how = replace(reading(arguments), default_decimal=saved.decimal)
    frames, ids = frames_of(arguments.tables, how, saved)
    outputs = Outputs(saved, ids, arguments.intervals)
    unseen = Unseen(getattr(saved.model, "encoder_", None))
    reasons = None
    with writing(arguments.output, output, outputs) as write:
        for frame in frames:
            X = saved.dates_of_fit(as_kinds(frame, saved.columns))
            unseen.add(X)
            with faults_of(arguments):
                if arguments.explain and reasons is None:
                    reasons = Reasons(saved, arguments.explain, X)
                    reasons.announce(X)
                for columns in in_parts(outputs, frame, X, reasons):
                    write(columns)
    unseen.tell()
    if arguments.output:
        rows = counted(unseen.n_rows, "row")
        print(printable(f"predictions: {arguments.output}, {rows}"))
    return 0


def check_paths(arguments: argparse.Namespace) -> None:
    """Raise UserError before the work if the predictions could not be written after it."""
    if not arguments.output:
        return
    if check_writable(arguments.output, OUTPUTS, "predictions") == ".parquet":
        optional("pyarrow.parquet")
    tables = {f"the table {one}": one for one in arguments.tables if one != STDIN}
    check_different(
        {"the model": arguments.model, **tables, "--output": arguments.output}
    )


@contextmanager
def faults_of(arguments: argparse.Namespace) -> Iterator[None]:
    """Errors of a model as a UserError."""
    try:
        yield
    except (UserError, OSError, OutputError):
        raise
    except Exception as error:
        # A file can hold a model that is not as it should be.
        raise UserError(
            f"{arguments.model}: this model cannot predict the rows of "
            f"{names_of(arguments.tables)} ({one_line(error)})."
        ) from None


def frames_of(
    paths: Sequence[Path], how: Reading, saved: SavedModel
) -> tuple[Iterator[Any], list[str]]:
    """Frames with the columns of the model, and the names of the ids that they have.

    They are blocks of large files, or the whole table.
    """
    text = [*text_columns(saved.columns), *saved.ids]
    way = way_of(paths, how, text)
    if way.source is not None:
        check_columns(saved, way.source.columns, paths)
        way, texts = surveyed(way)
    for note in way.notes:
        complain(note)
    if way.source is not None:
        ids = ids_in(saved, way.source.columns)
        check_numbers(saved.columns, texts)
        blocks = way.source.blocks([*saved.columns, *ids])
        return frames_in(blocks, paths), ids
    table = read_table(paths, how, text)
    for note in table.notes:
        complain(note)
    check_columns(saved, table.frame.columns, paths)
    return iter([table.frame]), ids_in(saved, table.frame.columns)


def frames_in(blocks: Iterable[Any], paths: Sequence[Path]) -> Iterator[Any]:
    """Blocks as frames; UserError if one cannot be read."""
    try:
        for block in blocks:
            yield as_pandas(block)
    except ValueError as error:
        raise UserError(f"{names_of(paths)}: {one_line(error)}.") from None


def check_columns(saved: SavedModel, names: Any, paths: Sequence[Path]) -> None:
    """Raise UserError if a table with these columns has not all of the model."""
    missing = [name for name in saved.columns if name not in names]
    if missing:
        raise UserError(
            f"{names_of(paths)}: the model needs columns {quoted(missing)}."
        )


def ids_in(saved: SavedModel, names: Any) -> list[str]:
    """The ids that a table has; says which it has not, and which columns are ignored."""
    extra = [name for name in names if name not in (*saved.columns, *saved.ids)]
    if extra:
        complain(f"ignored columns {quoted(extra)}")
    missing = [name for name in saved.ids if name not in names]
    if missing:
        complain(
            f"the table has no id {quoted(missing)}, which --id of the training named"
        )
    return [name for name in saved.ids if name in names]


@dataclass
class Unseen:
    """Labels that the training table did not have, in the rows so far.

    `found` has for each column the number of rows and an example.
    """

    encoder: Any
    n_rows: int = 0
    found: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def add(self, X: Any) -> None:
        """Count the labels of more rows."""
        self.n_rows += len(X)
        unseen = {} if self.encoder is None else self.encoder._unseen(X)
        for name, values in unseen.items():
            if values:
                n, example = self.found.get(name, (0, values[0]))
                self.found[name] = n + len(values), example

    def tell(self) -> None:
        """Say which labels these are."""
        texts = [
            f"{name!r} ({n:,} of {counted(self.n_rows, 'row')}, such as {example!r})"
            for name, (n, example) in self.found.items()
        ]
        if not texts:
            return
        more = (
            f" and {counted(len(texts) - 8, 'more column')}" if len(texts) > 8 else ""
        )
        complain(
            f"values that the training table does not have, read as missing: "
            f"{', '.join(texts[:8])}{more}"
        )


def in_parts(
    outputs: Outputs, frame: Any, X: Any, reasons: Reasons | None = None
) -> Iterator[dict[str, Any]]:
    """The columns of the output, for some rows after the others."""
    n_columns = 1 + len(outputs.labels)
    n_rows = max(1, min(ROWS_AT_A_TIME, CELLS_AT_A_TIME // n_columns))
    if reasons is not None:
        n_rows = min(n_rows, reasons.n_rows)
    for first in range(0, len(X), n_rows):
        rows = slice(first, first + n_rows)
        yield outputs.columns(frame.iloc[rows], X.iloc[rows], reasons)
