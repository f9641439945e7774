import inspect

import pytest
import sklearn.neural_network

import skmlp
from skmlp.common.constraints import Sizes
from skmlp.common.errors import InvalidParameterError
from skmlp.common.parameters import Parameter
from skmlp.mlp.parameters import PARAMETERS

KINDS = ("MLPClassifier", "MLPRegressor")
OF_BOTH = [
    "n_hidden_layers",
    "dropout",
    "weight_decay",
    "max_grad_norm",
    "scoring",
]
OWN = {
    "MLPClassifier": ["class_weight", "label_smoothing", *OF_BOTH],
    "MLPRegressor": [*OF_BOTH, "huber_delta", "quantile"],
}
"""Parameters that scikit-learn does not have; they come last."""


def signature(library, kind):
    return inspect.signature(getattr(library, kind)).parameters


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_scikit_learn_s(kind):
    ours, theirs = signature(skmlp, kind), signature(sklearn.neural_network, kind)
    assert list(ours) == [*theirs, *OWN[kind]]
    assert all(ours[name].kind is ours[name].KEYWORD_ONLY for name in OWN[kind])
    for name in theirs:
        assert ours[name].default == theirs[name].default, name
        assert ours[name].kind == theirs[name].kind, name


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_the_table_s(kind):
    for name, parameter in signature(skmlp, kind).items():
        assert parameter.default == PARAMETERS[name].default, name


def test_the_table_has_no_parameter_that_nobody_has():
    assert set(PARAMETERS) == {
        name for kind in KINDS for name in signature(skmlp, kind)
    }


@pytest.mark.parametrize("name", PARAMETERS)
def test_defaults_are_allowed(name):
    parameter = PARAMETERS[name]
    assert parameter.constraint.accepts(parameter.default)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_documented_with_its_default(kind):
    doc = getattr(skmlp, kind).__doc__
    for name in signature(skmlp, kind):
        parameter = PARAMETERS[name]
        line = f"{name} : {parameter.constraint.type}, default={parameter.default!r}\n"
        assert line in doc
        assert parameter.doc.strip().splitlines()[0] in doc
    assert "{" + "parameters}" not in doc
    assert "{" + "attributes}" not in doc


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_is_checked_by_name(kind, name):
    if name not in signature(skmlp, kind):
        return
    model = getattr(skmlp, kind)(**{name: object()})
    with pytest.raises(InvalidParameterError, match=f"'{name}' parameter of {kind}"):
        model._checked_settings()


def test_table_entries_have_words():
    assert isinstance(PARAMETERS["hidden_layer_sizes"], Parameter)
    assert isinstance(PARAMETERS["hidden_layer_sizes"].constraint, Sizes)
    for parameter in PARAMETERS.values():
        assert parameter.doc.strip()
        assert parameter.constraint.type
