"""The effects of labels by all rows, where those of a sample say too little.

The sample has a model of the target: a linear function and effects of labels (see
`skmlp.tabular.target_statistics`). One pass over all rows adds up, for each label of a
column, what the function and the effects of the other columns leave of the target. A row
must not see its own target, so the sums are kept for each of FOLDS folds of the rows, and a
row has effects from the other folds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def effect(self, i: int) -> Any:
        """The effects of the labels of the i-th column, (n_codes, n_outputs)."""
        return np.stack([effects[i] for effects in self.effects], axis=1)


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
        cls, rows: LabelledRows, Z: Any, more: Iterable[tuple[int, Any, Any, Any]]
    ) -> FoldSums:
        """The sums of the rows of a sample, and of more rows: fold, Z, codes and y.

        y are targets in the scale of those of the sample.
        """
        model, n_outputs = SampleModel.of(rows, Z), rows.y.shape[1]
        sums = [np.zeros((FOLDS, size, n_outputs)) for size in rows.sizes]
        counts = [np.zeros((FOLDS, size)) for size in rows.sizes]

        def add(folds: Any, Z: Any, codes: Any, y: Any) -> list[Any]:
            left, found = model.left(Z, codes, y), []
            for i, code in enumerate(codes):
                own = left + model.effect(i)[code]
                places = folds * rows.sizes[i] + code
                flat = sums[i].reshape(-1, n_outputs)
                for k in range(n_outputs):
                    flat[:, k] += np.bincount(places, own[:, k], len(flat))
                counts[i] += np.bincount(places, minlength=len(flat)).reshape(FOLDS, -1)
                found.append(own)
            return found

        residuals = add(rows.folds, Z, rows.codes, rows.y)
        for fold, other_Z, codes, y in more:
            add(fold, other_Z, codes, y)
        found = cls(replace(rows, Z=None), np.array(residuals), sums, counts)
        each = zip(found._numbers(None), counts, strict=True)
        scales = [scale_of(numbers, n.sum(axis=0)) for numbers, n in each]
        return replace(found, scales=scales)

    def without(self, held: Rows) -> FoldSums:
        """The same without these rows of the sample."""
        sums, counts = [], []
        folds = self.rows.folds[held]
        for i, code in enumerate(self.rows.codes[:, held]):
            size = self.rows.sizes[i]
            places = folds * size + code
            some = [
                np.bincount(places, y, FOLDS * size) for y in self.residuals[i][held].T
            ]
            less = np.stack(some, axis=1).reshape(FOLDS, size, -1)
            n = np.bincount(places, minlength=FOLDS * size).reshape(FOLDS, size)
            sums.append(self.sums[i] - less)
            counts.append(self.counts[i] - n)
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
