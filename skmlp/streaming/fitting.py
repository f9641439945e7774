"""From a file or a dataset to the rows that the tabular estimators train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..common.checks import GivenRows, targets_in_range
from ..common.sources import SourceHooks, is_source
from ..common.target_values import read_target
from ..common.values import kinds_in
from ..core.batches import Dataset
from ..tabular.encoder import TableEncoder
from ..tabular.kinds import CATEGORY, CODE, Choice
from ..tabular.labelled import Labelled
from ..tabular.rare_labels import most_varied
from ..tabular.search import TrainingRows
from ..tabular.target_statistics import FOLDS, LabelledRows
from ..tabular.texts import Text
from .blocks import Layout, RowsOfTable, StoredRows
from .effects import FoldSums
from .large import LargeTable, names_in, values_of
from .rows_file import RowsFile, folder_for, n_pieces
from .sources import source_of

Encoded = tuple[Dataset, list[Any]]
"""Rows as the loss sees them, and the codes of their labels that have effects."""


def opened(rows: GivenRows, verbose: Any, temp_folder: Any) -> LargeTable:
    """The table of a source, before it is read; y and the weights are names of columns."""
    source = source_of(rows.X)
    names = names_in(source, rows.y, rows.sample_weight)
    table = LargeTable(source, names, print if verbose else silent)
    if not table.is_small:
        # Before the first pass, which takes long.
        folder_for(temp_folder, 0, silent)
    return table


def rows_of_table(
    table: LargeTable,
    training: Dataset,
    labelled: LabelledRows | None,
    encode: Callable[[GivenRows], Encoded],
    temp_folder: Any,
) -> RowsOfTable:
    """All rows of a table: those of the sample, `training`, and the others, stored.

    `labelled` are rows of the sample with labels that have effects. The result must be
    closed.
    """
    n_codes = 0 if labelled is None else len(labelled.sizes)
    n_weights = 0 if training.w is None else 1
    n_columns, n_targets = training.X.shape[1], training.y.shape[1]
    layout = Layout(n_columns, n_codes, n_targets, n_weights)
    n_rows = table.n_others
    folder = folder_for(temp_folder, n_rows * layout.width * 4, table.say)
    file = RowsFile(folder, n_rows, layout.width, n_pieces(n_rows, layout.width))
    with ExitStack() as stack:
        stack.callback(file.close)
        for rows in table.others():
            file.add(layout.joined(*encode(rows)))
        file.check_full()
        stack.pop_all()
    place = slice(0, 0) if labelled is None else labelled.place
    stored, n_all = StoredRows(file, layout, place), n_rows + training.n_rows
    return RowsOfTable(n_all, training, stored, None, table.checksums.known)


def fold_sums(
    data: TrainingRows, labelled: LabelledRows, stored: StoredRows
) -> FoldSums:
    """The effects of labels by the sample and the stored rows."""
    training = data.training
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


class TableSources(SourceHooks):
    """X of the tabular estimators as a path or a dataset."""

    encoder_: Any
    verbose: Any
    _head: Any
    _numeric_target: ClassVar[bool]
    get_params: Callable[..., Any]
    _encode_target: Callable[..., Any]
    _training_target: Callable[..., Any]

    def _table_of(self, rows: GivenRows, temp_folder: Any) -> LargeTable:
        table = opened(rows, self.verbose, temp_folder)
        labelled = self._labelled(table.names.features)
        return table.read(labelled, numeric=self._numeric_target)

    def _labelled(self, names: list[str]) -> list[str]:
        """The names of columns that the parameters make labels."""
        parameters = TableEncoder().get_params() | self.get_params(deep=False)
        choice = Choice.of(parameters, names)
        mask = choice.mask or [False] * len(names)
        each = zip(names, choice.given, mask, strict=True)
        return [name for name, kind, one in each if one or kind in (CATEGORY, CODE)]

    def _rows_of_table(
        self, table: LargeTable, data: TrainingRows, temp_folder: Any
    ) -> RowsOfTable:
        labelled, fitted = data.rows.labelled, data.rows.data.y

        def encode(rows: GivenRows) -> Encoded:
            return self._encoded(rows, fitted)

        found = rows_of_table(table, data.training, labelled, encode, temp_folder)
        if labelled is None:
            return found
        sums = fold_sums(data, labelled, found.stored)
        self.encoder_._put_effects(sums.tables())
        return replace(found, sums=sums)

    def _encoded(self, rows: GivenRows, fitted: Any) -> Encoded:
        """Rows as the loss sees them; `fitted` are the targets of the sample."""
        X, codes = self.encoder_._with_codes(rows.X)
        y = read_target(rows.y, self, numeric=self._numeric_target)
        _, encoded = self._encode_target(y, all_classes=False)
        target = targets_in_range(self._head, encoded, np.float64, self)
        w = rows.sample_weight
        w = None if w is None else w.astype(np.float32)
        return Dataset(X, *self._training_target(target, w, fitted)), codes

    def _target_of(self, X: Any, y: Any) -> Any:
        return target_of(self, X, y)

    def _blocks_of(self, source: Any) -> Iterator[Any]:
        names = names_of_fit(self)
        text = text_columns(self.encoder_, names) if names else ()
        yield from source_of(source, text=text).blocks(names)


def target_of(model: Any, X: Any, y: Any) -> Any:
    """The target of rows: y, or with a source the columns of that name, by their types.

    Classes that had text in fit have text.
    """
    given = [y] if isinstance(y, str) else y
    # Labels of the rows may be a list of text, too.
    if not is_source(X) or not is_source(given):
        return y
    classes = vars(model).get("classes_", np.empty(0))
    source = source_of(X, text=given if classes.dtype.kind in "OU" else ())
    if not isinstance(y, str) and not set(given) <= set(source.columns):
        return y
    names = names_in(source, y, None).targets
    columns = [
        [values_of(block.column(name)) for name in names]
        for block in source.blocks(names)
    ]
    each = [np.concatenate(one) for one in zip(*columns, strict=True)]
    return each[0] if len(each) == 1 else np.column_stack(each)


def names_of_fit(model: Any) -> list[str] | None:
    """The names of the features of a fitted model; None if they have none."""
    names = vars(model).get("feature_names_in_")
    return None if names is None else names.tolist()


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
