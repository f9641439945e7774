"""The quantile loss: one level or several, which parameters may be, coverage."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor
from skmlp.common.errors import InvalidParameterError
from tests.helpers import fit_quietly, positive_data


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
    X, y = positive_data(20)
    model = MLPRegressor("quantile", quantile=value)
    message = (
        r"'quantile' parameter of MLPRegressor must be a number in \(0, 1\) or a strict"
    )
    with pytest.raises(InvalidParameterError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "n_outputs_")


@pytest.mark.parametrize(
    "value", [0.3, np.float32(0.3), [0.3], (0.1, 0.9), np.array([0.2, 0.4])]
)
def test_quantiles_in_every_form(value):
    X, y = positive_data(20)
    model = MLPRegressor("quantile", quantile=value, max_iter=1)
    with pytest.warns(match="Maximum iterations"):
        model.fit(X, y)
    assert model.predict(X).shape == (20, *np.shape(value))
    assert np.isfinite(model.score(X, y))


def test_training_continues_with_as_many_other_quantiles():
    X, y = positive_data()
    model = MLPRegressor("quantile", quantile=[0.1, 0.9]).partial_fit(X, y)
    model.set_params(quantile=(0.2, 0.8)).partial_fit(X, y)
    assert model._head.levels == (0.2, 0.8)


def test_the_settings_of_fit_are_those_of_predict():
    X, y = positive_data()
    levels = [0.1, 0.5, 0.8]
    model = MLPRegressor("quantile", quantile=levels, max_iter=2, random_state=0)
    fit_quietly(model, X, y)
    before, score = model.predict(X), model.score(X, y)
    model.set_params(quantile=0.5)
    np.testing.assert_array_equal(model.predict(X), before)
    assert model.score(X, y) == score


def test_search_over_lists_of_quantiles():
    X, y = positive_data(80)
    grid = {"quantile": [0.5, [0.1, 0.9], [0.2, 0.8], (0.5,), np.array([0.2, 0.5])]}
    model = MLPRegressor("quantile", (), solver="lbfgs", max_iter=200, random_state=0)
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.score(X, y) > 0
    assert clone(search.best_estimator_).quantile is not None


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
