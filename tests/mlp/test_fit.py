import math
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skmlp.core.history import Record
from skmlp.core.schedules import SCHEDULES
from skmlp.mlp.parameters import PARAMETERS
from tests.helpers import TRAINING, same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("settings", TRAINING, ids=str)
def test_each_setting_changes_training_and_repeats_for_one_seed(make, data, settings):
    model = make(**settings)
    plain = clone(model).set_params(
        **{
            n: PARAMETERS[n].default
            for n in settings
            if n not in ("solver", "hidden_layer_sizes")
        }
    )
    a, b, plain = (m.fit(*data) for m in (model, clone(model), plain))
    assert same(a, b)
    assert not same(a, plain)
    assert np.isfinite(a.predict(data[0])).all()


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_the_history_has_a_row_for_each_iteration(make, data, solver):
    model = make(solver=solver).fit(*data)
    history = model.history_
    assert tuple(history) == Record._fields
    assert {len(column) for column in history.values()} == {model.n_iter_} == {6}
    assert {type(value) for column in history.values() for value in column} == {float}
    assert history["loss"] == model.loss_curve_
    assert min(history["seconds"]) > 0
    assert min(history["gradient_norm"]) > 0
    assert np.isnan(history["validation_loss"] + history["validation_score"]).all()
    rate = np.nan if solver == "lbfgs" else 0.001
    np.testing.assert_array_equal(history["learning_rate"], np.full(6, rate))
    assert model.best_iter_ is None


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_learning_rate_of_the_history_is_the_schedule_s(make, data, name):
    model = make(solver="sgd", learning_rate=name).fit(*data)
    rates = np.array(model.history_["learning_rate"])
    assert rates.max() <= 0.001
    assert (name in ("constant", "adaptive")) == (len(set(rates)) == 1)


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_line_for_each_iteration(make, data, solver, early_stopping, capsys):
    model = make(solver=solver, early_stopping=early_stopping, verbose=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "early_stopping=True has no effect")
        model.fit(*data)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    for i, line in enumerate(lines):
        assert line.startswith(
            f"Iteration {i + 1}, loss = {model.loss_curve_[i]:.8f}, "
        )
        validated = early_stopping and solver != "lbfgs"
        assert ("validation score = " in line) == validated
        assert ("learning rate = 0.001" in line) == (solver != "lbfgs")
        assert line.endswith(" s")


def test_training_without_a_reason_to_stop_says_so(make, data):
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(6\) reached"):
        make().fit(*data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(tol=1e9, n_iter_no_change=2).fit(*data)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_end_of_a_schedule_is_no_lack_of_convergence(make, data, name):
    model = make(solver="sgd", learning_rate=name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*data)
    assert len(caught) == (0 if SCHEDULES[name].each_step else 1)


def test_settings_hold_in_single_precision(make, data):
    X, y = data
    settings = {"dropout": 0.3, "weight_decay": 0.1, "max_grad_norm": 0.5}
    model = make(learning_rate="one_cycle", **settings)
    assert model.fit(X.astype(np.float32), y)._theta.dtype == np.float32


def test_much_decay_leaves_small_weights(make, data):
    norms = [
        np.linalg.norm(
            np.concatenate(
                [
                    W.ravel()
                    for W in make(weight_decay=decay, max_iter=100).fit(*data).coefs_
                ]
            )
        )
        for decay in (0, 1, 10)
    ]
    assert norms[0] > norms[1] > norms[2]


def test_decay_does_not_depend_on_the_loss_s_scale_nor_the_batch(make, data):
    # Without a gradient, decay alone moves the weights: (1 - rate decay)^steps.
    X, y = data
    X = np.zeros_like(X)
    start = make(max_iter=1, learning_rate_init=1e-300).fit(X, y)
    for batch_size in (20, 30):
        model = make(weight_decay=0.5, alpha=0, batch_size=batch_size, max_iter=2)
        first = model.set_params(solver="sgd", momentum=0).fit(X, y).coefs_[0]
        n_steps = 2 * math.ceil(len(X) / batch_size)
        np.testing.assert_allclose(
            first, start.coefs_[0] * (1 - 0.001 * 0.5) ** n_steps, rtol=1e-9
        )


def test_a_decay_that_would_turn_the_weights_round_is_an_error(make, data):
    model = make(learning_rate=lambda t: 1e3 * t, weight_decay=5.0, batch_size=50)
    with pytest.raises(
        ValueError, match="weight_decay times the learning rate must be"
    ):
        model.fit(*data)
    assert not hasattr(model, "history_")
