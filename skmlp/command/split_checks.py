"""What makes a random test too easy: training rows of its customers, times, or copies."""

import shlex
from typing import Any, NamedTuple

import numpy as np

from .choices import CLASSIFICATION
from .dates import DATED, DURATION, TIME, as_numbers
from .evaluation import TrainTestSplit
from .io import optional
from .kinds import LABEL, NUMBER, TEXT
from .text import counted

MAX_TRAIN, MAX_TEST, MAX_PAIRS = 100_000, 10_000, 20_000
"""The most training and test rows that are compared, and the most in pairs."""

MIN_TWICE, SHARE_TWICE = 5, 0.01
"""So many test rows, and such a share of them, must be training rows, too."""

MIN_ROWS, MIN_PAIRS = 100, 20
"""The fewest rows that show an order, and the fewest pairs of rows."""

ROWS_PER_VALUE, SPREAD = 5, 0.1
"""The most rows of a customer, in the mean; how far their numbers are from even."""

ALIKE = 0.4
"""How much more often a column must be equal in rows of one customer than in others."""

BY_TIME, SURE = 0.05, 5.0
"""The least share of the target that time explains, also in standard errors."""

N_TIMES = 20
"""The parts of the time whose mean targets are compared."""

MAX_CLASSES = 50
"""The most classes that are followed over time."""


def notes_on_split(
    rows: TrainTestSplit,
    columns: dict[str, str],
    target: str,
    *,
    at_random: bool = True,
) -> list[str]:
    """Notes on what makes the test rows of a split too easy.

    A split that is not random says on purpose what groups and times are in both parts.
    """
    notes = notes_on_twice(rows, target)
    if at_random:
        notes += notes_on_groups(rows, columns, target)
        notes += notes_on_time(rows, columns, target)
    return notes


def codes_of(series: Any) -> Any:
    """The different values of a column as integers from 0; a missing one is one, too."""
    codes = optional("pandas").factorize(series)[0]
    return codes + 1 if (codes < 0).any() else codes


def notes_on_twice(rows: TrainTestSplit, target: str) -> list[str]:
    """A note on test rows that are training rows, too, unless these are few.

    Rows of few different values have the same features by chance. Copies have the same
    target more often than such rows.
    """
    train, test = rows.X_train.iloc[:MAX_TRAIN], rows.X_test.iloc[:MAX_TEST]
    n_train, n_test = len(train), len(test)
    pandas = optional("pandas")
    same = Same(np.arange(n_train + n_test), np.zeros(n_train + n_test, dtype=int))
    for name in train.columns:
        same = same.with_equal(pandas.concat([train[name], test[name]]), n_train)
    y = pandas.Series(np.concatenate([rows.y_train[:n_train], rows.y_test[:n_test]]))
    n_features, mean, variance = same.by_chance(codes_of(y), n_train)
    n_all = int((same.with_equal(y, n_train).places >= n_train).sum())
    least = max(MIN_TWICE, SHARE_TWICE * n_test, n_features / 2)
    if n_all < least or n_all <= mean + SURE * variance**0.5:
        return []
    return [
        f"{n_features:,} of {counted(n_test, 'test row')} have the features of a training "
        f"row, {n_all:,} of them also its {target}; if these are copies, remove them, "
        "because the scores are too good"
    ]


class Same(NamedTuple):
    """Training and test rows, by their places, that have a key in common."""

    places: Any
    keys: Any

    def with_equal(self, series: Any, n_train: int) -> "Same":
        """Those that also have the same value of a column; training rows come first."""
        if not len(self.places):
            return self
        codes = codes_of(series.iloc[self.places])
        keys = codes_of(self.keys * (codes.max() + 1) + codes)
        is_test, n_keys = self.places >= n_train, keys.max() + 1
        both = np.bincount(keys[is_test], minlength=n_keys) > 0
        both &= np.bincount(keys[~is_test], minlength=n_keys) > 0
        return Same(self.places[both[keys]], keys[both[keys]])

    def by_chance(self, y: Any, n_train: int) -> tuple[int, float, float]:
        """The number of test rows, and of those with the same y as a training row.

        Of these the mean and the variance if y did not depend on the row.
        """
        is_test = self.places >= n_train
        if not is_test.any():
            return 0, 0.0, 0.0
        n_equal = np.bincount(self.keys[~is_test])[self.keys[is_test]]
        share = np.bincount(y[:n_train], minlength=y.max() + 1) / n_train
        chance = 1 - (1 - share[y[self.places[is_test]]]) ** n_equal
        variance = (chance * (1 - chance)).sum()
        return int(is_test.sum()), float(chance.sum()), float(variance)


def notes_on_groups(
    rows: TrainTestSplit, columns: dict[str, str], target: str
) -> list[str]:
    """A note on each column with few rows of each value, which are alike."""
    X, y = rows.X_train.iloc[:MAX_TRAIN], rows.y_train[:MAX_TRAIN]
    names = [name for name, kind in columns.items() if may_be_groups(X[name], kind)]
    if not names:
        return []
    known: dict[str, Any] = {name: X[name] for name in columns}
    known[f"the target {target}"] = y
    notes = []
    for name in names:
        codes = optional("pandas").factorize(X[name], sort=True)[0]
        others = {one: values for one, values in known.items() if one != name}
        found = most_alike(codes, others)
        if found:
            other, same, different = found
            notes.append(
                f"few rows have the same {name!r}, and these are alike: {other} is equal "
                f"in {same:.0%} of their pairs, in {different:.0%} of others; they are in "
                "both parts, so the scores are too good for new ones: "
                f"--group {shlex.quote(name)}"
            )
    return notes


def may_be_groups(series: Any, kind: str) -> bool:
    """Whether a column has many different integers or texts, with few rows each."""
    seen = series.dropna()
    if len(seen) < MIN_ROWS or kind not in (NUMBER, TEXT, LABEL):
        return False
    if kind == NUMBER and not ((seen % 1 == 0).all() and are_spread(seen.unique())):
        return False
    return bool(len(seen) / ROWS_PER_VALUE <= seen.nunique() < len(seen))


def are_spread(values: Any) -> bool:
    """Whether different numbers lie evenly, as those that are given one after the other.

    Measured ones are rare at one end or at both.
    """
    values = np.sort(values)
    places = np.linspace(0, 1, len(values))
    even = (values - values[0]) / max(values[-1] - values[0], 1)
    return bool(np.abs(even - places).max() <= SPREAD + len(values) ** -0.5)


def most_alike(codes: Any, others: dict[str, Any]) -> tuple[str, float, float] | None:
    """The column that is equal more often in rows with the same code than in neighbours.

    And how often it is equal in pairs with the same code and in others; None: there is
    no such column.
    """
    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0][:MAX_PAIRS]
    known = [codes_of(np.asarray(values)[order]) for values in others.values()]
    equal = np.array([one[1:] == one[:-1] for one in known])
    same = codes[order[1:]] == codes[order[:-1]]
    # Rows that are there twice say nothing about customers.
    differ = ~equal.all(axis=0)
    first, second = equal[:, same & differ], equal[:, ~same & differ]
    if min(first.shape[1], second.shape[1]) < MIN_PAIRS:
        return None
    p, q = first.mean(axis=1), second.mean(axis=1)
    variance = p * (1 - p) / first.shape[1] + q * (1 - q) / second.shape[1]
    gain = np.where(p - q > SURE * np.sqrt(variance), p - q, 0)
    best = int(gain.argmax())
    if gain[best] < ALIKE:
        return None
    name = [*others][best]
    return (name if best == len(known) - 1 else repr(name)), p[best], q[best]


def notes_on_time(
    rows: TrainTestSplit, columns: dict[str, str], target: str
) -> list[str]:
    """A note on the column of dates on which the target depends most, if it does."""
    X, y = rows.X_train.iloc[:MAX_TRAIN], rows.y_train[:MAX_TRAIN]
    found = {}
    for name, kind in columns.items():
        if kind in DATED and kind not in (TIME, DURATION):
            times = as_numbers(X[name], kind)
            known = ~np.isnan(times)
            order = np.argsort(times[known], kind="stable")
            share = share_of_time(deviations(y[known][order], rows.kind))
            if share >= max(BY_TIME, SURE / max(known.sum(), 1) ** 0.5):
                found[name] = share
    if not found:
        return []
    name = max(found, key=lambda one: found[one])
    return [
        f"{target} depends on the time {name!r} ({found[name]:.0%} of its variance), so "
        "rows of a random test are easier than later ones; if you predict the future: "
        f"--time {shlex.quote(name)}"
    ]


def deviations(y: Any, kind: str) -> Any:
    """Columns whose means are 0: ranks of the target, or whether it is a class."""
    if kind == CLASSIFICATION:
        codes = np.unique(y, return_inverse=True)[1]
        frequent = np.argsort(-np.bincount(codes), kind="stable")[:MAX_CLASSES]
        columns = (codes[:, None] == frequent).astype(float)
    else:
        columns = np.unique(y, return_inverse=True)[1].astype(float)[:, None]
    return columns - columns.mean(axis=0)


def share_of_time(changes: Any) -> float:
    """The share of the variance, by time, that neighbours or parts have in common."""
    n, total = len(changes), (changes**2).sum()
    if n < MIN_ROWS or total == 0:
        return 0.0
    neighbours = (changes[1:] * changes[:-1]).sum() / total
    parts = np.array_split(changes, N_TIMES)
    between = sum(len(one) * (one.mean(axis=0) ** 2).sum() for one in parts) / total
    drift = 1 - (1 - between) * (n - 1) / (n - N_TIMES)
    return float(max(neighbours, drift))
