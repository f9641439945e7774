"""Constructor parameters: documented, looked up, passed on, refused without effect."""

import inspect
import math
from dataclasses import dataclass

import numpy as np
import pytest

from skmlp import MLPRegressor
from skmlp.common.errors import InvalidParameterError
from skmlp.common.parameters import (
    by_name,
    documented,
    with_settings,
)
from skmlp.mlp.parameters import PARAMETERS


def test_a_class_without_docstring_stays_without():
    class Bare:
        pass

    assert documented(Bare, {}, "").__doc__ is None


@dataclass(frozen=True)
class Settings:
    momentum: object = 0.0
    dropout: object = None
    something_else: int = 5


def test_settings_are_the_parameters_of_that_name_as_plain_numbers():
    model = MLPRegressor(momentum=np.float32(0.5), dropout=np.array([0.25, 0]))
    found = with_settings(Settings(), model.get_params(deep=False))
    assert found == Settings(0.5, (0.25, 0.0))
    assert type(found.momentum) is float
    assert {type(share) for share in found.dropout} == {float}


def test_names_are_looked_up_and_objects_are_kept():
    own = object()
    assert by_name({"a": 1}, "a") == 1
    assert by_name({"a": 1}, own) is own


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
def test_a_parameter_without_effect_is_refused_by_name(kind, data, parameters):
    if not set(parameters) <= set(inspect.signature(kind).parameters):
        return
    model = kind(**parameters)
    name, value = list(parameters.items())[-1]
    with pytest.raises(
        InvalidParameterError, match=f"^{name} must be .*Got "
    ) as caught:
        model.fit(*data)
    assert repr(value) in str(caught.value)
    assert not hasattr(model, "n_features_in_")


def test_every_parameter_that_needs_another_is_among_these():
    needy = {name for name, parameter in PARAMETERS.items() if parameter.needs}
    tried = {list(parameters)[-1] for parameters in WITHOUT_EFFECT}
    assert needy <= tried


def test_what_a_parameter_needs_is_a_value_of_another(kind):
    signature = inspect.signature(kind).parameters
    for name in signature:
        if PARAMETERS[name].needs:
            other, values = PARAMETERS[name].needs
            assert other in signature
            assert all(PARAMETERS[other].constraint.accepts(value) for value in values)


def test_scikit_learn_gets_the_names_of_the_signature():
    class Narrow(MLPRegressor):
        def __init__(self, alpha=1.0):
            super().__init__(alpha=alpha)

    class Same(MLPRegressor):
        pass

    names = sorted(inspect.signature(MLPRegressor).parameters)
    assert [*MLPRegressor().get_params()] == [*Same().get_params()] == names
    assert Narrow(2.0).get_params() == {"alpha": 2.0}
