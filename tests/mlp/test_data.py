"""Tables and targets of every kind: frames, sparse matrices, bad data."""

import pickle
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from skmlp import MLPClassifier, MLPRegressor
from tests.helpers import iris, trained

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FRAMES = [pd.DataFrame, pl.DataFrame]


@pytest.mark.parametrize("frame", FRAMES, ids=["pandas", "polars"])
def test_frames_with_feature_names(kind, frame):
    X, _ = iris()
    names = ["a", "b", "c", "d"]
    table = frame(dict(zip(names, X.T, strict=True)))
    model = trained(kind, table, early_stopping=True)
    np.testing.assert_array_equal(model.feature_names_in_, names)
    np.testing.assert_array_equal(
        model.predict(table), trained(kind, X, early_stopping=True).predict(X)
    )
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame(dict(zip("xbcd", X.T, strict=True))))
    with pytest.raises(ValueError, match="feature names should match|order"):
        model.predict(frame(dict(zip("bacd", X.T, strict=True))))


def test_targets_from_frames():
    X, y = iris()
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    expected = trained(MLPClassifier, X, names).predict(X)
    for target in (
        pd.Series(names),
        pd.Series(names, dtype="category"),
        pl.Series(names),
        list(names),
        names.astype(object),
    ):
        np.testing.assert_array_equal(
            trained(MLPClassifier, X, target).predict(X), expected
        )
    weights = pd.Series(np.ones(150))
    MLPRegressor(max_iter=300, solver="lbfgs").fit(X, pd.Series(y), weights)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "container",
    [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_is_dense(kind, container, dtype, solver):
    X, _ = iris()
    X = np.where(np.abs(X) < 0.8, 0, X).astype(dtype)
    dense = trained(kind, X, solver=solver)
    thin = trained(kind, container(X), solver=solver)
    tolerance = 1e-8 if dtype == np.float64 else 1e-3
    np.testing.assert_allclose(thin.coefs_[0], dense.coefs_[0], atol=tolerance)
    np.testing.assert_allclose(
        thin.predict(container(X)), thin.predict(X), rtol=tolerance
    )
    assert thin.coefs_[0].dtype == dtype


def test_sparse_stays_sparse(kind):
    wide = sparse.random(300, 50_000, density=1e-4, format="csr", random_state=0)
    model = trained(kind, wide, np.arange(300) % 2, hidden_layer_sizes=2, max_iter=1)
    model.predict(sparse.vstack([wide] * 200, format="csr"))


def test_integers_and_fortran_order_and_lists(kind):
    X, _ = iris()
    whole = (4 * X).astype(int)
    expected = trained(kind, whole.astype(float)).predict(whole)
    for same in (whole, whole.tolist(), np.asfortranarray(whole), whole[:, :]):
        np.testing.assert_allclose(trained(kind, same).predict(same), expected)


GOOD_X, GOOD_Y = iris()
NAN = GOOD_X.copy()
NAN[3, 1] = np.nan
BAD_DATA = {
    "empty X": (np.empty((0, 4)), [], r"0 sample"),
    "no features": (np.empty((150, 0)), GOOD_Y, r"0 feature"),
    "flat X": (GOOD_Y, GOOD_Y, "Expected 2D array"),
    "NaN in X": (NAN, GOOD_Y, "X contains NaN"),
    "infinity in X": (
        np.where(np.isnan(NAN), np.inf, NAN),
        GOOD_Y,
        "X contains infinity",
    ),
    "strings in X": (np.full((150, 1), "a"), GOOD_Y, "could not convert"),
    "short y": (GOOD_X, GOOD_Y[:-1], "inconsistent numbers of samples"),
    "y of three axes": (GOOD_X, GOOD_Y.reshape(150, 1, 1), "dim|y should be|y"),
    "NaN in y": (GOOD_X, np.where(GOOD_Y == 1, np.nan, GOOD_Y), "NaN"),
    "infinity in y": (GOOD_X, np.where(GOOD_Y == 1, np.inf, GOOD_Y), "infinity"),
    "no y": (GOOD_X, None, "requires y to be passed"),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BAD_DATA)
@pytest.mark.parametrize("warm_start", [False, True])
def test_bad_data_is_refused_and_the_model_stays(kind, name, warm_start):
    X, y, message = BAD_DATA[name]
    model = trained(kind, warm_start=warm_start)
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert pickle.dumps(model) == before
    with pytest.raises(ValueError, match=message):
        kind().fit(X, y)


def test_another_number_of_features_is_refused(kind):
    model = trained(kind, warm_start=True)
    for call in (model.predict, lambda X: model.fit(X, GOOD_Y)):
        with pytest.raises(ValueError, match="3 features, but .* is expecting 4"):
            call(GOOD_X[:, :3])


def test_continuous_labels_are_refused():
    with pytest.raises(ValueError, match="Unknown label type"):
        MLPClassifier().fit(GOOD_X, GOOD_X[:, 0])
    with pytest.raises(ValueError, match="[Mm]ultioutput"):
        MLPClassifier().fit(GOOD_X, np.column_stack([GOOD_Y, GOOD_Y]))


def test_words_as_regression_targets_are_refused():
    with pytest.raises(TypeError, match=r"real numbers. Got text \(150 values\).*'0x'"):
        MLPRegressor().fit(GOOD_X, GOOD_Y.astype(str).astype(object) + "x")


@pytest.mark.parametrize(
    "y",
    [
        sparse.csr_matrix(np.ones((150, 2))),
        np.arange(150).astype("m8[s]"),
        np.arange(150).astype("M8[D]"),
        GOOD_Y.astype(str),
    ],
    ids=["sparse", "timedelta", "datetime", "words"],
)
def test_regression_targets_are_dense_numbers(y):
    with pytest.raises((TypeError, ValueError), match="y must be|convert"):
        MLPRegressor().fit(GOOD_X, y)


@pytest.mark.parametrize(
    "y", [np.array([0, "a", None] * 50, object), np.column_stack([GOOD_Y, GOOD_Y])]
)
def test_labels_that_are_none(y):
    with pytest.raises((TypeError, ValueError), match=r"y must be|y contains|y "):
        MLPClassifier().fit(GOOD_X, y)


def test_bad_weights_are_refused_by_fit_and_partial_fit(kind):
    extra = {"classes": [0, 1, 2]} if kind is MLPClassifier else {}
    for w in (np.zeros(150), -np.ones(150), np.ones(149), np.full(150, np.nan)):
        with pytest.raises(ValueError, match="sample_weight"):
            kind().fit(GOOD_X, GOOD_Y, sample_weight=w)
        with pytest.raises(ValueError, match="sample_weight"):
            kind().partial_fit(GOOD_X, GOOD_Y, sample_weight=w, **extra)


def small(X, name, values):
    """X as a frame with another column."""
    return pd.DataFrame(X, columns=list("abcd")).assign(**{name: values})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("?", r"Column 'b' has text in 1 row: '\?'. Tabular{0} takes text and missing"),
        (None, "NaN. Tabular{0} takes text and missing values"),
        (np.nan, "NaN. Tabular{0} takes text and missing values"),
        (pd.NA, "Tabular{0} takes text and missing values"),
    ],
)
def test_text_and_missing_values_are_for_the_other_estimators(kind, value, message):
    X, _ = iris()
    values = np.array(X[:, 1], object)
    values[7] = value
    frame = small(X, "b", values)
    expected = message.format(kind.__name__)
    for good, bad, match in (
        (small(X, "b", X[:, 1]), frame, expected),
        (X, frame.to_numpy(), expected.replace("'b'", "1")),
    ):
        with pytest.raises((TypeError, ValueError), match=match):
            trained(kind, bad)
        with pytest.raises((TypeError, ValueError), match=match):
            trained(kind, good).predict(bad)


def test_masked_values_are_refused(kind):
    X, y = iris()
    masked = np.ma.array(X, mask=np.arange(X.size).reshape(X.shape) == 5)
    message = "X must not have masked values.* Got 1 of them. Tabular.* takes"
    for table in (masked, list(masked)):
        with pytest.raises(ValueError, match=message):
            trained(kind, table)
    whole = trained(kind, np.ma.array(X))
    np.testing.assert_array_equal(whole.predict(X), trained(kind, X).predict(X))
    with pytest.raises(ValueError, match=message):
        whole.predict(masked)
    with pytest.raises(ValueError, match="X_val must be .* masked values"):
        kind(early_stopping=True).fit(X, y, X_val=masked, y_val=y)


def test_dates_are_refused(kind):
    X, _ = iris()
    model = trained(kind, pd.DataFrame(X, columns=list("abcd")))
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(len(X)), unit="D")
    for values in (
        days,
        days.tz_localize("UTC"),
        days - days[0],
        [date(1, 1, 1)] * len(X),
    ):
        with pytest.raises(
            TypeError, match="Column 'c' of X must hold numbers. Got .*fixed"
        ):
            model.predict(small(X, "c", values))
    days = np.repeat(days.to_numpy()[:, None], 4, axis=1)
    with pytest.raises(
        TypeError, match="Column 0 of X must hold numbers. Got dates and"
    ):
        trained(kind, days)


def test_thousands_of_columns(kind):
    names = [f"c{i}" for i in range(10_000)]
    table = pd.DataFrame(np.eye(6, 10_000), columns=names)
    model = kind(hidden_layer_sizes=(2,), max_iter=1).fit(table, [0, 1] * 3)
    assert model.n_features_in_ == 10_000
    assert len(model.predict(table[:1])) == 1
    with pytest.raises(ValueError, match="same order") as error:
        model.predict(table[names[::-1]])
    assert len(str(error.value)) < 400
