"""The regressor's losses: against other implementations, and in daily use."""

import pickle
import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.optimize import minimize
from scipy.special import huber
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import (
    GammaRegressor,
    HuberRegressor,
    PoissonRegressor,
    QuantileRegressor,
)
from sklearn.metrics import d2_pinball_score, mean_pinball_loss, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import MLPClassifier, MLPRegressor
from skmlp.common.errors import InvalidParameterError
from skmlp.core.heads import REGRESSION_HEADS, Gaussian, Quantile

SETTINGS = {
    **{name: {"loss": name} for name in REGRESSION_HEADS},
    "quantiles": {"loss": "quantile", "quantile": [0.1, 0.5, 0.8]},
}
LOSSES = pytest.mark.parametrize("loss", SETTINGS)
SMOOTH = ("squared_error", "poisson", "gamma", "huber", "gaussian")
LINEAR = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "tol": 1e-9,
    "max_iter": 5000,
    "random_state": 0,
}


def test_smooth_losses_are_losses():
    assert set(SMOOTH) <= set(REGRESSION_HEADS)


def data(n_rows=200, n_targets=1, seed=0):
    """X, and targets above zero, which every loss takes."""
    rng = np.random.RandomState(seed)
    X = rng.randn(n_rows, 3)
    mean = np.exp(X @ (0.3 * rng.randn(3, n_targets)) + 0.2)
    y = mean * rng.gamma(4.0, 0.25, (n_rows, n_targets))
    return X, y.ravel() if n_targets == 1 else y


def make(loss, **parameters):
    return MLPRegressor(**SETTINGS[loss], **{"random_state": 0, **parameters})


def fit(loss, X, y, w=None, **parameters):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "lbfgs failed|Stochastic Optimizer")
        return make(loss, **parameters).fit(X, y, w)


# Other implementations.


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
    X, y = data(300)
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
    model = fit("gaussian", X, y, hidden_layer_sizes=(10,), solver="lbfgs")
    assert (np.diff(model.loss_curve_) <= 0).all()
    assert model.loss_ < 0.35


@pytest.mark.parametrize("scale_of_y", [0.1, 1.0, 100.0])
def test_gaussian_is_steady_with_adam(scale_of_y):
    X, y = wave(1000)
    model = fit(
        "gaussian",
        X,
        y * scale_of_y,
        learning_rate_init=0.01,
        max_iter=100,
        n_iter_no_change=np.inf,
    )
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
    X, _ = data(50)
    for solver in ("adam", "lbfgs"):
        model = fit("gaussian", X, np.full(50, 3.0), solver=solver, max_iter=300)
        mean, std = model.predict(X, return_std=True)
        assert np.isfinite(mean).all()
        assert (std > 0).all()
        assert np.isfinite(model.loss_curve_).all()


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return train_test_split(X, y / 100, random_state=0, test_size=0.4)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_coverage_of_quantiles_of_unseen_rows():
    X, X_test, y, y_test = diabetes()
    levels = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
    model = MLPRegressor(
        "quantile",
        (20,),
        quantile=levels,
        alpha=1.0,
        learning_rate_init=0.01,
        learning_rate="cosine",
        max_iter=100,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    scaler = StandardScaler().fit(X)
    model.fit(scaler.transform(X), y)
    predicted = model.predict(scaler.transform(X_test))
    assert predicted.shape == (len(y_test), 5)
    assert (np.diff(predicted, axis=1) >= 0).all()
    coverage = np.mean(y_test[:, None] <= predicted, axis=0)
    np.testing.assert_allclose(coverage, levels, atol=0.1)
    assert model.score(scaler.transform(X_test), y_test) > 0.1


# Every loss in daily use.


@LOSSES
def test_several_targets_without_hidden_layers_are_one_model_each(loss):
    X, Y = data(n_targets=2)
    settings = {**LINEAR, "alpha": 0.1}
    both = fit(loss, X, Y, **settings)
    singles = [fit(loss, X, Y[:, k], **settings) for k in range(2)]
    predicted = np.stack([single.predict(X) for single in singles], axis=1)
    assert both.predict(X).shape == predicted.shape
    assert both.n_outputs_ == 2
    assert both.loss_ == pytest.approx(
        sum(single.loss_ for single in singles), rel=0.01
    )
    smooth = loss in SMOOTH
    np.testing.assert_allclose(
        both.predict(X), predicted, atol=2e-3 if smooth else 0.15
    )
    assert both.score(X, Y) == pytest.approx(
        np.mean([one.score(X, Y[:, k]) for k, one in enumerate(singles)]), abs=0.01
    )


@LOSSES
@pytest.mark.parametrize("n_targets", [1, 2])
def test_it_learns_with_hidden_layers(loss, n_targets):
    X, y = data(n_targets=n_targets)
    for solver, steps in (("adam", 100), ("sgd", 100), ("lbfgs", 50)):
        model = fit(loss, X, y, solver=solver, max_iter=steps, learning_rate_init=0.01)
        assert model.loss_curve_[-1] < model.loss_curve_[0]
        assert model.score(X, y) > 0.05
        assert model.out_activation_ == REGRESSION_HEADS[model.loss].out_activation


@LOSSES
def test_predictions_of_one_target_have_no_axis_for_it(loss):
    X, y = data(60)
    model = fit(loss, X, y, max_iter=2)
    shape = (3,) if loss == "quantiles" else ()
    assert model.predict(X).shape == (60, *shape)
    assert model.predict(X[:1]).shape == (1, *shape)
    assert model.predict(X).flags.c_contiguous


@LOSSES
def test_sparse_X(loss):
    X, y = data()
    X[np.abs(X) < 0.5] = 0
    dense = fit(loss, X, y, max_iter=5)
    thin = fit(loss, sparse.csr_array(X), y, max_iter=5)
    np.testing.assert_allclose(
        thin.predict(sparse.csr_array(X)), dense.predict(X), atol=1e-6
    )


@LOSSES
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_single_precision(loss, solver):
    X, y = data()
    X = X.astype(np.float32)
    model = fit(loss, X, y, solver=solver, max_iter=20)
    double = fit(loss, X.astype(float), y, solver=solver, max_iter=20)
    assert model._theta.dtype == model.predict(X).dtype == np.float32
    assert model.loss_ == pytest.approx(double.loss_, rel=0.02)
    if hasattr(model._head, "std"):
        assert model.predict(X, return_std=True)[1].dtype == np.float32


@LOSSES
def test_integer_weights_are_repeated_rows(loss):
    X, y = data()
    counts = np.random.RandomState(0).randint(0, 4, len(y))
    settings = {**LINEAR, "max_iter": 20}
    weighted = fit(loss, X, y, counts, **settings)
    repeated = fit(loss, np.repeat(X, counts, axis=0), np.repeat(y, counts), **settings)
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-6)
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-5)


@LOSSES
def test_early_stopping_scores_as_score_does(loss):
    X, Y = data(n_targets=2)
    for y in (Y, Y[:, 0]):
        model = make(loss, early_stopping=True, max_iter=30, n_iter_no_change=np.inf)
        w = np.random.RandomState(1).uniform(0.5, 2, 50)
        with pytest.warns(match="Maximum iterations"):
            model.fit(X, y, X_val=X[:50], y_val=y[:50], sample_weight_val=w)
        assert model.best_validation_score_ == pytest.approx(
            model.score(X[:50], y[:50], w), rel=1e-12
        )
        by_loss = make(
            loss,
            early_stopping=True,
            max_iter=3,
            n_iter_no_change=np.inf,
            scoring="loss",
        )
        with pytest.warns(match="Maximum iterations"):
            by_loss.fit(X, y)
        assert np.isfinite(by_loss.history_["validation_loss"]).all()


@LOSSES
def test_pickle_clone_and_going_on(loss):
    X, y = data()
    model = make(loss).partial_fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(
        again.partial_fit(X, y).predict(X), model.partial_fit(X, y).predict(X)
    )
    assert clone(model).get_params()["loss"] == model.loss
    two = fit(loss, X, y, max_iter=2)
    np.testing.assert_array_equal(two.predict(X), model.predict(X))


@LOSSES
def test_score_is_that_of_scikit_learn(loss):
    X, Y = data(n_targets=2)
    w = np.random.RandomState(0).uniform(0.5, 2, len(Y))
    for y in (Y, Y[:, 0]):
        model = fit(loss, X, y, max_iter=30)
        predicted = model.predict(X)
        if model.loss == "quantile":
            levels = np.array(model.quantile, ndmin=1)
            several = predicted.reshape(*y.shape, len(levels))
            expected = np.mean(
                [
                    d2_pinball_score(y, several[..., i], sample_weight=w, alpha=level)
                    for i, level in enumerate(levels)
                ]
            )
        else:
            expected = r2_score(y, predicted, sample_weight=w)
        assert model.score(X, y, w) == pytest.approx(expected, rel=1e-12)


# Parameters and data that do not go together.


@pytest.mark.parametrize(
    "value", [0, 1, 0.0, 1.0, -0.1, 1.5, np.nan, None, "0.5", True]
)
@pytest.mark.parametrize("among", ["alone", "among others"])
def test_levels_that_are_none(value, among):
    refused_as_quantile(value if among == "alone" else [0.1, value, 0.99])


@pytest.mark.parametrize(
    "value",
    [[], (), np.array([]), [0.5, 0.1], [0.1, 0.1], np.array([[0.1, 0.5]]), {0.5}],
)
def test_sequences_that_are_no_levels(value):
    refused_as_quantile(value)


def refused_as_quantile(value):
    X, y = data(20)
    model = MLPRegressor("quantile", quantile=value)
    message = (
        r"'quantile' parameter of MLPRegressor must be a number in \(0, 1\) or a seq"
    )
    with pytest.raises(InvalidParameterError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "n_outputs_")


@pytest.mark.parametrize("value", [0, -1.0, np.inf, np.nan, "1", None, True, [1.0]])
def test_thresholds_that_are_none(value):
    X, y = data(20)
    message = r"'huber_delta' parameter of MLPRegressor must be a number in \(0, inf\)"
    with pytest.raises(InvalidParameterError, match=message):
        MLPRegressor("huber", huber_delta=value).fit(X, y)


@pytest.mark.parametrize(
    "value", [0.3, np.float32(0.3), [0.3], (0.1, 0.9), np.array([0.2, 0.4])]
)
def test_quantiles_in_every_form(value):
    X, y = data(20)
    model = MLPRegressor("quantile", quantile=value, max_iter=1)
    with pytest.warns(match="Maximum iterations"):
        model.fit(X, y)
    assert model.predict(X).shape == (20, *np.shape(value))
    assert np.isfinite(model.score(X, y))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"quantile": [0.1, 0.9]},
            r"quantile must be 0.5 unless loss='quantile', as it has no effect. "
            r"Got quantile=\[0.1, 0.9\] with loss='squared_error'",
        ),
        (
            {"loss": "huber", "quantile": 0.3},
            "quantile must be 0.5 unless loss='quantile'.*Got quantile=0.3",
        ),
        (
            {"loss": "gamma", "huber_delta": 2},
            "huber_delta must be 1.0 unless loss='huber'.*Got huber_delta=2 with "
            "loss='gamma'",
        ),
    ],
)
def test_settings_of_another_loss_are_refused(parameters, message):
    X, y = data(20)
    with pytest.raises(InvalidParameterError, match=message):
        MLPRegressor(**parameters).fit(X, y)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_default_settings_of_another_loss_pass():
    X, y = data(20)
    MLPRegressor(quantile=0.5, huber_delta=1, max_iter=1).fit(X, y)


@pytest.mark.parametrize(
    ("loss", "wrong", "allowed"),
    [("gamma", 0.0, "> 0"), ("gamma", -2.0, "> 0"), ("poisson", -2.0, ">= 0")],
)
def test_targets_that_the_loss_does_not_take(loss, wrong, allowed):
    X, y = data()
    model = make(loss, solver="sgd").partial_fit(X, y)
    before = pickle.dumps(model)
    y = y.copy()
    y[3] = wrong
    message = f"y must be finite numbers {allowed} in float64.*loss='{loss}'.*{wrong}"
    for call in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=message):
            call(X, y)
    assert pickle.dumps(model) == before
    model = make(loss, early_stopping=True)
    with pytest.raises(ValueError, match=f"(?s)y_val.*numbers {allowed}"):
        model.fit(X, np.abs(y) + 1, X_val=X, y_val=y)
    assert not hasattr(model, "n_outputs_")


def test_a_target_that_is_zero_in_single_precision():
    X, y = data()
    y[0] = 1e-60
    fit("gamma", X, y, max_iter=1)
    with pytest.raises(ValueError, match="y must be finite numbers > 0 in float32"):
        make("gamma").fit(X.astype(np.float32), y)


@LOSSES
def test_standard_deviations(loss):
    X, Y = data(n_targets=2)
    with pytest.raises(NotFittedError):
        make(loss).predict(X, return_std=True)
    for y in (Y, Y[:, 0]):
        model = fit(loss, X, y, max_iter=5)
        np.testing.assert_array_equal(
            model.predict(X, return_std=np.False_), model.predict(X)
        )
        with pytest.raises(TypeError, match="return_std must be True or False. Got 1"):
            model.predict(X, return_std=1)
        if loss == "gaussian":
            mean, std = model.predict(X, return_std=True)
            np.testing.assert_array_equal(mean, model.predict(X))
            assert mean.shape == std.shape == y.shape
            assert (std > 0).all()
        else:
            message = (
                "return_std must be False unless loss='gaussian'.*Got return_std=True "
                f"with a fitted {type(model._head).__name__}"
            )
            with pytest.raises(ValueError, match=message):
                model.predict(X, return_std=True)


# Going on with another loss.


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            {"loss": "quantile", "quantile": [0.1, 0.9]},
            {"quantile": [0.1, 0.5, 0.9]},
            "loss must take 2 scores, as in the previous call, to go on training. Got 3, "
            r"of loss='quantile' and quantile=\[0.1, 0.5, 0.9\]",
        ),
        (
            {"loss": "quantile", "quantile": [0.1, 0.9]},
            {"quantile": 0.5},
            "must take 2 scores.*Got 1, of loss='quantile' and quantile=0.5",
        ),
        (
            {"loss": "squared_error"},
            {"loss": "gaussian"},
            "loss must take 1 scores.*Got 2, of loss='gaussian'",
        ),
    ],
)
def test_another_number_of_scores_is_refused(before, after, message):
    X, y = data()
    model = MLPRegressor(**before, random_state=0).partial_fit(X, y)
    old = model.predict(X)
    model.set_params(warm_start=True, **after)
    for call in (model.fit, model.partial_fit):
        with pytest.raises(InvalidParameterError, match=message):
            call(X, y)
    np.testing.assert_array_equal(model.predict(X), old)
    model.set_params(warm_start=False).set_params(max_iter=1)
    with pytest.warns(match="Maximum iterations"):
        assert len(model.fit(X, y).predict(X)) == len(y)


def test_other_quantiles_of_the_same_number_go_on():
    X, y = data()
    model = MLPRegressor("quantile", quantile=[0.1, 0.9]).partial_fit(X, y)
    model.set_params(quantile=(0.2, 0.8)).partial_fit(X, y)
    assert model._head.levels == (0.2, 0.8)


def test_another_number_of_targets_is_refused_for_every_kind_of_score():
    X, Y = data(n_targets=2)
    model = MLPRegressor("gaussian", warm_start=True).partial_fit(X, Y[:, 0])
    # Two scores, as two targets of another loss have.
    model.set_params(loss="squared_error")
    with pytest.raises(ValueError, match="y must have 1 outputs.*Got 2"):
        model.partial_fit(X, Y)


def test_the_settings_of_fit_are_those_of_predict():
    X, y = data()
    model = fit("quantiles", X, y, max_iter=2)
    before, score = model.predict(X), model.score(X, y)
    model.set_params(quantile=0.5)
    np.testing.assert_array_equal(model.predict(X), before)
    assert model.score(X, y) == score


# Tags, searches, inspection.


@pytest.mark.parametrize("loss", REGRESSION_HEADS)
def test_tag_positive_only(loss):
    tags = get_tags(MLPRegressor(loss))
    assert tags.target_tags.positive_only == (loss in ("poisson", "gamma"))


@pytest.mark.parametrize("loss", ["hubert", None, 3, Quantile, object()])
def test_tags_of_a_loss_that_is_none(loss):
    assert not get_tags(MLPRegressor(loss)).target_tags.positive_only


def test_search_over_lists_of_quantiles():
    X, y = data(80)
    grid = {"quantile": [0.5, [0.1, 0.9], [0.2, 0.8], (0.5,), np.array([0.2, 0.5])]}
    model = MLPRegressor("quantile", (), solver="lbfgs", max_iter=200, random_state=0)
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.score(X, y) > 0
    assert clone(search.best_estimator_).quantile is not None


def test_gradients_of_the_scores_by_the_input():
    X, Y = data(n_targets=2)
    model = fit("quantiles", X, Y, max_iter=2)
    assert model.input_gradients(X[:4]).shape == (4, 6, 3)
    model = fit("gaussian", X, Y[:, 0], hidden_layer_sizes=(), max_iter=2)
    for gradient in model.input_gradients(X[:4]):
        np.testing.assert_allclose(gradient, model.coefs_[0].T)


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [MLPRegressor("gaussian", max_iter=100), MLPRegressor("huber", max_iter=100)]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


# Losses of one's own.


@dataclass(frozen=True)
class Tanh:
    """Regression between -1 and 1: prediction tanh(s), loss log(e^s + e^-s) - y s."""

    out_activation: str = "tanh"
    y_allowed: str = "numbers from -1 to 1"

    def n_scores(self, n_targets):
        return n_targets

    def in_range(self, y):
        return bool((np.abs(y) <= 1).all())

    def prediction(self, s):
        return np.tanh(s)

    def loss_and_gradient(self, y, s):
        loss = np.logaddexp(s, -s) - y * s
        return loss.sum(axis=-1), np.tanh(s) - y


class Laplace(Tanh):
    """Medians, then logarithms of scales, which are the standard deviation over sqrt 2."""

    y_allowed = "anything"
    calls = 0

    def n_scores(self, n_targets):
        return 2 * n_targets

    def in_range(self, y):
        return bool(np.isfinite(y).all())

    def prediction(self, s):
        return s[:, : s.shape[1] // 2]

    def std(self, s):
        return np.sqrt(2) * np.exp(s[:, s.shape[1] // 2 :])

    def loss_and_gradient(self, y, s):
        t = s[:, y.shape[1] :]
        e = (s[:, : y.shape[1]] - y) * np.exp(-t)
        ds = np.hstack([np.sign(e) * np.exp(-t), 1 - np.abs(e)])
        return np.sum(np.log(2) + t + np.abs(e), axis=1), ds

    def factor(self, s):
        Laplace.calls += 1
        return np.ones_like(s)


class Interval(Laplace):
    """Two predictions of each target, with nothing said about what they are."""

    def prediction(self, s):
        return s.reshape(len(s), -1, 2)


OWN = pytest.mark.parametrize("head", [Tanh(), Laplace()], ids=["tanh", "laplace"])


@OWN
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_loss_of_one_s_own(head, solver, n_targets):
    X, y = data(n_targets=n_targets)
    y = np.tanh(y - 1)
    model = MLPRegressor(
        head, solver=solver, max_iter=100, learning_rate_init=0.01, random_state=0
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "lbfgs failed|Stochastic Optimizer")
        model.fit(X, y)
    assert model.out_activation_ == "tanh"
    assert model.predict(X).shape == y.shape
    assert model.score(X, y) == r2_score(y, model.predict(X)) > 0.1
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    if solver != "lbfgs":
        other = clone(model)
        assert other.loss == head or isinstance(other.loss, Laplace)
        other.partial_fit(X, y).partial_fit(X, y)
        assert other.loss_curve_ == model.loss_curve_[:2]


@OWN
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_loss_of_one_s_own_stops_early(head):
    X, y = data()
    y = np.tanh(y - 1)
    model = MLPRegressor(head, early_stopping=True, max_iter=20, random_state=0)
    model.fit(X, y, X_val=X, y_val=y)
    assert model.best_validation_score_ == pytest.approx(model.score(X, y))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer", "ignore:lbfgs failed")
def test_std_and_factor_of_one_s_own():
    X, y = data()
    Laplace.calls = 0
    model = MLPRegressor(Laplace(), solver="lbfgs", max_iter=20).fit(X, y)
    assert Laplace.calls == 0
    median, std = model.predict(X, return_std=True)
    assert median.shape == std.shape == (200,)
    MLPRegressor(Laplace(), max_iter=3, batch_size=100).fit(X, y)
    assert Laplace.calls == 6


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_targets_that_one_s_own_loss_does_not_take():
    X, y = data()
    with pytest.raises(ValueError, match="y must be numbers from -1 to 1 in float64"):
        MLPRegressor(Tanh()).fit(X, y)
    with pytest.raises(ValueError, match="return_std must be False unless"):
        MLPRegressor(Tanh(), max_iter=1).fit(X, np.tanh(y)).predict(X, return_std=True)
    with pytest.raises(InvalidParameterError, match="quantile must be 0.5 unless"):
        MLPRegressor(Tanh(), quantile=0.3).fit(X, np.tanh(y))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_several_predictions_without_levels_need_a_scoring():
    X, y = data()
    model = MLPRegressor(Interval(), max_iter=2).fit(X, y)
    assert model.predict(X).shape == (200, 2)
    with pytest.raises(ValueError, match=r"one prediction of each target.*\(200, 2\)"):
        model.score(X, y)
    MLPRegressor(Interval(), max_iter=2, early_stopping=True, scoring="loss").fit(X, y)


def test_a_head_with_its_own_settings_is_used_as_it_is():
    X, y = data()
    model = MLPRegressor(Quantile(quantile=(0.2, 0.8))).partial_fit(X, y)
    assert model._head is model.loss
    assert model.predict(X).shape == (200, 2)
    assert np.isfinite(model.score(X, y))


@pytest.mark.parametrize("head", [Tanh, object(), None, 1])
def test_objects_that_are_no_loss(head):
    X, y = data(20)
    with pytest.raises(InvalidParameterError, match="'loss' parameter.*n_scores, in_r"):
        MLPRegressor(head).fit(X, y)


def test_a_classifier_has_no_loss():
    with pytest.raises(TypeError, match="loss"):
        MLPClassifier(loss="gamma")


class Misshapen:
    """A squared error whose results have other shapes than they should."""

    out_activation, y_allowed = "identity", "numbers"

    def __init__(self, loss=(), gradient=(), n_scores=None):
        self.loss, self.gradient, self.scores = loss, gradient, n_scores

    def n_scores(self, n_targets):
        return n_targets if self.scores is None else self.scores

    def in_range(self, y):
        return True

    def prediction(self, s):
        return s

    def loss_and_gradient(self, y, s):
        ds = s - y
        return ((ds**2).sum(axis=1) / 2)[self.loss], ds[self.gradient]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (Misshapen(loss=(slice(None), None)), "loss must have a loss_and_gradient"),
        (Misshapen(gradient=(slice(None), 0)), "loss must have a loss_and_gradient"),
        (Misshapen(n_scores=0), "loss must have n_scores .*Got 0 for 1"),
        (Misshapen(n_scores=1.0), "loss must have n_scores .*Got 1.0 for 1"),
    ],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_loss_of_other_shapes_is_refused_by_name(solver, head, message):
    X, y = data()
    model = MLPRegressor(head, solver=solver)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "n_features_in_")


def test_early_stopping_of_a_quantile_goes_by_its_pinball_loss():
    rng = np.random.RandomState(0)
    X = rng.randn(2000, 5)
    y = X[:, 0] + rng.exponential(2, 2000)
    model = MLPRegressor(
        "quantile",
        quantile=0.9,
        hidden_layer_sizes=20,
        early_stopping=True,
        learning_rate_init=0.01,
        max_iter=150,
        random_state=0,
    ).fit(X, y)
    assert np.mean(y <= model.predict(X)) == pytest.approx(0.9, abs=0.03)
