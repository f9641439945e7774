"""Data and functions of several test files."""

import copy
import itertools
import math
import pickle
import warnings
from contextlib import contextmanager
from unittest import mock

import numpy as np
import polars as pl
from scipy.sparse import issparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.model_selection import KFold
from sklearn.preprocessing import scale

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core import runners
from skmlp.core.compiled import runner as compiled
from skmlp.core.lbfgs import NumpyObjective
from skmlp.tabular.columns import is_missing

X = np.random.RandomState(0).randn(60, 4)
Y = {
    MLPClassifier: (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5),
    MLPRegressor: np.sin(X[:, 0]) + X[:, 1],
}
CODES = (X[:, 0] > 0.5).astype(int) + (X[:, 1] > 0.8)
LABELS = {
    "binary": np.array(["no", "yes"])[(X[:, 0] > 0.5).astype(int)],
    "multiclass": np.array(["ant", "bee", "cat"])[CODES],
    "multilabel": (X[:, :3] > 0.4).astype(int),
}
"""Labels of the rows of X, of each kind that a classifier takes."""

TRAINING = [
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
"""Parameters of training, each of which changes its result."""

LINEAR = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "tol": 1e-9,
    "max_iter": 5000,
    "random_state": 0,
}
"""Parameters of a model without hidden layers, trained to the end."""


def iris():
    """The iris data; columns have mean 0 and standard deviation 1."""
    X, y = load_iris(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def trained(kind, X=None, y=None, **parameters):
    """A model after five epochs on the iris data, or on other data."""
    default_X, default_y = iris()
    model = kind(**{"max_iter": 5, "random_state": 0, **parameters})
    return model.fit(default_X if X is None else X, default_y if y is None else y)


def classifier(**parameters):
    """A classifier of default size with few epochs."""
    return MLPClassifier(**{"max_iter": 15, "random_state": 0, **parameters})


def positive_data(n_rows=200, n_targets=1, seed=0):
    """X, and targets above zero, which every loss takes."""
    rng = np.random.RandomState(seed)
    X = rng.randn(n_rows, 3)
    mean = np.exp(X @ (0.3 * rng.randn(3, n_targets)) + 0.2)
    y = mean * rng.gamma(4.0, 0.25, (n_rows, n_targets))
    return X, y.ravel() if n_targets == 1 else y


def fit_quietly(model, X, y, w=None):
    """Fit without warnings about too few iterations."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "lbfgs failed|Stochastic Optimizer")
        return model.fit(X, y, w)


def partial_fit(model, X, y, **arguments):
    """A partial fit that declares the classes 0, 1 and 2 to a classifier."""
    if isinstance(model, MLPClassifier):
        arguments["classes"] = [0, 1, 2]
    return model.partial_fit(X, y, **arguments)


def parameters_of(model):
    """All weights and biases in one vector."""
    return np.concatenate([a.ravel() for a in model.coefs_ + model.intercepts_])


def same(a, b):
    """Whether two models have the same weights and biases, to the bit."""
    return np.array_equal(parameters_of(a), parameters_of(b))


def snapshot(model):
    """The state of a model, to compare with a later one."""
    return pickle.dumps(copy.deepcopy(vars(model)))


def dense(a):
    """An array, of a sparse matrix too."""
    return a if isinstance(a, np.ndarray) else a.toarray()


def wine_or_diabetes(kind):
    """Three classes of wine, or the target of diabetes; all columns scaled."""
    if kind is MLPClassifier:
        X, y = load_wine(return_X_y=True)
        return scale(X), np.array(["red", "rosé", "white"])[y]
    return tuple(scale(part) for part in load_diabetes(return_X_y=True))


CANCER = load_breast_cancer(return_X_y=True)
FOLDS = KFold(3, shuffle=True, random_state=0)


def enough(kind):
    """A score that takes a trained model on these data; a constant has 0.4 and 0."""
    return 0.9 if kind is MLPClassifier else 0.3


def full_batch(kind, **parameters):
    """A small model that lbfgs trains on all rows at once."""
    settings = {"hidden_layer_sizes": (6,), "alpha": 3.0, "random_state": 0}
    return kind(**{**settings, "solver": "lbfgs", "max_iter": 60, **parameters})


ADAM = {"solver": "adam", "learning_rate_init": 0.02, "max_iter": 40, "alpha": 1e-3}
"""Parameters of `full_batch` for adam instead."""


def as_polars(frame):
    """A frame of pandas as one of polars; its own way needs a pyarrow for this NumPy."""
    columns = {}
    for name in frame:
        values = [
            None if is_missing(value) else value for value in frame[name].tolist()
        ]
        columns[name] = pl.Series(values)
        if frame[name].dtype == "category":
            columns[name] = columns[name].cast(pl.Categorical)
    return pl.DataFrame(columns)


def check_same(model, other, X):
    """Check that two models hold and predict the same."""
    assert type(other) is type(model)
    assert vars(other).keys() == vars(model).keys()
    assert other.get_params().keys() == model.get_params().keys()
    assert issparse(model.predict(X)) == issparse(other.predict(X))
    np.testing.assert_array_equal(dense(other.predict(X)), dense(model.predict(X)))
    assert other.predict(X).dtype == model.predict(X).dtype
    for name in ("history_", "n_iter_", "t_", "loss_"):
        assert hasattr(other, name) == hasattr(model, name)
        np.testing.assert_equal(getattr(other, name, 0), getattr(model, name, 0))


@contextmanager
def in_numpy():
    """Train in NumPy, as where there is no library."""
    with (
        mock.patch("skmlp.core.training.compiled_runner", return_value=None),
        mock.patch("skmlp.core.lbfgs.compiled_objective", return_value=None),
    ):
        yield


def before_each_step(call, monkeypatch):
    """Call a function before each training step and evaluation of J, on each path."""

    def watched(function):
        def step(*arguments):
            call()
            return function(*arguments)

        return step

    # The compiled path then takes one step a call.
    monkeypatch.setattr(compiled, "MULTIPLICATIONS_PER_CALL", 1)
    for where, name in (
        (runners, "clip_by_norm"),
        (compiled.CompiledRunner, "run"),
        (compiled.CompiledObjective, "__call__"),
        (NumpyObjective, "__call__"),
    ):
        monkeypatch.setattr(where, name, watched(getattr(where, name)))


def interrupt_at(step, monkeypatch):
    """Raise KeyboardInterrupt at that training step or evaluation of J, on each path."""
    count = itertools.count(1)

    def interrupt():
        if next(count) == step:
            raise KeyboardInterrupt

    before_each_step(interrupt, monkeypatch)
