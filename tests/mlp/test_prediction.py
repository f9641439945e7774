"""The way from X to the scores: checks, and when they are skipped."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_array

from skmlp import MLPClassifier, MLPRegressor
from skmlp.mlp import prediction
from tests.helpers import X

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_few_plain_rows_skip_checks_that_would_pass_them(dtype, monkeypatch):
    rows, y = X[:30].astype(dtype), X[:30, 0]
    model = MLPRegressor(solver="lbfgs", max_iter=5000, random_state=0).fit(rows, y)
    monkeypatch.setattr(prediction, "SMALL_X", 0)
    checked = model.predict(rows)
    monkeypatch.undo()
    monkeypatch.setattr(prediction, "validate_data", None)
    np.testing.assert_array_equal(model.predict(rows), checked)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (X[:2, :1], "X has 1 features"),
        (X[0], "Expected 2D array, got 1D array"),
        (X[:0], "Found array with 0 sample"),
        (np.full((2, X.shape[1]), np.nan), "Input X contains NaN"),
        (np.full((2, X.shape[1]), np.inf), "Input X contains infinity"),
    ],
)
def test_few_rows_that_are_not_plain_are_checked(kind, rows, message):
    model = kind(max_iter=2).fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match=message):
        model.predict(rows)
    with pytest.raises(NotFittedError):
        kind().predict(rows)


TEXT = np.array([["a", "1", "2", "3"]])


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.parametrize("method", ["fit", "predict", "hidden_activations"])
@pytest.mark.parametrize(
    "rows",
    [
        TEXT,
        TEXT.astype(object),
        TEXT.tolist(),
        pd.DataFrame(TEXT),
        pd.DataFrame(TEXT, dtype="category"),
        pl.DataFrame(TEXT),
    ],
    ids=["array", "objects", "list", "frame", "categories", "polars"],
)
def test_text_is_refused_as_X(method, rows):
    model = MLPRegressor(hidden_layer_sizes=(2,), max_iter=1).fit(X, X[:, 0])
    more = {"y": [1.0]} if method == "fit" else {}
    with pytest.raises(ValueError, match=r"^X is invalid\. "):
        getattr(model, method)(rows, **more)


@pytest.mark.parametrize("n_rows", [2, 2000])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_rows_beyond_the_precision_of_the_model_are_refused(make, n_rows):
    model = MLPClassifier(max_iter=2).fit(X.astype(np.float32), X[:, 0] > 0)
    rows = np.ones((n_rows, X.shape[1]))
    rows[1, 2] = -1e300
    methods = ("predict", "predict_proba", "predict_log_proba", "decision_function")
    for name in (*methods, "hidden_activations", "input_gradients"):
        with pytest.raises(
            ValueError, match="X must have values that are finite in float"
        ):
            getattr(model, name)(make(rows))
    rows[1, 2] = 0
    np.testing.assert_array_equal(
        model.predict_proba(make(rows)),
        model.predict_proba(make(rows.astype(np.float32))),
    )


@pytest.mark.parametrize("name", ["C", "F", "strided", "read-only", "subclass", "big"])
@pytest.mark.parametrize("dtypes", [(np.float64, np.float32), (np.dtype("f4"),)])
def test_plain_rows_are_those_that_scikit_learn_returns_unchanged(name, dtypes):
    rows = {
        "C": X.copy(),
        "F": np.asfortranarray(X),
        "strided": X[::2, ::2],
        "read-only": np.broadcast_to(X[0], X.shape),
        "subclass": X.view(np.ma.MaskedArray),
        "big": X.astype(">f8"),
    }[name]
    unchanged = check_array(rows, dtype=dtypes) is rows
    assert prediction.is_plain(rows, dtypes) == unchanged
