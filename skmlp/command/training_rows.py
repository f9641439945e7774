"""The rows of a large table that train a network, in blocks, as the task has them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..streaming.arrow import arrow
from ..streaming.names import is_number
from ..streaming.parquet_files import without_dictionary
from ..streaming.sources import Source
from .choices import REGRESSION
from .dates import DURATION, TIME
from .kinds import LABEL, NUMBER, TEXT, as_kinds
from .tables import as_pandas
from .task import Task
from .text import UserError


class TrainingRows(Source):
    """The rows of a source with a target that are no test rows, as the task has them."""

    def __init__(self, source: Source, task: Task, test: Any):
        super().__init__(source.where, source.name)
        self.source, self.task, self.test = source, task, np.sort(test)
        self.columns = [*task.columns, task.target]

    @property
    def n_bytes(self) -> int:
        """The size of the data of all rows."""
        return self.source.n_bytes

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        start = 0
        # Blocks would be joined once more, from two of them.
        for block in self.source._batches(self.columns):
            keep = known(block, self.task.target)
            first, last = np.searchsorted(self.test, [start, start + block.num_rows])
            keep[self.test[first:last] - start] = False
            start += block.num_rows
            table = block.filter(arrow().array(keep))
            if table.num_rows:
                yield self._converted(table).select(columns)

    def _converted(self, table: Any) -> Any:
        """The columns as the task has them."""
        kinds, target = self.task.columns, self.task.target
        others = [
            name for name in kinds if not is_plain(table.column(name).type, kinds[name])
        ]
        try:
            frame = as_kinds(
                as_pandas(table.select(others)), {one: kinds[one] for one in others}
            )
        except UserError as error:
            raise UserError(
                f"{error} The sample of the rows had none; write other values, or --drop "
                "the column."
            ) from None
        columns = {}
        for name, kind in kinds.items():
            if name in others:
                dtype = type_of(frame[name], kind)
                columns[name] = arrow().Array.from_pandas(frame[name], type=dtype)
            elif kind == NUMBER:
                columns[name] = table.column(name).cast("float64", safe=False)
            else:
                columns[name] = table.column(name)
        columns[target] = self._target(table.column(target))
        return arrow().table(columns)

    def _target(self, column: Any) -> Any:
        """The target: numbers, or labels of the type that the sample has."""
        if self.task.kind == REGRESSION:
            return column.cast("float64", safe=False)
        if self.task.y.dtype.kind in "OU":
            return as_texts(column)
        # The sample has a fraction if one row has, so these are integers or booleans.
        dtype = arrow().from_numpy_dtype(self.task.y.dtype)
        try:
            return without_dictionary(column).cast(dtype)
        except arrow().ArrowException:
            return arrow().array([*map(int, column.to_pylist())], dtype)


def as_texts(column: Any) -> Any:
    """Labels as text, numbers as the sample has them."""
    column = without_dictionary(column)
    if is_plain(column.type, TEXT):
        return column
    if arrow("types").is_integer(column.type):
        return arrow().array([*map(str, column.to_pylist())])
    return arrow().array(column.cast("float64").to_numpy().astype(str).tolist())


def is_plain(dtype: Any, kind: str) -> bool:
    """Whether a type of pyarrow is that of columns of a kind."""
    if kind == NUMBER:
        return is_number(dtype) and not str(dtype).startswith("dictionary")
    types = arrow("types")
    tests = {
        TEXT: (types.is_string, types.is_large_string),
        LABEL: (),
        TIME: (types.is_time,),
        DURATION: (types.is_duration,),
    }
    return any(test(dtype) for test in tests.get(kind, (types.is_timestamp,)))


def type_of(series: Any, kind: str) -> Any:
    """The type of pyarrow of a converted column."""
    pyarrow = arrow()
    known = {
        NUMBER: pyarrow.float64(),
        TEXT: pyarrow.string(),
        LABEL: pyarrow.string(),
        TIME: pyarrow.time64("us"),
        DURATION: pyarrow.duration("us"),
    }
    zone = getattr(series.dtype, "tz", None)
    return known.get(kind, pyarrow.timestamp("us", zone and str(zone)))


def known(block: Any, target: str) -> Any:
    """Which rows have a target; NaN is none."""
    missing = block.column(target).is_null(nan_is_null=True)
    return ~missing.to_numpy()
