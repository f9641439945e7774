"""Warm starts: fits that go on from the weights and the state of the fit before."""

import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor
from tests.helpers import X, iris, partial_fit, same, snapshot, trained

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
STOCHASTIC = pytest.mark.parametrize("solver", ["sgd", "adam"])


@STOCHASTIC
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling"])
def test_warm_started_fits_are_one_long_fit(make, data, solver, learning_rate):
    settings = {"solver": solver, "learning_rate": learning_rate}
    whole = make(max_iter=10, **settings).fit(*data)
    parts = make(max_iter=5, warm_start=True, **settings)
    parts.fit(*data).fit(*data)
    assert same(whole, parts)
    assert parts.n_iter_ == 5
    assert parts.t_ == 10 * 60
    assert parts.loss_curve_ == whole.loss_curve_


def test_the_state_is_kept_only_while_training_can_continue(make, data):
    assert make(max_iter=3).fit(*data)._state is None
    assert make(max_iter=3, warm_start=True).fit(*data)._state is not None
    assert partial_fit(make(), *data)._state is not None
    model = make(max_iter=3, warm_start=True).fit(*data)
    model.set_params(solver="lbfgs", batch_size="auto").fit(*data)
    assert model._state is None


@SOLVERS
def test_warm_start_goes_on_with_the_weights(make, data, solver):
    model = make(solver=solver, max_iter=50).fit(*data)
    before = model.loss_
    model.set_params(warm_start=True, max_iter=3).fit(*data)
    assert model.loss_ < before * 1.05
    assert len(model.loss_curve_) == 53


def test_warm_start_with_other_layers_is_refused(make, data):
    model = make(max_iter=2, warm_start=True).fit(*data)
    before = snapshot(model)
    model.set_params(hidden_layer_sizes=(6,))
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be \(5,\).*\(6,\)"):
        model.fit(*data)
    model.set_params(hidden_layer_sizes=(5,))
    assert snapshot(model) == before


def test_warm_start_with_more_layers_is_refused(make, data):
    model = make(max_iter=2, warm_start=True).fit(*data)
    model.set_params(hidden_layer_sizes=5, n_hidden_layers=2)
    message = (
        r"must be \(5,\).* Got \(5, 5\), with hidden_layer_sizes=5 and n_hidden_.*=2"
    )
    with pytest.raises(ValueError, match=message):
        model.fit(*data)
    model.set_params(n_hidden_layers=1).fit(*data)
    assert len(model.loss_curve_) == 4


def test_warm_start_with_another_number_of_outputs_is_refused():
    model = MLPRegressor(max_iter=2, warm_start=True).fit(X, X[:, 0])
    with pytest.raises(ValueError, match="y must have 1 outputs.*Got 2"):
        model.fit(X, X[:, :2])


def test_a_changed_loss_shows():
    model = MLPRegressor(max_iter=2, warm_start=True).fit(X, np.abs(X[:, 0]))
    assert model.out_activation_ == "identity"
    model.set_params(loss="poisson").fit(X, np.abs(X[:, 0]))
    assert model.out_activation_ == "exp"


@STOCHASTIC
@pytest.mark.parametrize("settings", [{}, {"dropout": 0.3, "weight_decay": 0.1}])
def test_two_fits_of_three_epochs_are_one_of_six_to_the_bit(
    make, data, solver, settings
):
    X, y = data
    whole = make(solver=solver, **settings).fit(X, y)
    parts = make(solver=solver, max_iter=3, warm_start=True, **settings)
    parts.fit(X, y).fit(X, y)
    assert same(whole, parts)
    assert len(parts.history_["loss"]) == 6
    assert parts.n_iter_ == 3


def test_each_fit_goes_through_the_schedule_once(make, data):
    model = make(learning_rate="cosine", warm_start=True)
    model.fit(*data).fit(*data)
    rates = model.history_["learning_rate"]
    assert rates[:6] == rates[6:]
    assert rates[:6] == sorted(rates[:6], reverse=True)


@pytest.mark.parametrize("change", [{"dropout": 0.3}, {"alpha": 100.0}])
def test_another_loss_is_not_compared_with_the_one_before(make, data, change):
    X, y = data
    model = make(warm_start=True, max_iter=30, learning_rate_init=0.01).fit(X, y)
    count, best = model._state.patience.count, model._state.patience.best
    model.set_params(tol=0.0, n_iter_no_change=100, max_iter=1)
    model.fit(X, y)
    assert model._state.patience.best <= best
    model.set_params(**change).fit(X, y)
    assert model._state.patience.best == model.loss_ > best
    assert model._state.patience.count == 0 <= count


def test_classes_in_a_warm_start():
    X, y = iris()
    model = trained(MLPClassifier, X, y, warm_start=True)
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        model.fit(X, y > 0)
