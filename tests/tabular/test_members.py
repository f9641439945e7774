"""Members: validation, copies."""

import numpy as np
import pytest

from skmlp.core.batches import Dataset
from skmlp.tabular.member_rows import OwnColumns
from skmlp.tabular.members import ValidationLoss
from tests.tabular.ensembles import DATA, make, trained


def test_validation_rows_are_weighted():
    ensemble, _ = trained()
    rows = Dataset(DATA.X[:4], DATA.y[:4], np.array([1, 0, 0, 3], np.float32))
    validate = ValidationLoss(ensemble.config.objective, rows)
    network, theta = ensemble.networks[0], ensemble.members[0].theta
    errors = (network.scores(theta, rows.X) - rows.y)[:, 0] ** 2 / 2
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


def test_a_member_has_columns_of_its_own():
    ensemble = make(n_members=2)
    moved = [OwnColumns(slice(1, 2), DATA.X[:, 1:2] + i) for i in range(2)]
    ensemble.own_columns = moved
    ensemble.initialize()
    for i, member in enumerate(ensemble.members):
        X = DATA.X + np.float32([0, i, 0])
        same = make(n_members=2)
        same.training = same.validation = DATA._replace(X=X)
        same.initialize()
        expected = same.members[i].train_epoch(same.config)
        found = member.train_epoch(ensemble.config)
        np.testing.assert_array_equal(found.theta, expected.theta)
        assert found.result.records[0].validation_loss == pytest.approx(
            expected.result.records[0].validation_loss
        )
