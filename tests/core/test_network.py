import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

from skmlp.core import network as network_module
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron, with_dropout
from skmlp.core.embeddings import Categories, Columns, Periodic
from skmlp.core.layers import Dense, Dropout
from skmlp.core.network import check_networks, distinct, thetas_of


def make(sizes=(7, 5), n_in=4, n_out=3, activation="tanh", dtype=np.float64):
    network = multilayer_perceptron(n_in, sizes, n_out, ACTIVATIONS[activation])
    return network, network.initialize(np.random.RandomState(0), dtype)


def plain_scores(network, theta, X, activation):
    h = X
    for layer, params in zip(network.layers, network.views(theta).layers, strict=True):
        s = h @ params["W"] + params["b"]
        h = s if layer.activation is None else activation(s)
    return h


@pytest.mark.parametrize("sizes", [(), (7,), (7, 5)])
def test_every_parameter_has_one_place_weights_first(sizes):
    network, theta = make(sizes)
    widths = (4, *sizes, 3)
    pairs = list(pairwise(widths))
    n_weights = sum(a * b for a, b in pairs)
    assert network.n_weights == n_weights
    assert network.n_parameters == theta.size == n_weights + sum(b for _, b in pairs)
    views = network.views(np.arange(theta.size))
    order = [params[name] for name in ("W", "b") for params in views.layers]
    np.testing.assert_array_equal(
        np.concatenate([view.ravel() for view in order]), np.arange(theta.size)
    )
    np.testing.assert_array_equal(views.weights, np.arange(n_weights))


def test_views_write_through():
    network, theta = make()
    network.views(theta).layers[1]["b"][2] = 123.0
    assert (theta == 123).sum() == 1


def test_only_hidden_layers_have_an_activation():
    network, _ = make((7, 5), activation="relu")
    relu = ACTIVATIONS["relu"]
    assert [layer.activation for layer in network.layers] == [relu, relu, None]


def test_layers_are_drawn_from_the_input_up():
    network, theta = make((5,), activation="logistic")
    rng = np.random.RandomState(0)
    for params, (n_in, n_out) in zip(
        network.views(theta).layers, [(4, 5), (5, 3)], strict=True
    ):
        bound = np.sqrt(2 / (n_in + n_out))
        np.testing.assert_allclose(
            params["W"], rng.uniform(-bound, bound, (n_in, n_out))
        )
        np.testing.assert_allclose(params["b"], rng.uniform(-bound, bound, n_out))


@pytest.mark.parametrize(
    ("activation", "factors"),
    [
        ("logistic", [2, 2, 2]),
        ("relu", [6, 6, 6]),
        (["logistic", "tanh"], [2, 6, 6]),
        (["tanh", "logistic"], [6, 2, 2]),
    ],
)
def test_each_layer_is_drawn_by_the_rule_of_its_activation(activation, factors):
    if isinstance(activation, list):
        activations = [ACTIVATIONS[name] for name in activation]
    else:
        activations = ACTIVATIONS[activation]
    network = multilayer_perceptron(4, (7, 5), 3, activations)
    assert [layer.initializer.factor for layer in network.layers] == factors


def test_without_hidden_layers_the_factor_is_the_default():
    network = multilayer_perceptron(4, (), 3, [])
    assert [layer.initializer.factor for layer in network.layers] == [6]


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix, sparse.csr_array])
def test_scores_do_not_depend_on_the_blocks(monkeypatch, container):
    network, theta = make()
    X = np.random.RandomState(1).randn(50, 4)
    monkeypatch.setattr(network_module, "BLOCK_ENTRIES", 7 * 8)
    assert network.block_rows == 8
    np.testing.assert_allclose(
        network.scores(theta, container(X)),
        plain_scores(network, theta, X, np.tanh),
        rtol=1e-12,
    )


def test_blocks_are_sized_by_the_largest_buffer(monkeypatch):
    monkeypatch.setattr(network_module, "BLOCK_ENTRIES", 1000)
    periodic = Columns(((2, Periodic(2, n_frequencies=50)),))
    assert (
        network_module.Network((periodic, Dense(8, 20), Dense(20, 1))).block_rows == 10
    )
    assert network_module.Network((periodic, Dense(8, 200))).block_rows == 5


def test_scores_have_the_precision_of_theta():
    network, theta = make(dtype=np.float32)
    assert network.scores(theta, np.ones((3, 4))).dtype == np.float32
    assert network.scores(theta, np.ones((3, 4), int)).dtype == np.float32


def test_many_threads_give_the_results_of_one(monkeypatch):
    monkeypatch.setattr(network_module, "BLOCK_ENTRIES", 7 * 16)
    network, theta = make()
    parts = [np.random.RandomState(i).randn(100, 4) for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda X: network.scores(theta, X), parts))
    for X, scores in zip(parts, together, strict=True):
        np.testing.assert_array_equal(scores, network.scores(theta, X))


def test_dropout_follows_the_layers_with_a_fraction():
    network, theta = make((7, 5, 6))
    found = with_dropout(network, [0.5, 0, 0.25])
    first, second, third, top = network.layers
    assert found.layers == (
        first,
        Dropout(7, 0.5),
        second,
        third,
        Dropout(6, 0.25),
        top,
    )
    assert with_dropout(network, [0, 0.0, 0]) is network
    assert found.has_dropout
    assert not network.has_dropout
    assert (found.n_parameters, found.n_weights) == (theta.size, network.n_weights)
    mine = [views for views in found.views(theta).layers if views]
    for views, plain in zip(mine, network.views(theta).layers, strict=True):
        for name in ("W", "b"):
            np.testing.assert_array_equal(views[name], plain[name])


def test_dropout_drops_nothing_in_prediction():
    network, theta = make()
    dropping = with_dropout(network, [0.5, 0.5])
    X = np.random.RandomState(0).randn(9, 4)
    np.testing.assert_array_equal(dropping.scores(theta, X), network.scores(theta, X))
    np.testing.assert_array_equal(
        dropping.input_gradients(theta, X), network.input_gradients(theta, X)
    )


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_activations_of_a_layer_in_the_middle(layer):
    network, theta = make()
    X = np.random.RandomState(0).randn(9, 4)
    h = X
    for params in network.views(theta).layers[: layer + 1]:
        s = h @ params["W"] + params["b"]
        h = s if layer == 2 and s.shape[1] == 3 else np.tanh(s)
    np.testing.assert_allclose(network.hidden(theta, X, layer), h, rtol=1e-12)


def test_a_pickle_has_the_layers_alone():
    network, theta = make()
    again = pickle.loads(pickle.dumps(network))
    assert list(vars(again)) == ["layers"]
    assert again == network
    X = np.random.RandomState(0).randn(9, 4)
    np.testing.assert_array_equal(again.scores(theta, X), network.scores(theta, X))


def test_layers_that_fit_each_other_and_the_parameters():
    network, theta = make()
    network.check_sizes(4, 3, theta.size)
    for n_in, n_out, n_parameters in (
        (5, 3, theta.size),
        (4, 2, theta.size),
        (4, 3, theta.size - 1),
        (4, 3, theta.size + 1),
    ):
        with pytest.raises(ValueError, match="a layer has|the network has"):
            network.check_sizes(n_in, n_out, n_parameters)
    turned = network_module.Network(network.layers[::-1])
    with pytest.raises(
        ValueError, match="a layer has 5 inputs and 3 outputs, after one"
    ):
        turned.check_sizes(4, 3, theta.size)


@pytest.mark.parametrize("n_units", [0, 10**9])
def test_a_layer_without_parameters_is_not_wider_than_the_others(n_units):
    network = network_module.Network((Dropout(n_units, 0.5),))
    with pytest.raises(ValueError, match="a layer has"):
        network.check_sizes(n_units and 4, 1, 10)


def test_too_many_layers_are_refused():
    network = network_module.Network((Dropout(4, 0.5),) * 1001)
    with pytest.raises(ValueError, match="the network has 1001 layers"):
        network.check_sizes(4, 4, 0)


def test_the_columns_of_a_network_are_checked():
    columns = Columns(((2, None), (3, Categories(4, 8))))
    with pytest.raises(ValueError, match="a part of 3 columns does not fit its layer"):
        network_module.Network((columns,)).check_sizes(5, 10, 32)


def test_each_network_has_its_part_of_theta():
    (few, _), (many, _) = make((2,)), make((7, 5))
    networks = [few, many, few]
    size = sum(one.n_parameters for one in networks)
    theta = np.arange(float(size))
    parts = [*thetas_of(networks, theta)]
    assert [one for one, _ in parts] == networks
    assert all(part.base is theta for _, part in parts)
    np.testing.assert_array_equal(np.concatenate([part for _, part in parts]), theta)
    check_networks(networks, 4, 3, size)
    assert [id(one) for one in distinct(networks)] == [id(few), id(many)]


@pytest.mark.parametrize(("n_in", "more"), [(4, 1), (5, 0)])
def test_networks_that_do_not_fit(n_in, more):
    networks = [make((2,))[0], make((7, 5))[0]]
    size = sum(one.n_parameters for one in networks)
    with pytest.raises(ValueError, match=r"parameters together|a layer has 4 inputs"):
        check_networks(networks, n_in, 3, size + more)
