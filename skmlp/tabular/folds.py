"""The members' folds: on which rows a member trains, and which rows it holds out."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from ..common.checks import GivenRows
from ..common.constraints import Splits
from ..common.errors import InvalidParameterError, error_context, shown
from ..common.frames import rows_of
from ..common.target_values import read_target
from ..core._types import Rows
from ..core.batches import Dataset
from .target_statistics import LabelledRows

MIN_FOLDS, MAX_FOLDS = 5, 8
"""There are as many folds as members, within these limits."""

NEAR = 32
"""The most folds before and after one that may judge its epochs."""


class Fold(NamedTuple):
    """The training rows of a member, and the validation rows for its best epoch."""

    training: Rows
    validation: Rows

    def part(self, fraction: float) -> "Fold":
        """The same with that fraction of the training rows, evenly spread, at least one."""
        n_all = len(self.training)
        n = max(1, int(fraction * n_all))
        if n == n_all:
            return self
        return self._replace(training=self.training[np.arange(n) * n_all // n])


@dataclass(frozen=True, eq=False)
class FitRows:
    """The encoded rows of fit, and the table that they come from.

    `data` has the rows with a weight, `numbers` are their row numbers in the table. `y`,
    as it was read, and `groups` have a value for each row of the table. `labelled` is what
    members learn effects of labels from.
    """

    data: Dataset
    table: Any
    y: Any
    numbers: Rows
    groups: Any = None
    labelled: LabelledRows | None = None

    def take(self, rows: Rows) -> "FitRows":
        """These of the encoded rows, of the same table."""
        labelled = self.labelled and self.labelled.take(rows)
        data, numbers = self.data.take(rows), self.numbers[rows]
        return replace(self, data=data, numbers=numbers, labelled=labelled)

    def for_scorer(self, rows: Rows, scoring: Any) -> GivenRows:
        """These of the encoded rows, as a scorer gets them.

        The scorers that have a name do not look at X: row numbers stand for it.
        """
        numbers, w = self.numbers[rows], self.data.w
        X = rows_of(self.table, numbers) if callable(scoring) else numbers
        return GivenRows(X, self.y[numbers], None if w is None else w[rows])


def read_groups(groups: Any, n_rows: int, owner: object) -> Any:
    """`groups` as an array (n_rows,), or None.

    Raises
    ------
    ValueError
        If a value is missing, or there is not one for each row.
    TypeError
        If the values are of several kinds.
    """
    if groups is None:
        return None
    groups = read_target(groups, owner, "groups", numeric=False)
    if groups.shape != (n_rows,):
        raise ValueError(
            f"groups must have shape ({n_rows},), one value for each row of X. "
            f"Got shape {groups.shape}."
        )
    return groups


def check_no_splits(cv: Any, groups: Any) -> None:
    """Raise ValueError if there are folds to make besides given validation rows."""
    given = {"cv": cv, "groups": groups}
    names = [name for name, value in given.items() if value is not None]
    if names:
        raise ValueError(
            f"{' and '.join(names)} must be None with X_val: its rows validate all "
            "networks, so that no row of X is held out. Got both."
        )


def check_same_folds(before: str, now: str) -> None:
    """Raise ValueError if a checkpoint is of members with other rows, by checksums."""
    if before != now:
        raise ValueError(
            "cv must give the same folds as in the fit of the checkpoint. Got other "
            "ones: give the splitter a random_state."
        )


def member_folds(
    rows: FitRows, cv: Any, n_members: int, strata: Any, rng: np.random.RandomState
) -> list[Fold]:
    """A fold of the encoded rows for each member, by the splitter or made here."""
    n_folds = int(cv) if isinstance(cv, Integral) else None
    if cv is not None and n_folds is None:
        folds = list(given_folds(rows, cv, n_members))
        return [folds[i % len(folds)] for i in range(n_members)]
    groups, n_units, what = None, rows.data.n_rows, "rows"
    if rows.groups is not None:
        values, groups = np.unique(rows.groups[rows.numbers], return_inverse=True)
        n_units, what = len(values), "groups"
    if n_units < 2:
        raise ValueError(
            "groups must have at least 2 different values, one to train on and one to "
            f"hold out. Got {n_units}."
        )
    if n_folds is not None and n_folds > n_units:
        raise InvalidParameterError(
            f"cv must be at most the number of {what} with a positive weight, which is "
            f"{n_units}. Got {n_folds}."
        )
    return make_folds(rows.data.n_rows, n_members, strata, rng, n_folds, groups)


def make_folds(
    n_rows: int,
    n_members: int,
    strata: Any,
    rng: np.random.RandomState,
    n_folds: int | None = None,
    groups: Any = None,
) -> list[Fold]:
    """A fold for each member, with validation rows spread evenly over the strata.

    The rows are partitioned into `n_folds` folds, by default as many as there are members,
    but at least 5 and at most 8. Further members get the folds of a new partition. Rows
    with the same number in `groups` are in the same fold.
    """
    n_units = n_rows if groups is None else int(groups.max()) + 1
    if n_folds is None:
        n_folds = min(max(MIN_FOLDS, min(n_members, MAX_FOLDS)), n_units)
    folds: list[Fold] = []
    while len(folds) < n_members:
        if groups is None:
            fold = _partition(n_rows, n_folds, strata, rng)
        else:
            fold = _partition_of_groups(groups, n_folds, strata, rng)
        for i in range(min(n_folds, n_members - len(folds))):
            folds.append(Fold(np.flatnonzero(fold != i), np.flatnonzero(fold == i)))
    return folds


def judges_of(folds: list[Fold]) -> list[list[int]]:
    """For each fold the others that hold out nothing but training rows of it.

    They can choose an epoch for its member without help of the rows that it holds out, nor
    of rows that it may not know, such as later ones. Only folds near to it count, so that
    the time is linear in the number of folds.
    """
    n_rows = 1 + max(int(part.max()) for fold in folds for part in fold)
    judges = []
    for i, fold in enumerate(folds):
        known = np.zeros(n_rows, bool)
        known[fold.training] = True
        near = range(max(0, i - NEAR), min(i + NEAR + 1, len(folds)))
        judges.append([j for j in near if known[folds[j].validation].all()])
    return judges


def _partition(
    n_rows: int, n_folds: int, strata: Any, rng: np.random.RandomState
) -> Rows:
    """The number of the fold of each row, at random within the strata."""
    rows = rng.permutation(n_rows)
    if strata is not None:
        rows = rows[np.argsort(strata[rows], kind="stable")]
    fold = np.empty(n_rows, int)
    fold[rows] = np.arange(n_rows) % n_folds
    return fold


def _partition_of_groups(
    groups: Rows, n_folds: int, strata: Any, rng: np.random.RandomState
) -> Rows:
    """The number of the fold of each row, the same for all rows of a group.

    The largest groups come first, those of one size at random. Each goes to the fold with
    the least share of its strata and of all rows. An empty fold has none of either, so that
    no fold stays empty.
    """
    n_rows = len(groups)
    strata = np.zeros(n_rows, int) if strata is None else strata
    totals = np.bincount(strata)
    shares, size = np.zeros((n_folds, len(totals))), np.zeros(n_folds)
    counts = np.bincount(groups)
    rows_by_group = np.split(np.argsort(groups, kind="stable"), counts.cumsum()[:-1])
    in_random_order = rng.permutation(len(counts))
    order = in_random_order[np.argsort(-counts[in_random_order], kind="stable")]
    fold = np.empty(n_rows, int)
    for group in order:
        rows = rows_by_group[group]
        part = np.bincount(strata[rows], minlength=len(totals)) / totals
        best = np.argmin(shares @ part + size * (len(rows) / n_rows))
        shares[best] += part
        size[best] += len(rows) / n_rows
        fold[rows] = best
    return fold


def given_folds(rows: FitRows, cv: Any, n_members: int) -> Iterator[Fold]:
    """The first `n_members` splits of a splitter, or of pairs of row numbers.

    They are splits of the table; a fold has their rows with a weight.
    """
    place = np.full(len(rows.y), -1)
    place[rows.numbers] = np.arange(len(rows.numbers))
    n = 0
    for n, pair in enumerate(_splits(rows, cv, n_members), 1):
        where = f"split {n} of cv"
        split = _checked(pair, len(rows.y), where)
        if rows.groups is not None:
            _check_apart(split, rows.groups, where, cv)
        fold = Fold(*(place[part][place[part] >= 0] for part in split))
        for name, part in fold._asdict().items():
            if not len(part):
                raise ValueError(
                    f"{where} must have a {name} row with a positive weight. Got weights "
                    "and class weights of which all are zero."
                )
        yield fold
    if not n:
        raise ValueError(
            f"cv must have at least one split. Got {shown(cv)}, which has none; an "
            "iterator has its splits only once."
        )


def _splits(rows: FitRows, cv: Any, n_members: int) -> Iterator[Any]:
    """The first splits; errors of the splitter name `cv`."""
    allowed = f"{Splits().allowed} that fits X, y and groups"
    with error_context("cv", allowed, cv), warnings.catch_warnings():
        # The groups are checked afterwards.
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        is_splitter = hasattr(cv, "split")
        splits = cv.split(rows.table, rows.y, rows.groups) if is_splitter else cv
        first = list(islice(splits, n_members))
    return iter(first)


def _checked(pair: Any, n_rows: int, where: str) -> Fold:
    """A split with rows of the table, at least one on each side and none on both."""
    try:
        split = Fold(*map(np.asarray, pair))
    except (TypeError, ValueError):
        raise TypeError(
            f"{where} must be a pair of training and validation row numbers. "
            f"Got {shown(pair)}."
        ) from None
    for name, part in split._asdict().items():
        if part.ndim == 1 and not part.size:
            raise ValueError(f"{where} must have {name} rows. Got none.")
        if part.ndim != 1 or part.dtype.kind not in "iu":
            raise TypeError(
                f"{where} must have {name} rows as an array of row numbers, which are "
                f"int. Got {part.dtype} of shape {part.shape}."
            )
        if part.min() < 0 or part.max() >= n_rows:
            raise ValueError(
                f"{where} must have {name} rows from 0 to {n_rows - 1}. "
                f"Got rows from {part.min()} to {part.max()}."
            )
    both = np.intersect1d(*split)
    if len(both):
        raise ValueError(
            f"{where} must have no row in both parts. Got {len(both)} rows that are "
            f"training and validation rows, such as row {both[0]}."
        )
    return split


def _check_apart(split: Fold, groups: Any, where: str, cv: Any) -> None:
    """Raise ValueError if a group has training rows and validation rows."""
    both = np.intersect1d(*(groups[part] for part in split))
    if len(both):
        raise ValueError(
            f"{where} must keep the rows of a group together. Got {len(both)} groups that "
            f"have training and validation rows, such as {shown(both[0])}, from "
            f"{shown(cv)}. GroupKFold keeps groups together, and so does cv=None."
        )
