"""The gaussian loss: a mean and a standard deviation for each row."""

import numpy as np
import pytest
from scipy import stats

from skmlp import MLPRegressor
from skmlp.core.heads import Gaussian
from tests.helpers import fit_quietly, positive_data


def sigma(x):
    return 0.1 + 0.2 * (x + 1)


def wave(n_rows):
    """A sine with noise of standard deviation sigma(x)."""
    rng = np.random.RandomState(0)
    x = rng.uniform(-1, 1, n_rows)
    return x[:, None], np.sin(3 * x) + sigma(x) * rng.standard_normal(n_rows)


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "lbfgs", "max_iter": 500},
        {"learning_rate_init": 0.01, "learning_rate": "cosine", "max_iter": 200},
    ],
)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer", "ignore:lbfgs failed")
def test_gaussian_finds_the_noise(settings):
    X, y = wave(2000)
    model = MLPRegressor(
        "gaussian",
        (20, 20),
        "tanh",
        n_iter_no_change=np.inf,
        random_state=0,
        **settings,
    ).fit(X, y)
    x = np.linspace(-0.95, 0.95, 200)
    mean, std = model.predict(x[:, None], return_std=True)
    assert np.sqrt(np.mean((mean - np.sin(3 * x)) ** 2)) < 0.05
    assert np.sqrt(np.mean((std / sigma(x) - 1) ** 2)) < 0.1
    # The loss is the whole negative log-likelihood, up to a penalty near zero.
    mean, std = model.predict(X, return_std=True)
    likelihood = np.mean(stats.norm(mean, std).logpdf(y))
    assert model.loss_ == pytest.approx(-likelihood, abs=0.02)
    # Half the rows lie within 0.674 sigma of the mean.
    assert np.mean(np.abs(y - mean) < 0.6745 * std) == pytest.approx(0.5, abs=0.03)


def test_a_line_search_has_the_gradient_of_its_value():
    X, y = wave(500)
    model = MLPRegressor("gaussian", (10,), solver="lbfgs", random_state=0)
    fit_quietly(model, X, y)
    assert (np.diff(model.loss_curve_) <= 0).all()
    assert model.loss_ < 0.35


@pytest.mark.parametrize("scale_of_y", [0.1, 1.0, 100.0])
def test_gaussian_is_steady_with_adam(scale_of_y):
    X, y = wave(1000)
    model = MLPRegressor(
        "gaussian",
        learning_rate_init=0.01,
        max_iter=100,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    fit_quietly(model, X, y * scale_of_y)
    curve = np.array(model.loss_curve_)
    assert curve[-10:].mean() < curve[:10].mean() - 0.3
    assert curve[-30:].max() - curve[-30:].min() < 0.3


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_the_factor_finds_a_mean_that_plain_steps_miss():
    # A sine with hardly any noise, much as the first example of the paper: where the mean
    # does not fit yet, sigma grows and takes the gradient away.
    rng = np.random.RandomState(0)
    x = rng.uniform(-1, 1, (1000, 1))
    y = np.sin(2 * np.pi * x).ravel() + 0.01 * rng.standard_normal(1000)
    errors = {}
    for beta in (0.0, 0.5):
        model = MLPRegressor(
            Gaussian(beta=beta),
            (50, 50),
            "tanh",
            learning_rate_init=0.003,
            max_iter=600,
            n_iter_no_change=np.inf,
            random_state=0,
        ).fit(x, y)
        errors[beta] = np.sqrt(np.mean((model.predict(x) - y) ** 2))
    assert errors[0.5] < 0.03
    assert errors[0.0] > 0.1


def test_constant_targets_leave_sigma_above_zero():
    X, _ = positive_data(50)
    for solver in ("adam", "lbfgs"):
        model = MLPRegressor("gaussian", solver=solver, max_iter=300, random_state=0)
        fit_quietly(model, X, np.full(50, 3.0))
        mean, std = model.predict(X, return_std=True)
        assert np.isfinite(mean).all()
        assert (std > 0).all()
        assert np.isfinite(model.loss_curve_).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_targets", [1, 2])
def test_there_is_one_mean(n_targets, dtype):
    X, y = positive_data(n_targets=n_targets)
    X = X.astype(dtype)
    model = fit_quietly(MLPRegressor("gaussian", max_iter=3, random_state=0), X, y)
    for rows in (X, 100 * X, X[:1]):
        mean, std = model.predict(rows, return_std=True)
        np.testing.assert_array_equal(model.predict(rows), mean)
        assert mean.shape == std.shape
