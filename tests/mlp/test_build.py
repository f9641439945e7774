import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.optimizers import SGD, Adam, Nesterov
from skmlp.core.schedules import SCHEDULES, ByFunction, Constant, InverseScaling
from skmlp.mlp.build import (
    batch_size_for,
    dropout_fractions,
    hidden_sizes,
    make_network,
    make_optimizer,
    make_schedule,
)


def settings(model):
    return model.get_params(deep=False)


@pytest.mark.parametrize(
    ("parameters", "optimizer"),
    [
        ({}, Adam(0.9, 0.999, 1e-8)),
        ({"beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-3}, Adam(0.5, 0.6, 1e-3)),
        ({"solver": "sgd"}, Nesterov(0.9)),
        ({"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.1}, SGD(0.1)),
    ],
)
def test_optimizers(parameters, optimizer):
    found = make_optimizer(settings(MLPClassifier(**parameters)))
    assert type(found) is type(optimizer)
    assert found == optimizer


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_of_sgd(name):
    found = make_schedule(
        settings(MLPRegressor(solver="sgd", learning_rate=name, power_t=0.3))
    )
    assert type(found) is SCHEDULES[name]
    if name == "invscaling":
        assert found == InverseScaling(0.3)


@pytest.mark.parametrize("name", SCHEDULES)
def test_adam_leaves_out_the_schedules_of_sgd_alone(name):
    found = make_schedule(settings(MLPRegressor(learning_rate=name)))
    kind = SCHEDULES[name]
    assert type(found) is (Constant if kind.for_sgd_only else kind)


def test_a_function_is_tried_without_floating_point_warnings():
    def rate(t):
        return 1.0 + 0 * float(np.log(np.float64(t)) > 3)

    schedule = make_schedule(settings(MLPRegressor(learning_rate=rate)))
    assert schedule == ByFunction(rate)


def test_a_function_is_a_schedule():
    assert make_schedule(settings(MLPRegressor(learning_rate=abs))) == ByFunction(abs)


@pytest.mark.parametrize(
    ("parameters", "sizes"),
    [
        ({}, (100,)),
        ({"hidden_layer_sizes": 7}, (7,)),
        ({"hidden_layer_sizes": np.array([7, 5])}, (7, 5)),
        ({"hidden_layer_sizes": 7, "n_hidden_layers": 3}, (7, 7, 7)),
        ({"hidden_layer_sizes": ()}, ()),
    ],
)
def test_hidden_sizes_and_the_network_of_them(parameters, sizes):
    model = MLPClassifier(activation="tanh", **parameters)
    assert hidden_sizes(settings(model)) == sizes
    network = make_network(settings(model), 4, 2)
    assert [layer.n_out for layer in network.layers] == [*sizes, 2]
    assert all(r.activation is ACTIVATIONS["tanh"] for r in network.layers[:-1])


def test_an_activation_each():
    model = MLPClassifier((3, 3), activation=["relu", ACTIVATIONS["silu"]])
    layers = make_network(settings(model), 4, 2).layers
    assert [layer.activation for layer in layers] == [
        ACTIVATIONS["relu"],
        ACTIVATIONS["silu"],
        None,
    ]


def test_dropout_of_all_layers_or_each():
    assert dropout_fractions(settings(MLPClassifier(dropout=0.5)), 2) == [0.5, 0.5]
    assert dropout_fractions(settings(MLPClassifier(dropout=(0.5, 0))), 2) == [0.5, 0.0]


def test_rows_of_a_batch():
    assert batch_size_for(settings(MLPClassifier()), 1000) == 200
    assert batch_size_for(settings(MLPClassifier()), 50) == 50
    assert batch_size_for(settings(MLPClassifier(batch_size=32)), 50) == 32
    assert batch_size_for(settings(MLPClassifier(batch_size=64)), 50) == 50
