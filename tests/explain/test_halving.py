"""Decreases of single columns, or of those that matter."""

import pytest

from skmlp.explain.halving import by_halves

N = 64
MATTER = {5: 3.0, 40: 2.0}


def measured(limit):
    """The decreases, how often columns were shuffled, and what was told."""
    calls, told = [], []

    def decrease(columns, n_repeats):
        calls.append((tuple(columns), n_repeats))
        return [sum(MATTER.get(column, 0.0) for column in columns)] * n_repeats

    return by_halves(N, decrease, 3, 1e-3, limit, told.append), calls, told


def test_each_column_alone_if_there_is_time():
    found, calls, told = measured(100.0)
    assert found == {i: [MATTER.get(i, 0.0)] * 3 for i in range(N)}
    assert calls == [((i,), 3) for i in range(N)]
    assert told == list(range(1, N + 1))


def test_at_least_the_column_that_matters_most():
    found, calls, _ = measured(1e-12)
    assert found == {5: [3.0] * 3}
    # Two halves at each of six levels, and the column itself.
    assert len(calls) == 13


@pytest.mark.parametrize("n_columns", [1, 2])
def test_few_columns(n_columns):
    found = by_halves(n_columns, lambda columns, n: [1.0] * n, 2, 1.0, 1e-12)
    assert found[0] == [1.0, 1.0]
