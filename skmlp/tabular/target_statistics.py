"""Target statistics: the effect of each label on the target, in columns of many labels.

The target is a linear function of the other columns, an effect of each label of each of
these columns, and noise. Effects are shrunk, the more the fewer rows a label has: a linear
model with random effects. All columns are learnt together, so that a label does not get
what labels of other columns explain. Henderson, "Best linear unbiased estimation and
prediction under a selection model", Biometrics 31(2), 1975.

A row must not see its own target in such a number, or a network would trust the number too
much. So rows are dealt out to folds, and effects for the rows of a fold are learnt from
other folds. A member of an ensemble has effects of its own, from its training rows only.
For new rows they are learnt from all rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..core._types import Rows
from .assembly import encode, layout_of
from .codes import Coded
from .column_encoders import ColumnEncoder
from .columns import Column
from .labelled import HasEffects, WithLabels
from .member_rows import OwnColumns
from .rare_labels import FEW_LABELS, FIRST_NEEDED, rows_needed, standardised
from .totals import Totals

FOLDS = 8
"""The number of folds for training rows."""

PASSES, ROUNDS = 8, 4
"""How often all effects are improved in turns, and how often the rows that labels need."""

EMBEDDING_ROWS, LEAST_EXPLAINED = 30, 0.01
"""A label has an embedding from so many rows on, times the squared ratio of noise to
explained variance, which is at least LEAST_EXPLAINED, or times the number of labels by that
of rows, whichever is more. Chosen by experiment: docs/tabular.md."""

RIDGE, LINEAR_ROWS = 10.0, 20_000
"""The penalty of the linear function, for columns of variance 1, and the most rows that it
learns from."""


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """The rows of fit, from which effects are learnt.

    `codes` are the labels of the rows, (n_columns, n_rows), and `sizes` the number of codes
    of each column. Z are other columns, (n_rows, n), and y the targets,
    (n_rows, n_outputs), both as `standardised` returns them. `folds` has the number of the
    fold of each row. `start` is where the encoded table has the effects. `needed` are the
    rows that a label needs, for each column, and `noise` is the part of the variance of y
    that is left. `scales` are means and standard deviations of the numbers of labels.
    """

    codes: Any
    sizes: tuple[int, ...]
    Z: Any
    y: Any
    folds: Any
    start: int
    needed: tuple[float, ...]
    noise: float = 1.0
    scales: Any = None

    @classmethod
    def of(
        cls, codes: Any, sizes: tuple[int, ...], Z: Any, y: Any, start: int
    ) -> "LabelledRows":
        """Rows with these labels; Z and y as they are."""
        Z, y = standardised(Z, np.float32), standardised(y)
        folds, needed = folds_of(np.arange(len(y))), (FIRST_NEEDED,) * len(sizes)
        rows = cls(codes, sizes, Z, y, folds, start, needed)
        for _ in range(ROUNDS):
            rows = rows._with_needed()
        return rows._with_scales()

    @property
    def place(self) -> slice:
        """Where the encoded table has the effects."""
        return slice(self.start, self.start + len(self.sizes) * (self.y.shape[1] + 1))

    def rows_for_embedding(self, n_rows: int) -> list[float]:
        """The rows of `n_rows` that a label needs for an embedding, for each column."""
        ratio = self.noise / max(1 - self.noise, LEAST_EXPLAINED)
        shares = [n / n_rows for n in self.sizes]
        return [EMBEDDING_ROWS * max(ratio**2, share) for share in shares]

    def take(self, rows: Rows) -> "LabelledRows":
        """These rows."""
        arrays = {name: getattr(self, name)[rows] for name in ("Z", "y", "folds")}
        return replace(self, codes=self.codes[:, rows], **arrays)

    def in_groups(self, groups: Any) -> "LabelledRows":
        """The same with the rows of a group in the same fold."""
        return replace(self, folds=folds_of(np.unique(groups, return_inverse=True)[1]))

    def tables(self) -> list[Any]:
        """The numbers of labels, (n_codes, n_outputs + 1) for each column, by all rows."""
        every = np.arange(len(self.y))
        return self.tables_of(every, self.left_by_linear(every))

    def own_columns(
        self, folds: Sequence[tuple[Rows, Rows]], held_out: bool
    ) -> list[OwnColumns]:
        """The columns of the member of each fold, (training rows, validation rows).

        `held_out` says whether validation rows are some of these rows, or other data.
        """
        found: dict[int, OwnColumns] = {}
        for fold in folds:
            if id(fold) not in found:
                training, validation = fold
                held = validation if held_out else validation[:0]
                values = self.cross_fitted(training, held)
                found[id(fold)] = OwnColumns(self.place, values)
        return [found[id(fold)] for fold in folds]

    def cross_fitted(self, training: Rows, validation: Rows) -> Any:
        """The numbers of the labels of each row, for a member.

        Those of validation rows are learnt from all training rows, and those of training
        rows from the training rows of other folds. Rows that are neither have 0.
        """
        out = np.zeros((len(self.y), self.place.stop - self.start), np.float32)
        left, folds = self.left_by_linear(training), self.folds[training]
        pairs = [(training[folds != f], training[folds == f]) for f in np.unique(folds)]
        for known, new in [*pairs, (training, validation)]:
            if len(known) and len(new):
                both = zip(self.tables_of(known, left), self.codes, strict=True)
                out[new] = np.hstack([table[codes[new]] for table, codes in both])
        return out

    def tables_of(self, rows: Rows, left: Any) -> list[Any]:
        """The numbers of labels by these rows; the linear function leaves `left` of y."""
        codes = self.codes[:, rows]
        model = Effects(codes, self.sizes, self.needed)
        passes = PASSES if len(self.sizes) > 1 else 1
        each = [model.fit(one[rows], passes)[0] for one in left.T]
        tables = [
            np.stack([*effects, np.log1p(counts)], axis=1)
            for *effects, counts in zip(*each, model.counts, strict=True)
        ]
        if self.scales is None:
            return tables
        return scaled(tables, self.scales)

    def left_by_linear(self, rows: Rows) -> Any:
        """What the linear function, learnt from these rows, leaves of all targets."""
        model = Effects(self.codes[:, rows], self.sizes, self.needed)
        linear, out = Linear(self.Z[rows]), np.empty_like(self.y)
        for i, y in enumerate(self.y.T):
            mean = y[rows].mean()
            w = model.fit(y[rows] - mean, PASSES, linear)[2]
            out[:, i] = y - mean - product(self.Z, w)
        return out

    @property
    def left(self) -> Any:
        """What the linear function and the effects leave of the targets."""
        return self.fitted().left

    def fitted(self) -> "FittedEffects":
        """The model of these rows."""
        model, linear = Effects(self.codes, self.sizes, self.needed), Linear(self.Z)
        fits = [model.fit(y - y.mean(), PASSES, linear) for y in self.y.T]
        effects = [one for one, _, _ in fits]
        left, w = (np.stack([one[i] for one in fits], axis=1) for i in (1, 2))
        return FittedEffects(model.degrees, effects, left, w)

    def _with_needed(self) -> "LabelledRows":
        """The same with better estimates of the rows that labels need, and of the noise."""
        degrees, effects, left, _ = self.fitted()
        needed = [
            rows_needed(codes, left + np.stack([e[i][codes] for e in effects], axis=1))
            for i, codes in enumerate(self.codes)
        ]
        free = max(len(left) - degrees - self.Z.shape[1], 1)
        total = max(float(np.square(self.y).sum()), 1e-12)
        noise = min(float(np.square(left).sum()) / free * len(left) / total, 1.0)
        return replace(self, needed=tuple(needed), noise=noise)

    def _with_scales(self) -> "LabelledRows":
        """The same with the scales of the numbers in these rows."""
        both = zip(self.tables(), self.codes, strict=True)
        each = [table[codes] for table, codes in both]
        scales = [(one.mean(axis=0), one.std(axis=0)) for one in each]
        return replace(
            self, scales=[(m, np.where(sd > 1e-9, sd, 1)) for m, sd in scales]
        )


def scaled(tables: Sequence[Any], scales: Sequence[tuple[Any, Any]]) -> list[Any]:
    """Numbers of labels, scaled and smoothly clipped to (-3, 3)."""
    both = zip(tables, scales, strict=True)
    each = [(numbers - mean) / sd for numbers, (mean, sd) in both]
    return [(z / np.sqrt(1 + (z / 3) ** 2)).astype(np.float32) for z in each]


class FittedEffects(NamedTuple):
    """A model of targets: effects and a linear function.

    The degrees of freedom of the effects, the effects of each column on each target, what
    is left of the targets, (n_rows, n_outputs), and the coefficients, (n, n_outputs).
    """

    degrees: float
    effects: list[list[Any]]
    left: Any
    w: Any


def product(Z: Any, w: Any) -> Any:
    """Z w in the precision of Z: a copy of Z in double precision would be large."""
    return Z @ w.astype(Z.dtype)


class Linear:
    """A linear function with a penalty, learnt from at most about LINEAR_ROWS rows."""

    def __init__(self, Z: Any):
        self.Z, self.step = Z, max(1, len(Z) // LINEAR_ROWS)
        self.some = Z[:: self.step]
        gram = self.some.T @ self.some
        self.inverse = np.linalg.inv(gram.astype(float) + RIDGE * np.eye(len(gram)))

    def fit(self, y: Any) -> Any:
        """The coefficients that explain y."""
        return self.inverse @ (self.some.T @ y[:: self.step])


class Effects:
    """The effects of labels in columns of codes, each shrunk by `needed`."""

    def __init__(self, codes: Any, sizes: Any, needed: Any):
        pairs = list(zip(codes, sizes, strict=True))
        self.codes = codes
        self.counts = [np.bincount(code, minlength=size) for code, size in pairs]
        self.rows = [n + a for n, a in zip(self.counts, needed, strict=True)]
        both = zip(self.counts, self.rows, strict=True)
        self.degrees = sum(float((n / rows).sum()) for n, rows in both)

    def fit(
        self, y: Any, passes: int, linear: Any = None
    ) -> tuple[list[Any], Any, Any]:
        """The effects, what they leave of y, and the coefficients of a linear function.

        Each pass improves the function and then the effects of each column in turn, each by
        what all others leave of y (Gauss-Seidel).
        """
        left = y.astype(float)
        effects = [np.zeros(len(n)) for n in self.counts]
        w = None if linear is None else np.zeros(len(linear.inverse))
        for _ in range(passes):
            if linear is not None:
                new = linear.fit(left + product(linear.Z, w))
                left -= product(linear.Z, new - w)
                w = new
            for i, code in enumerate(self.codes):
                sums = np.bincount(code, left, len(effects[i]))
                new = (sums + self.counts[i] * effects[i]) / self.rows[i]
                left -= (new - effects[i])[code]
                effects[i] = new
        return effects, left, w


def folds_of(units: Any) -> Any:
    """A fold for each row, at random, the same for all rows of a unit."""
    n_units = units.max() + 1
    return (np.random.RandomState(0).permutation(n_units) % FOLDS)[units]


def with_effects(
    encoders: Sequence[ColumnEncoder],
    columns: Sequence[Column],
    y: Any,
    totals: Totals | None,
) -> tuple[list[ColumnEncoder], LabelledRows | None]:
    """Encoders with the effects of many labels, and the rows that these came from.

    Labels of too few rows for an embedding become rare.
    """
    found = _coded(encoders, columns, FEW_LABELS + 1)
    if not found:
        return list(encoders), None
    rows = labelled_rows(encoders, columns, y, FEW_LABELS + 1)
    n_rows = totals.n_rows if totals else len(rows.y)
    known = zip(rows.rows_for_embedding(n_rows), rows.tables(), strict=True)
    new = list(encoders)
    for (i, (one, column)), (n, table) in zip(found.items(), known, strict=True):
        kept = one.without_rare(sizes_of(one, column, totals), n)
        new[i] = encoders[i].with_labelled(replace(kept, effects=table))
    return new, rows


def labelled_rows(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column], y: Any, least: int
) -> LabelledRows:
    """The rows of a table, with the columns of at least so many labels as codes."""
    found = _coded(encoders, columns, least).values()
    Z = encode(encoders, columns)
    start = Z.shape[1] - len(layout_of(encoders).cardinalities)
    codes = [one.codes_for_effects(column) for one, column in found]
    sizes = tuple(len(one.labels) + 2 for one, _ in found)
    codes_of_rows = np.array(codes, int).reshape(len(codes), len(Z))
    return LabelledRows.of(codes_of_rows, sizes, Z[:, :start], y, start)


def codes_for_effects(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column]
) -> list[Any]:
    """The codes of rows in the columns that have effects."""
    found = _coded(encoders, columns, 0).values()
    return [
        one.codes_for_effects(column)
        for one, column in found
        if one.effects is not None
    ]


def with_tables(
    encoders: Sequence[ColumnEncoder], tables: Sequence[Any]
) -> list[ColumnEncoder]:
    """The encoders with other effects of labels, in the order of `codes_for_effects`."""
    new, left = list(encoders), iter(tables)
    for i, one in enumerate(encoders):
        inner: Any = one.label if isinstance(one, Coded) else one
        if getattr(inner, "effects", None) is not None:
            new[i] = one.with_labelled(replace(inner, effects=next(left)))
    return new


def without_rare(
    encoders: Sequence[ColumnEncoder],
    columns: Sequence[Column],
    least: int,
    totals: Totals | None,
) -> list[ColumnEncoder]:
    """Encoders for which labels of fewer rows are rare."""
    new = list(encoders)
    for i, (one, column) in _coded(encoders, columns, 1).items() if least > 1 else ():
        kept = one.without_rare(sizes_of(one, column, totals), least)
        new[i] = encoders[i].with_labelled(kept)
    return new


def sizes_of(one: HasEffects, column: Column, totals: Totals | None) -> Any:
    """The number of rows of each label."""
    codes = one.codes_of_rows(column)
    sizes = np.bincount(codes, minlength=len(one.labels) + 1)[1:]
    known = totals.labels.get(column.name) if totals else None
    if known is None:
        return sizes
    return np.array([known.get(label, 0) for label in one.labels])


def _coded(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column], least: int
) -> dict[int, WithLabels]:
    """The encoders of at least so many labels as codes, by their places."""
    both = zip(encoders, columns, strict=True)
    found = {i: one.labelled(column) for i, (one, column) in enumerate(both)}
    return {
        i: one
        for i, one in found.items()
        if one and one.encoder.as_numbers and len(one.encoder.labels) >= least
    }
