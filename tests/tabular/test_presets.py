"""Presets: which settings they have, and that given parameters win."""

import numpy as np
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.common.parameters import check_needs
from skmlp.tabular.parameters import LOSSES, OF_CLASSIFIER, OF_REGRESSOR
from skmlp.tabular.presets import (
    EXPONENTIAL,
    FEATURES,
    NAMES,
    PERIODIC,
    PIECEWISE,
    SPACE,
    candidates,
    more_candidates,
)

KINDS = {TabularMLPClassifier: OF_CLASSIFIER, TabularMLPRegressor: OF_REGRESSOR}
BOTH = pytest.mark.parametrize("kind", KINDS)
EACH = pytest.mark.parametrize(
    ("kind", "preset"), [(kind, name) for kind in KINDS for name in (*NAMES, None)]
)
OF_NETWORKS = {"activation", "dropout", "hidden_layer_sizes", *FEATURES}
"""Parameters in which the networks of a setting can differ."""


def found(kind, **parameters):
    model = kind(**parameters)
    return candidates(model._settings(), KINDS[kind], model._presets)


def check(kind, one, preset):
    given = kind(preset=preset).get_params()
    for changes, settings in zip(one.changes, one.settings, strict=True):
        assert settings == {**given, **changes}
        for name, value in changes.items():
            assert KINDS[kind][name].constraint.accepts(value)
            assert value != KINDS[kind][name].default
            if name not in OF_NETWORKS:
                assert [other.get(name) for other in one.changes] == [value] * len(
                    one.changes
                )
        check_needs(settings, KINDS[kind])


@EACH
def test_settings_are_allowed_and_differ(kind, preset):
    some = found(kind, preset=preset)
    assert set(kind._presets) == {*NAMES, None}
    assert len(some) == len(kind._presets[preset])
    for i, one in enumerate(some):
        assert one.changes == list(kind._presets[preset][i])
        assert one.changes not in [other.changes for other in some[:i]]
        check(kind, one, preset)


@EACH
def test_given_parameters_win(kind, preset):
    given = {
        "n_estimators": 3,
        "hidden_layer_sizes": np.array([16, 16]),
        "activation": "tanh",
        "n_bins": 0,
        "n_frequencies": 3,
        "dropout": 0.25,
        "learning_rate_init": 0.01,
        "max_iter": 7,
    }
    (only,) = found(kind, preset=preset, **given)
    assert only.changes == [{}]
    assert all(only.settings[0][name] is value for name, value in given.items())


@EACH
def test_numbers_of_bins_and_frequencies_are_kept(kind, preset):
    for one in found(kind, preset=preset, n_bins=5, n_frequencies=3):
        for settings in one.settings:
            assert settings["n_bins"] in (0, 5)
            assert settings["n_frequencies"] in (0, 3)
    for left_out in FEATURES:
        for one in found(kind, preset=preset, **{left_out: 0}):
            assert not any(name in one for one in one.changes for name in FEATURES)


@BOTH
def test_without_a_preset_only_features_differ(kind):
    (only,) = found(kind, preset=None)
    assert only.changes == [PERIODIC, PIECEWISE, PERIODIC]


@BOTH
def test_settings_that_become_equal_come_once(kind):
    given = {"activation": "tanh", "dropout": 0.3, "n_bins": 0, "n_estimators": 3}
    some = found(kind, preset="best", hidden_layer_sizes=(9,), **given)
    assert [one.changes for one in some] == [[{}]]


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_with_exponentials_train_slowly(loss):
    rate = 0.04 if loss in EXPONENTIAL else 0.2
    for preset in NAMES:
        for one in found(TabularMLPRegressor, preset=preset, loss=loss):
            assert {each["learning_rate_init"] for each in one.settings} == {rate}
    for given in ({"preset": None}, {"learning_rate_init": 0.1}):
        (one, *_) = found(TabularMLPRegressor, loss=loss, **given)
        expected = given.get("learning_rate_init", 0.2)
        assert one.settings[0]["learning_rate_init"] == expected
    # Settings at random have a multiple of it.
    table = KINDS[TabularMLPRegressor]
    given = {name: one.default for name, one in table.items()}
    given |= {"preset": "best", "loss": loss}
    known = found(TabularMLPRegressor, preset="best", loss=loss)
    some = list(more_candidates(given, table, known, np.random.RandomState(0)))
    rates = {one.settings[0]["learning_rate_init"] for one in some[:50]}
    assert rates == {0.5 * rate, rate, 2 * rate}


@BOTH
def test_settings_at_random_differ(kind):
    model = kind(preset="best")
    known, given = found(kind, preset="best"), model._settings()
    rng = np.random.RandomState(0)
    some = list(more_candidates(given, KINDS[kind], known, rng))
    assert len(some) > 100
    changes = [one.changes for one in (*known, *some)]
    assert all(one not in changes[:i] for i, one in enumerate(changes))
    for one in some:
        check(kind, one, "best")
    names = {name for values in SPACE for one in values for name in one}
    assert names == {name for one in some for name in one.changes[0]}
    given = {**given, "hidden_layer_sizes": (8,), "activation": "tanh", "n_bins": 0}
    for one in more_candidates(given, KINDS[kind], known, rng):
        assert not {"hidden_layer_sizes", "activation", *FEATURES} & set(one.changes[0])
