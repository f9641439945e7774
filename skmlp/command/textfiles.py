"""Text files as frames of texts: encoding, separator, quotes, rows that do not fit."""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from .text import UserError, counted

SEPARATORS = "\t;|,"
"""Separators that are found. If two fit, the first: a comma is often part of a text."""

N_SAMPLED, CELLS_AT_A_TIME = 100, 1_000_000
LONGEST_FIELD = 2**31 - 1
GZIP = b"\x1f\x8b"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Encodings by the bytes at the start of a file; UTF-32 before UTF-16, part of it."""

EMPTY = "the file is empty."
NO_TEXT = {
    b"PAR1": "a parquet file",
    b"PK\x03\x04": "an .xlsx or a .zip file",
    b"\xd0\xcf\x11\xe0": "an .xls file or an Excel file with a password",
    b"BZh": "a .bz2 file",
    b"\xfd7zXZ": "an .xz file",
    b"(\xb5/\xfd": "a .zst file",
}
"""Kinds of files that users take for text, by their first bytes."""

SEPARATOR_LINE = re.compile(r'sep=([^\w\s"]|\t)[\r\n]*', re.IGNORECASE)
"""A first line for Excel that says the separator."""


def kind_of_file(start: bytes) -> str:
    """What a file is, by its first bytes; '' if it may be text."""
    kinds = (NO_TEXT[magic] for magic in NO_TEXT if start.startswith(magic))
    return next(kinds, "")


def decoded(file: Any, encoding: str | None) -> Any:
    """A binary file as text, decompressed if it is gzip.

    The mark at its start says the encoding, else `encoding` does; UTF-8 if it is None.
    """
    if file.peek(2).startswith(GZIP):
        file = gzip.GzipFile(fileobj=file)
    start = file.peek(8)
    if kind := kind_of_file(start):
        raise UserError(f"this is {kind}, not text.")
    mark = next((MARKS[one] for one in MARKS if start.startswith(one)), None)
    if encoding and mark and not mark.startswith(codecs.lookup(encoding).name[:6]):
        raise UserError(
            f"the file begins with the mark of {mark.upper()[:6].strip('-')}, which "
            f"--encoding {encoding} is not; it is read without --encoding."
        )
    return io.TextIOWrapper(file, mark or encoding or "utf-8", newline="")


def without_nul(lines: Iterable[str]) -> Iterator[str]:
    """The lines; UserError if one has the character NUL."""
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise UserError(
                f"line {number} has NUL characters: the file is damaged, or it is not "
                "text, or its encoding is another one (--encoding utf-16-le)."
            )
        yield line


def find_separator(lines: list[str]) -> tuple[str, list[str]]:
    """The separator that splits the first row, and most others into as many fields.

    The notes name a separator that fits as well.
    """
    counts = {one: counts_of_fields(lines, one) for one in SEPARATORS}
    if not all(counts.values()):
        raise UserError(EMPTY)
    fits = {one: _share_like_the_first(every) for one, every in counts.items()}
    best = max(SEPARATORS, key=fits.__getitem__)
    if fits[best] == 0:
        return ",", _check_one_column(counts, counts_of_fields(lines, " "))
    also = [one for one in SEPARATORS if one != best and fits[one] == fits[best]]
    notes = [
        f"the separator {best!r} is used; {one!r} fits as well (--separator)"
        for one in also
    ]
    return best, notes


def _share_like_the_first(counts: list[int]) -> float:
    """The share of rows with as many fields as the first; 0 if it has one, or no other.

    A quote can make rows of several lines with one separator, and not with another.
    """
    alike = counts.count(counts[0])
    return alike / len(counts) if counts[0] > 1 and alike >= min(2, len(counts)) else 0


def counts_of_fields(lines: list[str], separator: str) -> list[int]:
    """The number of fields of each row that is not empty."""
    rows = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    return [len(row) for row in rows if row]


def _check_one_column(counts: dict[str, list[int]], of_spaces: list[int]) -> list[str]:
    """A note if spaces may be separators.

    Raises UserError if a separator splits most rows, but not the first.
    """
    for separator, (first, *others) in counts.items():
        most = max(others, key=others.count, default=1)
        if most > 1 and others.count(most) > len(others) / 2:
            raise UserError(
                f"most lines have {most} fields with the separator {separator!r}, the "
                f"first line has {first}. The header must be the first line; if the "
                "separator is another one, set --separator."
            )
    if max(of_spaces) > 1 and len(set(of_spaces)) == 1:
        return ["read as one column; if spaces separate columns, set --separator space"]
    return []


HEADER_AGAIN = "the header again, read as a row"
SHORT = "rows with fewer fields than the header, the rest of them read as missing"


class Rows:
    """The rows of a text file below its header; all have as many fields as `header`.

    Parameters
    ----------
    lines : iterable of str
        With their ends.
    separator : str
        A character; a space stands for any number of spaces.
    n_before : int
        The number of lines that were read before.
    """

    def __init__(self, lines: Iterable[str], separator: str, n_before: int = 0):
        self.separator = separator
        self._last = ""
        self._n_before = n_before
        self._how: dict[str, Any] = {"delimiter": separator, "skipinitialspace": True}
        self._reader = csv.reader(self._watched(lines), strict=True, **self._how)
        self._odd: dict[str, tuple[int, int]] = {}
        self._rows = self._read()
        self._n_rows = 0
        self.header = next(self._rows, [])

    def __iter__(self) -> Iterator[list[str]]:
        n_fields = len(self.header)
        for row in self._rows:
            self._n_rows += 1
            if len(row) != n_fields:
                self._check_fields(row)
                row += [""] * (n_fields - len(row))
            elif n_fields > 1 and row == self.header:
                self._note(HEADER_AGAIN)
            yield row

    def notes(self) -> list[str]:
        """What is odd; UserError if most rows have fewer fields than the header."""
        n_short, _ = self._odd.get(SHORT, (0, 0))
        if n_short > self._n_rows / 2:
            raise UserError(
                f"the header has {counted(len(self.header), 'field')}, most rows have "
                "fewer. The header must be the first line; if the separator is another "
                "one, set --separator."
            )
        return [
            f"{what}: {n:,}, the first in line {first}"
            for what, (n, first) in self._odd.items()
        ]

    def _watched(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self._last = line
            yield line

    def _line(self) -> int:
        return self._n_before + self._reader.line_num

    def _note(self, what: str, line: int = 0, n: int = 1) -> None:
        """Count what is odd, and keep the line of the first."""
        so_far, first = self._odd.get(what, (0, line or self._line()))
        self._odd[what] = so_far + n, first

    def _read(self) -> Iterator[list[str]]:
        """The rows; blank lines are none, and a space at the end begins no field."""
        n_blank = 0
        while True:
            before = self._reader.line_num
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = self._repaired(before, str(error))
            if len(row) <= 1 and not self._last.strip():
                n_blank += 1
                continue
            if self._n_rows and n_blank:
                self._note_blank(self._n_before + before, n_blank)
            n_blank = 0
            if self._how["delimiter"] == " " and row[-1] == "":
                row = row[:-1] if self._last.rstrip("\r\n").endswith(" ") else row
            yield row

    def _note_blank(self, line: int, n: int) -> None:
        """Count blank lines, of which this is the last."""
        if len(self.header) == 1:
            raise UserError(
                f"line {line} is blank. In a table with one column write a missing "
                'value as "".'
            )
        self._note("blank lines between rows, skipped", line - n + 1, n)

    def _repaired(self, before: int, error: str) -> list[str]:
        """The row of a line in which a quote is not doubled."""
        if self._reader.line_num > before + 1 or "end of data" in error:
            raise UserError(
                f"in line {self._n_before + before + 1} a quote begins a field that does "
                "not end with a quote and a separator. Write a quote within quotes twice."
            )
        self._note("quotes within quotes that are not written twice")
        return next(csv.reader([self._last], **self._how))

    def _check_fields(self, row: list[str]) -> None:
        if len(row) > len(self.header):
            raise UserError(
                f"line {self._line()} has {counted(len(row), 'field')}, the header has "
                f"{len(self.header)}. Text with a separator in it needs quotes; if the "
                "separator is another one, set --separator."
            )
        self._note(SHORT)


def open_rows(lines: Iterator[str], separator: str | None) -> tuple[Rows, list[str]]:
    """The rows of lines, and notes on the separator, which is found if it is None."""
    sample = list(islice(lines, N_SAMPLED))
    stated = SEPARATOR_LINE.fullmatch(sample[0]) if sample else None
    if stated:
        del sample[0]
        separator = separator or stated[1]
    notes: list[str] = []
    if separator is None:
        separator, notes = find_separator(sample)
    return Rows(chain(sample, lines), separator, n_before=1 if stated else 0), notes


@contextmanager
def long_fields() -> Iterator[None]:
    """Let fields have any length; the module csv refuses those above 131,072."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def as_frame(pandas: Any, rows: Rows, names: list[str]) -> Any:
    """A frame of texts; text of pandas 3 takes a fraction of the memory of the rows."""
    each, blocks = iter(rows), []
    n_rows = max(1, CELLS_AT_A_TIME // len(names))
    while block := list(islice(each, n_rows)):
        blocks.append(pandas.DataFrame(block, columns=names, dtype=str))
    if not blocks:
        return pandas.DataFrame(columns=names, dtype=str)
    return pandas.concat(blocks, ignore_index=True)
