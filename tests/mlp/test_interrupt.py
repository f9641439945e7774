"""Interrupts by the user (Ctrl+C): training stops and keeps what it has."""

import numpy as np
import pytest

from skmlp.core import training
from skmlp.core.history import Validation
from skmlp.mlp.early_stopping import ValidationScorer
from tests.helpers import interrupt_at, partial_fit, same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
STOCHASTIC = pytest.mark.parametrize("solver", ["sgd", "adam"])


@STOCHASTIC
def test_an_interrupt_keeps_the_weights_and_can_continue(
    make, data, solver, monkeypatch
):
    whole = make(solver=solver, max_iter=8).fit(*data)
    generate, n = training.epochs, 3

    def interrupted(*arguments):
        for i, loss in enumerate(generate(*arguments)):
            yield loss
            if i + 1 == n:
                raise KeyboardInterrupt

    model = make(solver=solver, max_iter=8)
    monkeypatch.setattr(training, "epochs", interrupted)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(*data)
    monkeypatch.undo()
    assert model.n_iter_ == 3
    for _ in range(5):
        partial_fit(model, *data)
    assert same(model, whole)


def test_an_interrupt_with_early_stopping_keeps_the_best_weights(
    make, data, monkeypatch
):
    scores, seen = iter([0.1, 0.7, 0.3]), []

    def score(self, theta):
        seen.append(theta.copy())
        value = next(scores, None)
        if value is None:
            raise KeyboardInterrupt
        return Validation(value, 0.0)

    monkeypatch.setattr(ValidationScorer, "__call__", score)
    model = make(early_stopping=True)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*data)
    np.testing.assert_array_equal(model._theta, seen[1])
    assert model.best_validation_score_ == 0.7


@SOLVERS
def test_an_interrupt_before_the_first_iteration(make, data, solver, monkeypatch):
    interrupt_at(1, monkeypatch)
    with pytest.warns(UserWarning, match="interrupted"):
        model = make(solver=solver).fit(*data)
    assert model.loss_curve_ == []
    assert np.isnan(model.loss_)
    assert len(model.predict(data[0])) == 60


def interrupted_after(n, monkeypatch):
    """Make the n-th and every further call of verbose output an interrupt."""
    calls = []

    def interrupt(line):
        calls.append(line)
        if len(calls) == n:
            raise KeyboardInterrupt

    monkeypatch.setattr("builtins.print", interrupt)


def test_an_interrupted_fit_keeps_its_weights_and_goes_on(make, data, monkeypatch):
    X, y = data
    whole = make().fit(X, y)
    model = make(verbose=True, warm_start=True)
    with monkeypatch.context() as patch:
        interrupted_after(4, patch)
        with pytest.warns(UserWarning, match="interrupted"):
            model.fit(X, y)
    assert model.n_iter_ == 4
    assert same(model, make(max_iter=4).fit(X, y))
    model.set_params(max_iter=2, verbose=False).fit(X, y)
    assert same(model, whole)


def test_an_interrupted_fit_with_early_stopping_keeps_its_best_weights(
    make, data, monkeypatch
):
    X, y = data
    model = make(verbose=True, early_stopping=True, learning_rate_init=0.3)
    with monkeypatch.context() as patch:
        interrupted_after(5, patch)
        with pytest.warns(UserWarning, match="interrupted"):
            model.fit(X, y)
    scores = model.validation_scores_
    assert len(scores) == 5
    assert model.best_iter_ == 1 + int(np.argmax(scores))
    fresh = make(early_stopping=True, learning_rate_init=0.3)
    assert same(model, fresh.set_params(max_iter=model.best_iter_).fit(X, y))


class Interrupting:
    """A learning rate that is interrupted at one of its calls."""

    def __init__(self, at):
        self.calls, self.at = 0, at

    def __call__(self, t):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return 1.0


def test_an_interrupt_in_the_first_epoch_leaves_no_score(make, data):
    model = make(early_stopping=True, batch_size=50)
    model.set_params(learning_rate=Interrupting(5))
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*data)
    assert model.best_validation_score_ is None
    assert model.best_iter_ is None
    assert model.validation_scores_ == []
    assert np.isfinite(model.predict(data[0])).all()
