"""Collections of Dask as partitions: tables of pyarrow with the same columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import dask
import numpy as np
import pyarrow
from dask.dataframe import DataFrame, Series, map_partitions
from dask.delayed import Delayed

from ..common.errors import shown
from ..common.frames import is_pandas
from ..streaming.names import Names
from ..streaming.sources import checksum

TARGET, WEIGHT = "target", "weight"
"""The names of further columns."""


class Partitions(NamedTuple):
    """Delayed tables of pyarrow, and what their columns are for.

    `is_array` says that X has no names of columns.
    """

    tables: list[Any]
    names: Names
    is_array: bool


def partitions_of(
    X: Any, y: Any, sample_weight: Any, compute: Callable[[Any], Any]
) -> Partitions:
    """The partitions of X, with those of y and of the weights as columns.

    `compute` gives the value of a delayed object.
    """
    given = {"X": X, "y": y}
    if sample_weight is not None:
        given["sample_weight"] = sample_weight
    check_same_partitions(given)
    X, y = (meta_of(one, compute) for one in (X, y))
    features = features_of(X)
    used = features or []
    targets = [unused(f"{TARGET}{i}", used) for i in range(n_columns(y))]
    weight = None if sample_weight is None else unused(WEIGHT, used)
    names = Names(targets, weight, features or [f"x{i}" for i in range(n_columns(X))])
    return Partitions(tables_of(given, names), names, features is None)


def check_same_partitions(given: dict[str, Any]) -> None:
    """Raise an error unless all have the number of partitions of X."""
    sizes = {
        name: one.npartitions if is_frame(one) else len(parts_of(one, name))
        for name, one in given.items()
    }
    for name, n in sizes.items():
        if n != sizes["X"]:
            raise ValueError(
                f"{name} must have the partitions of X, {sizes['X']}. Got {n}: use "
                "repartition, or rechunk."
            )


def is_frame(X: Any) -> bool:
    """Whether X is a frame or a series of Dask."""
    return isinstance(X, DataFrame | Series)


def tables_of(given: dict[str, Any], names: Names) -> list[Any]:
    """The delayed tables of partitions."""
    each = [*given.values(), *[None] * (3 - len(given))]
    if all(map(is_frame, given.values())):
        # One expression reads files once, and keeps partitions together: Dask joins small
        # files of a column, as y may be.
        meta = given["X"]._meta
        how = {"meta": meta, "enforce_metadata": False, "align_dataframes": False}
        tables: list[Any] = map_partitions(as_table, *each, names, **how).to_delayed()
        return tables
    read = dask.delayed(as_table, pure=False)
    parts = [parts_of(one, name) for name, one in given.items()]
    parts += [[None] * len(parts[0])] * (3 - len(given))
    return [read(*one, names) for one in zip(*parts, strict=True)]


def parts_of(X: Any, name: str) -> list[Any]:
    """The delayed partitions of a collection; a frame or an array is one."""
    if is_list(X):
        return [*X]
    if not hasattr(X, "to_delayed"):
        if not hasattr(X, "shape"):
            raise TypeError(
                f"{name} must be a collection of Dask, a list of delayed, a frame or an "
                f"array. Got {shown(X)}."
            )
        return [dask.delayed(X, pure=False)]
    how = {"optimize_graph": False} if is_frame(X) else {}
    found = np.asarray(X.to_delayed(**how), dtype=object)
    if found.ndim > 1 and found.shape[1] > 1:
        raise ValueError(
            f"{name} must have all columns of a row in one chunk. Got {found.shape[1]} "
            "chunks of columns: use rechunk({1: -1})."
        )
    parts: list[Any] = found.ravel().tolist()
    return parts


def is_list(X: Any) -> bool:
    """Whether X is a list of delayed partitions."""
    if not isinstance(X, list | tuple) or not X:
        return False
    return all(isinstance(one, Delayed) for one in X)


def meta_of(X: Any, compute: Callable[[Any], Any]) -> Any:
    """What has the columns of X: of a list of delayed, no rows of the first one."""
    return compute(dask.delayed(no_rows)(X[0])) if is_list(X) else X


def no_rows(X: Any) -> Any:
    """A partition without its rows."""
    return X[:0]


def n_columns(X: Any) -> int:
    """The number of columns."""
    shape = X.shape
    return int(shape[1]) if len(shape) > 1 else 1


def features_of(X: Any) -> list[str] | None:
    """The names of the features; None for an array."""
    if not hasattr(X, "columns"):
        return None
    names = list(X.columns)
    if not all(isinstance(one, str) for one in names) or len(set(names)) < len(names):
        raise ValueError(
            f"X must have columns whose names are different texts. Got {shown(names)}."
        )
    return names


def unused(name: str, used: Sequence[str]) -> str:
    """A name that no column has."""
    while name in used:
        name += "_"
    return name


def as_table(X: Any, y: Any, weights: Any, names: Names) -> Any:
    """A partition as a table of pyarrow."""
    given = {"y": y} if weights is None else {"y": y, "sample_weight": weights}
    for name, one in given.items():
        if len(one) != len(X):
            raise ValueError(
                f"{name} must have the rows of X in each partition, {len(X)}. Got "
                f"{len(one)}."
            )
    columns = dict(zip(names.features, columns_of(X), strict=True))
    columns |= dict(zip(names.targets, columns_of(y), strict=True))
    if names.weight:
        columns[names.weight] = pyarrow.array(np.asarray(weights, np.float64))
    return pyarrow.table(columns)


def columns_of(X: Any) -> list[Any]:
    """The columns of a frame, a series or an array."""
    if hasattr(X, "to_frame"):
        X = X.to_frame(name="0")
    if is_pandas(X):
        columns: list[Any] = pyarrow.Table.from_pandas(X, preserve_index=False).columns
        return columns
    X = np.asarray(X)
    X = X[:, None] if X.ndim == 1 else X
    return [pyarrow.array(one, from_pandas=True) for one in X.T]


class Described(NamedTuple):
    """The number of rows of a partition, its size, its types, and a checksum."""

    n_rows: int
    n_bytes: int
    schema: Any
    checksum: int


def described(table: Any) -> Described:
    """What a partition is."""
    schema = table.schema.remove_metadata()
    return Described(table.num_rows, table.nbytes, schema, checksum(table))


def common_schema(known: Sequence[Described]) -> Any:
    """The types that hold the values of all partitions; empty ones have no say."""
    schemas = [one.schema for one in known if one.n_rows]
    try:
        return pyarrow.unify_schemas(schemas, promote_options="permissive")
    except pyarrow.ArrowException as error:
        raise ValueError(
            "X and y must have columns of the same types in all partitions. Got others: "
            f"{error}."
        ) from None


def checked(table: Any, known: Described, schema: Any) -> Any:
    """A partition that is read again, in one chunk with common types.

    Raises ValueError if it has other values than before.
    """
    if described(table).checksum != known.checksum:
        raise ValueError(
            "X must stay the same while fit reads it. Got a partition with other values "
            "in a later pass: persist the collection, or make it always the same."
        )
    return table.cast(schema).combine_chunks()
