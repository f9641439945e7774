import math
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core.history import Record
from skmlp.core.schedules import SCHEDULES
from skmlp.mlp.parameters import PARAMETERS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X_C, Y_C = load_digits(return_X_y=True)
X_R, Y_R = load_diabetes(return_X_y=True)
DATA = {
    MLPClassifier: (X_C[:300] / 16, Y_C[:300]),
    MLPRegressor: (scale(X_R), scale(Y_R)),
}
BOTH = pytest.mark.parametrize("kind", list(DATA))
SETTINGS = [
    {"dropout": 0.3},
    {"dropout": [0.3, 0.0], "hidden_layer_sizes": (8, 6)},
    {"weight_decay": 0.5},
    {"max_grad_norm": 0.1},
    {"learning_rate": "cosine"},
    {"learning_rate": "one_cycle"},
    {"learning_rate": math.sqrt},
    {"solver": "sgd", "learning_rate": "cosine", "max_grad_norm": 0.1},
    {"solver": "sgd", "learning_rate": "one_cycle", "weight_decay": 0.5},
    {"solver": "sgd", "learning_rate": math.cos, "dropout": 0.1},
]


def make(kind, **parameters):
    defaults = {"hidden_layer_sizes": (8,), "max_iter": 6, "random_state": 0}
    return kind(**{**defaults, **parameters})


def partial_fit(model, X, y):
    classes = {"classes": np.unique(y)} if isinstance(model, MLPClassifier) else {}
    return model.partial_fit(X, y, **classes)


def same(a, b):
    return np.array_equal(a._theta, b._theta)


@BOTH
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_each_setting_changes_training_and_repeats_for_one_seed(kind, settings):
    model = make(kind, **settings)
    plain = clone(model).set_params(
        **{
            n: PARAMETERS[n].default
            for n in settings
            if n not in ("solver", "hidden_layer_sizes")
        }
    )
    a, b, plain = (m.fit(*DATA[kind]) for m in (model, clone(model), plain))
    assert same(a, b)
    assert not same(a, plain)
    assert np.isfinite(a.predict(DATA[kind][0])).all()


@BOTH
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_partial_fits_are_one_fit_to_the_bit(kind, settings):
    X, y = DATA[kind]
    whole = make(kind, **settings).fit(X, y)
    parts = make(kind, **settings)
    for i in range(6):
        partial_fit(parts, X, y)
        parts = pickle.loads(pickle.dumps(parts))
        assert parts.n_iter_ == i + 1
    assert same(whole, parts)
    for name in set(Record._fields) - {"seconds"}:
        np.testing.assert_array_equal(whole.history_[name], parts.history_[name])


@BOTH
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("settings", [{}, {"dropout": 0.3, "weight_decay": 0.1}])
def test_two_fits_of_three_epochs_are_one_of_six_to_the_bit(kind, solver, settings):
    X, y = DATA[kind]
    whole = make(kind, solver=solver, **settings).fit(X, y)
    parts = make(kind, solver=solver, max_iter=3, warm_start=True, **settings)
    parts.fit(X, y).fit(X, y)
    assert same(whole, parts)
    assert len(parts.history_["loss"]) == 6
    assert parts.n_iter_ == 3


@BOTH
def test_each_fit_goes_through_the_schedule_once(kind):
    model = make(kind, learning_rate="cosine", warm_start=True)
    model.fit(*DATA[kind]).fit(*DATA[kind])
    rates = model.history_["learning_rate"]
    assert rates[:6] == rates[6:]
    assert rates[:6] == sorted(rates[:6], reverse=True)


@BOTH
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_the_history_has_a_row_for_each_iteration(kind, solver):
    model = make(kind, solver=solver).fit(*DATA[kind])
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


@BOTH
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_learning_rate_of_the_history_is_the_schedule_s(kind, name):
    model = make(kind, solver="sgd", learning_rate=name).fit(*DATA[kind])
    rates = np.array(model.history_["learning_rate"])
    assert rates.max() <= 0.001
    assert (name in ("constant", "adaptive")) == (len(set(rates)) == 1)


@BOTH
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_line_for_each_iteration(kind, solver, early_stopping, capsys):
    if early_stopping and solver == "lbfgs":
        return
    model = make(kind, solver=solver, early_stopping=early_stopping, verbose=True)
    model.fit(*DATA[kind])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    for i, line in enumerate(lines):
        assert line.startswith(
            f"Iteration {i + 1}, loss = {model.loss_curve_[i]:.8f}, "
        )
        assert ("validation score = " in line) == early_stopping
        assert ("learning rate = 0.001" in line) == (solver != "lbfgs")
        assert line.endswith(" s")


def interrupted_after(n, monkeypatch):
    """Make the n-th and every further call of verbose output an interrupt."""
    calls = []

    def interrupt(line):
        calls.append(line)
        if len(calls) == n:
            raise KeyboardInterrupt

    monkeypatch.setattr("builtins.print", interrupt)


@BOTH
def test_an_interrupted_fit_keeps_its_weights_and_goes_on(kind, monkeypatch):
    X, y = DATA[kind]
    whole = make(kind).fit(X, y)
    model = make(kind, verbose=True, warm_start=True)
    with monkeypatch.context() as patch:
        interrupted_after(4, patch)
        with pytest.warns(UserWarning, match="interrupted"):
            model.fit(X, y)
    assert model.n_iter_ == 4
    assert same(model, make(kind, max_iter=4).fit(X, y))
    model.set_params(max_iter=2, verbose=False).fit(X, y)
    assert same(model, whole)


@BOTH
def test_an_interrupted_fit_with_early_stopping_keeps_its_best_weights(
    kind, monkeypatch
):
    X, y = DATA[kind]
    model = make(kind, verbose=True, early_stopping=True, learning_rate_init=0.3)
    with monkeypatch.context() as patch:
        interrupted_after(5, patch)
        with pytest.warns(UserWarning, match="interrupted"):
            model.fit(X, y)
    scores = model.validation_scores_
    assert len(scores) == 5
    assert model.best_iter_ == 1 + int(np.argmax(scores))
    fresh = make(kind, early_stopping=True, learning_rate_init=0.3)
    assert same(model, fresh.set_params(max_iter=model.best_iter_).fit(X, y))


@BOTH
def test_training_without_a_reason_to_stop_says_so(kind):
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(6\) reached"):
        make(kind).fit(*DATA[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(kind, tol=1e9, n_iter_no_change=2).fit(*DATA[kind])


@BOTH
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_end_of_a_schedule_is_no_lack_of_convergence(kind, name):
    model = make(kind, solver="sgd", learning_rate=name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*DATA[kind])
    assert len(caught) == (0 if SCHEDULES[name].each_step else 1)


@BOTH
def test_settings_hold_in_single_precision(kind):
    X, y = DATA[kind]
    settings = {"dropout": 0.3, "weight_decay": 0.1, "max_grad_norm": 0.5}
    model = make(kind, learning_rate="one_cycle", **settings)
    assert model.fit(X.astype(np.float32), y)._theta.dtype == np.float32


@BOTH
def test_much_decay_leaves_small_weights(kind):
    norms = [
        np.linalg.norm(
            np.concatenate(
                [
                    W.ravel()
                    for W in make(kind, weight_decay=decay, max_iter=100)
                    .fit(*DATA[kind])
                    .coefs_
                ]
            )
        )
        for decay in (0, 1, 10)
    ]
    assert norms[0] > norms[1] > norms[2]


@BOTH
def test_decay_does_not_depend_on_the_loss_s_scale_nor_the_batch(kind):
    # Without a gradient, decay alone moves the weights: (1 - rate decay)^steps.
    X, y = DATA[kind]
    X = np.zeros_like(X)
    start = make(kind, max_iter=1, learning_rate_init=1e-300).fit(X, y)
    for batch_size in (50, 100):
        model = make(kind, weight_decay=0.5, alpha=0, batch_size=batch_size, max_iter=2)
        first = model.set_params(solver="sgd", momentum=0).fit(X, y).coefs_[0]
        n_steps = 2 * math.ceil(len(X) / batch_size)
        np.testing.assert_allclose(
            first, start.coefs_[0] * (1 - 0.001 * 0.5) ** n_steps, rtol=1e-9
        )


class Interrupting:
    """A learning rate that is interrupted at one of its calls."""

    def __init__(self, at):
        self.calls, self.at = 0, at

    def __call__(self, t):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return 1.0


@BOTH
def test_an_interrupt_in_the_first_epoch_leaves_no_score(kind):
    model = make(kind, early_stopping=True, batch_size=50)
    model.set_params(learning_rate=Interrupting(6))
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*DATA[kind])
    assert model.best_validation_score_ is None
    assert model.best_iter_ is None
    assert model.validation_scores_ == []
    assert np.isfinite(model.predict(DATA[kind][0])).all()


@BOTH
def test_an_interrupted_partial_fit_keeps_the_last_loss(kind):
    X, y = DATA[kind]
    model = partial_fit(make(kind, batch_size=50), X, y)
    loss = model.loss_
    model.set_params(learning_rate=Interrupting(6))
    with pytest.warns(UserWarning, match="interrupted"):
        partial_fit(model, X, y)
    assert model.loss_ == loss == model.loss_curve_[-1]


@BOTH
@pytest.mark.parametrize("change", [{"dropout": 0.3}, {"alpha": 100.0}])
def test_another_loss_is_not_compared_with_the_one_before(kind, change):
    X, y = DATA[kind]
    model = make(kind, warm_start=True, max_iter=30, learning_rate_init=0.01).fit(X, y)
    count, best = model._state.patience.count, model._state.patience.best
    model.set_params(tol=0.0, n_iter_no_change=100, max_iter=1)
    model.fit(X, y)
    assert model._state.patience.best <= best
    model.set_params(**change).fit(X, y)
    assert model._state.patience.best == model.loss_ > best
    assert model._state.patience.count == 0 <= count


@BOTH
def test_a_decay_that_would_turn_the_weights_round_is_an_error(kind):
    model = make(kind, learning_rate=lambda t: 1e3 * t, weight_decay=5.0, batch_size=50)
    with pytest.raises(
        ValueError, match="weight_decay times the learning rate must be"
    ):
        model.fit(*DATA[kind])
    assert not hasattr(model, "history_")


@BOTH
def test_lines_of_partial_fit_count_on(kind, capsys):
    model = make(kind, verbose=True)
    for _ in range(3):
        partial_fit(model, *DATA[kind])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        f"Iteration {i}" for i in (1, 2, 3)
    ]
