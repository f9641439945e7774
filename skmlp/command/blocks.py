"""Files that are read in blocks: which these are, and what is odd about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from ..common.missing import MISSING
from ..streaming.arrow import arrow
from ..streaming.files import PARQUET
from ..streaming.files import TEXT as TEXT_FILES
from ..streaming.large import SMALL_BYTES
from ..streaming.sources import Source, TextSource, source_of
from ..streaming.text_types import N_ODD, ColumnOfTexts
from ..streaming.text_types import TEXT as TEXT_KIND
from .choices import Reading
from .io import check_exists, optional
from .kinds import NUMBER
from .number_texts import have_meaning, missing_option
from .numbers import notes_on_columns, words_note
from .output import show_progress
from .parts import as_names
from .tables import STDIN, faults_of, indices_that_count, name_of
from .text import UserError, counted, one_line, quoted
from .textfiles import HEADER_AGAIN, decoded, long_fields, open_rows


class Way(NamedTuple):
    """How files are read: the source of their blocks, or None as a whole; and notes."""

    source: Source | None
    notes: list[str]


def way_of(paths: Sequence[Path], reading: Reading, text: Sequence[str] = ()) -> Way:
    """How files are read; in blocks if they are large. The columns `text` are text."""
    endings = PARQUET + TEXT_FILES
    if STDIN in paths or not all(one.name.lower().endswith(endings) for one in paths):
        return Way(None, [])
    for one in paths:
        check_exists(one)
    try:
        missing = MISSING.union(reading.missing)
        how = {"text": text, "missing": missing, "index": True}
        source = source_of([*paths], "TABLE", **how)
        is_large = source.n_bytes >= SMALL_BYTES
    except (ImportError, ValueError) as error:
        # What is wrong with the files is said where they are read as a whole.
        with suppress(OSError):
            is_large = sum(one.stat().st_size for one in paths) >= SMALL_BYTES
            return as_a_whole(error) if is_large else Way(None, [])
        return Way(None, [])
    if not is_large:
        return Way(None, [])
    why = why_as_a_whole(source, reading)
    if why:
        return as_a_whole(why)
    if not isinstance(source, TextSource):
        return parquet_way(source, paths)
    return text_way(source, reading)


def as_a_whole(why: object) -> Way:
    """Large files that are read as a whole, with the reason."""
    # The command needs no other reader.
    reason = one_line(why).partition("; read it with pandas")[0]
    return Way(None, [f"read as a whole, which needs memory: {reason}"])


def why_as_a_whole(source: Source, reading: Reading) -> str:
    """Why a table that is written like this is read as a whole; '' if it need not be."""
    default = Reading()
    for one in fields(reading):
        if one.name == "missing" and isinstance(source, TextSource):
            continue
        if getattr(reading, one.name) != getattr(default, one.name):
            if one.name == "default_decimal":
                return "the training table has decimal commas"
            return f"--{one.name} is set"
    return ""


def parquet_way(source: Source, paths: Sequence[Path]) -> Way:
    """How parquet files are read: in blocks if the columns are those of the whole."""
    if as_names(source.columns)[0] != source.columns:
        return as_a_whole("names of columns are empty or have blanks around them")
    for path in paths:
        for name in indices_that_count(arrow("parquet").read_schema(path)):
            return as_a_whole(f"its index {name!r} is not stored as a column")
    return Way(source, [])


def text_way(source: TextSource, reading: Reading) -> Way:
    """How text files are read: in blocks if their headers are those of the whole."""
    notes = []
    for file in source.files:
        with (
            faults_of([file.path], reading),
            file.path.open("rb") as opened,
            decoded(opened, None) as lines,
            long_fields(),
        ):
            rows, odd = open_rows(iter(lines.readline, ""), None)
            names, more = as_names(rows.header)
        if (rows.separator, names) != (file.separator, file.columns):
            return as_a_whole(
                f"the header of {file.path.name} has another form than its first line"
            )
        where = "" if len(source.files) == 1 else f"{name_of(file.path)}: "
        notes += [f"{where}{note}" for note in odd + more]
    return Way(source, notes)


def surveyed(way: Way) -> tuple[Way, dict[str, ColumnOfTexts]]:
    """The way, and what text files have in each column; none of their rows is broken.

    The way is that of reading as a whole if the texts need it.
    """
    if not isinstance(way.source, TextSource):
        return way, {}
    try:
        with progress("checking the table") as report:
            found = way.source.survey(report)
    except ValueError as error:
        return as_a_whole(error), {}
    again = way.source.n_headers
    notes = [f"{HEADER_AGAIN}: {again:,}"] if again else []
    return way._replace(notes=way.notes + notes), found


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """A function that shows how many rows are done."""
    try:
        yield lambda n_rows: show_progress(f"{what}: {counted(n_rows, 'row')}")
    finally:
        show_progress("")


def notes_on_texts(
    frame: Any, texts: Mapping[str, ColumnOfTexts], missing: Iterable[str]
) -> tuple[list[str], list[str]]:
    """What is odd about columns of text.

    The first notes are those on a sample of the rows and odd texts of all; the other ones
    on all rows.
    """
    pandas = optional("pandas")
    columns = {}
    for name, one in texts.items():
        if name in frame and one.kind == TEXT_KIND:
            seen = frame[name].dropna()
            odd = set(one.odd).difference(seen)
            columns[name] = pandas.Series([*seen, *sorted(odd)], dtype=object)
    words = [
        (word, name, n)
        for name in columns
        for word, n in texts[name].words.most_common()
        if word in MISSING
    ]
    return notes_on_columns(columns, missing), words_note(words)


def check_numbers(
    columns: Mapping[str, str], texts: Mapping[str, ColumnOfTexts]
) -> None:
    """Raise UserError if a column of numbers has other texts, by all rows."""
    for name, kind in columns.items():
        if kind != NUMBER or name not in texts or texts[name].kind != TEXT_KIND:
            continue
        odd = texts[name].odd or [*texts[name].sample][:N_ODD]
        it = "it" if len(odd) == 1 else "them"
        option = f"; {missing_option(odd)} reads {it} as missing"
        hint = "" if have_meaning(odd) else option
        raise UserError(
            f"Column {name!r} must hold numbers as in training. Got {quoted(odd)}{hint}."
        )
