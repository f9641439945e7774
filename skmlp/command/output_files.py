"""Tables that are written block by block: CSV to standard output or a file, parquet."""

import csv
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..common.files import replacing
from .choices import OUTPUTS
from .io import ending, optional
from .output import Stream
from .outputs import Outputs, as_text
from .text import UserError, one_line

Write = Callable[[dict[str, Any]], None]
"""Writes the columns of some rows."""


@contextmanager
def writing(path: Path | None, output: Stream, outputs: Outputs) -> Iterator[Write]:
    """A function that writes columns to a file, which is there when the block ends.

    Without a path they are CSV on standard output.
    """
    if path is None:
        yield as_csv(output.write_data, outputs)
        return
    suffix = ending(path, OUTPUTS, "predictions")
    with replacing(path) as file:
        if suffix == ".parquet":
            with as_parquet(file) as write:
                yield write
        elif suffix == ".csv.gz":
            # Without a name and the time, the same predictions are the same bytes.
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                yield as_csv(lambda text: packed.write(encoded(text)), outputs)
        else:
            yield as_csv(lambda text: file.write(encoded(text)), outputs)


def encoded(text: str) -> bytes:
    """Text in UTF-8."""
    return text.encode("utf-8", "backslashreplace")


def as_csv(put: Callable[[str], object], outputs: Outputs) -> Write:
    """A function that writes columns as CSV; the first ones with a header."""
    is_first = True

    def write(columns: dict[str, Any]) -> None:
        nonlocal is_first
        put(csv_of(columns, outputs, header=is_first))
        is_first = False

    return write


def csv_of(columns: dict[str, Any], outputs: Outputs, *, header: bool) -> str:
    """Columns as CSV, so that `read_table` reads the texts."""
    texts = {
        name: in_words(values, name in outputs.ids) for name, values in columns.items()
    }
    words = [
        word
        for values in texts.values()
        if values.dtype == object
        for word in values.dropna().unique()
    ]
    plain = all(map(is_plain, [*columns, *outputs.labels, *words]))
    text: str = (
        optional("pandas")
        .DataFrame(texts)
        .to_csv(
            index=False,
            header=header,
            float_format="%.7g",
            lineterminator="\n",
            quoting=csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL,
        )
    )
    return text


def in_words(values: Any, exact: bool) -> Any:
    """A column for CSV: sets as texts, and fractions as texts if they must be exact."""
    pandas = optional("pandas")
    series = pandas.Series(values).reset_index(drop=True)
    if series.dtype.kind == "f" and exact:
        # Each precision has its own digits.
        is_plain_type = isinstance(series.dtype, np.dtype)
        known = (
            series.to_numpy()
            if is_plain_type
            else series.to_numpy(float, na_value=np.nan)
        )
        words = [
            None if one != one else np.format_float_positional(one, trim="-")
            for one in known
        ]
        return pandas.Series(words, dtype=object)
    if series.dtype.kind in "OTUS" or str(series.dtype) == "category":
        words = [as_text(one) if isinstance(one, list) else one for one in series]
        return pandas.Series(words, dtype=object)
    return series


def is_plain(text: Any) -> bool:
    """Whether a text in a table needs quotes at most for commas and quotes."""
    text = str(text)
    return text.isprintable() and text == text.strip() and not set(";|=") & set(text)


@contextmanager
def as_parquet(file: BinaryIO) -> Iterator[Write]:
    """A function that writes columns to a parquet file, with the types of the first."""
    arrow, parquet = optional("pyarrow"), optional("pyarrow.parquet")
    writer: Any = None

    def write(columns: dict[str, Any]) -> None:
        nonlocal writer
        arrays = {name: array_of(arrow, values) for name, values in columns.items()}
        table = arrow.table(arrays)
        if writer is None:
            writer = parquet.ParquetWriter(file, table.schema)
        try:
            writer.write_table(table.cast(writer.schema))
        except arrow.ArrowException as error:
            raise UserError(
                f"The rows of later blocks do not fit the first ({one_line(error)}); "
                "write a .csv file."
            ) from None

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def array_of(arrow: Any, values: Any) -> Any:
    """A column as an array of pyarrow; values of several types are texts."""
    try:
        array = arrow.Array.from_pandas(values)
    except arrow.ArrowException:
        words = [None if one is None else str(one) for one in values]
        array = arrow.array(words)
    # A block without values does not say what others have.
    return array.cast(arrow.string()) if arrow.types.is_null(array.type) else array
