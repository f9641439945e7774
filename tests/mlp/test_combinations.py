import math

import numpy as np
import pytest

from skmlp.common.errors import InvalidParameterError


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"hidden_layer_sizes": (5, 4), "n_hidden_layers": 2},
            r"n_hidden_layers must be None, unless hidden_layer_sizes is an int.*"
            r"Got hidden_layer_sizes=\(5, 4\) and n_hidden_layers=2",
        ),
        ({"n_hidden_layers": 1}, r"Got hidden_layer_sizes=\(100,\) and"),
        ({"hidden_layer_sizes": [], "n_hidden_layers": 1}, "n_hidden_layers must be"),
        (
            {"hidden_layer_sizes": 5, "n_hidden_layers": 2, "activation": ["relu"] * 3},
            "each of the 2 hidden layers of hidden_layer_sizes=5 and n_hidden_layers=2. "
            "Got 3",
        ),
        (
            {"hidden_layer_sizes": 5, "n_hidden_layers": 0},
            "'n_hidden_layers' parameter",
        ),
        (
            {"hidden_layer_sizes": 5, "n_hidden_layers": True},
            "from 1 to 999 or None",
        ),
        ({"hidden_layer_sizes": 5, "n_hidden_layers": 2.0}, "Got 2.0 instead"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(kind, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        kind(**parameters).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"dropout": [0.1, 0.2]},
            r"dropout must be .*each of the 1 hidden layers.*Got 2",
        ),
        (
            {"dropout": 0.1, "hidden_layer_sizes": ()},
            "dropout must be 0 without hidden",
        ),
        ({"weight_decay": 1e3}, "weight_decay must be below 1 / learning_rate_init"),
        (
            {"early_stopping": True, "scoring": "loss", "solver": "lbfgs"},
            "scoring must be None with solver='lbfgs'.* Got scoring='loss'",
        ),
        ({"learning_rate": lambda t: -t}, r"learning_rate must .*Got -0.5 for t=0.5"),
        ({"learning_rate": lambda t: "x"}, "learning_rate must be a function that"),
        ({"learning_rate": lambda t: math.nan}, "learning_rate .* Got nan for t=0"),
    ],
)
def test_contradictions_are_refused_before_training(kind, data, parameters, message):
    model = kind(**parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(*data)
    assert not hasattr(model, "n_features_in_")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "parameters",
    [
        {"dropout": [], "hidden_layer_sizes": ()},
        {"dropout": np.array([0.1, 0.0]), "hidden_layer_sizes": (4, 3)},
        {"solver": "lbfgs", "learning_rate": "adaptive"},
        {"learning_rate": "invscaling"},
        {"scoring": "loss", "early_stopping": True},
    ],
    ids=str,
)
def test_combinations_that_are_fine(kind, data, parameters):
    model = kind(**{"hidden_layer_sizes": 4, **parameters, "max_iter": 2})
    assert len(model.fit(*data).predict(data[0])) == 60
