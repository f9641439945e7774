"""Without hidden layers, the models are scikit-learn's linear ones."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import huber
from sklearn.datasets import (
    load_diabetes,
    make_classification,
)
from sklearn.linear_model import (
    GammaRegressor,
    HuberRegressor,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
)
from sklearn.metrics import mean_pinball_loss

from skmlp import MLPClassifier, MLPRegressor
from tests.helpers import LINEAR, positive_data

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("alpha", [0.1, 3.0])
def test_without_hidden_layers_squared_error_is_ridge(alpha, weighted):
    X, y = load_diabetes(return_X_y=True)
    X, y = X / X.std(axis=0), (y - y.mean()) / y.std()
    w = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    ours = MLPRegressor(alpha=alpha, **LINEAR).fit(X, y, w)
    theirs = Ridge(alpha).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_without_hidden_layers_log_loss_is_logistic_regression(n_classes, weighted):
    X, y = make_classification(
        200, 6, n_informative=4, n_classes=n_classes, random_state=0
    )
    w = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    ours = MLPClassifier(alpha=2.0, **LINEAR).fit(X, y, w)
    theirs = LogisticRegression(C=0.5, tol=1e-8, max_iter=1000).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(X), atol=1e-3
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_without_hidden_layers_poisson_is_poisson_regression(weighted):
    rng = np.random.RandomState(0)
    X = rng.randn(300, 3)
    y = rng.poisson(np.exp(X @ [0.5, -0.2, 0.1] + 0.3)).astype(float)
    w = rng.uniform(0.5, 2, 300) if weighted else np.ones(300)
    ours = MLPRegressor("poisson", alpha=3.0, **LINEAR).fit(X, y, w)
    theirs = PoissonRegressor(alpha=3.0 / w.sum(), tol=1e-8).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)


def uneven_lines(n_rows=400):
    """A linear model whose noise grows with the first feature."""
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (n_rows, 3))
    return X, X @ [1.0, -2.0, 0.5] + (1.5 + X[:, 0]) * rng.standard_normal(n_rows)


NON_SMOOTH = {
    "hidden_layer_sizes": (),
    "alpha": 0,
    "learning_rate": "cosine",
    "learning_rate_init": 0.1,
    "batch_size": 400,
    "max_iter": 500,
    "n_iter_no_change": np.inf,
    "random_state": 0,
}


@pytest.mark.parametrize(
    ("parameters", "level"),
    [
        ({"loss": "absolute_error"}, 0.5),
        ({"loss": "quantile"}, 0.5),
        ({"loss": "quantile", "quantile": 0.1}, 0.1),
        ({"loss": "quantile", "quantile": 0.9}, 0.9),
    ],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_without_hidden_layers_it_is_quantile_regression(solver, parameters, level):
    X, y = uneven_lines()
    settings = NON_SMOOTH if solver == "adam" else {**LINEAR, "alpha": 0}
    ours = MLPRegressor(**parameters, **settings).fit(X, y)
    theirs = QuantileRegressor(quantile=level, alpha=0).fit(X, y)
    found, best = (
        mean_pinball_loss(y, model.predict(X), alpha=level) for model in (ours, theirs)
    )
    # Nothing is better than the solution of the linear program.
    assert best * (1 - 1e-9) <= found < best * 1.005
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=0.2)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_without_hidden_layers_several_quantiles_are_one_regression_each():
    (X, y), levels = uneven_lines(), [0.1, 0.5, 0.9]
    ours = MLPRegressor("quantile", quantile=levels, **NON_SMOOTH).fit(X, y)
    for i, level in enumerate(levels):
        theirs = QuantileRegressor(quantile=level, alpha=0).fit(X, y)
        found = mean_pinball_loss(y, ours.predict(X)[:, i], alpha=level)
        assert found < 1.005 * mean_pinball_loss(y, theirs.predict(X), alpha=level)
        np.testing.assert_allclose(ours.coefs_[0][:, i], theirs.coef_, atol=0.2)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "kind"), [("gamma", GammaRegressor), ("poisson", PoissonRegressor)]
)
def test_without_hidden_layers_it_is_a_generalised_linear_model(loss, kind, weighted):
    X, y = positive_data(300)
    w = np.random.RandomState(0).uniform(0.5, 2, 300) if weighted else np.ones(300)
    ours = MLPRegressor(loss, alpha=3.0, **LINEAR).fit(X, y, w)
    # Both objectives are a mean of half deviances; ours divides the penalty as well.
    theirs = kind(alpha=3.0 / w.sum(), tol=1e-9, max_iter=1000).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)


def lines_with_outliers():
    rng = np.random.RandomState(0)
    X = rng.randn(200, 3)
    y = X @ [1.0, -2.0, 0.5] + 0.3 * rng.randn(200)
    y[::10] += 20
    return X, y


def test_huber_is_the_minimum_that_scipy_finds():
    X, y = lines_with_outliers()

    def objective(theta):
        errors = y - X @ theta[:3] - theta[3]
        return np.sum(huber(0.7, errors)) + 2.0 / 2 * np.sum(theta[:3] ** 2)

    found = minimize(objective, np.zeros(4), options={"gtol": 1e-8})
    ours = MLPRegressor("huber", huber_delta=0.7, alpha=2.0, **LINEAR).fit(X, y)
    theta = np.r_[ours.coefs_[0].ravel(), ours.intercepts_[0]]
    np.testing.assert_allclose(theta, found.x, atol=1e-4)
    assert objective(theta) == pytest.approx(found.fun, rel=1e-8)
    assert ours.loss_ == pytest.approx(found.fun / 200, rel=1e-8)


def test_huber_is_scikit_learn_s_at_the_scale_that_it_finds():
    X, y = lines_with_outliers()
    theirs = HuberRegressor(epsilon=1.5, alpha=0.5, tol=1e-9, max_iter=1000).fit(X, y)
    # Its loss of an error e is 2 / scale times ours, with delta = epsilon scale.
    delta, alpha = 1.5 * theirs.scale_, 0.5 * theirs.scale_
    ours = MLPRegressor("huber", huber_delta=delta, alpha=alpha, **LINEAR).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.intercepts_[0], theirs.intercept_, atol=1e-4)
