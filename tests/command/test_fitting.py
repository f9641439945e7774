"""Fits of models: warnings, Ctrl-C, what the networks hold out."""

import threading
import warnings
from time import sleep

import numpy as np
import pytest

from skmlp import TabularMLPRegressor
from skmlp.command import fitting
from skmlp.command.choices import REGRESSION
from skmlp.command.evaluation import TrainTestSplit
from skmlp.command.fitting import (
    INTERRUPTED,
    Spent,
    Training,
    fit,
    fit_tabular,
    ticking,
    time_of,
)
from skmlp.command.task import Task
from skmlp.command.text import UserError
from skmlp.tabular.ensemble import Ensemble

X, Y = np.arange(60.0).reshape(-1, 1), np.arange(60.0) % 7
ROWS = TrainTestSplit(REGRESSION, X[:40], X[40:], Y[:40], Y[40:])
GIVEN = Training(Task(REGRESSION, None, Y, "y", {}), 60)


class Slow:
    """A model that warns in fit."""

    def __init__(self, *messages):
        self.messages = messages

    def fit(self, X, y):
        for message in self.messages:
            warnings.warn(message, stacklevel=2)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.setattr("skmlp.command.fitting.show_progress", lambda text: None)


def small():
    return TabularMLPRegressor(n_estimators=2, max_iter=1, hidden_layer_sizes=(4,))


def test_warnings_are_lines_and_tell_an_interrupt(capsys):
    assert not fit("Slow", Slow("odd", "odd"), ROWS).interrupted
    assert fit("Slow", Slow("Training interrupted by user."), ROWS).interrupted
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Slow: odd", "Slow: Training interrupted by user"]


def test_ctrl_c_in_a_fit_is_told(monkeypatch, capsys):
    train, calls = Ensemble._train_epoch, []

    def press_ctrl_c(self, workers):
        calls.append(train(self, workers))
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Ensemble, "_train_epoch", press_ctrl_c)
    assert fit("MLP", small().set_params(max_iter=4), ROWS).interrupted
    assert capsys.readouterr().out == f"MLP: {INTERRUPTED}\n"


@pytest.mark.parametrize("error", [None, ValueError("this")])
def test_the_networks_hold_out_rows_as_the_test_does(error, monkeypatch):
    folds, seen = [(np.arange(20), np.arange(20, 40))], []
    model = small()

    def look(model, rows):
        seen.append((model.cv, rows.folds))
        if error:
            raise error
        return 1.5

    monkeypatch.setattr("skmlp.command.evaluation.fit", look)
    rows = TrainTestSplit(REGRESSION, X, X, Y, Y, folds=folds)
    if error:
        with pytest.raises(UserError, match="TabularMLPRegressor cannot train on this"):
            fit_tabular(model, rows, GIVEN)
    else:
        assert fit_tabular(model, rows, GIVEN) == Spent(1.5)
    assert seen == [(folds, folds)]
    assert model.cv is None


def test_groups_are_held_out_together():
    groups = np.arange(40) // 10
    rows = TrainTestSplit(REGRESSION, X[:40], X[40:], Y[:40], Y[40:], groups=groups)
    model = small()
    fit_tabular(model, rows, GIVEN)
    held_out = np.isfinite(model.oof_prediction_).reshape(4, 10)
    # Two networks hold out two of the four groups, each as a whole.
    assert sorted(held_out.mean(axis=1)) == [0, 0, 1, 1]


@pytest.mark.parametrize(("apart", "n"), [(False, 980), (True, 1000)])
def test_how_many_rows_train(apart, n):
    rows = TrainTestSplit(REGRESSION, X[:40], X[40:], Y[:40], Y[40:], apart=apart)
    assert GIVEN.n_trained(rows) == 40
    assert GIVEN._replace(sample="a sample", n_rows=1000).n_trained(rows) == n


@pytest.mark.parametrize(
    ("limit", "wanted"), [(None, "about 24 seconds"), (9, "at most about 9 seconds")]
)
def test_the_time_of_a_fit_in_memory(limit, wanted, monkeypatch):
    monkeypatch.setattr(fitting, "TRIED_ROWS", (10, 20))
    monkeypatch.setattr(fitting, "seconds_per_row", lambda model, rows: (0.2, 0.1))
    model = small().set_params(max_iter=4, max_time=limit)
    assert time_of(model, ROWS, GIVEN) == f"the fit takes {wanted}"
    assert model.max_iter == 4


def test_the_time_of_a_short_fit_is_not_told(monkeypatch):
    assert time_of(small(), ROWS, GIVEN) == ""
    monkeypatch.setattr(fitting, "TRIED_ROWS", (10, 20))

    def fail(model, rows):
        raise ValueError

    monkeypatch.setattr(fitting, "seconds_per_row", fail)
    assert time_of(small(), ROWS, GIVEN) == ""


def test_the_seconds_of_a_fit_are_shown(monkeypatch):
    shown = []
    monkeypatch.setattr(fitting, "show_progress", shown.append)
    monkeypatch.setattr(fitting, "Event", Soon)
    with ticking("fitting A"):
        while len(shown) < 3:
            sleep(0.001)
    assert shown[0] == "fitting A ..."
    assert shown[1] == shown[2] == "fitting A: 1 second"
    assert shown[-1] == ""


class Soon(threading.Event):
    """An event for which nothing waits long."""

    def wait(self, timeout=None):
        return super().wait(0.001)
