"""Sources of blocks: tables in parquet and text files, and datasets of pyarrow."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..common.errors import shown
from ..common.frames import class_of, some_of
from ..common.missing import MISSING
from ..common.sources import BlockSource, is_source
from .arrow import arrow
from .files import (
    check_names,
    check_same_names,
    is_text,
    no_rows,
    paths_of,
    reading,
    where_of,
)
from .parquet_files import (
    BLOCK_ROWS,
    as_schema,
    bytes_of,
    columns_in,
    parquet_files,
    readable,
    tables_of,
    without_dictionary,
)
from .text_files import TextFile
from .text_types import TEXT, ColumnOfTexts, typed

GZIP = 5
"""About how many times larger a text is than the .gz file with it."""


def checksum(table: Any) -> int:
    """A checksum of the values, the names and the types, however they are in memory."""
    pyarrow, found = arrow(), 0
    for name, column in zip(table.column_names, table.columns, strict=True):
        found = zlib.crc32(f"{name} {column.type}".encode(), found)
        values = without_dictionary(column).combine_chunks()
        # A copy has nothing of other rows, nor of what is under a missing value.
        plain = values.take(pyarrow.array(np.arange(len(values))))
        one = pyarrow.record_batch([plain], names=["values"])
        found = zlib.crc32(one.serialize(), found)
    return found


class Source(BlockSource, ABC):
    """A table that is read in blocks; `name` is the argument that messages name."""

    columns: list[str]
    """The names of the columns."""

    def __init__(self, where: str, name: str):
        self.where, self.name = where, name

    @property
    @abstractmethod
    def n_bytes(self) -> int:
        """The size of the data."""

    @abstractmethod
    def _batches(self, columns: list[str]) -> Iterator[Any]:
        """Tables with some rows each, in the order of the table."""

    def blocks(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """Tables with BLOCK_ROWS rows each, but for the last one.

        Raises ValueError if a column is not there or there are no rows.
        """
        names = self.columns if columns is None else list(columns)
        missing = [one for one in names if one not in self.columns]
        if missing:
            raise ValueError(
                f"{self.name} must have the columns {some_of(names)}. Got {self.where!r} "
                f"without {some_of(missing)}; it has {some_of(self.columns)}."
            )
        return self._joined(names)

    def _joined(self, columns: list[str]) -> Iterator[Any]:
        """The blocks of these columns."""
        parts: list[Any] = []
        n_rows, n_blocks = 0, 0
        for batch in self._batches(columns):
            parts.append(batch)
            n_rows += batch.num_rows
            if n_rows < BLOCK_ROWS:
                continue
            whole = arrow().concat_tables(parts)
            for start in range(0, n_rows - BLOCK_ROWS + 1, BLOCK_ROWS):
                yield whole.slice(start, BLOCK_ROWS).combine_chunks()
                n_blocks += 1
            n_rows %= BLOCK_ROWS
            parts = [whole.slice(whole.num_rows - n_rows)] if n_rows else []
        if n_rows:
            yield arrow().concat_tables(parts).combine_chunks()
        elif not n_blocks:
            raise no_rows(self.where, self.name)

    def table(self, columns: Sequence[str] | None = None) -> Any:
        """The whole table."""
        return arrow().concat_tables(self.blocks(columns)).combine_chunks()


class DatasetSource(Source):
    """A dataset of pyarrow, such as parquet files."""

    def __init__(self, dataset: Any, where: str, name: str):
        super().__init__(where, name)
        self.dataset = dataset
        self.columns = columns_in(dataset.schema)
        check_names(self.columns, where, name)

    def _fragments(self) -> list[Any]:
        """The files of the dataset; none if it is in memory or has a filter."""
        try:
            found = list(self.dataset.get_fragments())
        except ValueError:
            return []
        return found if all(hasattr(one, "path") for one in found) else []

    @cached_property
    def n_bytes(self) -> int:
        with reading(self.where, self.name):
            fragments = self._fragments()
            if fragments:
                return sum(map(bytes_of, fragments))
            first = self.dataset.head(BLOCK_ROWS)
            share = self.dataset.count_rows() / max(first.num_rows, 1)
            return int(first.nbytes * share)

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        parquet = arrow("dataset").ParquetFileFragment
        fields = [readable(self.dataset.schema.field(one)) for one in columns]
        schema = arrow().schema(fields)
        with reading(self.where, self.name):
            fragments = self._fragments()
            if fragments and all(isinstance(one, parquet) for one in fragments):
                for fragment in fragments:
                    with reading(fragment.path or self.where, self.name):
                        yield from tables_of(fragment, schema)
                return
            batches = self.dataset.to_batches(
                columns=columns,
                batch_size=BLOCK_ROWS,
                use_threads=False,
                batch_readahead=1,
                fragment_readahead=1,
            )
            for batch in batches:
                if batch.num_rows:
                    yield as_schema(batch, schema, {})


class TextSource(Source):
    """Text files with the same columns; those of `text` stay text.

    `missing` are the words for missing values. `index` says whether a first column without
    a name, as pandas and R write the names of rows, is a column.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        name: str,
        *,
        text: Iterable[str] = (),
        missing: frozenset[str] = MISSING,
        index: bool = False,
    ):
        super().__init__(where_of(paths), name)
        self.missing = missing
        self.files = [TextFile(path, name, missing) for path in paths]
        first = self.files[0]
        known = [one.columns[0 if index else one.n_index :] for one in self.files]
        self.columns = known[0]
        for file, names in zip(self.files, known, strict=True):
            check_same_names(names, file.path, self.columns, first.path, name)
        if not any(file.has_rows for file in self.files):
            raise no_rows(self.where, name)
        self._kinds = dict.fromkeys(text, TEXT)

    @cached_property
    def n_bytes(self) -> int:
        sizes = [(file.path, file.path.stat().st_size) for file in self.files]
        return sum(size * (GZIP if path.suffix == ".gz" else 1) for path, size in sizes)

    def _find_kinds(self, columns: list[str]) -> None:
        """Find the kinds of columns, by all rows, as far as they are not known."""
        new = [one for one in columns if one not in self._kinds]
        if new:
            self._look(new)

    def survey(self, report: Callable[[int], None]) -> dict[str, ColumnOfTexts]:
        """What the texts of all columns are, by all rows, of which none is broken.

        `report` gets the number of rows so far.
        """
        return self._look(self.columns, report)

    def _look(
        self,
        columns: Sequence[str],
        report: Callable[[int], None] = lambda n_rows: None,
    ) -> dict[str, ColumnOfTexts]:
        """What the texts of columns are; the kinds that are known stay."""
        found = {one: ColumnOfTexts(self.missing) for one in columns}
        n_rows = self.n_headers = 0
        for file in self.files:
            for table in file.tables(columns, words=True):
                self.n_headers += n_headers(table)
                for column, one in found.items():
                    one.add(table.column(column).chunk(0))
                n_rows += table.num_rows
                report(n_rows)
        for column, one in found.items():
            if column not in self._kinds:
                one.check(column, self.where, self.name)
                self._kinds[column] = one.kind
        return found

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        self._find_kinds(columns)
        for file in self.files:
            for table in file.tables(columns):
                each = [self._typed(file, table, one) for one in columns]
                yield arrow().table(each, names=columns)

    def _typed(self, file: TextFile, table: Any, column: str) -> Any:
        kind = self._kinds[column]
        try:
            return typed(table.column(column).chunk(0), kind)
        except ValueError as error:
            raise ValueError(
                f"{self.name} must stay the same while it is read. Got other values than "
                f"{kind} in column {column!r} of {str(file.path)!r}: the file has changed "
                f"({error})."
            ) from None


def n_headers(table: Any) -> int:
    """The number of rows that are the header, in a table with several columns."""
    if table.num_columns == 1:
        return 0
    compute, same = arrow("compute"), None
    for name in table.column_names:
        one = compute.equal(table.column(name), name)
        same = one if same is None else compute.and_(same, one)
        if not compute.any(same).as_py():
            return 0
    return int(compute.sum(same).as_py())


def source_of(X: Any, name: str = "X", **texts: Any) -> Source:
    """The source of a table: a path, a list of paths, a dataset, or the source itself.

    `name` is how messages call X. `texts` are arguments of `TextSource`.

    Raises ValueError if a file cannot be read or the files do not fit together.
    """
    arrow()
    if isinstance(X, Source):
        return X
    if not is_source(X):
        raise TypeError(
            f"{name} must be a path, a list of paths or a pyarrow.dataset.Dataset. "
            f"Got {shown(X)}."
        )
    if isinstance(X, class_of("pyarrow.dataset", "Dataset")):
        return DatasetSource(X, "a dataset", name)
    paths = paths_of(X if isinstance(X, list | tuple) else [X], name)
    if is_text(paths[0], name):
        return TextSource(paths, name, **texts)
    return DatasetSource(parquet_files(paths, name), where_of(paths), name)
