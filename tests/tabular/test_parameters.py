import inspect

import pytest

import skmlp
from skmlp.common.errors import InvalidParameterError
from skmlp.mlp.parameters import PARAMETERS
from skmlp.tabular.parameters import ATTRIBUTES, LOSSES, OF_CLASSIFIER, OF_REGRESSOR

TABLES = {"TabularMLPClassifier": OF_CLASSIFIER, "TabularMLPRegressor": OF_REGRESSOR}
EACH = pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, table in TABLES.items() for name in table]
)


@pytest.mark.parametrize("kind", TABLES)
def test_signature_is_the_table_s(kind):
    parameters = inspect.signature(getattr(skmlp, kind)).parameters
    assert set(parameters) == set(TABLES[kind])
    for name, parameter in parameters.items():
        assert parameter.default == TABLES[kind][name].default, name


@EACH
def test_defaults_are_allowed_and_documented(kind, name):
    parameter, doc = TABLES[kind][name], getattr(skmlp, kind).__doc__
    assert parameter.constraint.accepts(parameter.default)
    line = f"{name} : {parameter.constraint.type}, default={parameter.default!r}\n"
    assert line in doc
    assert parameter.doc.strip().splitlines()[0] in doc


@EACH
def test_each_parameter_is_checked_by_name(kind, name):
    model = getattr(skmlp, kind)(**{name: object()})
    with pytest.raises(InvalidParameterError, match=f"'{name}' parameter of {kind}"):
        model._checked_settings()


@pytest.mark.parametrize("kind", TABLES)
def test_attributes_are_documented(kind):
    assert ATTRIBUTES.strip() in getattr(skmlp, kind).__doc__


@EACH
def test_names_mean_what_they_mean_for_the_other_estimators(kind, name):
    if name in PARAMETERS and name != "learning_rate_init":
        words = TABLES[kind][name].constraint.type.split()
        assert set(words) & set(PARAMETERS[name].constraint.type.split())


def test_the_settings_of_losses_are_parameters():
    of_losses = {
        name
        for name, parameter in PARAMETERS.items()
        if parameter.needs and parameter.needs[0] == "loss"
        if set(parameter.needs[1]) & set(LOSSES)
    }
    assert of_losses <= set(OF_REGRESSOR)


@pytest.mark.parametrize("value", ["abc", [1], {}, object(), 10**400, -1, 0])
def test_fit_names_the_parameter_before_it_uses_it(value):
    model = skmlp.TabularMLPRegressor(max_time=value)
    with pytest.raises(InvalidParameterError, match="'max_time' parameter of Tabular"):
        model.fit([[1.0], [2.0]], [1.0, 2.0])
