import inspect
import math

import numpy as np
import pytest

import skmlp
from skmlp.common.errors import InvalidParameterError
from skmlp.mlp.parameters import PARAMETERS

KINDS = ("MLPClassifier", "MLPRegressor")
X, Y = np.random.RandomState(0).randn(20, 3), np.arange(20) % 2


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
            "one for each of the 2 layers of hidden_layer_sizes=5 and n_hidden_layers=2. "
            "Got 3",
        ),
        (
            {"hidden_layer_sizes": 5, "n_hidden_layers": 0},
            "'n_hidden_layers' parameter",
        ),
        ({"hidden_layer_sizes": 5, "n_hidden_layers": True}, "an int >= 1 or None"),
        ({"hidden_layer_sizes": 5, "n_hidden_layers": 2.0}, "Got 2.0 instead"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_sizes_that_contradict_each_other_are_refused(kind, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        getattr(skmlp, kind)(**parameters).fit([[0.0], [1.0]], [0, 1])


WITHOUT_EFFECT = [
    {"solver": "lbfgs", "dropout": 0.1},
    {"solver": "lbfgs", "dropout": [0.1]},
    {"solver": "lbfgs", "dropout": np.array([0.0])},
    {"solver": "lbfgs", "weight_decay": 0.1},
    {"solver": "lbfgs", "max_grad_norm": 1.0},
    {"solver": "lbfgs", "learning_rate": "cosine"},
    {"solver": "lbfgs", "learning_rate": "one_cycle"},
    {"solver": "lbfgs", "learning_rate": math.sqrt},
    {"scoring": "loss"},
    {"scoring": max},
    {"huber_delta": 2.0},
    {"loss": "huber", "quantile": 0.25},
    {"loss": "absolute_error", "quantile": (0.1, 0.9)},
]
"""The last parameter has no effect with the one before, or with the defaults."""


@pytest.mark.parametrize("parameters", WITHOUT_EFFECT, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_without_effect_is_refused_by_name(kind, parameters):
    if not set(parameters) <= set(inspect.signature(getattr(skmlp, kind)).parameters):
        return
    model = getattr(skmlp, kind)(**parameters)
    name, value = list(parameters.items())[-1]
    with pytest.raises(
        InvalidParameterError, match=f"^{name} must be .*Got "
    ) as caught:
        model.fit(X, Y)
    assert repr(value) in str(caught.value)
    assert not hasattr(model, "n_features_in_")


def test_every_parameter_that_needs_another_is_among_these():
    needy = {name for name, parameter in PARAMETERS.items() if parameter.needs}
    tried = {list(parameters)[-1] for parameters in WITHOUT_EFFECT}
    assert needy <= tried


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_parameter_needs_is_a_value_of_another(kind):
    signature = inspect.signature(getattr(skmlp, kind)).parameters
    for name in signature:
        if PARAMETERS[name].needs:
            other, values = PARAMETERS[name].needs
            assert other in signature
            assert all(PARAMETERS[other].constraint.accepts(value) for value in values)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dropout": [0.1, 0.2]}, r"dropout must be .*each of the 1 layers.*Got 2"),
        (
            {"dropout": 0.1, "hidden_layer_sizes": ()},
            "dropout must be 0 without hidden",
        ),
        ({"weight_decay": 1e3}, "weight_decay must be below 1 / learning_rate_init"),
        ({"early_stopping": True, "solver": "lbfgs"}, "early_stopping must be False"),
        ({"learning_rate": lambda t: -t}, r"learning_rate must .*Got -0.5 for t=0.5"),
        ({"learning_rate": lambda t: "x"}, "learning_rate must be a function that"),
        ({"learning_rate": lambda t: math.nan}, "learning_rate .* Got nan for t=0"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_contradictions_are_refused_before_training(kind, parameters, message):
    model = getattr(skmlp, kind)(**parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)
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
@pytest.mark.parametrize("kind", KINDS)
def test_combinations_that_are_fine(kind, parameters):
    model = getattr(skmlp, kind)(
        **{"hidden_layer_sizes": 4, **parameters, "max_iter": 2}
    )
    assert len(model.fit(X, Y).predict(X)) == 20


@pytest.mark.parametrize("kind", KINDS)
def test_partial_fit_does_not_stop_early(kind):
    model = getattr(skmlp, kind)(early_stopping=True)
    classes = {"classes": [0, 1]} if kind == "MLPClassifier" else {}
    with pytest.raises(InvalidParameterError, match="partial_fit does not support"):
        model.partial_fit(X, Y, **classes)
