"""Fits of both classes: seeds, printed lines, attributes, checks of few rows."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skmlp import MLPClassifier, MLPRegressor
from tests.helpers import X, parameters_of, same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])


@SOLVERS
def test_fitting_twice_with_one_seed_gives_the_same_bits(make, data, solver):
    a, b = (make(solver=solver, max_iter=20).fit(*data) for _ in range(2))
    assert same(a, b)
    assert same(a, a.fit(*data))
    assert a.loss_curve_ == b.loss_curve_


@SOLVERS
def test_a_pickle_is_little_more_than_the_weights(make, data, solver):
    model = make(solver=solver, hidden_layer_sizes=(300, 200), max_iter=2)
    model.fit(*data)
    assert len(pickle.dumps(model)) < 1.1 * parameters_of(model).nbytes + 20_000


def test_clone_is_unfitted(make, data):
    model = make(max_iter=2).fit(*data)
    assert not hasattr(clone(model), "coefs_")


@SOLVERS
@pytest.mark.parametrize("verbose", [True, 2, False])
def test_verbose_prints_each_iteration(make, data, solver, verbose, capsys):
    make(solver=solver, max_iter=4, verbose=verbose).fit(*data)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == (4 if verbose else 0)
    assert all(line.startswith("Iteration ") for line in lines)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_too_few_iterations_are_warned_of(make, data, solver):
    with pytest.warns(ConvergenceWarning, match=r"iteration|max_iter"):
        make(solver=solver, max_iter=2).fit(*data)


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning(make, data):
    with pytest.warns(UserWarning, match="Got `batch_size` less than 1 or larger"):
        clipped = make(batch_size=61, max_iter=2).fit(*data)
    assert same(clipped, make(batch_size=60, max_iter=2).fit(*data))


def test_attributes_after_fit(kind, make, data):
    model = make(hidden_layer_sizes=(5, 3), max_iter=4).fit(*data)
    assert model.n_layers_ == 4
    assert model.n_outputs_ == (3 if kind is MLPClassifier else 1)
    assert model.n_features_in_ == 4
    assert model.n_iter_ == len(model.loss_curve_) == 4
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.t_ == 240
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert model.out_activation_ == ("softmax" if kind is MLPClassifier else "identity")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda X: X[0],
        lambda X: X[:, :3],
        lambda X: X[:0],
        lambda X: np.where(X > 1, np.nan, X),
        lambda X: np.where(X > 1, np.inf, X),
        lambda X: X.astype(str).astype(object) + "a",
        lambda X: X + 1j,
    ],
)
def test_rows_that_are_not_plain_are_refused_as_ever(spoil):
    rows, y = X[:30], X[:30, 0]
    model = MLPRegressor(solver="lbfgs", max_iter=5000, random_state=0).fit(rows, y)
    with pytest.raises(ValueError):
        model.predict(spoil(rows))
    with pytest.raises(NotFittedError):
        MLPRegressor().predict(rows)
