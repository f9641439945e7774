"""A loss of the user's own: what it has to offer, and what is refused."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import r2_score

from skmlp import MLPClassifier, MLPRegressor
from skmlp.common.errors import InvalidParameterError
from skmlp.core.heads import Quantile
from tests.helpers import fit_quietly, positive_data


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
    X, y = positive_data(n_targets=n_targets)
    y = np.tanh(y - 1)
    model = MLPRegressor(
        head, solver=solver, max_iter=100, learning_rate_init=0.01, random_state=0
    )
    fit_quietly(model, X, y)
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
    X, y = positive_data()
    y = np.tanh(y - 1)
    model = MLPRegressor(head, early_stopping=True, max_iter=20, random_state=0)
    model.fit(X, y, X_val=X, y_val=y)
    assert model.best_validation_score_ == pytest.approx(model.score(X, y))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer", "ignore:lbfgs failed")
def test_std_and_factor_of_one_s_own():
    X, y = positive_data()
    Laplace.calls = 0
    model = MLPRegressor(Laplace(), solver="lbfgs", max_iter=20).fit(X, y)
    assert Laplace.calls == 0
    median, std = model.predict(X, return_std=True)
    assert median.shape == std.shape == (200,)
    MLPRegressor(Laplace(), max_iter=3, batch_size=100).fit(X, y)
    assert Laplace.calls == 6


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_targets_that_one_s_own_loss_does_not_take():
    X, y = positive_data()
    with pytest.raises(ValueError, match="y must be numbers from -1 to 1 in float64"):
        MLPRegressor(Tanh()).fit(X, y)
    with pytest.raises(ValueError, match="return_std must be False unless"):
        MLPRegressor(Tanh(), max_iter=1).fit(X, np.tanh(y)).predict(X, return_std=True)
    with pytest.raises(InvalidParameterError, match="quantile must be 0.5 unless"):
        MLPRegressor(Tanh(), quantile=0.3).fit(X, np.tanh(y))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_several_predictions_without_levels_need_a_scoring():
    X, y = positive_data()
    model = MLPRegressor(Interval(), max_iter=2).fit(X, y)
    assert model.predict(X).shape == (200, 2)
    with pytest.raises(ValueError, match=r"one prediction for each target.*\(200, 2\)"):
        model.score(X, y)
    MLPRegressor(Interval(), max_iter=2, early_stopping=True, scoring="loss").fit(X, y)


def test_a_head_with_its_own_settings_is_used_as_it_is():
    X, y = positive_data()
    model = MLPRegressor(Quantile(quantile=(0.2, 0.8))).partial_fit(X, y)
    assert model._head is model.loss
    assert model.predict(X).shape == (200, 2)
    assert np.isfinite(model.score(X, y))


class NoPrediction(Tanh):
    """A member is None."""

    prediction = None


@pytest.mark.parametrize("head", [Tanh, NoPrediction(), object(), None, 1])
def test_objects_that_are_no_loss(head):
    X, y = positive_data(20)
    message = "'loss' parameter.*n_scores, in_r"
    if head is Tanh:
        message += r".*Pass an instance: Tanh\(\)\.$"
    with pytest.raises(InvalidParameterError, match=message):
        MLPRegressor(head).fit(X, y)


def test_a_classifier_has_no_loss():
    with pytest.raises(TypeError, match="loss"):
        MLPClassifier(loss="gamma")


class Misshapen:
    """A squared error whose results have other shapes than they should."""

    out_activation, y_allowed = "identity", "numbers"

    def __init__(self, loss=(), gradient=(), n_scores=None, prediction=()):
        self.loss, self.gradient, self.scores = loss, gradient, n_scores
        self.predicted = prediction

    def n_scores(self, n_targets):
        return n_targets if self.scores is None else self.scores

    def in_range(self, y):
        return True

    def prediction(self, s):
        return s[self.predicted]

    def loss_and_gradient(self, y, s):
        ds = s - y
        if self.loss is None:
            return ds
        return ((ds**2).sum(axis=1) / 2)[self.loss], ds[self.gradient]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (Misshapen(loss=(slice(None), None)), "loss must have a loss_and_gradient"),
        (Misshapen(gradient=(slice(None), 0)), "loss must have a loss_and_gradient"),
        (
            Misshapen(loss=None),
            r"loss must have a loss_and_gradient.*shapes \[\(2, 1\)\]",
        ),
        (Misshapen(prediction=(slice(None), 0)), r"prediction of shape \(2,\)"),
        (
            Misshapen(n_scores=2),
            r"prediction of shape \(2, 2\), for y of shape \(2, 1\)",
        ),
        (Misshapen(n_scores=0), "loss must have n_scores .*Got 0 for 1"),
        (Misshapen(n_scores=1.0), "loss must have n_scores .*Got 1.0 for 1"),
    ],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_loss_of_other_shapes_is_refused_by_name(solver, head, message):
    X, y = positive_data()
    model = MLPRegressor(head, solver=solver)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "n_features_in_")


@dataclass(frozen=True)
class NotANumber(Tanh):
    """A loss that is NaN."""

    def loss_and_gradient(self, y, s):
        return np.full(len(s), np.nan), np.tanh(s) - y


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_error_about_a_loss_that_is_nan_names_the_loss(solver):
    X, y = positive_data()
    with pytest.raises(ValueError, match=r"Scale X.*Or check your own loss\.$"):
        MLPRegressor(NotANumber(), solver=solver).fit(X, np.tanh(y))
