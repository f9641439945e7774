"""X as a source of a table: paths of files, and datasets of pyarrow."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..core._types import Rows
from ..core.batches import Blocks
from ._types import Predictions, SourceLike
from .checks import GivenRows
from .frames import class_of


class BlockSource:
    """A table that `skmlp.streaming` reads in blocks."""


class TableElsewhere(BlockSource):
    """A table whose rows are on other machines."""


def is_source(X: Any) -> bool:
    """Whether X is a path, a list of paths, a dataset of pyarrow, or read in blocks."""
    if isinstance(X, list | tuple):
        return bool(X) and all(isinstance(one, str | os.PathLike) for one in X)
    dataset = class_of("pyarrow.dataset", "Dataset")
    return isinstance(X, (str, os.PathLike, dataset, BlockSource))


class RowsInBlocks(Protocol):
    """All rows of a table of which a sample is in memory."""

    def all_blocks(self, rows: Rows | None, rng: np.random.RandomState) -> Blocks:
        """The blocks of all rows, but of the sample only these; None: all of it."""

    def facts(self) -> dict[str, Any]:
        """What training depends on beside the sample."""

    def close(self) -> None:
        """Remove what is stored."""


class SourceHooks(ABC):
    """The hooks that `skmlp.streaming` implements: X as a path or a dataset."""

    @abstractmethod
    def _table_of(self, rows: GivenRows, temp_folder: Any) -> Any:
        """The `TableOfFiles` of a source; y and the weights are names of columns."""

    @abstractmethod
    def _rows_of_table(self, table: Any, data: Any, temp_folder: Any) -> Any:
        """All rows of a table; `data` are those of its sample. They must be closed."""

    @abstractmethod
    def _target_of(self, X: Any, y: Any) -> Any:
        """The target of rows: y, or with a source the columns of that name."""

    @abstractmethod
    def _blocks_of(self, source: Any) -> Iterator[Any]:
        """The tables of a source with the columns of fit, one after the other."""

    def predict_batches(
        self, X: SourceLike, *, method: str = "predict"
    ) -> Iterator[Predictions]:
        """Predict the rows of a table in files, one block of rows after the other.

        Parameters
        ----------
        X : path, list of paths or pyarrow.dataset.Dataset
            The table. It has the columns of fit; others are ignored.
        method : str, default='predict'
            The method that predicts: 'predict', or 'predict_proba' of a classifier.

        Returns
        -------
        iterator of ndarray of shape (n_rows, ...)
            The predictions of one block of rows after another, at most 65,536 rows each.

        Raises
        ------
        ValueError
            If a file cannot be read or has no column of fit, or the method is unknown.
        ImportError
            If pyarrow is not installed.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPRegressor
        >>> table = pd.DataFrame({"x": range(100), "y": range(100)})
        >>> table.to_csv("table.csv", index=False)
        >>> model = TabularMLPRegressor(n_estimators=1, random_state=0)
        >>> model = model.fit("table.csv", y="y")
        >>> [len(block) for block in model.predict_batches("table.csv")]
        [100]
        """
        check_is_fitted(self)
        known = isinstance(method, str) and method.startswith("predict")
        if not known or method == "predict_batches" or not hasattr(self, method):
            raise ValueError(
                "method must be the name of a method that predicts, such as 'predict'. "
                f"Got {method!r}."
            )
        predict = getattr(self, method)
        return (predict(block) for block in self._blocks_of(X))


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
