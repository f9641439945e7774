"""The members' folds: made here, of groups, and by splitters."""

import numpy as np
import pytest

from skmlp.tabular.folds import make_folds


@pytest.mark.parametrize("n_members", [1, 3, 8, 11])
@pytest.mark.parametrize("n_rows", [2, 7, 100])
def test_folds(n_rows, n_members):
    folds = make_folds(n_rows, n_members, None, np.random.RandomState(0))
    assert len(folds) == n_members
    for fold in folds:
        both = np.sort(np.concatenate(fold))
        np.testing.assert_array_equal(both, np.arange(n_rows))
        assert min(map(len, fold)) > 0
    first = np.concatenate([fold.validation for fold in folds[: min(8, n_rows)]])
    assert len(np.unique(first)) == len(first)


def test_folds_are_stratified_and_depend_on_the_seed():
    strata = np.repeat([0, 1, 2], [80, 16, 4])
    rng = np.random.RandomState(0)
    folds = make_folds(100, 8, strata, rng)
    counts = np.array([np.bincount(strata[s.validation], minlength=3) for s in folds])
    assert (counts.min(0) >= [10, 2, 0]).all()
    assert (counts.max(0) <= [10, 2, 1]).all()
    assert (np.bincount(strata[folds[0].training]) > 0).all()
    other = make_folds(100, 8, strata, rng)
    assert not np.array_equal(folds[0].validation, other[0].validation)
