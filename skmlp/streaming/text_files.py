"""Text files as tables of texts, some rows at a time, by pyarrow.

The form is RFC 4180 in UTF-8. The command repairs more: rows with fewer fields, other
encodings, and spaces before quotes are errors here.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from ..common.missing import MISSING
from .arrow import arrow
from .files import check_names, reading
from .quotes import CheckedQuotes
from .text_types import cleaned, has_blanks, has_nul, matches

BLOCK_BYTES = 2**21
"""The bytes that are read at a time; a row may not be longer.

Twice as fast as 2**23, as the texts of a block stay in the cache.
"""

SEPARATORS = "\t;|,"
"""If two are equally frequent, the first: a comma is often part of a text."""

START = 4096
"""The bytes in which binary files show what they are."""


class TextFile:
    """A text file: the separator, the names of its columns, and whether it has rows.

    `missing` are the words for missing values.
    """

    def __init__(self, path: Path, name: str, missing: frozenset[str] = MISSING):
        self.path, self.name, self.missing = path, name, missing
        self.is_gzip = path.name.lower().endswith(".gz")
        with reading(str(path), name):
            self._check_start()
            self._read_header()
        check_names(self.columns, str(path), name)

    def _opened(self, **how: Any) -> Any:
        return (gzip.open if self.is_gzip else open)(self.path, **how)

    def _check_start(self) -> None:
        """Raise ValueError if the file is binary."""
        with self._opened(mode="rb") as file:
            start = file.read(START)
        if start.startswith(b"\x1f\x8b"):
            raise ValueError("it is a gzip file, the name of which must end in .gz")
        if b"\0" in start:
            raise ValueError("it is not text in UTF-8, as which it must be written")

    def _read_header(self) -> None:
        with self._opened(mode="rt", encoding="utf-8-sig", newline="") as file:
            lines = iter(lambda: file.readline(BLOCK_BYTES), "")
            first, self.n_blank = next(lines, ""), 0
            while first and not first.strip("\r\n"):
                first, self.n_blank = next(lines, ""), self.n_blank + 1
            counts = {one: outside_quotes(first).count(one) for one in SEPARATORS}
            is_tsv = ".tsv" in self.path.suffixes[-2:]
            self.separator = "\t" if is_tsv else max(counts, key=counts.__getitem__)
            if not counts[self.separator]:
                self.separator = ","
            rows = csv.reader(chain([first], lines), delimiter=self.separator)
            names = [one.strip() for one in next(rows, [])]
            self.has_rows = any(line.strip("\r\n") for line in lines)
        # pandas and R write the names of rows into a first column without a name.
        self.n_index = int(len(names) > 1 and not names[0])
        # As the command names them.
        self.columns = [one or f"column {i}" for i, one in enumerate(names, start=1)]

    def tables(self, columns: Sequence[str], *, words: bool = False) -> Iterator[Any]:
        """Tables of these columns, null where missing; none is empty.

        With `words` only empty fields are null, and NUL characters and quotes that swallow
        rows are found.
        """
        if not self.has_rows:
            return
        broken: list[Any] = []
        with (
            reading(str(self.path), self.name, broken),
            self._reader(columns, broken, words) as reader,
        ):
            for batch in reader:
                if batch.num_rows:
                    both = zip(columns, batch.columns, strict=True)
                    each = [self._cleaned(one, texts, words) for one, texts in both]
                    yield arrow().table(each, names=[*columns])

    @contextmanager
    def _reader(
        self, columns: Sequence[str], broken: list[Any], words: bool
    ) -> Iterator[Any]:
        """The reader of texts; rows that do not fit are added to `broken`."""
        pyarrow, texts = arrow(), arrow("csv")
        is_one = len(self.columns) == 1

        def refuse(row: Any) -> str:
            broken.append(row)
            return "error"

        compression = "gzip" if self.is_gzip else None
        with pyarrow.input_stream(str(self.path), compression=compression) as file:
            reader = texts.open_csv(
                CheckedQuotes(file, self.separator) if words else file,
                texts.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK_BYTES,
                    column_names=self.columns,
                    skip_rows_after_names=self.n_blank + 1,
                ),
                texts.ParseOptions(
                    delimiter=self.separator,
                    newlines_in_values=True,
                    ignore_empty_lines=not is_one,
                    invalid_row_handler=refuse,
                ),
                texts.ConvertOptions(
                    column_types=dict.fromkeys(self.columns, pyarrow.string()),
                    include_columns=[*columns],
                    strings_can_be_null=True,
                    # In one column only a blank line is null, which is no row.
                    null_values=[""] if is_one or words else [*self.missing],
                    quoted_strings_can_be_null=not is_one,
                ),
            )
            with reader:
                yield reader

    def _cleaned(self, column: str, texts: Any, words: bool) -> Any:
        is_one = len(self.columns) == 1
        if words and has_nul(texts):
            raise ValueError(f"column {column!r} has NUL characters")
        if is_one and (texts.null_count or matches(texts, r"^[ \t]+$").any()):
            raise ValueError(
                'it has a blank line; in one column a missing value must be written as ""'
            )
        if not is_one and not has_blanks(texts):
            return texts
        if matches(texts.drop_null(), '^ +"').any():
            raise ValueError(
                f"column {column!r} has a space before a quote, which must be without"
            )
        return cleaned(texts, frozenset({""}) if words else self.missing)


def outside_quotes(line: str) -> str:
    """What is not in quotes."""
    return "".join(line.split('"')[::2])
