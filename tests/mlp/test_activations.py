"""Activations by name, the user's own, and one for each layer."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import (
    ConvergenceWarning,
)
from sklearn.model_selection import GridSearchCV

from skmlp import MLPRegressor
from skmlp.common.errors import InvalidParameterError
from skmlp.core.activations import ACTIVATIONS, LeakyRelu

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Cube:
    """An activation of the user's own."""

    glorot_factor, keeps_s = 6.0, True

    def __repr__(self):
        return "Cube()"

    def value(self, s, out):
        return np.multiply(s * s, s, out=out)

    def derivative(self, s, h, out):
        return np.multiply(3 * s, s, out=out)


@pytest.mark.parametrize(
    "activation", [*ACTIVATIONS, Cube(), ["tanh", "gelu"], ("mish", Cube())], ids=repr
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_any_activation_learns_and_is_kept(activation, solver):
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (200, 2))
    y = 3 * X[:, 0] ** 2 if activation != "identity" else X[:, 0]
    model = MLPRegressor(
        hidden_layer_sizes=(20, 10),
        activation=activation,
        solver=solver,
        learning_rate_init=0.03,
        max_iter=500,
        tol=1e-6,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    assert model.score(X, y) > 0.8
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert type(clone(model).activation) is type(activation)


def test_one_activation_is_the_same_for_each_layer():
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 3), rng.randn(60)
    models = [
        MLPRegressor("squared_error", (5, 4), activation, max_iter=5, random_state=0)
        for activation in ("tanh", ["tanh", "tanh"], [ACTIVATIONS["tanh"], "tanh"])
    ]
    for model in models:
        with pytest.warns(ConvergenceWarning):
            model.fit(X, y)
    for model in models[1:]:
        np.testing.assert_array_equal(model.predict(X), models[0].predict(X))


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (["tanh"], "one for each of the 2 hidden layers"),
        (["tanh"] * 3, "Got 3"),
        ((), "Got 0"),
        (["tanh", "cubic"], "'activation' parameter of MLPRegressor"),
        (Cube, "'activation' parameter of MLPRegressor"),
        (np.tanh, "'activation' parameter of MLPRegressor"),
        (Cube, r"Pass an instance: Cube\(\)"),
    ],
)
def test_bad_activations_are_refused_by_name(activation, message):
    with pytest.raises(ValueError, match=message):
        MLPRegressor("squared_error", (5, 4), activation).fit(
            [[0.0], [1.0]], [0.0, 1.0]
        )


def wrong_cube(**members):
    """A cube with other members."""
    return type("Wrong", (Cube,), members)()


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (
            wrong_cube(value=lambda self, s, out: None),
            "a value.*into out and returns it",
        ),
        (wrong_cube(value=lambda self, s, out: s[0]), "a value.*like s in shape"),
        (wrong_cube(value=lambda self, s, out: s.astype("g")), "a value.*and dtype"),
        (wrong_cube(value=lambda self, s: s), r"value\(s, out\).*unexpected keyword"),
        (
            wrong_cube(value=lambda self, s, out: np.subtract(out.fill(1) or s, 1)),
            "a value.*the same if out is s",
        ),
        (
            wrong_cube(value=lambda self, s, out: np.copyto(s, 0) or s),
            "a value.*else keeps s",
        ),
        (
            wrong_cube(derivative=lambda self, s, h, out: 3),
            "a derivative.*into out and",
        ),
        (
            wrong_cube(derivative=lambda self, s, h, out: np.copyto(out, s) or out * h),
            "a derivative.*the same if out is h",
        ),
        (
            wrong_cube(derivative=lambda self, s, h, out: np.multiply(s, 3, out=s)),
            "a derivative.*keeps s",
        ),
        (wrong_cube(keeps_s=False), "keeps_s=True, or a derivative.*of h alone"),
    ],
    ids=repr,
)
def test_activations_that_break_the_protocol_are_refused(activation, message):
    model = MLPRegressor("squared_error", (5, 4), ("tanh", activation))
    with pytest.raises(InvalidParameterError, match=f"activation must have {message}"):
        model.fit([[0.0], [1.0]], [0.0, 1.0])
    assert not hasattr(model, "n_features_in_")


def test_an_activation_may_have_a_setting_for_each_unit():
    slopes = LeakyRelu(np.linspace(0.1, 0.5, 5))
    model = MLPRegressor("squared_error", (5,), slopes, max_iter=1)
    assert np.isfinite(model.fit([[0.0], [1.0]], [0.0, 1.0]).loss_)


def test_an_array_of_names_is_a_sequence():
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 3), rng.randn(60)
    names = ["tanh", "elu"]
    models = [
        MLPRegressor("squared_error", (5, 4), activation, max_iter=5, random_state=0)
        for activation in (names, np.array(names))
    ]
    in_list, in_array = (clone(model).fit(X, y).predict(X) for model in models)
    np.testing.assert_array_equal(in_array, in_list)


def test_a_search_over_depth_width_and_activations(kind, data):
    grid = [
        {"hidden_layer_sizes": [3, 4], "n_hidden_layers": [None, 1, 3]},
        {"hidden_layer_sizes": [(4, 3)], "activation": [["selu", "softplus"], Cube()]},
    ]
    search = GridSearchCV(kind(max_iter=3, random_state=0), grid, cv=2)
    search.fit(*data)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    one, alike, three = (
        clone(search.estimator)
        .set_params(hidden_layer_sizes=3, n_hidden_layers=n)
        .fit(*data)
        for n in (None, 1, 3)
    )
    np.testing.assert_array_equal(one.coefs_[0], alike.coefs_[0])
    assert (one.n_layers_, alike.n_layers_, three.n_layers_) == (3, 3, 5)
    assert [W.shape[1] for W in three.coefs_[:-1]] == [3, 3, 3]
