"""Out-of-fold predictions: who predicts a row, and how honest that is."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score
from sklearn.model_selection import TimeSeriesSplit

import skmlp.tabular.members
from skmlp import TabularMLPClassifier, TabularMLPRegressor, trusted_types
from skmlp.core.history import NOT_VALIDATED

N = 120
RNG = np.random.RandomState(0)
X = pd.DataFrame({"a": RNG.randn(N), "b": RNG.choice(["x", "y"], N)})
AMOUNT = X["a"].to_numpy() + (X["b"] == "x").to_numpy() + 0.3 * RNG.randn(N)
LABEL = np.array(["low", "mid", "high"])[np.digitize(AMOUNT, [0, 1])]
KINDS = (TabularMLPClassifier, TabularMLPRegressor)
BOTH = pytest.mark.parametrize("kind", KINDS)
SPLITS = [
    (np.arange(40, N), np.arange(30)),
    (np.arange(40), np.arange(60, N)),
    (np.arange(60), np.arange(70, 100)),
]
"""Rows 30 to 59 are never held out, rows 70 to 99 twice."""


def target(kind):
    return LABEL if kind is TabularMLPClassifier else AMOUNT


def make(kind, **parameters):
    settings = {"n_estimators": 3, "hidden_layer_sizes": (8,), "n_frequencies": 2}
    return kind(**{**settings, "max_iter": 3, "random_state": 0, **parameters})


def by_hand(model, splits, predict):
    """The mean over the networks that hold a row out."""
    each = np.array([predict(model, s) for s in model._scores(X)])
    held = np.zeros((len(each), N), bool)
    for row, (_, validation) in zip(held, splits, strict=True):
        row[validation] = True
    total = np.where(held[..., None], each, 0).sum(axis=0)
    return total / np.where(held.any(axis=0), held.sum(axis=0), np.nan)[:, None]


def probability(model, s):
    return model._by_class(s, model._head.prediction)


@BOTH
@pytest.mark.parametrize("weighted", [False, True])
def test_rows_are_predicted_by_the_networks_that_held_them_out(kind, weighted):
    model, y = make(kind, cv=SPLITS, max_iter=1), target(kind)
    w = np.where(np.arange(N) % 5 == 0, 0.0, 1 + np.arange(N) % 3) if weighted else None
    model.fit(X, y, w)
    classifies = kind is TabularMLPClassifier
    expected = by_hand(model, SPLITS, probability if classifies else kind._prediction)
    if weighted:
        expected[w == 0] = np.nan
    found = model.oof_prediction_
    assert found.dtype == np.float32
    assert found.shape == ((N, 3) if classifies else (N,))
    np.testing.assert_allclose(found, expected if classifies else expected[:, 0], 1e-5)
    held = np.isfinite(expected[:, 0])
    assert held.sum() == (72 if weighted else 90)
    guess, score = expected[held], accuracy_score if classifies else r2_score
    guess = model.classes_[guess.argmax(axis=1)] if classifies else guess
    weights = w[held] if weighted else None
    expected = score(y[held], guess, sample_weight=weights)
    assert model.oof_score_ == pytest.approx(expected)


@pytest.mark.parametrize(
    ("parameters", "y", "shape"),
    [
        ({"loss": "quantile", "quantile": [0.1, 0.5, 0.9]}, AMOUNT, (N, 3)),
        ({"loss": "gaussian"}, AMOUNT, (N,)),
        ({}, np.c_[AMOUNT, -AMOUNT], (N, 2)),
        ({}, 1e200 * AMOUNT, (N,)),
    ],
)
def test_shapes_are_those_of_predict(parameters, y, shape):
    model = make(TabularMLPRegressor, n_estimators=5, **parameters).fit(X, y)
    assert model.oof_prediction_.shape == model.predict(X).shape == shape
    assert np.isfinite(model.oof_prediction_).all()
    assert -2 < model.oof_score_ < 1


def test_labels_and_scorers():
    several = np.c_[AMOUNT > 0, AMOUNT > 1, AMOUNT < 0.5].astype(int)
    model = make(TabularMLPClassifier, scoring="roc_auc", n_estimators=5)
    model.fit(X, several)
    assert model.oof_prediction_.shape == (N, 3)
    expected = roc_auc_score(several, model.oof_prediction_)
    assert model.oof_score_ == pytest.approx(expected)


def test_a_scorer_may_ask_for_standard_deviations():
    def scorer(model, X, y):
        _, std = model.predict(X, return_std=True)
        return -std.mean()

    model = make(TabularMLPRegressor, loss="gaussian", scoring=scorer).fit(X, AMOUNT)
    assert model.oof_score_ < 0


@BOTH
def test_time_order(kind):
    model = make(kind, cv=TimeSeriesSplit(3)).fit(X, target(kind))
    missing = np.isnan(model.oof_prediction_).reshape(N, -1).any(axis=1)
    assert missing.tolist() == [True] * 30 + [False] * 90


@BOTH
def test_networks_that_are_not_used_predict_nothing(kind, monkeypatch):
    plain = skmlp.tabular.members.ValidationLoss.__call__

    def broken(self, theta):
        return NOT_VALIDATED if self.rows.n_rows == 60 else plain(self, theta)

    monkeypatch.setattr(skmlp.tabular.members.ValidationLoss, "__call__", broken)
    with pytest.warns(ConvergenceWarning, match="1 of 3 networks diverged"):
        model = make(kind, cv=SPLITS).fit(X, target(kind))
    held = np.isfinite(model.oof_prediction_).reshape(N, -1).all(axis=1)
    assert np.flatnonzero(held).tolist() == [*range(30), *range(70, 100)]


@pytest.mark.filterwarnings("ignore:max_time=1e-06 was over")
@BOTH
def test_networks_without_time_predict_nothing(kind):
    model = make(kind, cv=SPLITS, max_time=1e-6).fit(X, target(kind))
    held = np.isfinite(model.oof_prediction_).reshape(N, -1).all(axis=1)
    assert np.flatnonzero(held).tolist() == list(range(30))


@BOTH
def test_without_rows_held_out_there_is_none(kind):
    y, model = target(kind), make(kind)
    with pytest.raises(NotFittedError):
        _ = model.oof_prediction_
    model.fit(X, y)
    assert hasattr(model, "oof_score_")
    model.fit(X, y, X_val=X, y_val=y)
    for name in ("oof_prediction_", "oof_score_"):
        with pytest.raises(AttributeError, match=f"no {name}: a fit with X_val"):
            getattr(model, name)
    for change, groups in (({"cv": 3}, None), ({}, np.arange(N))):
        with pytest.raises(ValueError, match="must be None with X_val"):
            make(kind, **change).fit(X, y, X_val=X, y_val=y, groups=groups)


@pytest.mark.filterwarnings("ignore:2 of 2 classes have a single row")
@BOTH
def test_two_rows(kind):
    model = make(kind, n_estimators=1).fit(X[:2], target(kind)[:2])
    assert np.isfinite(model.oof_prediction_).reshape(2, -1).all(axis=1).sum() == 1
    assert np.isnan(model.oof_score_) == (kind is TabularMLPRegressor)


@BOTH
def test_what_is_stored(kind, tmp_path):
    skops = pytest.importorskip("skops.io")
    model = make(kind).fit(X, target(kind))
    for stored in (False, True):
        model.set_params(store_oof=stored)
        skops.dump(model, tmp_path / "model.skops")
        copies = [
            pickle.loads(pickle.dumps(model)),
            copy.deepcopy(model),
            skops.load(tmp_path / "model.skops", trusted=trusted_types()),
        ]
        for other in copies:
            assert other.oof_score_ == model.oof_score_
            assert hasattr(other, "oof_prediction_") == stored
            if stored:
                np.testing.assert_array_equal(
                    other.oof_prediction_, model.oof_prediction_
                )
            else:
                with pytest.raises(AttributeError, match="unless store_oof=True"):
                    _ = other.oof_prediction_


def test_shuffled_targets_are_not_predicted():
    rng = np.random.RandomState(1)
    noise = pd.DataFrame(rng.randn(400, 3)).assign(d=rng.choice(list("abcdef"), 400))
    noise.columns = list("abcd")
    labels = rng.permutation(400) % 2
    model = make(TabularMLPClassifier, n_estimators=5, max_iter=8).fit(noise, labels)
    assert log_loss(labels, model.oof_prediction_) > 0.99 * np.log(2)
    assert abs(model.oof_score_ - 0.5) < 0.075
    y = rng.randn(400)
    model = make(TabularMLPRegressor, n_estimators=5, max_iter=8).fit(noise, y)
    assert model.oof_score_ < 0.01


def test_groups_that_give_the_target_away():
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(40), 6)
    table = pd.DataFrame(
        {"key": rng.rand(40)[groups].round(6), "noise": rng.randn(240)}
    )
    y = rng.randn(40)[groups]
    periodic = {"n_frequencies": 16, "n_bins": 0, "preset": None}
    model = make(TabularMLPRegressor, n_estimators=5, max_iter=30, **periodic)
    seen = model.fit(table, y).oof_score_
    honest = model.fit(table, y, groups=groups).oof_score_
    assert seen > 0.2
    assert honest < 0.02
