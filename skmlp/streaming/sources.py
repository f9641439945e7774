"""Sources of blocks: tables in parquet and text files, and datasets of pyarrow."""

from __future__ import annotations

import csv
import gzip
import os
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..common.frames import some_of
from .arrow import arrow
from .text_types import TextTypes, without_missing

BLOCK_ROWS = 65_536
"""The rows of a block."""

TEXT_BYTES = 2**20
"""The bytes of a text file that are read at a time; pyarrow reads 32 times as many ahead."""

PARQUET, TEXT = (".parquet",), (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
"""The endings of the names of files."""

SEPARATORS = ",;\t|"
NO_INDEX = "__index_level_"
"""How pandas calls an index without a name, which is no column."""


def checksum(table: Any) -> int:
    """A checksum of the values, the names and the types of a block."""
    found = 0
    for name, column in zip(table.column_names, table.columns, strict=True):
        parts = [column]
        if column.null_count:
            # What is in memory at the place of a missing value can differ.
            parts = [column.is_null(), column.drop_null()]
        for part in parts:
            found = zlib.crc32(bytes_of(name, part), found)
    return found


def bytes_of(name: str, column: Any) -> Any:
    """A column as bytes, which do not depend on how it is cut into chunks."""
    table = arrow().table({name: column}).combine_chunks()
    sink = arrow().BufferOutputStream()
    with arrow("ipc").new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


class Source(ABC):
    """A table that is read in blocks."""

    columns: list[str]
    """The names of the columns."""

    n_bytes: int
    """The size of the data."""

    @abstractmethod
    def _batches(self, columns: list[str]) -> Iterator[Any]:
        """Tables with some rows each, in the order of the table."""

    def blocks(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """Tables with BLOCK_ROWS rows each, but for the last one.

        Raises ValueError if a column is not there or there are no rows.
        """
        names = self.columns if columns is None else list(columns)
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise ValueError(
                f"X must have the columns {some_of(names)}. Got a table without "
                f"{some_of(missing)}; it has {some_of(self.columns)}."
            )
        parts: list[Any] = []
        n_rows, found = 0, False
        for batch in self._batches(names):
            parts.append(batch)
            n_rows += batch.num_rows
            while n_rows >= BLOCK_ROWS:
                whole = arrow().concat_tables(parts)
                yield whole.slice(0, BLOCK_ROWS).combine_chunks()
                parts, n_rows, found = (
                    [whole.slice(BLOCK_ROWS)],
                    n_rows - BLOCK_ROWS,
                    True,
                )
        if n_rows:
            yield arrow().concat_tables(parts).combine_chunks()
        elif not found:
            raise ValueError("X must have at least one row. Got a table without rows.")

    def table(self, columns: Sequence[str] | None = None) -> Any:
        """The whole table."""
        return arrow().concat_tables(self.blocks(columns)).combine_chunks()


class DatasetSource(Source):
    """A dataset of pyarrow, such as parquet files."""

    def __init__(self, dataset: Any):
        self.dataset = dataset
        self.columns = columns_in(dataset.schema)
        check_columns(self.columns, "X")
        self.n_bytes = size_of(dataset)

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        datasets, pyarrow = arrow("dataset"), arrow()
        options: dict[str, Any] = {"batch_size": BLOCK_ROWS, "use_threads": False}
        options |= {"batch_readahead": 1, "fragment_readahead": 1}
        if str(getattr(self.dataset, "format", "")).startswith("<ParquetFileFormat"):
            # A row group can be larger than memory.
            options["fragment_scan_options"] = datasets.ParquetFragmentScanOptions(
                pre_buffer=False, use_buffered_stream=True
            )
        with named("X"):
            for batch in self.dataset.to_batches(columns=columns, **options):
                if batch.num_rows:
                    yield pyarrow.Table.from_batches([batch])


class TextSource(Source):
    """Text files with the same columns; `text` are columns that stay text."""

    def __init__(self, paths: Sequence[Path], text: Iterable[str]):
        self.paths, self.text = paths, tuple(text)
        self._known: dict[tuple[str, ...], TextTypes] = {}
        self.n_bytes = sum(path.stat().st_size for path in paths)
        first, *others = [header_of(path) for path in paths]
        self.columns, self.separator = first
        check_columns(self.columns, str(paths[0]))
        for path, (names, _) in zip(paths[1:], others, strict=True):
            check_columns(names, str(path))
            check_same_columns(path, names, paths[0], self.columns)

    def types(self, columns: Sequence[str]) -> TextTypes:
        """The types of these columns, by all rows."""
        key = tuple(columns)
        if key not in self._known:
            types = TextTypes(key, self.text)
            for path in self.paths:
                for table in self._texts(path, key):
                    types.add(table)
                types.check(str(path))
            self._known[key] = types
        return self._known[key]

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        types = self.types(columns)
        for path in self.paths:
            for table in self._texts(path, columns):
                yield types.typed(table, str(path))

    def _texts(self, path: Path, columns: Sequence[str]) -> Iterator[Any]:
        """The texts of a file, null where missing."""
        texts, pyarrow = arrow("csv"), arrow()
        broken: list[Any] = []

        def refuse(row: Any) -> str:
            broken.append(row)
            return "error"

        separator = header_of(path)[1]
        with (
            named(str(path), broken),
            pyarrow.input_stream(
                str(path), compression="gzip" if is_zipped(path) else None
            ) as file,
        ):
            reader = texts.open_csv(
                file,
                texts.ReadOptions(use_threads=False, block_size=TEXT_BYTES),
                texts.ParseOptions(
                    delimiter=separator,
                    newlines_in_values=True,
                    invalid_row_handler=refuse,
                ),
                texts.ConvertOptions(
                    column_types=dict.fromkeys(
                        raw_header(path, separator), pyarrow.string()
                    ),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                names = [name.strip() for name in batch.schema.names]
                table = pyarrow.Table.from_arrays(batch.columns, names=names)
                some = [without_missing(table.column(name)) for name in columns]
                yield pyarrow.table(some, names=list(columns))


def source_of(X: Any, text: Iterable[str] = ()) -> Source:
    """The source of a table: a path, a list of paths or a dataset.

    `text` are columns of text files that stay text.

    Raises ValueError if a file cannot be read.
    """
    arrow()
    datasets = arrow("dataset")
    if isinstance(X, datasets.Dataset):
        return DatasetSource(X)
    given = [Path(one) for one in (X if isinstance(X, list | tuple) else [X])]
    paths = [file for path in given for file in files_of(path)]
    kinds = {kind_of(path) for path in paths}
    if len(kinds) > 1:
        raise ValueError(
            "X must have files of one kind, text or parquet. Got both: "
            f"{some_of([str(path) for path in paths])}."
        )
    if kinds == {TEXT}:
        return TextSource(paths, text)
    return DatasetSource(parquet_files(paths))


def files_of(path: Path) -> list[Path]:
    """A file, or the files of a folder in the order of their names."""
    try:
        if not path.is_dir():
            if path.stat().st_size == 0:
                raise ValueError(
                    f"X must be a file with rows. Got {str(path)!r}, empty."
                )
            path.open("rb").close()
            return [path]
        found = sorted(
            one for one in path.iterdir() if one.name.lower().endswith(PARQUET + TEXT)
        )
    except OSError as error:
        raise ValueError(
            f"X must be the path of a file that can be read. Got {str(path)!r}: "
            f"{error.strerror or error}."
        ) from error
    if not found:
        raise ValueError(
            f"X must be a folder with {' or '.join(PARQUET + TEXT[:2])} files. Got "
            f"{str(path)!r}, which has none."
        )
    return found


def kind_of(path: Path) -> tuple[str, ...]:
    """PARQUET or TEXT, by the name of a file."""
    for kind in (PARQUET, TEXT):
        if path.name.lower().endswith(kind):
            return kind
    raise ValueError(
        f"X must be a file that ends in {', '.join(PARQUET + TEXT)}. Got {str(path)!r}."
    )


def parquet_files(paths: Sequence[Path]) -> Any:
    """The dataset of parquet files, with types that hold the values of all files."""
    parquet, datasets = (
        arrow("parquet"),
        arrow("dataset"),
    )
    schemas = []
    for path in paths:
        with named(str(path)):
            schemas.append(parquet.read_schema(path))
    first, schema = schemas[0], schemas[0]
    for path, other in zip(paths[1:], schemas[1:], strict=True):
        check_same_columns(path, columns_in(other), paths[0], columns_in(first))
        try:
            schema = arrow().unify_schemas(
                [schema, other], promote_options="permissive"
            )
        except arrow().ArrowException as error:
            raise ValueError(
                "X must have columns of the same types in all files. Got other ones in "
                f"{str(path)!r} than in {str(paths[0])!r}: {error}."
            ) from None
    return datasets.dataset(
        [str(path) for path in paths], schema=schema, format="parquet"
    )


def columns_in(schema: Any) -> list[str]:
    """The names of columns, without an index of pandas that has no name."""
    return [name for name in schema.names if not name.startswith(NO_INDEX)]


def header_of(path: Path) -> tuple[list[str], str]:
    """The names of the columns of a text file, and the separator."""
    with named(str(path)):
        line = first_line(path)
    outside = "".join(line.split('"')[::2])
    counts = Counter(outside)
    separator = max(SEPARATORS, key=lambda one: counts[one])
    return [name.strip() for name in raw_header(path, separator)], separator


def first_line(path: Path) -> str:
    """The first line of a text file."""
    opened: Any = gzip.open if is_zipped(path) else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        line: str = file.readline()
    if not line.strip():
        raise ValueError("its first line is empty")
    return line


def is_zipped(path: Path) -> bool:
    """Whether a text file is compressed, by its name."""
    return path.name.lower().endswith(".gz")


def raw_header(path: Path, separator: str) -> list[str]:
    """The fields of the first line."""
    with named(str(path)):
        return next(csv.reader([first_line(path)], delimiter=separator))


def size_of(dataset: Any) -> int:
    """The size of the data of a dataset; 0 if it is not known."""
    total = 0
    for fragment in dataset.get_fragments():
        metadata = getattr(fragment, "metadata", None)
        if metadata is not None:
            groups = range(metadata.num_row_groups)
            total += sum(metadata.row_group(i).total_byte_size for i in groups)
        elif isinstance(getattr(fragment, "path", None), str) and fragment.path:
            total += (
                os.path.getsize(fragment.path) if os.path.exists(fragment.path) else 0
            )
    return total


def check_columns(names: Sequence[str], where: str) -> None:
    """Raise ValueError if a name occurs twice, or there is none."""
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice or not names:
        raise ValueError(
            f"X must have columns with different names. Got {where} with "
            f"{f'{twice[0]!r} twice' if twice else 'no column'}."
        )


def check_same_columns(
    path: Path, names: Sequence[str], first: Path, known: Sequence[str]
) -> None:
    """Raise ValueError unless a file has the columns of the first one."""
    missing = [name for name in known if name not in names]
    extra = [name for name in names if name not in known]
    if missing or extra:
        what = f"without {some_of(missing)}" if missing else f"with {some_of(extra)}"
        raise ValueError(
            f"X must have the same columns in all files. Got {str(path)!r} {what}, unlike "
            f"{str(first)!r}."
        )


@contextmanager
def named(where: str, broken: Sequence[Any] = ()) -> Iterator[None]:
    """Name the file, and the row where it is known, in errors of reading it."""
    try:
        yield
    except (OSError, EOFError, UnicodeDecodeError, ValueError, zlib.error) as error:
        if str(error).startswith("X must"):
            raise
        why = " ".join(str(error).split())
        if broken:
            row = broken[0]
            number = "" if row.number is None else f"row {row.number:,} has "
            why = (
                f"{number}{row.actual_columns} fields instead of {row.expected_columns}"
            )
        raise ValueError(
            f"X must have tables that can be read. Got {where!r}: {why}."
        ) from None
