"""TabularMLPRegressor: losses, scales and shapes; scikit-learn's checks are in
test_tabular_classifier.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_pinball_loss, mean_poisson_deviance, r2_score
from sklearn.model_selection import train_test_split

from skmlp import TabularMLPRegressor
from skmlp.core.heads import REGRESSION_HEADS
from skmlp.estimators.tabular_regressor import TargetScale
from skmlp.tabular.parameters import LOSSES

RNG = np.random.RandomState(0)
X = RNG.uniform(-1, 1, (1200, 3))
MEAN, STD = 50 + 20 * np.sin(3 * X[:, 0]), 1 + 4 * (X[:, 1] > 0)
Y = MEAN + STD * RNG.randn(1200)
SMALL = {
    "n_estimators": 3,
    "hidden_layer_sizes": (32, 32),
    "max_iter": 40,
    "random_state": 0,
}


def fitted(y=Y, **parameters):
    return TabularMLPRegressor(**{**SMALL, **parameters}).fit(X, y)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_finds_the_curve_in_the_units_of_y(loss):
    for unit in (1e-6, 1e6):
        prediction = fitted(unit * Y, loss=loss, n_estimators=2).predict(X) / unit
        assert prediction.shape == (1200,)
        assert np.abs(prediction - MEAN).mean() < 2


def test_diabetes_beats_trees():
    X, y = load_diabetes(return_X_y=True)
    rows = train_test_split(np.arange(len(y)), random_state=0)
    model = TabularMLPRegressor(max_iter=30, random_state=0).fit(X[rows[0]], y[rows[0]])
    trees = HistGradientBoostingRegressor(random_state=0).fit(X[rows[0]], y[rows[0]])
    assert model.score(X[rows[1]], y[rows[1]]) > trees.score(X[rows[1]], y[rows[1]])


def test_quantiles():
    levels = (0.1, 0.5, 0.9)
    model = fitted(loss="quantile", quantile=levels)
    new = RNG.uniform(-1, 1, (4000, 3))
    noise = (1 + 4 * (new[:, 1] > 0)) * RNG.randn(4000)
    y = 50 + 20 * np.sin(3 * new[:, 0]) + noise
    prediction = model.predict(new)
    assert prediction.shape == (4000, 3)
    assert (np.diff(prediction, axis=1) >= 0).all()
    np.testing.assert_allclose((y[:, None] < prediction).mean(axis=0), levels, atol=0.1)
    losses = []
    for level, ours in zip(levels, prediction.T, strict=True):
        trees = HistGradientBoostingRegressor(
            loss="quantile", quantile=level, random_state=0
        )
        theirs = trees.fit(X, Y).predict(new)
        losses.append([mean_pinball_loss(y, p, alpha=level) for p in (ours, theirs)])
    assert np.sum(losses, axis=0)[0] < np.sum(losses, axis=0)[1]
    assert 0 < model.score(X, Y) < 1
    with pytest.raises(ValueError, match="quantile must be 0.5 unless loss='quantile'"):
        fitted(quantile=0.3)


def test_standard_deviations():
    model = fitted(loss="gaussian", max_iter=100)
    mean, std = model.predict(X, return_std=True)
    assert np.abs(mean - MEAN).mean() < 1.5
    assert std[X[:, 1] > 0.1].mean() > 1.8 * std[X[:, 1] < -0.1].mean()
    for part in (X[:, 1] > 0, X[:, 1] < 0):
        share = (np.abs(Y - mean) < 1.96 * std)[part].mean()
        assert 0.9 < share <= 1
    np.testing.assert_array_equal(model.predict(X, return_std=False), mean)
    far = model.predict(X * 30, return_std=True)[1]
    assert np.isfinite(far).all()
    with pytest.raises(ValueError, match="return_std must be False unless"):
        fitted().predict(X, return_std=True)
    with pytest.raises(TypeError, match="return_std must be True or False"):
        model.predict(X, return_std="yes")


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_counts(loss):
    rate = np.exp(1 + X[:, 0])
    y = RNG.poisson(rate) if loss == "poisson" else rate * RNG.gamma(5, 1 / 5, 1200)
    model = fitted(y, loss=loss)
    prediction = model.predict(X)
    assert (prediction >= 0).all()
    if loss == "poisson":
        ideal = mean_poisson_deviance(y, rate)
        assert mean_poisson_deviance(y, np.maximum(prediction, 1e-9)) < 1.1 * ideal
    assert r2_score(rate, prediction) > 0.85
    with pytest.raises(ValueError, match="y must be finite numbers"):
        fitted(y - 10, loss=loss)


def test_several_targets():
    both = np.column_stack([Y, -1000 * MEAN])
    model = fitted(both)
    assert model.predict(X).shape == (1200, 2)
    assert model.score(X, both) > 0.9
    mean, std = fitted(both, loss="gaussian").predict(X, return_std=True)
    assert mean.shape == std.shape == (1200, 2)
    several = fitted(both, loss="quantile", quantile=(0.2, 0.8)).predict(X)
    assert several.shape == (1200, 2, 2)
    assert np.abs(several.mean(axis=2) - both).mean(axis=0) == pytest.approx(
        [3, 1000], rel=1
    )


def test_predictions_stay_in_the_range_of_the_target():
    prediction = fitted().predict(X * 1000)
    assert Y.min() <= prediction.min()
    assert prediction.max() <= Y.max()


@pytest.mark.parametrize("value", [0.0, 1.0, 1e9])
def test_a_constant_target(value):
    np.testing.assert_allclose(fitted(np.full(1200, value)).predict(X), value)


def test_weights_move_the_mean():
    y = np.where(np.arange(1200) % 2, 10.0, 20.0)
    w = np.where(np.arange(1200) % 2, 3.0, 1.0)
    model = TabularMLPRegressor(**SMALL).fit(X[:, :1] * 0, y, sample_weight=w)
    assert model.predict(X[:, :1] * 0) == pytest.approx(12.5, abs=0.5)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.where(np.arange(1200) == 3, np.nan, Y), "y contains NaN"),
        (np.where(np.arange(1200) == 3, np.inf, Y), "y contains infinity"),
        (np.zeros((1200, 1, 1)), "dim"),
    ],
)
def test_targets_that_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        fitted(y)


def test_text_as_target_is_refused():
    with pytest.raises(TypeError, match="y must be a dense array of real numbers"):
        fitted(np.array(["a", "b"] * 600))


def test_scale_there_and_back():
    y = np.column_stack([Y, np.full(1200, 3.0)])
    for out in ("identity", "exp"):
        scale = TargetScale.fit(y, None, out)
        scaled = scale.transform(y)
        assert scaled.dtype == np.float32
        back = scale.in_units(scale.inverse_transform(scaled))
        np.testing.assert_allclose(back, y, rtol=1e-5)
        several = np.stack([scaled, scaled], axis=2)
        np.testing.assert_allclose(
            scale.inverse_transform(several)[..., 1], y, rtol=1e-5
        )
    assert scaled[:, 0].mean() == pytest.approx(1, rel=1e-5)
    w = RNG.rand(1200)
    weighted = TargetScale.fit(y, w, "identity")
    assert weighted.center[0] == pytest.approx(np.average(Y, weights=w))
    assert weighted.scale[1] == 1


SCALES = (1e-310, 1e-50, 1.0, 1e40, 1e308)
ROWS = np.random.RandomState(0).uniform(0.1, 1, (60, 2))
SHAPES = {
    "positive": ROWS[:, 0],
    "mixed signs": ROWS[:, 0] - 0.5,
    "constant": np.full(60, 0.7),
    "one outlier": np.where(np.arange(60) == 7, 1.0, 1e-30),
    "one tiny": np.where(np.arange(60) == 7, 1e-60, ROWS[:, 0]),
    "two targets": np.column_stack([ROWS[:, 0], np.full(60, 0.7)]),
    "two scales": ROWS * [1, 1e-300],
}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_targets_of_every_scale(loss, shape, scale):
    y, head = scale * SHAPES[shape], REGRESSION_HEADS[loss]
    model = TabularMLPRegressor(loss, 1, (4,), max_iter=2, random_state=0)
    for w in (None, np.where(np.arange(60) % 2, 1.0, 1e-30)):
        try:
            model.fit(ROWS, y, w)
        except ValueError as error:
            message = str(error)
            assert message.startswith("y must be")
            assert (
                not head.in_range(y[:, None])
                or shape.startswith("one")
                or w is not None
            )
            continue
        prediction = model.predict(ROWS)
        assert (y.min(0) <= prediction).all()
        assert (prediction <= y.max(0)).all()
        if loss == "gaussian":
            mean, std = model.predict(ROWS, return_std=True)
            np.testing.assert_array_equal(mean, prediction)
            assert np.isfinite(std).all()


@pytest.mark.parametrize("scale", [1e-307, 1e-200, 1e-100, 1.0, 1e100, 1e200, 1e307])
@pytest.mark.parametrize("w", [None, ROWS[:, 1]])
@pytest.mark.parametrize("out", ["identity", "exp"])
def test_the_scale_is_that_of_higher_precision(out, w, scale):
    y = scale * np.column_stack([SHAPES["positive"], 1 + 1e-6 * SHAPES["mixed signs"]])
    found, exact = TargetScale.fit(y, w, out), y.astype(np.longdouble)
    mean = np.average(exact, axis=0, weights=w)
    std = np.sqrt(np.average((exact - mean) ** 2, axis=0, weights=w))
    z = exact / mean if out == "exp" else (exact - mean) / std
    np.testing.assert_allclose(
        found.transform(y), z.astype(float), rtol=1e-5, atol=1e-6
    )
    back = found.in_units(found.inverse_transform(z.astype(float)))
    np.testing.assert_allclose(back, y, rtol=1e-12)


def test_targets_of_ordinary_scale_are_not_scaled_by_a_power_of_two():
    y = np.column_stack([1e-100 * Y, 1e100 * Y, np.full(1200, 0.0)])
    assert (TargetScale.fit(y, None, "identity").exponent == 0).all()


@pytest.mark.parametrize(
    ("loss", "y_val", "message"),
    [
        ("squared_error", 1e60, "y_val must be finite numbers, with a finite loss, in"),
        (
            "squared_error",
            -1e25,
            "y_val .* with a finite loss, in float32 after scaling of y",
        ),
        ("gaussian", 1e30, "y_val must be finite numbers"),
        (
            "poisson",
            1e60,
            "y_val must be finite numbers >= 0.*division by the mean of y",
        ),
        ("gamma", 1e-60, "y_val must be finite numbers > 0, with a finite loss"),
    ],
)
def test_validation_targets_outside_single_precision_are_named(loss, y_val, message):
    model = TabularMLPRegressor(loss, 1, (4,), max_iter=2, random_state=0)
    with pytest.raises(ValueError, match=message):
        model.fit(ROWS, ROWS[:, 0], X_val=ROWS[:3], y_val=[y_val, 0.5, 0.5])
    with pytest.raises(ValueError, match=f"(from|to) {re.escape(str(y_val))}"):
        model.fit(ROWS, ROWS[:, 0], X_val=ROWS[:3], y_val=[y_val, 0.5, 0.5])


@pytest.mark.parametrize("weight", [1e-30, 1e30, 1e36])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_unit_of_the_weights_does_not_matter(loss, weight):
    model = TabularMLPRegressor(loss, 2, (4,), max_iter=3, random_state=0)
    y = ROWS[:, 0]
    one = model.fit(ROWS, y, np.ones(60)).predict(ROWS)
    other = model.fit(ROWS, y, np.full(60, weight)).predict(ROWS)
    np.testing.assert_allclose(other, one, rtol=0.01)


@pytest.mark.parametrize("y", [Y, np.column_stack([Y, -1000 * MEAN])])
@pytest.mark.parametrize("clipped", [False, True])
def test_one_mean_and_the_std_of_its_mixture(y, clipped):
    model = fitted(y, loss="gaussian", max_iter=4)
    y = y.reshape(1200, -1)
    low, high = np.quantile(y, [0.3, 0.6] if clipped else [0, 1], axis=0)
    model._scale = replace(model._scale, low=low, high=high)
    mean, std = model.predict(X, return_std=True)
    np.testing.assert_array_equal(model.predict(X), mean)
    # The mixture by the law of total variance, in units of y.
    means, variances = [], []
    for s in model._scores(X):
        m, log_std = np.split(s, 2, axis=1)
        means.append(np.clip(m * y.std(0) + y.mean(0), low, high))
        variances.append((y.std(0) * np.exp(log_std)) ** 2)
    assert not clipped or (np.array(means) == high).any()
    total = np.mean(variances, axis=0) + np.var(means, axis=0)
    np.testing.assert_allclose(
        mean.reshape(1200, -1), np.mean(means, axis=0), rtol=1e-5
    )
    np.testing.assert_allclose(std.reshape(1200, -1), np.sqrt(total), rtol=1e-4)
