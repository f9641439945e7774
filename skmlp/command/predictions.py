"""Predictions of a saved model for the rows of a table, as CSV."""

import argparse
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .blocks import check_numbers, surveyed, way_of
from .choices import Reading
from .io import optional
from .kinds import as_kinds
from .models import Classifier, SavedModel, load_model
from .output import Stream, complain
from .parser import reading
from .tables import as_pandas, names_of, read_table
from .task import text_columns
from .text import UserError, counted, one_line, quoted

ROWS_AT_A_TIME, CELLS_AT_A_TIME = 10_000, 2_000_000
"""The most rows and numbers of predictions at a time."""


def predict(arguments: argparse.Namespace, output: Stream) -> int:
    """Print predictions as CSV, one block of rows after the other."""
    saved = load_model(arguments.model, trust_pickle=arguments.trust_pickle)
    how = replace(reading(arguments), default_decimal=saved.decimal)
    unseen = Unseen(getattr(saved.model, "encoder_", None))
    for i, frame in enumerate(frames_of(arguments.tables, how, saved)):
        X = saved.dates_of_fit(as_kinds(frame, saved.columns))
        unseen.add(X)
        for text in predictions_as_csv(saved, X, arguments, header=i == 0):
            output.write_data(text)
    unseen.tell()
    return 0


def frames_of(paths: Sequence[Path], how: Reading, saved: SavedModel) -> Iterator[Any]:
    """Frames with the columns of the model: blocks of large files, or the whole table."""
    text = text_columns(saved.columns)
    way = way_of(paths, how, text)
    if way.source is not None:
        check_columns(saved, way.source.columns, paths)
        way, texts = surveyed(way)
    for note in way.notes:
        complain(note)
    if way.source is not None:
        say_ignored(saved, way.source.columns)
        check_numbers(saved.columns, texts)
        return frames_in(way.source.blocks([*saved.columns]), paths)
    table = read_table(paths, how, text)
    for note in table.notes:
        complain(note)
    check_columns(saved, table.frame.columns, paths)
    say_ignored(saved, table.frame.columns)
    return iter([table.frame])


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


def say_ignored(saved: SavedModel, names: Any) -> None:
    """Say which columns of a table are ignored."""
    extra = [name for name in names if name not in saved.columns]
    if extra:
        complain(f"ignored columns {quoted(extra)}")


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


def predictions_as_csv(
    saved: SavedModel, X: Any, arguments: argparse.Namespace, *, header: bool = True
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
                header=header and first == 0,
                float_format="%.7g",
                lineterminator="\n",
                quoting=csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL,
            )
    except Exception as error:
        # A file can hold a model that is not as it should be.
        raise UserError(
            f"{arguments.model}: this model cannot predict the rows of "
            f"{names_of(arguments.tables)} ({one_line(error)})."
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
