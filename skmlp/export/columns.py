"""Columns of tables as nodes, by their encoders."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..tabular.codes import Coded
from ..tabular.column_encoders import ColumnEncoder, Numeric
from ..tabular.dates import Dated
from ..tabular.labelled import Labelled
from ..tabular.texts import Text
from . import dates, labels
from .graph import DOUBLE, INT64, Graph
from .numbers import Numbers


class Encoded(NamedTuple):
    """A column in a graph.

    Its columns of numbers, each (n, 1), with their encoders; its other columns, (n, w), or
    None; and its codes of labels (n,), or None.
    """

    numbers: tuple[str, ...] = ()
    encoders: tuple[Numbers, ...] = ()
    plain: str | None = None
    codes: str | None = None


class Kind(NamedTuple):
    """How a kind of columns is exported.

    The type of its input, what a missing value is in it (None: NaN), and its nodes.
    """

    type_of: Callable[[Any, Any], int]
    missing: Callable[[Any, Any], Any]
    add: Callable[[Graph, Any, Any, str], Encoded]


def _numeric(graph: Graph, name: Any, one: Numeric, x: str) -> Encoded:
    return Encoded((x,), (Numbers(name, one),))


def _labelled(graph: Graph, name: Any, one: Labelled, x: str) -> Encoded:
    codes = labels.codes(graph, name, one, x)
    if not one.groups:
        return Encoded(codes=codes)
    plain = graph("Gather", labels.table_of(one), codes, axis=0)
    return Encoded(plain=plain, codes=codes)


def _coded(graph: Graph, name: Any, one: Coded, x: str) -> Encoded:
    found = _labelled(graph, name, one.label, x)
    return Encoded((x,), (Numbers(name, one.number),), found.plain)


def _dated(graph: Graph, name: Any, one: Dated, x: str) -> Encoded:
    passed = dates.seconds(graph, x)
    if not one.has_values:
        passed = graph("Mul", passed, np.float64(np.nan))
    numbers = dates.numbers_of(graph, one, passed)
    encoders = tuple(Numbers(name, number) for number in one.numbers)
    return Encoded(tuple(numbers), encoders, dates.plain_of(graph, one, passed))


def _text(name: Any, one: Text) -> int:
    raise NotImplementedError(
        f"to_onnx cannot export column {name!r}, whose texts are read by the n-grams of "
        "their words, for which ONNX has no operators. Leave it out, or fit with "
        f"column_kinds={{{name!r}: 'category'}}."
    )


KINDS: dict[type, Kind] = {
    Numeric: Kind(lambda name, one: DOUBLE, lambda name, one: None, _numeric),
    Labelled: Kind(
        labels.type_of,
        lambda name, one: labels.missing_of(one, labels.type_of(name, one)),
        _labelled,
    ),
    Coded: Kind(lambda name, one: DOUBLE, lambda name, one: None, _coded),
    Dated: Kind(lambda name, one: INT64, lambda name, one: dates.MISSING, _dated),
    Text: Kind(_text, lambda name, one: None, lambda *given: Encoded()),
}
"""How columns are exported, by the classes of their encoders."""


def kind_of(one: ColumnEncoder) -> Kind:
    """How the column of an encoder is exported."""
    return KINDS[type(one)]


def check_columns(columns: Iterator[tuple[Any, ColumnEncoder]]) -> None:
    """Raise NotImplementedError for a column that cannot be exported, by its name."""
    for name, one in columns:
        kind_of(one).type_of(name, one)
