"""The encoder of a table as nodes: from its columns to the input of the networks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

import numpy as np

from ..tabular.assembly import places_of
from ..tabular.column_encoders import ColumnEncoder, Group, Numeric
from ..tabular.encoder import TableEncoder
from . import numbers
from .columns import Encoded, kind_of
from .graph import BOOL, DOUBLE, FLOAT, INT32, INT64, STRING, Graph
from .rows import effects_of_rows

NAMES = {DOUBLE: "float64", FLOAT: "float32", INT64: "int64", STRING: "string"}
"""The names of types in the metadata of a file."""

NUMBERS = (FLOAT, DOUBLE, INT64, INT32, BOOL)


class Source(Protocol):
    """Where the columns of a table are in a graph."""

    def column(self, i: int, name: str, kind: int) -> str:
        """Column i as a tensor (n, 1) of a type."""

    def matrix(self) -> str | None:
        """All columns, (n, n_columns), in double precision, if they are one tensor."""


@dataclass
class OwnInputs:
    """An input of the graph for each column; numbers in double precision or as `floats`."""

    graph: Graph
    floats: int = DOUBLE

    def column(self, i: int, name: str, kind: int) -> str:
        """A new input."""
        given = self.floats if kind == DOUBLE else kind
        tensor = self.graph.add_input(name, given, (1,))
        return tensor if given == kind else self.graph.cast(tensor, kind)

    def matrix(self) -> str | None:
        """No: each column has a tensor."""
        return None


@dataclass
class Tensors:
    """Columns in tensors (name, type, width), side by side, as pipelines have them.

    There are as many as the model has.
    """

    graph: Graph
    tensors: Sequence[tuple[str, int, int]]

    def column(self, i: int, name: str, kind: int) -> str:
        """The column of the tensor that has it, in the type."""
        places = ((one, j) for one in self.tensors for j in range(one[2]))
        (tensor, given, width), place = next(islice(places, i, None))
        if given != kind and not (given in NUMBERS and kind in NUMBERS):
            raise TypeError(
                f"Column {name!r} must be an input of type {NAMES[kind]}. "
                f"Got {NAMES.get(given, given)}."
            )
        one = self.graph.columns(tensor, [place], width)
        return one if given == kind else self.graph.cast(one, kind)

    def matrix(self) -> str | None:
        """The tensor, if there is one."""
        if len(self.tensors) > 1 or self.tensors[0][1] not in NUMBERS:
            return None
        tensor, given, _ = self.tensors[0]
        return tensor if given == DOUBLE else self.graph.cast(tensor, DOUBLE)


def names_of(encoder: TableEncoder) -> list[str]:
    """The names of the columns; x0, x1, ... for those of an array."""
    found = vars(encoder).get("feature_names_in_")
    if found is None:
        return [f"x{i}" for i in range(encoder.n_features_in_)]
    return [str(name) for name in found]


def with_names(encoder: TableEncoder) -> Iterator[tuple[str, ColumnEncoder]]:
    """The columns of a table: their names and encoders."""
    return zip(names_of(encoder), encoder._columns, strict=True)


def encode(graph: Graph, encoder: TableEncoder, source: Source) -> str:
    """The encoded table, (n, n_columns), float32, as `TableEncoder.transform`."""
    every = list(with_names(encoder))
    plain = [
        numbers.Numbers(name, one) for name, one in every if isinstance(one, Numeric)
    ]
    repeated = vars(encoder).get("_repeated", [])
    matrix = source.matrix()
    if matrix and len(plain) == len(every) and not repeated:
        return graph.concat(numbers.encode(graph, matrix, plain), 1)
    found = []
    for i, (name, one) in enumerate(every):
        kind = kind_of(one)
        x = source.column(i, name, kind.type_of(name, one))
        found.append(kind.add(graph, name, one, x))
    if repeated:
        found.append(effects_of_rows(graph, repeated[0], encoder._columns, found))
    return _side_by_side(graph, encoder._encoders, found)


def _side_by_side(
    graph: Graph, encoders: Sequence[ColumnEncoder], found: Sequence[Encoded]
) -> str:
    """The encoded columns in the order of their groups."""
    tensors, places = [], []
    columns = list(chain.from_iterable(one.encoders for one in found))
    if columns:
        x = graph.concat(list(chain.from_iterable(one.numbers for one in found)), 1)
        tensors = numbers.encode(graph, x, columns)
        n = sum(len(one.encoder.groups) for one in columns)
        places = list(range(n))
    for one, every, own in zip(encoders, places_of(encoders), found, strict=True):
        both = zip(every, one.groups, strict=True)
        if own.plain is not None:
            places += [place for place, group in both if group > Group.MISSING]
            tensors.append(own.plain)
    table = graph.concat(tensors, 1)
    return graph.columns(table, np.argsort(places).tolist(), len(places))


def described(encoder: TableEncoder) -> list[dict[str, Any]]:
    """Each column: its name, its kind, the type of its input, what is missing in it."""
    kinds = encoder.column_kinds_.values()
    found = []
    for (name, one), (kind, _) in zip(with_names(encoder), kinds, strict=True):
        own = kind_of(one)
        found.append(
            {
                "name": name,
                "kind": kind,
                "type": NAMES[own.type_of(name, one)],
                "missing": own.missing(name, one),
            }
        )
    return found
