"""Partial fits: epochs one call at a time, and classes that are declared first."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.datasets import (
    make_multilabel_classification,
)

from skmlp import MLPClassifier
from skmlp.common.errors import InvalidParameterError
from skmlp.core.history import Record
from skmlp.core.optimizers import Adam
from tests.helpers import TRAINING, iris, parameters_of, partial_fit, same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

STOCHASTIC = pytest.mark.parametrize("solver", ["sgd", "adam"])


@STOCHASTIC
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
def test_partial_fits_are_the_epochs_of_one_fit(make, data, solver, learning_rate):
    settings = {"solver": solver, "learning_rate": learning_rate}
    whole = make(max_iter=7, **settings).fit(*data)
    parts = make(**settings)
    for _ in range(7):
        partial_fit(parts, *data)
    assert same(whole, parts)
    assert parts.n_iter_ == whole.n_iter_ == 7
    assert parts.t_ == whole.t_ == 7 * 60
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.best_loss_ == whole.best_loss_


@STOCHASTIC
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_goes_on_like_the_original(make, data, solver, duplicate):
    model = partial_fit(make(solver=solver), *data)
    other = duplicate(model)
    for _ in range(3):
        partial_fit(model, *data)
        partial_fit(other, *data)
    assert same(model, other)


def test_a_partial_fit_on_other_rows_starts_from_their_order(make, data):
    X, y = data
    model = make()
    partial_fit(model, X, y)
    partial_fit(model, X[:20], y[:20])
    partial_fit(model, X[:40], y[:40])
    assert model.t_ == 120
    assert model.n_iter_ == 3
    assert np.isfinite(parameters_of(model)).all()


def test_changed_optimizer_settings_take_effect(make, data):
    model = partial_fit(make(), *data)
    model.set_params(beta_1=0.5)
    partial_fit(model, *data)
    assert model._state.optimizer == Adam(0.5)
    assert model._state.optimizer.t == 4
    model.set_params(learning_rate_init=0.01)
    partial_fit(model, *data)
    assert model._state.optimizer.t == 8


def test_partial_fit_after_fit_goes_on_with_the_weights(make, data):
    model = make(max_iter=20).fit(*data)
    before = parameters_of(model)
    partial_fit(model, *data)
    assert 0 < np.abs(parameters_of(model) - before).max() < 0.1
    assert model.n_iter_ == 21


@STOCHASTIC
def test_partial_fits_with_an_activation_for_each_layer(make, data, solver):
    settings = {
        "hidden_layer_sizes": 5,
        "n_hidden_layers": 3,
        "activation": ["mish", "gelu", "logistic"],
        "solver": solver,
    }
    whole = make(max_iter=4, **settings).fit(*data)
    parts = make(**settings)
    for _ in range(4):
        parts = pickle.loads(pickle.dumps(partial_fit(parts, *data)))
    assert same(whole, parts)


@pytest.mark.parametrize("settings", TRAINING, ids=str)
def test_partial_fits_are_one_fit_to_the_bit(make, data, settings):
    X, y = data
    whole = make(**settings).fit(X, y)
    parts = make(**settings)
    for i in range(6):
        partial_fit(parts, X, y)
        parts = pickle.loads(pickle.dumps(parts))
        assert parts.n_iter_ == i + 1
    assert same(whole, parts)
    for name in set(Record._fields) - {"seconds"}:
        np.testing.assert_array_equal(whole.history_[name], parts.history_[name])


def test_lines_of_partial_fit_count_on(make, data, capsys):
    model = make(verbose=True)
    for _ in range(3):
        partial_fit(model, *data)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        f"Iteration {i}" for i in (1, 2, 3)
    ]


def test_partial_fit_learns_classes_batch_by_batch():
    X, y = iris()
    names = np.array(["ant", "bee", "cat"])[y]
    model = MLPClassifier(random_state=0, learning_rate_init=0.02)
    for _ in range(40):
        for part in (slice(0, 50), slice(50, 100), slice(100, 150)):
            model.partial_fit(X[part], names[part], classes=["ant", "bee", "cat"])
    assert model.score(X, names) > 0.8


def test_partial_fit_of_several_labels():
    X, labels = make_multilabel_classification(60, n_classes=3, random_state=0)
    model = MLPClassifier(random_state=0)
    model.partial_fit(X, labels, classes=[0, 1, 2]).partial_fit(X, labels)
    assert model.predict(X).shape == (60, 3)
    with pytest.raises(ValueError, match="columns of y"):
        MLPClassifier().partial_fit(X, labels, classes=[0, 1])
    with pytest.raises(ValueError, match="columns of y"):
        MLPClassifier().partial_fit(X, labels, classes=["a", "b", "c"])


@pytest.mark.parametrize("classes", [3, "ab", [], None])
def test_classes_that_are_none(classes):
    X, y = iris()
    with pytest.raises(ValueError, match="classes must be"):
        MLPClassifier().partial_fit(X, y, classes=classes)


def test_partial_fit_without_y():
    X, _ = iris()
    with pytest.raises(ValueError, match="requires y to be passed"):
        MLPClassifier().partial_fit(X, None, classes=[0, 1])


def test_classes_in_partial_fit():
    X, y = iris()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(X, y)
    model = MLPClassifier().partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"classes must be \[0 1 2\].*Got \[0, 1\]"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="classes not in `self.classes_`"):
        model.partial_fit(X, y + 1)
    with pytest.raises(ValueError, match="classes not in `self.classes_`"):
        MLPClassifier().partial_fit(X, y, classes=[0, 1])


def test_partial_fit_does_not_stop_early(make, data):
    with pytest.raises(InvalidParameterError, match="partial_fit does not support"):
        partial_fit(make(early_stopping=True), *data)
