"""Fits of several settings: their networks, weights and attributes."""

import pickle
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.tabular import search
from skmlp.tabular.parameters import LOSSES
from tests.helpers import interrupt_at

RNG = np.random.RandomState(0)
N = 150
X = pd.DataFrame({"a": RNG.randn(N), "b": RNG.choice(["x", "y"], N), "c": RNG.randn(N)})
AMOUNT = np.exp(X["a"] + (X["b"] == "x") + 0.3 * RNG.randn(N)).to_numpy()
LABEL = np.array(["low", "mid", "high"])[np.digitize(AMOUNT, [1, 3])]
KINDS = (TabularMLPClassifier, TabularMLPRegressor)
BOTH = pytest.mark.parametrize("kind", KINDS)


def target(kind):
    return LABEL if kind is TabularMLPClassifier else AMOUNT


def make(kind, **parameters):
    settings = {"n_estimators": 5, "hidden_layer_sizes": (8,), "max_iter": 3}
    return kind(**{**settings, "preset": "best", "random_state": 0, **parameters})


def fitted(kind, **parameters):
    return make(kind, **parameters).fit(X, target(kind))


def weights_of(model):
    return [one["weight"] for one in model.settings_]


def response(model):
    """The prediction, and what gives it by the scores of one network."""
    if isinstance(model, TabularMLPRegressor):
        return model.predict(X), lambda s: model._prediction(s)[:, 0]
    return model.predict_proba(X), lambda s: model._by_class(s, model._head.prediction)


@BOTH
def test_predictions_are_weighted_means(kind):
    model = fitted(kind)
    weights = weights_of(model)
    assert sum(weights) == pytest.approx(1)
    assert len(weights) == len(kind._presets["best"])
    kept = [weight for weight in weights if weight]
    assert model.n_estimators_ == 5 * len(kept) == len(model._weights)
    prediction, of_scores = response(model)
    each = [of_scores(s) for s in model._scores(X)]
    means = [np.mean(each[5 * i : 5 * i + 5], axis=0) for i in range(len(kept))]
    expected = sum(weight * mean for weight, mean in zip(kept, means, strict=True))
    np.testing.assert_allclose(prediction, expected, rtol=1e-12)


@BOTH
def test_a_setting_is_what_a_fit_with_it_is(kind):
    model = fitted(kind)
    (first,) = model.settings_[0]["parameters"]
    alone = fitted(kind, preset=None, **first)
    assert alone.settings_[0]["parameters"] == [{}]
    assert alone._weights == (1.0,) * 5
    found = model.settings_[0]
    assert found["loss"] == alone.settings_[0]["loss"]
    if found["weight"]:
        n = alone.n_parameters_
        np.testing.assert_array_equal(model._theta[:n], alone._theta)


@BOTH
def test_out_of_fold_predictions_have_the_weights(kind):
    every = np.arange(N)
    held = [every % 5 == i for i in range(5)]
    splits = [(every[~one], every[one]) for one in held]
    model = fitted(kind, cv=splits, max_iter=1)
    _, of_scores = response(model)
    # After one epoch the network that predicts out of fold is the one that is kept.
    each = [of_scores(s) for s in model._scores(X)]
    expected = np.zeros_like(each[0])
    for i, (one, weight) in enumerate(zip(each, model._weights, strict=True)):
        expected[held[i % 5]] += weight * one[held[i % 5]]
    expected /= sum(model._weights[::5])
    np.testing.assert_allclose(model.oof_prediction_, expected, rtol=1e-4)


@BOTH
def test_a_seed_gives_the_same_model_by_any_number_of_jobs(kind):
    model, other = fitted(kind), fitted(kind, n_jobs=2)
    np.testing.assert_array_equal(model._theta, other._theta)
    assert model._weights == other._weights
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


@BOTH
def test_the_history_is_that_of_all_settings(kind):
    model = fitted(kind)
    n = 3 * len(model.settings_)
    assert model.n_iter_ == len(model.loss_curve_) == n
    assert {len(column) for column in model.history_.values()} == {n}
    assert len(model.best_iter_) == model.n_estimators_
    assert max(model.best_iter_) <= 3


@BOTH
def test_given_rows_choose_the_weights(kind):
    y = target(kind)
    model = make(kind).fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    losses = [one["loss"] for one in model.settings_]
    assert np.isfinite(losses).all()
    assert max(weights_of(model)) > 0
    assert not hasattr(model, "oof_prediction_")


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_has_weights(loss):
    model = fitted(TabularMLPRegressor, loss=loss, n_estimators=2, cv=2)
    assert np.isfinite([one["loss"] for one in model.settings_]).all()
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.filterwarnings("ignore:y has a single class")
def test_several_labels_and_a_single_class():
    y = np.c_[AMOUNT > 1, AMOUNT > 3].astype(int)
    model = make(TabularMLPClassifier).fit(X, y)
    assert sum(weights_of(model)) == pytest.approx(1)
    certain = make(TabularMLPClassifier).fit(X, ["a"] * N)
    assert len(certain.settings_) == certain.n_estimators_ == 1
    assert (certain.predict(X) == "a").all()


@BOTH
def test_settings_without_time_are_left_out(kind, monkeypatch):
    monkeypatch.setattr(search, "LEAST_TIME", np.inf)
    assert len(fitted(kind, max_time=1000).settings_) == 1
    assert len(fitted(kind).settings_) > 1


def test_the_best_preset_uses_all_of_max_time():
    started = perf_counter()
    model = fitted(TabularMLPRegressor, max_time=2, n_estimators=1)
    assert perf_counter() - started < 6
    assert len(model.settings_) > len(TabularMLPRegressor._presets["best"])
    changes = [one["parameters"] for one in model.settings_]
    assert all(one not in changes[:i] for i, one in enumerate(changes))
    given = {"hidden_layer_sizes", "max_iter", "n_estimators"}
    assert not given & {name for (one,) in changes for name in one}
    quick = fitted(TabularMLPRegressor, preset="default", max_time=1000)
    assert len(quick.settings_) == len(TabularMLPRegressor._presets["default"])


@pytest.mark.parametrize("step", [16, 33, 40, 60])
def test_an_interrupt_ends_the_search(step, monkeypatch):
    n = len(fitted(TabularMLPRegressor).settings_)
    interrupt_at(step, monkeypatch)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model = fitted(TabularMLPRegressor)
    assert len(model.settings_) < n
    assert np.isfinite(model.predict(X)).all()


def test_a_setting_that_diverges_has_no_networks():
    model = make(TabularMLPRegressor)
    (first,), *others = TabularMLPRegressor._presets["best"]
    bad = {"learning_rate_init": 1e30, "weight_decay": 0.0}
    diverging = {"best": [[{**first, **bad}], *others]}

    class Diverging(TabularMLPRegressor):
        _presets = diverging

    model = Diverging(**model.get_params())
    model.fit(X, AMOUNT)
    assert len(model.settings_) == len(others)
    assert model.n_estimators_ == 5 * sum(weight > 0 for weight in weights_of(model))
    with pytest.raises(ValueError, match="Training diverged for all networks"):
        model.set_params(**bad).fit(X, AMOUNT)


def test_the_log_names_the_settings(capsys):
    model = fitted(TabularMLPRegressor, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    n = len(model.settings_)
    named = [line for line in lines if line.startswith("Setting ")]
    assert named == [
        f"Setting {i}: {one['parameters'][0]}"
        for i, one in enumerate(model.settings_, 1)
    ]
    numbers = [line.split(",")[0] for line in lines if line.startswith("Iteration ")]
    assert numbers == [f"Iteration {i}" for i in range(1, 3 * n + 1)]
