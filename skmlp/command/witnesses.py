"""Rows that a sample must have, so that what it shows is true of all rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..streaming.arrow import arrow
from ..streaming.large import MOST_CLASSES
from ..streaming.names import is_number
from ..streaming.parquet_files import without_dictionary
from ..streaming.summary import END_ROWS, End, ends_of, first_ends
from .choices import CLASSIFICATION
from .dates import PATTERNS
from .task import MAX_INTEGER_CLASSES


class Witnesses:
    """Rows of a table, from blocks that are added in order.

    Each column has two different values, a missing one, and a text that is no date if the
    first one is. The target has the lowest and the highest numbers, and one that is no
    integer. It has rows of each class, unless `has_many_classes`. Of numbers that may be
    classes it has so many values that they are none, or all. `task` is the option.
    """

    def __init__(self, target: str, task: str):
        self.target, self.task = target, task
        self.has_many_classes, self.has_all_values = False, True
        self._ends: dict[Any, list[End]] = {}
        self._classes: dict[Any, list[End]] = {}
        self._first: dict[str, Any] = {}

    def add(self, table: Any, numbers: Any) -> None:
        """Take the rows of a block into account; each has a target."""
        for name in table.column_names:
            column = without_dictionary(table.column(name))
            if arrow("types").is_nested(column.type):
                continue
            for what, mask in self._masks(name, column):
                self._keep((name, what), mask, table, numbers)
        column = without_dictionary(table.column(self.target))
        if table.num_rows and not arrow("types").is_nested(column.type):
            self._add_target(column, table, numbers)

    def ends(self) -> dict[Any, list[End]]:
        """The rows by what they show."""
        classes = {} if self.has_many_classes else self._classes
        return self._ends | {(None, label): rows for label, rows in classes.items()}

    def _keep(self, what: Any, mask: Any, table: Any, numbers: Any) -> None:
        """Keep the first row of a mask."""
        i = arrow("compute").index(mask, True).as_py()
        if i >= 0:
            row, number = table.slice(i, 1).take([0]), int(numbers[i])
            self._ends[what] = [End((number,), number, row)]

    def _masks(self, name: str, column: Any) -> Iterator[tuple[str, Any]]:
        """The rows that show what no row has shown before."""
        compute = arrow("compute")
        missing = column.is_null(nan_is_null=True)
        if (name, "missing") not in self._ends:
            yield "missing", missing
        known = compute.invert(missing)
        if name not in self._first:
            yield "value", known
            i = compute.index(known, True).as_py()
            if i < 0:
                return
            self._first[name] = column[i]
        first = self._first[name]
        if (name, "other") not in self._ends:
            yield "other", compute.and_(known, compute.not_equal(column, first))
        for kind in forms_of(first):
            if (name, kind) not in self._ends:
                has_form = compute.match_substring_regex(
                    column, f"^(?:{PATTERNS[kind]})$"
                )
                yield kind, compute.and_(known, compute.invert(has_form))

    def _add_target(self, column: Any, table: Any, numbers: Any) -> None:
        """Keep rows that show what the target is."""
        if is_number(column.type):
            for what, i, value in ends_of(column, is_number=True):
                end = End((value, int(numbers[i])), int(numbers[i]), table.slice(i, 1))
                known = self._ends.get(what, [])
                self._ends[what] = first_ends(known, [end])
            if "fraction" not in self._ends:
                values = column.to_numpy().astype(float)
                mask = np.isfinite(values) & (np.trunc(values) != values)
                self._keep("fraction", arrow().array(mask), table, numbers)
        if not self.has_many_classes:
            self._add_classes(column, table, numbers)

    def _add_classes(self, column: Any, table: Any, numbers: Any) -> None:
        """Keep rows of each class; of numbers, until they are too many for classes."""
        may_be_few = self.task != CLASSIFICATION and is_number(column.type)
        most = MAX_INTEGER_CLASSES + 1 if may_be_few else MOST_CLASSES
        if may_be_few and len(self._classes) == most:
            self.has_all_values = False
            return
        shown = ends_of(column, is_number=False)
        is_many = len({label for (label,), *_ in shown} | self._classes.keys()) > most
        self.has_all_values &= not is_many
        self.has_many_classes |= is_many and not may_be_few
        for (label,), i, _ in [] if self.has_many_classes else shown:
            if label not in self._classes and len(self._classes) == most:
                continue
            known = self._classes.setdefault(label, [])
            if len(known) < END_ROWS:
                row, number = table.slice(i, 1).take([0]), int(numbers[i])
                known.append(End((number,), number, row))


def forms_of(first: Any) -> list[str]:
    """The kinds of dates that a text has the form of."""
    text = first.as_py()
    if not isinstance(text, str):
        return []
    return [kind for kind, form in PATTERNS.items() if re.fullmatch(form, text)]
