"""The networks that take turns, and networks from a file."""

import numpy as np
import pytest

from skmlp import TabularMLPRegressor
from skmlp.core.architectures import ColumnLayout
from skmlp.core.embeddings import Periodic
from skmlp.core.piecewise import PiecewiseLinear
from skmlp.tabular.networks import check_stored, make_networks

SETTINGS = {
    "hidden_layer_sizes": (6, 4),
    "activation": "mish",
    "n_bins": 5,
    "n_frequencies": 7,
    "dropout": 0.1,
}
COLUMNS = ColumnLayout(2, 1, (4,))


def make(n_members=4, changes=({},), **settings):
    each = [{**SETTINGS, **settings, **one} for one in changes]
    return make_networks(each, COLUMNS, 3, 0.25, n_members)


def numbers(network):
    """The layer of features of numbers."""
    return network.layers[0].parts[0][1]


def test_networks_take_turns():
    networks = make(5, [{}, {"n_frequencies": 0}, {"activation": "relu"}])
    assert [type(numbers(one)) for one in networks] == [
        *(Periodic, PiecewiseLinear, Periodic, Periodic, PiecewiseLinear)
    ]
    assert len({id(one) for one in networks}) == 3
    assert networks[0] is networks[3]
    assert numbers(networks[1]).n_bins == 5
    assert numbers(networks[0]).n_frequencies == 7
    assert numbers(networks[0]).deviation == 0.25
    for one in networks:
        assert one.layers[-1].n_out == 3
        assert [layer.n_in for layer in one.layers[2::3]] == [17, 6, 4]


@pytest.mark.parametrize(
    ("n_bins", "n_frequencies", "kind"),
    [(0, 7, Periodic), (5, 0, PiecewiseLinear), (0, 0, type(None))],
)
def test_all_networks_have_the_features_that_are_left(n_bins, n_frequencies, kind):
    networks = make(3, n_bins=n_bins, n_frequencies=n_frequencies)
    assert {type(numbers(one)) for one in networks} == {kind}


def test_members_of_both_kinds_predict_and_are_stored():
    X = np.random.RandomState(0).randn(200, 2)
    y = np.sin(3 * X[:, 0]) + X[:, 1]
    model = TabularMLPRegressor(
        n_estimators=3, hidden_layer_sizes=(16,), max_iter=40, random_state=0
    ).fit(X, y)
    assert model.score(X, y) > 0.9
    kinds = [type(numbers(network)) for network in model._networks]
    assert kinds == [Periodic, PiecewiseLinear, Periodic]
    alone = model.predict(X[:1])
    np.testing.assert_allclose(alone, model.predict(X)[:1], rtol=1e-6)


def size(networks):
    return sum(network.n_parameters for network in networks)


def test_networks_that_fit():
    networks = tuple(make(3))
    check_stored(networks, 3, 4, 3, size(networks))


@pytest.mark.parametrize(
    ("networks", "n_members", "n_in", "more", "message"),
    [
        ((), 0, 4, 0, "no tuple of 1 to"),
        (make(3), 3, 4, 0, "no tuple of 1 to"),
        (tuple(make(3)), 2, 4, 0, "it has 3 networks, not 2"),
        (tuple(make(3)), 3, 4, 1, "parameters together"),
        (tuple(make(3)), 3, 5, 0, "a layer has 4 inputs"),
    ],
)
def test_networks_that_do_not_fit(networks, n_members, n_in, more, message):
    with pytest.raises(ValueError, match=message):
        check_stored(networks, n_members, n_in, 3, size(networks) + more)
