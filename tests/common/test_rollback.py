"""A call that raises leaves the object as it was."""

import copy
import inspect
import sys
from functools import partial
from itertools import cycle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skmlp import (
    MLPClassifier,
    MLPRegressor,
    TableEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from tests.helpers import X, Y, parameters_of, partial_fit, same, snapshot

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
BAD_CALLS = {
    "parameter": lambda m, X, y: m.set_params(alpha=-1).fit(X, y),
    "rows": lambda m, X, y: m.fit(X[:-1], y),
    "nan": lambda m, X, y: m.fit(np.where(X > 2, np.nan, X), y),
    "weights": lambda m, X, y: m.fit(X, y, sample_weight=-np.ones(60)),
    "width": lambda m, X, y: m.fit(X[:, :2], y, sample_weight=np.zeros(60)),
    "y": lambda m, X, y: m.fit(X, np.where(X[:, 0] > 2, np.nan, X[:, 0])),
    "divergence": lambda m, X, y: m.set_params(
        solver="sgd", learning_rate_init=1e300, max_iter=3
    ).fit(1e5 * X, y),
    "partial divergence": lambda m, X, y: [
        partial_fit(m.set_params(solver="sgd", learning_rate_init=1e300), 1e9 * X, y)
        for _ in range(3)
    ],
}


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_call_that_raises_leaves_the_estimator_as_it_was(
    make, data, warm_start, name
):
    model = make(max_iter=3, warm_start=warm_start).fit(*data)
    before, parameters = snapshot(model), model.get_params()
    if name == "partial divergence":
        # The first of the three calls may end in huge but finite weights.
        before = None
    with pytest.raises(ValueError):
        BAD_CALLS[name](model, *data)
    model.set_params(**parameters)
    if before is not None:
        assert snapshot(model) == before
    assert np.isfinite(parameters_of(model)).all()


def test_a_failed_partial_fit_leaves_no_trace_in_later_ones(make, data):
    X, y = data
    a, b = (partial_fit(make(solver="sgd"), *data) for _ in range(2))
    with pytest.raises(ValueError, match="diverged|non-finite"):
        partial_fit(a.set_params(learning_rate_init=1e300), 1e200 * X, y)
    a.set_params(learning_rate_init=1e-3)
    for model in (a, b):
        partial_fit(model, *data)
    assert same(a, b)


def test_a_first_fit_that_raises_leaves_the_estimator_unfitted(make, data):
    X, _ = data
    model = make()
    before = snapshot(model)
    with pytest.raises(ValueError):
        model.fit(X, np.full(60, np.nan))
    assert snapshot(model) == before
    assert not hasattr(model, "n_features_in_")


TABLE = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(
    city=np.where(X[:, 1] > 0, "Bonn", "Ulm")
)
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}
TABULAR = {**SMALL, "n_estimators": 2}
CALLS = {
    "MLPClassifier.fit": (MLPClassifier(**SMALL, warm_start=True), "fit"),
    "MLPClassifier.partial_fit": (MLPClassifier(**SMALL), "partial_fit"),
    "MLPRegressor.fit": (MLPRegressor(**SMALL, early_stopping=True), "fit"),
    "MLPRegressor.fit, lbfgs": (MLPRegressor(**SMALL, solver="lbfgs"), "fit"),
    "MLPRegressor.partial_fit": (MLPRegressor(**SMALL), "partial_fit"),
    "TabularMLPClassifier.fit": (TabularMLPClassifier(**TABULAR), "fit"),
    "TabularMLPRegressor.fit": (TabularMLPRegressor(**TABULAR), "fit"),
    "TableEncoder.fit": (TableEncoder(), "fit"),
    "TableEncoder.fit_transform": (TableEncoder(), "fit_transform"),
}
"""A model, and its method that trains."""

FOLDERS = tuple(f"skmlp.{name}" for name in ("core", "mlp", "tabular", "estimators"))


def ready(name, model, n_rows=60):
    """The call of the method on the first rows, as a function."""
    table = TABLE if "Tab" in name else TABLE[["a", "b", "c", "d"]]
    y = Y[MLPClassifier if "Classifier" in name else MLPRegressor][:n_rows]
    more = {"classes": [0, 1, 2]} if name == "MLPClassifier.partial_fit" else {}
    return partial(getattr(model, CALLS[name][1]), table[:n_rows], y, **more)


class Fault:
    """Counts the calls of functions of the package, and raises an error at one of them."""

    def __init__(self, error=None, at=-1):
        self.error, self.at, self.n_calls = error, at, 0

    def __call__(self, frame, event, argument):
        # An error while a generator is closed has nobody to go to.
        generator = frame.f_code.co_flags & inspect.CO_GENERATOR
        # The tags leave out what a head's own code does not tell.
        tags = frame.f_back.f_code.co_name == "__sklearn_tags__"
        ours = frame.f_globals.get("__name__", "").startswith(FOLDERS)
        if ours and not generator and not tags:
            self.n_calls += 1
            if self.n_calls == self.at:
                raise self.error

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)


def count_calls(call):
    with Fault() as fault:
        call()
    return fault.n_calls


class OwnError(Exception):
    """An error of a user's own object."""


@pytest.mark.parametrize("fitted", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_an_error_at_any_point_passes_unchanged_and_leaves_no_trace(name, fitted):
    model = clone(CALLS[name][0])
    if fitted:
        ready(name, model, 50)()
    # The second count: caches of the process are then filled.
    n_calls = [count_calls(ready(name, copy.deepcopy(model))) for _ in range(2)][-1]
    errors = [MemoryError(), OwnError(), OSError(), RecursionError()]
    if name.endswith("partial_fit") or "Encoder" in name:
        errors.append(KeyboardInterrupt())
    # The first call checks the parameters; in the last ones the model is trained.
    points = np.linspace(1, n_calls, 23).astype(int).tolist()
    for at, error in zip(points, cycle(errors), strict=False):
        one = copy.deepcopy(model)
        before, call = snapshot(one), ready(name, one)
        with pytest.raises(type(error)) as caught, Fault(error, at):
            call()
        assert caught.value is error
        assert snapshot(one) == before
