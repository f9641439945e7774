"""Summaries of tables, which merge: a sample of rows, and the numbers of rows of labels.

A row has a key by its number in the table, and the sample has the rows with the smallest
keys: it does not depend on how the rows are cut into blocks. A table with at most
SAMPLE_ROWS rows is its own sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..tabular.repeated_rows import GAMMA, mixed
from .arrow import arrow
from .parquet_files import without_dictionary

SAMPLE_ROWS = 100_000
"""The rows of a sample, beside those that show a class or an end of the target."""

MOST_LABELS = 100_000
"""The most labels of a column that are counted, those of most rows."""

END_ROWS = 2
"""The rows of each class in the sample, and of the lowest and highest targets, at least."""

SPARE = 1.25
"""A sample grows to so many times its rows before those with larger keys are dropped."""

LABEL_TYPES = ("string", "large_string", "string_view", "dictionary", "binary")
"""The first letters of types of labels."""


def keys_of(numbers: Any) -> Any:
    """The keys of rows by their numbers, as if at random."""
    with np.errstate(over="ignore"):
        return mixed((numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(GAMMA))


class End(NamedTuple):
    """A row that must be in a sample: its place among others, its number and itself."""

    order: tuple[Any, ...]
    number: int
    row: Any


@dataclass
class Summary:
    """What is known of the rows so far.

    `tables` are the rows of the sample, some too many, with their `numbers`. `ends` are
    rows that must be in it, by what they show: the first ones of a class, or the lowest or
    highest targets. All are copies, as a part of a table keeps the whole in memory.
    `labels` has for each column of labels a table of labels and numbers of rows. `missing`
    are columns with missing values.
    """

    n_rows: int = 0
    tables: list[Any] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: np.empty(0, np.int64))
    ends: dict[Any, list[End]] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def merge(self, other: Summary) -> Summary:
        """Add the rows of another part of the table; return this summary."""
        self.n_rows += other.n_rows
        self.tables += other.tables
        self.numbers = np.concatenate([self.numbers, other.numbers])
        if len(self.numbers) > SPARE * SAMPLE_ROWS:
            self._drop()
        for what, rows in other.ends.items():
            self.ends[what] = first_ends(self.ends.get(what, []), rows)
        for name, counts in other.labels.items():
            both = [self.labels[name], counts] if name in self.labels else [counts]
            self.labels[name] = fewer(arrow().concat_tables(both), MOST_LABELS * 2)
        self.missing |= other.missing
        return self

    def _drop(self) -> None:
        """Keep the rows with the smallest keys."""
        if len(self.numbers) > SAMPLE_ROWS:
            order = np.argpartition(keys_of(self.numbers), SAMPLE_ROWS)
            order = np.sort(order[:SAMPLE_ROWS])
            whole = arrow().concat_tables(self.tables)
            self.tables = [whole.take(order).combine_chunks()]
            self.numbers = self.numbers[order]

    def sample(self) -> tuple[Any, Any]:
        """The sample in the order of the table, and the numbers of its rows."""
        self._drop()
        known = set(self.numbers.tolist())
        every = (end for ends in self.ends.values() for end in ends)
        ends = {end.number: end.row for end in every if end.number not in known}
        numbers = np.concatenate([self.numbers, np.array([*ends], np.int64)])
        order = np.argsort(numbers, kind="stable")
        whole = arrow().concat_tables([*self.tables, *ends.values()])
        return whole.take(order).combine_chunks(), numbers[order]

    def labels_of(self, name: str) -> dict[Any, int]:
        """The number of rows of each label of a column."""
        counts = fewer(self.labels[name], MOST_LABELS)
        both = zip(*(counts.column(i).to_pylist() for i in (0, 1)), strict=True)
        return dict(both)


def summarise(
    table: Any, numbers: Any, labelled: Iterable[str], targets: Mapping[str, bool]
) -> Summary:
    """The summary of rows with these numbers in the table.

    `labelled` are the columns whose labels are counted. `targets` says for each column of
    the target whether it has numbers, or else classes.
    """
    ends: dict[Any, list[End]] = {}
    for name, is_number in targets.items():
        for what, i, value in ends_of(table.column(name), is_number):
            end = End((value, int(numbers[i])), int(numbers[i]), table.slice(i, 1))
            ends.setdefault((name, what), []).append(end)
    return Summary(
        n_rows=table.num_rows,
        tables=[table],
        numbers=numbers,
        ends=ends,
        labels={name: counts_of(table.column(name)) for name in labelled},
        missing={name for name in table.column_names if has_missing(table[name])},
    )


def has_missing(column: Any) -> bool:
    """Whether a value is missing; NaN is."""
    missing = column.is_null(nan_is_null=True)
    return bool(arrow("compute").any(missing).as_py())


def ends_of(column: Any, is_number: bool) -> Sequence[tuple[Any, int, Any]]:
    """The rows that a sample must have: what they show, their places and an order."""
    if is_number:
        values = column.to_numpy().astype(float)
        return [
            (what, int(i), float(order[i]))
            for what, order in (("lowest", values), ("highest", -values))
            for i in np.argsort(order, kind="stable")[:END_ROWS]
        ]
    codes = column.combine_chunks().dictionary_encode()
    if isinstance(codes, arrow().ChunkedArray):
        codes = codes.combine_chunks()
    labels = codes.dictionary.to_pylist()
    places = codes.indices.to_numpy()
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(len(labels) + 1))
    return [
        ((label,), int(order[start + n]), 0)
        for label, start, stop in zip(labels, starts, starts[1:], strict=False)
        for n in range(min(END_ROWS, stop - start))
    ]


def first_ends(known: list[End], new: list[End]) -> list[End]:
    """The rows that show an end of the target or a class best."""
    found = sorted([*known, *new], key=lambda end: end.order)[:END_ROWS]
    # A part of a table would keep the whole of it in memory.
    return [
        end if end in known else end._replace(row=end.row.take([0])) for end in found
    ]


def counts_of(column: Any) -> Any:
    """The labels of a column and the number of rows of each, as a table."""
    column = without_dictionary(column)
    there = arrow("compute").invert(column.is_null(nan_is_null=True))
    found = arrow("compute").value_counts(column.filter(there).combine_chunks())
    return arrow().table({"label": found.field(0), "rows": found.field(1)})


def fewer(counts: Any, most: int) -> Any:
    """The same labels once each, those of most rows if there are more than `most`."""
    if counts.num_rows <= most and counts.column(0).num_chunks <= 1:
        return counts
    summed = counts.group_by("label").aggregate([("rows", "sum")])
    counts = arrow().table({"label": summed["label"], "rows": summed["rows_sum"]})
    if counts.num_rows > most:
        order = arrow("compute").sort_indices(
            counts, sort_keys=[("rows", "descending"), ("label", "ascending")]
        )
        counts = counts.take(order[:most])
    return counts.combine_chunks()


def label_columns(schema: Any, others: Iterable[str]) -> list[str]:
    """The columns of labels by their types, and the others of these names."""
    others = set(others)
    return [
        one.name
        for one in schema
        if one.name in others or str(one.type).startswith(LABEL_TYPES)
    ]
