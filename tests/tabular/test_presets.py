"""Presets: which settings they have, and that given parameters win."""

import numpy as np
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.common.parameters import check_needs
from skmlp.tabular.parameters import OF_CLASSIFIER, OF_REGRESSOR
from skmlp.tabular.presets import NAMES, candidates

KINDS = {TabularMLPClassifier: OF_CLASSIFIER, TabularMLPRegressor: OF_REGRESSOR}
EACH = pytest.mark.parametrize(
    ("kind", "preset"), [(kind, name) for kind in KINDS for name in NAMES]
)


def found(kind, **parameters):
    model = kind(**parameters)
    return candidates(model._settings(), KINDS[kind], model._presets)


@EACH
def test_settings_are_allowed_and_differ(kind, preset):
    some = found(kind, preset=preset)
    assert set(kind._presets) == set(NAMES)
    assert len(some) == len(kind._presets[preset])
    for i, (changes, settings) in enumerate(some):
        assert settings == {**kind(preset=preset).get_params(), **changes}
        assert changes not in [one.changes for one in some[:i]]
        for name, value in changes.items():
            assert KINDS[kind][name].constraint.accepts(value)
            assert value != KINDS[kind][name].default
        check_needs(settings, KINDS[kind])


@EACH
def test_given_parameters_win(kind, preset):
    given = {
        "n_estimators": 3,
        "hidden_layer_sizes": np.array([16, 16]),
        "activation": "tanh",
        "n_bins": 5,
        "n_frequencies": 3,
        "dropout": 0.25,
        "learning_rate_init": 0.01,
        "max_iter": 7,
    }
    (only,) = found(kind, preset=preset, **given)
    assert not only.changes
    assert all(only.settings[name] is value for name, value in given.items())


def test_settings_that_become_equal_come_once():
    some = found(TabularMLPClassifier, preset="best", activation="relu")
    changes = [one.changes for one in some]
    assert not any("activation" in one for one in changes)
    assert len(changes) < len(TabularMLPClassifier._presets["best"])
