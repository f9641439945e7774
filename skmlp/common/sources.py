"""X as a source of a table: paths of files, and datasets of pyarrow."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from .checks import GivenRows
from .frames import class_of


def is_source(X: Any) -> bool:
    """Whether X is a path, a list of paths, or a dataset of pyarrow."""
    if isinstance(X, list | tuple):
        return bool(X) and all(isinstance(one, str | os.PathLike) for one in X)
    dataset = class_of("pyarrow.dataset", "Dataset")
    return isinstance(X, (str, os.PathLike, dataset))


class SourceHooks(ABC):
    """The hooks that `skmlp.streaming` implements: X as a path or a dataset."""

    @abstractmethod
    def _table_of(self, rows: GivenRows) -> Any:
        """The `TableOfFiles` of a source; y and the weights are names of columns."""

    @abstractmethod
    def _rows_of_table(
        self, table: Any, data: Any, temp_folder: Any
    ) -> AbstractContextManager[Any]:
        """The `MoreRows` of a table; `data` are the `TrainingRows` of its sample."""

    @abstractmethod
    def _blocks_of(self, source: Any) -> Iterator[Any]:
        """The tables of a source with the columns of fit, one after the other."""


def check_whole(validation: Any, cv: Any, groups: Any) -> None:
    """Raise ValueError if a fit to files has what needs all rows in memory."""
    given = {"X_val": validation, "cv": cv, "groups": groups}
    names = [name for name, value in given.items() if value is not None]
    if names:
        raise ValueError(
            f"{' and '.join(names)} must be None if X is a path or a dataset: a part of "
            "the rows validates the networks. Got both; read the table into a frame, if "
            "there is memory for it."
        )
