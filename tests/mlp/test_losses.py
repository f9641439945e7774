"""The regressor's losses in daily use."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils import get_tags

from skmlp import MLPRegressor
from skmlp.common.errors import InvalidParameterError
from skmlp.core.heads import REGRESSION_HEADS, Quantile
from tests.helpers import LINEAR, fit_quietly, positive_data

SETTINGS = {
    **{name: {"loss": name} for name in REGRESSION_HEADS},
    "quantiles": {"loss": "quantile", "quantile": [0.1, 0.5, 0.8]},
}
LOSSES = pytest.mark.parametrize("loss", SETTINGS)
WITH_JUMPS = ("absolute_error", "quantile", "quantiles")
"""Losses whose gradient jumps: fits without hidden layers are less exact."""


def test_losses_with_jumps_are_losses():
    assert set(WITH_JUMPS) <= set(SETTINGS)


def make(loss, **parameters):
    return MLPRegressor(**SETTINGS[loss], **{"random_state": 0, **parameters})


def fit(loss, X, y, w=None, **parameters):
    return fit_quietly(make(loss, **parameters), X, y, w)


@LOSSES
def test_several_targets_without_hidden_layers_are_one_model_each(loss):
    X, Y = positive_data(n_targets=2)
    settings = {**LINEAR, "alpha": 0.1}
    both = fit(loss, X, Y, **settings)
    singles = [fit(loss, X, Y[:, k], **settings) for k in range(2)]
    predicted = np.stack([single.predict(X) for single in singles], axis=1)
    assert both.predict(X).shape == predicted.shape
    assert both.n_outputs_ == 2
    assert both.loss_ == pytest.approx(
        sum(single.loss_ for single in singles), rel=0.01
    )
    np.testing.assert_allclose(
        both.predict(X), predicted, atol=0.15 if loss in WITH_JUMPS else 2e-3
    )
    assert both.score(X, Y) == pytest.approx(
        np.mean([one.score(X, Y[:, k]) for k, one in enumerate(singles)]), abs=0.01
    )


@LOSSES
@pytest.mark.parametrize("n_targets", [1, 2])
def test_it_learns_with_hidden_layers(loss, n_targets):
    X, y = positive_data(n_targets=n_targets)
    for solver, steps in (("adam", 100), ("sgd", 100), ("lbfgs", 50)):
        model = fit(loss, X, y, solver=solver, max_iter=steps, learning_rate_init=0.01)
        assert model.loss_curve_[-1] < model.loss_curve_[0]
        assert model.score(X, y) > 0.05
        assert model.out_activation_ == REGRESSION_HEADS[model.loss].out_activation


@LOSSES
def test_predictions_of_one_target_have_no_axis_for_it(loss):
    X, y = positive_data(60)
    model = fit(loss, X, y, max_iter=2)
    shape = (3,) if loss == "quantiles" else ()
    assert model.predict(X).shape == (60, *shape)
    assert model.predict(X[:1]).shape == (1, *shape)
    assert model.predict(X).flags.c_contiguous


@LOSSES
def test_sparse_X(loss):
    X, y = positive_data()
    X[np.abs(X) < 0.5] = 0
    dense = fit(loss, X, y, max_iter=5)
    thin = fit(loss, sparse.csr_array(X), y, max_iter=5)
    np.testing.assert_allclose(
        thin.predict(sparse.csr_array(X)), dense.predict(X), atol=1e-6
    )


@LOSSES
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_single_precision(loss, solver):
    X, y = positive_data()
    X = X.astype(np.float32)
    model = fit(loss, X, y, solver=solver, max_iter=20)
    double = fit(loss, X.astype(float), y, solver=solver, max_iter=20)
    assert model._theta.dtype == model.predict(X).dtype == np.float32
    assert model.loss_ == pytest.approx(double.loss_, rel=0.02)
    if hasattr(model._head, "std"):
        assert model.predict(X, return_std=True)[1].dtype == np.float32


@LOSSES
def test_integer_weights_are_repeated_rows(loss):
    X, y = positive_data()
    counts = np.random.RandomState(0).randint(0, 4, len(y))
    settings = {**LINEAR, "max_iter": 20}
    weighted = fit(loss, X, y, counts, **settings)
    repeated = fit(loss, np.repeat(X, counts, axis=0), np.repeat(y, counts), **settings)
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-6)
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-5)


@LOSSES
def test_early_stopping_scores_as_score_does(loss):
    X, Y = positive_data(n_targets=2)
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
def test_pickle_clone_and_continued_training(loss):
    X, y = positive_data()
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
    X, Y = positive_data(n_targets=2)
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


@pytest.mark.parametrize("value", [0, -1.0, np.inf, np.nan, "1", None, True, [1.0]])
def test_thresholds_that_are_none(value):
    X, y = positive_data(20)
    message = r"'huber_delta' parameter of MLPRegressor must be a number in \(0, inf\)"
    with pytest.raises(InvalidParameterError, match=message):
        MLPRegressor("huber", huber_delta=value).fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"quantile": [0.1, 0.9]},
            r"quantile must be 0.5 unless loss='quantile': it has no effect otherwise. "
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
    X, y = positive_data(20)
    with pytest.raises(InvalidParameterError, match=message):
        MLPRegressor(**parameters).fit(X, y)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_default_settings_of_another_loss_pass():
    X, y = positive_data(20)
    MLPRegressor(quantile=0.5, huber_delta=1, max_iter=1).fit(X, y)


@pytest.mark.parametrize(
    ("loss", "wrong", "allowed"),
    [("gamma", 0.0, "> 0"), ("gamma", -2.0, "> 0"), ("poisson", -2.0, ">= 0")],
)
def test_targets_that_the_loss_does_not_take(loss, wrong, allowed):
    X, y = positive_data()
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
    X, y = positive_data()
    y[0] = 1e-60
    fit("gamma", X, y, max_iter=1)
    with pytest.raises(ValueError, match="y must be finite numbers > 0 in float32"):
        make("gamma").fit(X.astype(np.float32), y)


# Training that continues with another loss.


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            {"loss": "quantile", "quantile": [0.1, 0.9]},
            {"quantile": [0.1, 0.5, 0.9]},
            "loss must have 2 scores, as in the previous call, to continue training. "
            r"Got 3, with loss='quantile' and quantile=\[0.1, 0.5, 0.9\]",
        ),
        (
            {"loss": "quantile", "quantile": [0.1, 0.9]},
            {"quantile": 0.5},
            "must have 2 scores.*Got 1, with loss='quantile' and quantile=0.5",
        ),
        (
            {"loss": "squared_error"},
            {"loss": "gaussian"},
            "loss must have 1 scores.*Got 2, with loss='gaussian'",
        ),
    ],
)
def test_another_number_of_scores_is_refused(before, after, message):
    X, y = positive_data()
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


def test_another_number_of_targets_is_refused_for_every_kind_of_score():
    X, Y = positive_data(n_targets=2)
    model = MLPRegressor("gaussian", warm_start=True).partial_fit(X, Y[:, 0])
    # Two scores, as two targets of another loss have.
    model.set_params(loss="squared_error")
    with pytest.raises(ValueError, match="y must have 1 outputs.*Got 2"):
        model.partial_fit(X, Y)


# Tags, searches, inspection.


@pytest.mark.parametrize("loss", REGRESSION_HEADS)
def test_tag_positive_only(loss):
    model, negative_is_an_error = MLPRegressor(loss, (), max_iter=1), False
    try:
        fit_quietly(model, np.eye(2), [-1.0, 1.0])
    except ValueError as error:
        negative_is_an_error = "y must be" in str(error)
    assert get_tags(model).target_tags.positive_only == negative_is_an_error


@pytest.mark.parametrize("loss", ["hubert", None, 3, Quantile, object()])
def test_tags_of_a_loss_that_is_none(loss):
    assert not get_tags(MLPRegressor(loss)).target_tags.positive_only


def test_gradients_of_the_scores_by_the_input():
    X, Y = positive_data(n_targets=2)
    model = fit("quantiles", X, Y, max_iter=2)
    assert model.input_gradients(X[:4]).shape == (4, 6, 3)
    model = fit("gaussian", X, Y[:, 0], hidden_layer_sizes=(), max_iter=2)
    for gradient in model.input_gradients(X[:4]):
        np.testing.assert_allclose(gradient, model.coefs_[0].T)


@LOSSES
def test_standard_deviations(loss):
    X, Y = positive_data(n_targets=2)
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


@pytest.mark.parametrize("unit", [1e-300, 1e160, 1e300])
@pytest.mark.parametrize("loss", ["squared_error", "quantile"])
def test_the_score_does_not_depend_on_the_unit(loss, unit):
    X, y = positive_data()
    settings = {"loss": loss, "hidden_layer_sizes": (), "random_state": 0}
    model = MLPRegressor(solver="lbfgs", max_iter=9, **settings)
    fit_quietly(model, X, y)
    score, w = model.score(X, y), np.linspace(0, 1, len(y))
    weighted = model.score(X, y, w)
    model.coefs_[0] *= unit
    model.intercepts_[0] *= unit
    assert model.score(X, unit * y) == pytest.approx(score, rel=1e-9)
    assert model.score(X, unit * y, w) == pytest.approx(weighted, rel=1e-9)
    assert model.score(X, (unit * y).tolist()) == pytest.approx(score, rel=1e-9)
