"""Each layer as nodes, for one network and for several together."""

import numpy as np
import pytest

from skmlp import stored
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import ColumnLayout, Numbers, tabular_network
from skmlp.core.layers import Dense, Dropout
from skmlp.core.network import Network
from skmlp.export.graph import Graph
from skmlp.export.layers import NODES, Batch, run_layer, scores

NUMBERS = [Numbers(), Numbers(n_bins=7), Numbers(n_frequencies=5, frequency_std=0.3)]


def test_all_layers_are_there():
    assert set(NODES) == set(stored.LAYERS)


class Own(Dropout):
    """A user's own layer."""


def test_a_users_own_is_refused():
    batch = Batch(Graph(), False, np.float32)
    with pytest.raises(NotImplementedError, match="not one of your own. Got Own"):
        run_layer(batch, Own(2, 0.5), {}, "h")


def compare(network, x, n_networks):
    from .runs import run_graph

    rng = np.random.RandomState(0)
    thetas = []
    for _ in range(n_networks):
        theta = network.initialize(rng, np.float32, x)
        # The top layer starts at 0.
        theta += 0.1 * rng.randn(len(theta)).astype(np.float32)
        params = network.views(theta).layers[0]
        for name in params:
            if name.endswith("t"):
                params[name].sort(axis=1)
                params[name][:] = params[name].round(1)
        thetas.append(theta)
    expected = [network.scores(one.astype(np.float64), x) for one in thetas]
    found = run_graph(
        lambda graph, name: scores(graph, network, thetas, name, np.float32), x
    )
    np.testing.assert_allclose(found, np.squeeze(expected), atol=3e-6)


@pytest.mark.parametrize("n_networks", [1, 3])
@pytest.mark.parametrize("numbers", NUMBERS, ids=str)
@pytest.mark.parametrize("name", ["selu", "mish"])
def test_tabular_networks(numbers, n_networks, name):
    network = tabular_network(
        ColumnLayout(4, 2, (3, 6)),
        (8, 8, 3),
        ACTIVATIONS[name],
        numbers=numbers,
        dropout=0.1,
    )
    rng = np.random.RandomState(1)
    codes = [rng.randint(n, size=60) for n in (3, 6)]
    x = np.column_stack([np.clip(rng.randn(60, 6), -3, 3).round(1), *codes])
    compare(network, x.astype(np.float32), n_networks)


@pytest.mark.parametrize("layout", [(0, 0, (4,)), (3, 0, ()), (0, 2, ()), (2, 0, (3,))])
def test_kinds_of_columns_that_are_not_there(layout):
    network = tabular_network(
        ColumnLayout(*layout),
        (4, 2),
        ACTIVATIONS["relu"],
        numbers=Numbers(n_bins=3),
        dropout=0.0,
    )
    x = np.random.RandomState(0).randint(3, size=(20, network.layers[0].n_in))
    compare(network, x.astype(np.float32), 2)


def test_dense_layers_with_gains():
    layers = (
        Dense(3, 4, ACTIVATIONS["tanh"], gain=0.5, bias_gain=0.1),
        Dropout(4, 0.5),
        Dense(4, 2),
    )
    x = np.random.RandomState(0).randn(9, 3).astype(np.float32)
    compare(Network(layers), x, 2)
