"""Members: folds, validation, copies."""

import numpy as np
import pytest

from skmlp.core.batches import Dataset
from skmlp.tabular.members import ValidationLoss, make_folds
from tests.tabular.ensembles import DATA, make, trained


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


def test_validation_rows_are_weighted():
    ensemble, _ = trained()
    rows = Dataset(DATA.X[:4], DATA.y[:4], np.array([1, 0, 0, 3], np.float32))
    validate = ValidationLoss(ensemble.config.objective, rows)
    theta = ensemble.theta[0]
    errors = (ensemble.network.scores(theta, rows.X) - rows.y)[:, 0] ** 2 / 2
    found = validate(theta)
    assert found.loss == pytest.approx((errors[0] + 3 * errors[3]) / 4)
    assert found.score == -found.loss


def test_a_copy_trains_without_changing_the_member():
    ensemble = make()
    ensemble.initialize()
    member, other = ensemble.members[0], ensemble.members[0].copy()
    before, order = member.theta.copy(), member.state.order
    epoch = other.train_epoch(ensemble.config)
    np.testing.assert_array_equal(member.theta, before)
    assert member.state.order is order
    assert (member.state.optimizer.t, member.result.records) == (0, [])
    assert len(epoch.result.records) == 1
    expected = member.train_epoch(ensemble.config)
    np.testing.assert_array_equal(epoch.theta, expected.theta)
    assert other.split is member.split
