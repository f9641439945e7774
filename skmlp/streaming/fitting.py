"""From a file or a dataset to the rows that the tabular estimators train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np

from ..common.checks import GivenRows, targets_in_range
from ..common.sources import SourceHooks, TableElsewhere, is_source
from ..common.target_values import read_named_target
from ..common.values import kinds_in
from ..core.batches import Dataset
from ..tabular.encoder import TableEncoder
from ..tabular.kinds import CATEGORY, CODE, Choice
from ..tabular.labelled import Labelled
from ..tabular.rare_labels import most_varied
from ..tabular.search import TrainingRows
from ..tabular.target_statistics import FOLDS, LabelledRows
from ..tabular.texts import Text
from .arrow import arrow
from .blocks import Encode, Encoded, Layout, RowsOfTable, StoredRows
from .effects import FoldSums, SampleModel, Sums, sums_of
from .large import LargeTable
from .names import names_in, target_in
from .rows_file import folder_for
from .sources import source_of


def opened(rows: GivenRows, verbose: Any, temp_folder: Any) -> Any:
    """The table of a source, before it is read; y and the weights are names of columns."""
    if isinstance(rows.X, TableElsewhere):
        return rows.X
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
    encode: Encode,
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
    place = slice(0, 0) if labelled is None else labelled.place
    stored = table.stored(layout, place, encode, temp_folder)
    n_all = table.n_others + training.n_rows
    return RowsOfTable(n_all, training, stored, None, table.checksums.known)


def fold_sums(
    data: TrainingRows, labelled: LabelledRows, stored: StoredRows
) -> FoldSums:
    """The effects of labels by the sample and the stored rows."""
    training = data.training
    # Tasks of a cluster get what the function uses, not the rows.
    start, sizes, some = labelled.start, labelled.sizes, most_varied(data.rows.data.y)
    y = np.asarray(training.y[:, some], float)
    sd = y.std(axis=0)
    mean, sd = y.mean(axis=0), np.where(sd > 0, sd, np.inf)

    def left_in(model: SampleModel, piece: Dataset, codes: Any) -> Sums:
        targets = (piece.y[:, some] - mean) / sd
        return sums_of(model, sizes, piece.X[:, :start], codes, targets)

    def more(model: SampleModel) -> Iterator[tuple[int, Sums]]:
        parts = enumerate(stored.map(partial(left_in, model)))
        return ((i % FOLDS, one) for i, one in parts)

    return FoldSums.of(labelled, training.X[:, :start], more)


class TableSources(SourceHooks):
    """X of the tabular estimators as a path or a dataset."""

    encoder_: Any
    verbose: Any
    _head: Any
    _numeric_target: ClassVar[bool]
    get_params: Callable[..., Any]
    _encode_target: Callable[..., Any]
    _training_target: Callable[..., Any]

    def _table_of(self, rows: GivenRows, temp_folder: Any) -> Any:
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
        if labelled is not None:
            sums = fold_sums(data, labelled, found.stored)
            self.encoder_._put_effects(sums.tables())
            found = replace(found, sums=sums)
        return table.trained(found)

    def _encoded(self, rows: GivenRows, fitted: Any) -> Encoded:
        """Rows as the loss sees them; `fitted` are the targets of the sample."""
        X, codes = self.encoder_._with_codes(rows.X)
        y, names = read_named_target(rows.y, self, numeric=self._numeric_target)
        _, encoded = self._encode_target(y, all_classes=False, names=names)
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
    return target_in(arrow().concat_tables([*source.blocks(names)]), names)


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
