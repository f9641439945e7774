"""The effects of labels by all rows, where those of a sample say too little.

The sample has a model of the target: a linear function and effects of labels (see
`skmlp.tabular.target_statistics`). One pass over all rows adds up, for each label of a
column, what the function and the effects of the other columns leave of the target. A row
must not see its own target, so the sums are kept for each of FOLDS folds of the rows, and a
row has effects from the other folds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core._types import Rows
from ..core.batches import row_blocks
from ..tabular.member_rows import OwnColumns
from ..tabular.target_statistics import FOLDS, LabelledRows, scaled

ROWS_AT_A_TIME = 8192
"""Products with the rows in double precision are made for so many at a time."""


@dataclass(frozen=True, eq=False)
class SampleModel:
    """What the sample says of the targets: a linear function, and effects of labels.

    The function of a row z of other columns is z @ w + constant.
    """

    w: Any
    constant: Any
    effects: Sequence[Any]

    @classmethod
    def of(cls, rows: LabelledRows, Z: Any) -> SampleModel:
        """The model of the rows of a sample; Z are their other columns, as encoded."""
        found = rows.fitted()
        each = [(np.mean(z, dtype=float), np.std(z, dtype=float)) for z in Z.T]
        mean, sd = np.array(each).reshape(-1, 2).T
        w = found.w / np.where(sd > 1e-9, sd, np.inf)[:, None]
        return cls(w, -mean @ w, found.effects)

    def left(self, Z: Any, codes: Any, y: Any) -> Any:
        """What it leaves of standardised targets y, (n_rows, n_outputs)."""
        left = y - self.constant
        for rows in row_blocks(len(y), ROWS_AT_A_TIME):
            left[rows] -= Z[rows] @ self.w
        for i, effects in enumerate(zip(*self.effects, strict=True)):
            left -= np.stack(effects, axis=1)[codes[i]]
        return left

    def residuals(self, Z: Any, codes: Any, y: Any) -> Any:
        """What is left with the effects of each column, (n_columns, n_rows, n_outputs)."""
        left = self.left(Z, codes, y)
        each = [
            np.stack(effects, axis=1) for effects in zip(*self.effects, strict=True)
        ]
        return np.array(
            [left + one[code] for one, code in zip(each, codes, strict=True)]
        )


Sums = list[tuple[Any, Any]]
"""For each column of labels the sums of residuals, (n_codes, n_outputs), and the numbers
of rows, (n_codes,)."""


def sums_of(
    model: SampleModel, sizes: Sequence[int], Z: Any, codes: Any, y: Any
) -> Sums:
    """The sums of some rows; y are targets in the scale of those of the sample."""
    each = zip(model.residuals(Z, codes, y), codes, sizes, strict=True)
    return [summed(own, code, size) for own, code, size in each]


def summed(values: Any, codes: Any, n_codes: int) -> tuple[Any, Any]:
    """The sums of the columns of values by code, and the number of rows of each code."""
    sums = [np.bincount(codes, one, n_codes) for one in values.T]
    return np.stack(sums, axis=1), np.bincount(codes, minlength=n_codes)


@dataclass(frozen=True, eq=False)
class FoldSums:
    """For each column of labels the sums of residuals and the numbers of rows.

    `sums` are (FOLDS, n_codes, n_outputs) and `counts` (FOLDS, n_codes) for each column.
    `rows` are those of the sample, and `residuals` theirs, (n_columns, n_rows, n_outputs).
    `scales` are means and standard deviations of the numbers of labels, over all rows.
    """

    rows: LabelledRows
    residuals: Any
    sums: Sequence[Any]
    counts: Sequence[Any]
    scales: Sequence[tuple[Any, Any]] = ()

    @classmethod
    def of(
        cls,
        rows: LabelledRows,
        Z: Any,
        more: Callable[[SampleModel], Iterable[tuple[int, Sums]]],
    ) -> FoldSums:
        """The sums of the rows of a sample, and of more rows by its model, with folds."""
        model = SampleModel.of(rows, Z)
        residuals = model.residuals(Z, rows.codes, rows.y)
        sums, counts = [], []
        for own, code, size in zip(residuals, rows.codes, rows.sizes, strict=True):
            total, n = summed(own, rows.folds * size + code, FOLDS * size)
            sums.append(total.reshape(FOLDS, size, -1))
            counts.append(n.reshape(FOLDS, size))
        for fold, parts in more(model):
            for i, (total, n) in enumerate(parts):
                sums[i][fold] += total
                counts[i][fold] += n
        found = cls(replace(rows, Z=None), residuals, sums, counts)
        each = zip(found._numbers(None), counts, strict=True)
        scales = [scale_of(numbers, n.sum(axis=0)) for numbers, n in each]
        return replace(found, scales=scales)

    def without(self, held: Rows) -> FoldSums:
        """The same without these rows of the sample."""
        sums, counts = [], []
        folds = self.rows.folds[held]
        for i, code in enumerate(self.rows.codes[:, held]):
            size = self.rows.sizes[i]
            own, places = self.residuals[i][held], folds * size + code
            less, n = summed(own, places, FOLDS * size)
            sums.append(self.sums[i] - less.reshape(FOLDS, size, -1))
            counts.append(self.counts[i] - n.reshape(FOLDS, size))
        return replace(self, sums=sums, counts=counts)

    def tables(self, fold: int | None = None) -> list[Any]:
        """The numbers of labels, (n_codes, n_outputs + 1), without the rows of a fold."""
        return scaled(self._numbers(fold), self.scales)

    def _numbers(self, fold: int | None) -> list[Any]:
        """The effects and the logarithms of the numbers of rows, for each column."""
        found = []
        each = zip(self.sums, self.counts, self.rows.needed, strict=True)
        for sums, counts, needed in each:
            total, n = sums.sum(axis=0), counts.sum(axis=0)
            if fold is not None:
                total, n = total - sums[fold], n - counts[fold]
            effects = total / (n + needed)[:, None]
            found.append(np.hstack([effects, np.log1p(n)[:, None]]))
        return found

    def own_columns(self, training: Rows, validation: Rows) -> OwnColumns:
        """The columns of the member with these rows of the sample.

        Those of validation rows are learnt from all other rows, and those of training rows
        from those of other folds.
        """
        rows, others = self.rows, self.without(validation)
        width = rows.place.stop - rows.place.start
        out = np.zeros((len(rows.y), width), np.float32)
        parts: list[tuple[Rows, int | None]] = [(validation, None)]
        parts += [(training[rows.folds[training] == f], f) for f in range(FOLDS)]
        for some, fold in parts:
            out[some] = numbers_of(others.tables(fold), rows.codes[:, some])
        return OwnColumns(rows.place, out)


def scale_of(numbers: Any, n: Any) -> tuple[Any, Any]:
    """The means and standard deviations of numbers of labels with so many rows each."""
    mean = n @ numbers / n.sum()
    sd = np.sqrt(n @ (numbers - mean) ** 2 / n.sum())
    return mean, np.where(sd > 1e-9, sd, 1)


def numbers_of(tables: Sequence[Any], codes: Any) -> Any:
    """The numbers of the labels of rows, side by side."""
    both = zip(tables, codes, strict=True)
    return np.hstack([table[code] for table, code in both])
