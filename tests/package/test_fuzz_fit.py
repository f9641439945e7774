"""Generated fits: finite predictions, or an error that names the argument.

docs/contributing.md has the command of a longer campaign.
"""

import copy
import datetime
import re
import warnings
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning

from skmlp import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import REGRESSION_HEADS
from tests.helpers import snapshot

ROWS = st.sampled_from([1, 2, 3, 5, 12, 30])

NUMBERS = {
    "normal": lambda rng, n: rng.randn(n),
    "integers": lambda rng, n: rng.randint(-5, 6, n).astype(float),
    "constant": lambda rng, n: np.full(n, rng.choice([0, -1, 7.5, 1e30, 1e300])),
    "one differs": lambda rng, n: np.r_[np.ones(n - 1), rng.choice([2, 1e-300, 1e300])],
    "huge": lambda rng, n: rng.choice([-1.7e308, 1.7e308, 1e308, 3e38, -3e38], n),
    "large": lambda rng, n: 10.0 ** rng.uniform(0, 40, n) * rng.choice([-1, 1], n),
    "tiny": lambda rng, n: 10.0 ** -rng.uniform(290, 330, n),
    "any size": lambda rng, n: 10.0 ** rng.uniform(-320, 308, n),
    "beyond 2**53": lambda rng, n: 2.0**53 + 2 * rng.randint(0, 9, n),
    "positive": lambda rng, n: rng.gamma(2.0, size=n) + 1e-3,
    "missing": lambda rng, n: np.where(rng.rand(n) < 0.4, np.nan, rng.randn(n)),
    "all missing": lambda rng, n: np.full(n, np.nan),
    "infinite": lambda rng, n: np.where(rng.rand(n) < 0.2, np.inf, rng.randn(n)),
}
"""Columns of numbers, by kind."""

LABELS = {
    "integers": lambda rng, n: rng.randint(0, 3, n),
    "two": lambda rng, n: rng.randint(0, 2, n),
    "booleans": lambda rng, n: rng.rand(n) < 0.5,
    "text": lambda rng, n: rng.choice(["ja", "nein", "日本", ""], n),
    "text as objects": lambda rng, n: rng.choice(["a", "b"], n).astype(object),
    "bytes": lambda rng, n: rng.choice([b"a", b"b"], n),
    "one class": lambda rng, n: np.full(n, 3),
    "all differ": lambda rng, n: np.arange(n),
    "large": lambda rng, n: 2**62 + rng.randint(0, 2, n),
    "unsigned": lambda rng, n: np.uint64(2**63) + rng.randint(0, 2, n).astype("u8"),
    "negative": lambda rng, n: rng.choice([-1, 1], n),
    "whole floats": lambda rng, n: rng.choice([0.0, 1.0], n),
    "fractions": lambda rng, n: rng.rand(n),
    "mixed": lambda rng, n: rng.choice(np.array([1, "a", 2.5], dtype=object), n),
    "with None": lambda rng, n: rng.choice(np.array(["a", None], dtype=object), n),
    "with NaN": lambda rng, n: rng.choice([0.0, np.nan], n),
    "infinite": lambda rng, n: rng.choice([0.0, np.inf], n),
    "complex": lambda rng, n: rng.choice([1j, 2.0], n),
    "dates": lambda rng, n: np.datetime64("2024-01-01") + rng.randint(0, 2, n),
    "integers as objects": lambda rng, n: rng.randint(0, 3, n).astype(object),
    "20 digits": lambda rng, n: [10**20 + int(i) for i in rng.randint(0, 2, n)],
    "large and negative": lambda rng, n: [2**63, *[-1] * (n - 1)],
    "Decimals": lambda rng, n: [Decimal(int(i)) for i in rng.randint(0, 3, n)],
    "Decimals, NaN": lambda rng, n: [Decimal("sNaN"), *[Decimal(1)] * (n - 1)],
    "text and numbers": lambda rng, n: ["a", *[1] * (n - 1)],
    "masked": lambda rng, n: np.ma.array(rng.randint(0, 2, n), mask=np.eye(n)[0]),
    "nothing masked": lambda rng, n: np.ma.array(rng.randint(0, 2, n)),
    "Int64": lambda rng, n: pd.array(rng.randint(0, 3, n), dtype="Int64"),
    "Int64, NA": lambda rng, n: pd.array([pd.NA, *[1] * (n - 1)], dtype="Int64"),
    "boolean": lambda rng, n: pd.Series(rng.rand(n) < 0.5, dtype="boolean"),
    "category": lambda rng, n: pd.Series(rng.choice(["a", "b"], n), dtype="category"),
    "polars": lambda rng, n: pl.Series(rng.randint(0, 3, n)),
    "polars, null": lambda rng, n: pl.Series([None, *["a"] * (n - 1)]),
    "polars frame": lambda rng, n: pl.DataFrame({"y": rng.randint(0, 2, n)}),
    "days": lambda rng, n: [
        datetime.date(2024, 1, 1 + i) for i in rng.randint(0, 2, n)
    ],
    "NaT": lambda rng, n: np.full(n, "NaT", "M8[ns]"),
    "periods": lambda rng, n: pd.Series(pd.period_range("2024", periods=n, freq="D")),
    "durations": lambda rng, n: rng.randint(0, 2, n).astype("m8[s]"),
    "objects": lambda rng, n: [object()] * n,
    "ragged": lambda rng, n: [[1], *[[1, 2]] * (n - 1)],
    "labels in at most one row": lambda rng, n: np.eye(n, 3, dtype=int),
    "tuples": lambda rng, n: [(1, 2)] * n,
    "indicator": lambda rng, n: rng.randint(0, 2, (n, 3)),
    "sparse indicator": lambda rng, n: csr_matrix(rng.randint(0, 2, (n, 3))),
    "several classes in columns": lambda rng, n: rng.randint(0, 3, (n, 2)),
    "one column": lambda rng, n: rng.randint(0, 2, (n, 1)),
    "no columns": lambda rng, n: np.zeros((n, 0)),
    "three axes": lambda rng, n: np.zeros((n, 2, 2)),
    "too short": lambda rng, n: rng.randint(0, 2, n - 1),
    "a number": lambda rng, n: 1,
    "None": lambda rng, n: None,
}
"""Targets of classifiers; regressors get them too."""

WEIGHTS = {
    "ones": lambda rng, n: np.ones(n),
    "some zero": lambda rng, n: rng.randint(0, 2, n).astype(float),
    "one positive": lambda rng, n: np.eye(n)[0],
    "all zero": lambda rng, n: np.zeros(n),
    "negative": lambda rng, n: -np.ones(n),
    "missing": lambda rng, n: np.full(n, np.nan),
    "tiny": lambda rng, n: np.full(n, 1e-310),
    "huge": lambda rng, n: np.full(n, 1e308),
    "any size": lambda rng, n: 10.0 ** rng.uniform(-300, 300, n),
    "text": lambda rng, n: np.array(["a"] * n),
    "too short": lambda rng, n: np.ones(n - 1),
    "two axes": lambda rng, n: np.ones((n, 2)),
    "a number": lambda rng, n: 2.0,
}

FORMS = {
    "array": lambda columns: np.column_stack(columns),
    "float32": lambda columns: np.column_stack(columns).astype(np.float32),
    "float16": lambda columns: np.column_stack(columns).astype(np.float16),
    "integers": lambda columns: np.column_stack(columns).astype(np.int64),
    "booleans": lambda columns: np.column_stack(columns).astype(bool),
    "objects": lambda columns: np.column_stack([c.astype(object) for c in columns]),
    "Fortran": lambda columns: np.asfortranarray(np.column_stack(columns)),
    "list": lambda columns: np.column_stack(columns).tolist(),
    "sparse": lambda columns: csr_matrix(np.column_stack(columns).astype(float)),
    "one axis": lambda columns: columns[0],
    "frame": lambda columns: pd.DataFrame({f"c{i}": c for i, c in enumerate(columns)}),
    "categories": lambda columns: pd.DataFrame(
        {f"c{i}": pd.Categorical(c) for i, c in enumerate(columns)}
    ),
    "nullable": lambda columns: pd.DataFrame(
        {f"c{i}": c for i, c in enumerate(columns)}
    ).convert_dtypes(),
    "polars": lambda columns: pl.DataFrame({f"c{i}": c for i, c in enumerate(columns)}),
}
"""Containers of columns."""

COMMON = {
    "hidden_layer_sizes": [(), (3,), (4, 2), 10**15, (2, 10**5000)],
    "activation": [*ACTIVATIONS],
    "max_iter": [1, 2, 4, 10**400],
    "learning_rate_init": [1e-3, 0.1, 1e3, 1e150, 1e300],
    "batch_size": ["auto", 1, 4],
    "dropout": [0.0, 0.5],
    "weight_decay": [0.0, 0.1],
}
OF_MLPS = {
    "solver": ["adam", "sgd", "lbfgs"],
    "alpha": [1e-4, 0.0, 1e10],
    "early_stopping": [False, False, True],
    "warm_start": [False, True],
    "max_grad_norm": [float("inf"), 1.0],
    "learning_rate": ["constant", "adaptive", "one_cycle"],
}
OF_TABLES = {
    "n_estimators": [1, 2, 10**9],
    "n_bins": [0, 3, 1000, 1001],
    "n_frequencies": [0, 2, 10**12],
    "categorical_features": ["from_dtype", None, [0]],
    "max_time": [None, 0.01],
    "cv": [None, 3, 10**400],
    "scoring": ["loss", None],
}
OF_CLASSIFIERS = {
    "label_smoothing": [0.0, 0.1],
    "class_weight": [None, "balanced", {0: 0.0}, {0: 1e300, 1: 1.0}],
}
OF_REGRESSORS = {"loss": [*REGRESSION_HEADS], "quantile": [0.5, [0.1, 0.9]]}
KINDS = {
    MLPClassifier: {**COMMON, **OF_MLPS, **OF_CLASSIFIERS},
    MLPRegressor: {**COMMON, **OF_MLPS, **OF_REGRESSORS},
    TabularMLPClassifier: {**COMMON, **OF_TABLES, **OF_CLASSIFIERS},
    TabularMLPRegressor: {**COMMON, **OF_TABLES, **OF_REGRESSORS},
}


PLAIN = np.random.RandomState(0).gamma(2.0, size=(12, 2))
PLAIN_LABELS = np.where(PLAIN[:, 0] > 1.5, "ja", "nein")


def small(kind):
    """A model that trains in no time."""
    few = {"n_estimators": 2} if "n_estimators" in KINDS[kind] else {}
    return kind(hidden_layer_sizes=(3,), max_iter=2, random_state=0, **few)


@cache
def trained(kind):
    """A fitted model; whoever changes it takes a copy."""
    model = small(kind)
    y = PLAIN_LABELS if is_classifier(model) else PLAIN[:, 0] ** 2
    with numpy_warnings_are_errors():
        return model.fit(PLAIN, y)


@contextmanager
def numpy_warnings_are_errors():
    """A RuntimeWarning of NumPy comes from a step that nobody checked."""
    with warnings.catch_warnings():
        for category in (UserWarning, ConvergenceWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        warnings.simplefilter("error", RuntimeWarning)
        yield


def kind_of(draw, makers, plain, odd):
    """The name of one of the makers; one of the `plain` ones unless `odd`."""
    return draw(st.sampled_from(sorted(makers) if odd else plain))


@st.composite
def tables(draw, rng, n, odd):
    """A table of one to three columns of numbers, and perhaps one of labels."""
    plain = ["normal", "integers", "positive"]
    kinds = [kind_of(draw, NUMBERS, plain, odd) for _ in range(draw(st.integers(1, 3)))]
    columns = [NUMBERS[kind](rng, n) for kind in kinds]
    form = kind_of(draw, FORMS, ["array", "float32", "frame"], odd)
    if odd and form in ("frame", "categories", "polars", "objects"):
        made = LABELS[kind_of(draw, LABELS, [], odd)](rng, n)
        if np.shape(made) == (n,) and isinstance(made, np.ndarray):
            columns.append(np.asarray(made))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return FORMS[form](columns)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        # The container does not take these values.
        return FORMS["frame"](columns)


@st.composite
def targets(draw, rng, n, classes, odd):
    """A target of the task; an odd one may be made for the other."""
    makers = LABELS if classes else NUMBERS
    if odd and draw(st.integers(0, 9)) == 0:
        makers = NUMBERS if classes else LABELS
    plain = ["two", "text"] if classes else ["positive"]
    made = makers[kind_of(draw, makers, plain, odd)](rng, n)
    if makers is NUMBERS and draw(st.integers(0, 3)) == 0:
        made = np.column_stack([made, rng.gamma(2.0, size=n)])
    return made


@st.composite
def fits(draw, kind):
    """A new or fitted model, and the arguments of fit, some of which are odd."""
    n = draw(ROWS)
    rng = np.random.RandomState(draw(st.integers(0, 2**31)))
    odd = draw(st.sets(st.sampled_from(["X", "y", "sample_weight", "settings"])))
    parameters = kind().get_params()
    options = [name for name in sorted(KINDS[kind]) if name in parameters]
    names = draw(st.sets(st.sampled_from(options), max_size=4 * ("settings" in odd)))
    model = copy.deepcopy(trained(kind)) if draw(st.booleans()) else small(kind)
    for name in sorted(names):
        model.set_params(**{name: draw(st.sampled_from(KINDS[kind][name]))})
    X = draw(tables(rng, n, "X" in odd))
    y = draw(targets(rng, n, is_classifier(kind()), "y" in odd))
    weight = None
    if "sample_weight" in odd:
        weight = WEIGHTS[kind_of(draw, WEIGHTS, [], True)](rng, n)
    return model, X, y, weight


def names_an_argument(model, message):
    """Whether the message has the name of an argument of fit or of the constructor."""
    names = {"X", "y", "sample_weight", "classes", *model.get_params()}
    return bool(names & set(re.findall(r"\w+", message)))


def check_predictions(model, X):
    """Finite predictions, one for each row."""
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    found = [model.predict(X)]
    if is_classifier(model):
        found = [model.predict_proba(X)]
        assert model.predict(X).shape[0] == n
        if not isinstance(found[0], list):
            # For a single class there are two columns, as in scikit-learn.
            assert found[0].shape[1] in (len(model.classes_), 2)
    elif model.loss == "gaussian":
        found += model.predict(X, return_std=True)
    for values in found:
        assert np.shape(values)[0] == n
        assert np.isfinite(values).all()


def refusal(call, *arguments):
    """The error of a call, or None."""
    try:
        call(*arguments)
    except (ValueError, TypeError) as error:
        return error
    return None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_generated_fits(kind, data):
    model, X, y, weight = data.draw(fits(kind))
    before = snapshot(model)
    with numpy_warnings_are_errors():
        error = refusal(model.fit, X, y, weight)
        if error is None and weight is not None and np.ndim(weight):
            # A row of weight 0 may hold a value that no other row has.
            assume(np.all(weight))
        if error is None:
            check_predictions(model, X)
            return
    assert names_an_argument(model, str(error)), repr(error)
    assert snapshot(model) == before


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@given(data=st.data())
def test_generated_partial_fits(kind, data):
    model, X, y, weight = data.draw(fits(kind))
    classes = {}
    if kind is MLPClassifier:
        classes["classes"] = data.draw(st.sampled_from([None, ["ja", "nein"], [0, 1]]))
    assume(hasattr(model, "partial_fit"))
    before = snapshot(model)
    with numpy_warnings_are_errors():
        call = partial(model.partial_fit, sample_weight=weight, **classes)
        error = refusal(call, X, y)
        if error is None:
            check_predictions(model, X)
            return
    assert names_an_argument(model, str(error)), repr(error)
    assert snapshot(model) == before


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_generated_rows_to_predict(kind, data):
    model = trained(kind)
    before = snapshot(model)
    _, X, _, _ = data.draw(fits(kind))
    with numpy_warnings_are_errors():
        error = refusal(model.predict, X)
    assert error is None or names_an_argument(model, str(error)), repr(error)
    assert snapshot(model) == before
