"""Parquet files: the columns of several, and their rows in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .arrow import arrow
from .files import check_names, check_same_names, no_rows, reading, where_of

BLOCK_ROWS = 65_536
"""The rows of a block."""

BUFFER_BYTES = 2**16
"""The bytes that are read at a time of each column."""

NO_INDEX = "__index_level_"
"""How pandas calls an index without a name, which is no column."""


def parquet_files(paths: Sequence[Path], name: str) -> Any:
    """The dataset of parquet files, with types that hold the values of all files."""
    schemas, n_rows = [], 0
    for path in paths:
        with reading(str(path), name), arrow("parquet").ParquetFile(path) as file:
            schemas.append(file.schema_arrow)
            n_rows += file.metadata.num_rows
        known = columns_in(schemas[-1])
        check_names(known, str(path), name)
        check_same_names(known, path, columns_in(schemas[0]), paths[0], name)
    if not n_rows:
        raise no_rows(where_of(paths), name)
    fields = [
        common_field(column, schemas, paths, name) for column in columns_in(schemas[0])
    ]
    return arrow("dataset").dataset(
        [str(path) for path in paths], schema=arrow().schema(fields), format="parquet"
    )


def common_field(
    column: str, schemas: Sequence[Any], paths: Sequence[Path], name: str
) -> Any:
    """A column with a type that holds its values in all files."""
    pyarrow, first = arrow(), schemas[0].field(column)
    one = pyarrow.field(column, first.type)
    for schema, path in zip(schemas, paths, strict=True):
        other = pyarrow.field(column, schema.field(column).type)
        if other.type == one.type:
            continue
        try:
            both = [pyarrow.schema([one]), pyarrow.schema([other])]
            one = pyarrow.unify_schemas(both, promote_options="permissive").field(0)
        except pyarrow.ArrowException:
            raise ValueError(
                f"{name} must have columns of the same types in all files. Got {column!r} "
                f"with {first.type} in {str(paths[0])!r} and {other.type} in "
                f"{str(path)!r}; write it with one type."
            ) from None
    return one


def readable(field: Any) -> Any:
    """A column of a type with which pyarrow can take and compare rows."""
    pyarrow = arrow()
    types = {
        "string_view": pyarrow.large_string(),
        "binary_view": pyarrow.large_binary(),
        "extension<arrow.json>": pyarrow.string(),
    }
    return field.with_type(types.get(str(field.type), field.type))


def columns_in(schema: Any) -> list[str]:
    """The names of columns, without an index of pandas that has no name."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    without = {one for one in index if str(one).startswith(NO_INDEX)}
    return [one for one in schema.names if one not in without]


def tables_of(fragment: Any, schema: Any) -> Iterator[Any]:
    """The tables of a parquet file of a dataset, with the columns of a schema.

    A scan of the dataset would have a whole row group in memory, whatever its options.
    """
    keys = arrow("dataset").get_partition_keys(fragment.partition_expression)
    with (
        fragment.open() as opened,
        arrow("parquet").ParquetFile(
            opened, buffer_size=BUFFER_BYTES, pre_buffer=False
        ) as file,
    ):
        there = set(file.schema_arrow.names)
        groups = [one.id for one in fragment.row_groups]
        for batch in file.iter_batches(
            BLOCK_ROWS,
            row_groups=groups,
            columns=[one for one in schema.names if one in there],
            use_threads=False,
        ):
            if batch.num_rows:
                yield as_schema(batch, schema, keys)


def bytes_of(fragment: Any) -> int:
    """The size of a file of a dataset; of parquet, that of its values."""
    if hasattr(fragment, "row_groups"):
        return sum(group.total_byte_size for group in fragment.row_groups)
    if not fragment.path:
        return int(fragment.buffer.size)
    return int(fragment.filesystem.get_file_info(fragment.path).size)


def as_schema(batch: Any, schema: Any, keys: dict[str, Any]) -> Any:
    """A batch as a table of a schema; what the file has not is a key, or missing."""
    pyarrow, columns = arrow(), []
    for one in schema:
        if one.name not in batch.schema.names:
            value = pyarrow.scalar(keys.get(one.name))
            values = pyarrow.repeat(value, batch.num_rows)
        else:
            values = batch.column(one.name)
        if values.type != one.type:
            values = without_dictionary(values).cast(one.type)
        columns.append(values)
    return pyarrow.Table.from_arrays(columns, schema=schema)


def without_dictionary(column: Any) -> Any:
    """A column with the values of its dictionary, if it has one."""
    if str(column.type).startswith("dictionary"):
        return column.cast(column.type.value_type)
    return column
