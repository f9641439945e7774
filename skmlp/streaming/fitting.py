"""From a file or a dataset to the rows that the tabular estimators train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..common._types import Predictions, SourceLike
from ..common.checks import GivenRows, targets_in_range
from ..common.sources import SourceHooks
from ..common.target_values import read_target
from ..common.values import kinds_in
from ..core.batches import Dataset
from ..tabular.encoder import TableEncoder
from ..tabular.kinds import CATEGORY, CODE, Choice
from ..tabular.labelled import Labelled
from ..tabular.rare_labels import most_varied
from ..tabular.search import TrainingRows
from ..tabular.target_statistics import FOLDS
from ..tabular.texts import Text
from .blocks import Layout, RowsOfTable, StoredRows
from .effects import FoldSums
from .large import SMALL_BYTES, LargeTable, names_in
from .rows_file import RowsFile, folder_for, n_pieces
from .sources import source_of

Encoded = tuple[Dataset, list[Any]]
"""Rows as the loss sees them, and the codes of their labels that have effects."""


def large_table(
    rows: GivenRows, labelled: Any, say: Callable[[str], None], *, numeric: bool
) -> LargeTable:
    """The table of a source, with all rows in memory if its files are small.

    `labelled` has the columns of labels beside those of text: a function of the names.
    """
    source = source_of(rows.X)
    names = names_in(source, rows.y, rows.sample_weight)
    table = LargeTable(source, names, say)
    if source.n_bytes < SMALL_BYTES:
        table.read_all()
    else:
        table.read_sample(labelled(names.features), numeric=numeric)
    return table


@contextmanager
def rows_of_table(
    table: LargeTable,
    data: TrainingRows,
    encode: Callable[[GivenRows], Encoded],
    temp_folder: Any,
) -> Iterator[RowsOfTable]:
    """All rows of a table: those of the sample, `data`, and the others, stored."""
    training, labelled = data.training, data.rows.labelled
    n_codes = 0 if labelled is None else len(labelled.sizes)
    n_weights = 0 if training.w is None else 1
    n_columns, n_targets = training.X.shape[1], training.y.shape[1]
    layout = Layout(n_columns, n_codes, n_targets, n_weights)
    n_rows = table.n_others
    folder = folder_for(temp_folder, n_rows * layout.width * 4, table.say)
    number = n_pieces(n_rows, layout.width)
    file = RowsFile(folder, n_rows, layout.width, number)
    try:
        for rows in table.others():
            file.add(layout.joined(*encode(rows)))
        file.check_full()
        place = slice(0, 0) if labelled is None else labelled.place
        stored = StoredRows(file, layout, place)
        sums = None if labelled is None else fold_sums(data, stored)
        n_all = n_rows + training.n_rows
        yield RowsOfTable(n_all, training, stored, sums, table.checksums.known)
    finally:
        file.close()


def fold_sums(data: TrainingRows, stored: StoredRows) -> FoldSums:
    """The effects of labels by the sample and the stored rows."""
    training, labelled = data.training, data.rows.labelled
    start, some = labelled.start, most_varied(data.rows.data.y)
    y = np.asarray(training.y[:, some], float)
    sd = y.std(axis=0)
    mean, sd = y.mean(axis=0), np.where(sd > 0, sd, np.inf)

    def more() -> Iterator[tuple[int, Any, Any, Any]]:
        for i in range(stored.n_pieces):
            piece, codes = stored.layout.split(stored.file.piece(i))
            targets = (piece.y[:, some] - mean) / sd
            yield i % FOLDS, piece.X[:, :start], codes, targets

    return FoldSums.of(labelled, training.X[:, :start], more())


class SourceMixin(SourceHooks):
    """X as a path or a dataset: `fit` for tables of any size, and predictions."""

    encoder_: Any
    verbose: Any
    _numeric_target: ClassVar[bool]

    def _table_of(self, rows: GivenRows) -> LargeTable:
        say = print if self.verbose else silent
        return large_table(rows, self._labelled, say, numeric=self._numeric_target)

    def _labelled(self, names: list[str]) -> list[str]:
        """The names of columns that the parameters make labels."""
        parameters = TableEncoder().get_params() | self.get_params(deep=False)
        choice = Choice.of(parameters, names)
        mask = choice.mask or [False] * len(names)
        each = zip(names, choice.given, mask, strict=True)
        return [name for name, kind, one in each if one or kind in (CATEGORY, CODE)]

    @contextmanager
    def _rows_of_table(
        self, table: LargeTable, data: TrainingRows, temp_folder: Any
    ) -> Iterator[RowsOfTable]:
        fitted = data.rows.data.y

        def encode(rows: GivenRows) -> Encoded:
            return self._encoded(rows, fitted)

        with rows_of_table(table, data, encode, temp_folder) as found:
            if found.sums is not None:
                self.encoder_._put_effects(found.sums.tables())
            yield found

    def _encoded(self, rows: GivenRows, fitted: Any) -> Encoded:
        """Rows as the loss sees them; `fitted` are the targets of the sample."""
        X, codes = self.encoder_._with_codes(rows.X)
        y = read_target(rows.y, self, numeric=self._numeric_target)
        _, encoded = self._encode_target(y, all_classes=False)
        target = targets_in_range(self._head, encoded, np.float64, self)
        w = rows.sample_weight
        w = None if w is None else w.astype(np.float32)
        return Dataset(X, *self._training_target(target, w, fitted)), codes

    def _blocks_of(self, source: Any) -> Iterator[Any]:
        names = self.feature_names_in_.tolist()
        found = source_of(source, text=text_columns(self.encoder_, names))
        yield from found.blocks(names)

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

        Yields
        ------
        ndarray of shape (n_rows, ...)
            The predictions of the next rows, at most 65,536.

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
        >>> table.to_csv(folder / "table.csv", index=False)
        >>> model = TabularMLPRegressor(n_estimators=1, random_state=0)
        >>> model = model.fit(folder / "table.csv", y="y")
        >>> [len(block) for block in model.predict_batches(folder / "table.csv")]
        [100]
        """
        check_is_fitted(self)
        if not method.startswith("predict") or not hasattr(self, method):
            raise ValueError(
                "method must be the name of a method that predicts, such as 'predict'. "
                f"Got {method!r}."
            )
        predict = getattr(self, method)
        return (predict(block) for block in self._blocks_of(X))


def text_columns(encoder: Any, names: list[str]) -> list[str]:
    """The columns that had text in fit."""
    both = zip(names, encoder._columns, strict=True)
    return [name for name, one in both if has_text(one)]


def has_text(one: Any) -> bool:
    """Whether an encoder has labels of text, or texts."""
    if isinstance(one, Labelled):
        return kinds_in((*one.labels, *one.rare)).keys() == {"text"}
    return isinstance(one, Text)


def silent(line: str) -> None:
    """Say nothing."""
