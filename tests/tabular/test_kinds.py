import numpy as np
import pandas as pd
import pytest

from skmlp import TableEncoder, TabularMLPRegressor
from skmlp.tabular.kinds import KINDS, given_kinds

N = 200
X = pd.DataFrame(
    {
        "age": np.arange(N) % 90,
        "height": np.linspace(1.5, 2, N),
        "city": np.arange(N) % 3,
        "name": [f"n{i % 20}" for i in range(N)],
        "day": pd.date_range("2024-01-01", periods=N),
        "wait": pd.to_timedelta(np.arange(N), unit="s"),
    }
)


def kinds(encoder):
    return {name: kind for name, (kind, _) in encoder.column_kinds_.items()}


def test_what_each_column_was_taken_as():
    encoder = TableEncoder().fit(X)
    assert kinds(encoder) == {
        **{"age": "number", "height": "number", "city": "number"},
        **{"name": "category", "day": "date", "wait": "duration"},
    }
    reasons = {name: one.reason for name, one in encoder.column_kinds_.items()}
    assert reasons["age"] == (
        "integers that may be codes, 90 of them: list it in categorical_features if it is "
        "one"
    )
    assert reasons["height"] == "numbers"
    assert reasons["city"] == "integers"


def test_kinds_can_be_given():
    given = {"city": "category", "age": "code", 1: "number"}
    encoder = TableEncoder(column_kinds=given).fit(X)
    found = kinds(encoder)
    assert (found["city"], found["age"], found["height"]) == (
        "category",
        "code",
        "number",
    )
    assert encoder.column_kinds_["city"].reason == "column_kinds says so"
    listed = TableEncoder(categorical_features=["city", "name"]).fit(X)
    assert listed.column_kinds_["city"].reason == "categorical_features says so"
    both = TableEncoder(
        categorical_features=["city", "name"], column_kinds={"city": "number"}
    )
    assert kinds(both.fit(X))["city"] == "number"


def test_arrays_have_kinds_by_index():
    table = X[["age", "city"]].to_numpy()
    encoder = TableEncoder(column_kinds={-1: "category"}).fit(table)
    assert kinds(encoder) == {0: "number", 1: "category"}
    assert given_kinds({-1: "code"}, ["a", "b"]) == [None, "code"]


@pytest.mark.parametrize("kind", ["number", "code"])
@pytest.mark.parametrize("name", ["name", "day", "wait"])
def test_a_kind_that_the_values_do_not_allow(kind, name):
    with pytest.raises(ValueError, match=f"column_kinds can be '{kind}' .*'{name}'"):
        TableEncoder(column_kinds={name: kind}).fit(X)


@pytest.mark.parametrize("name", ["day", "wait"])
def test_dates_are_no_categories(name):
    with pytest.raises(TypeError, match=f"{name!r} of X must hold text or numbers"):
        TableEncoder(column_kinds={name: "category"}).fit(X)


@pytest.mark.parametrize("value", [{"age": "ordinal"}, "code", ["age"], {1.5: "code"}])
def test_column_kinds_is_checked(value):
    with pytest.raises(ValueError, match=f"'column_kinds' .*{KINDS[-1]!r}"):
        TableEncoder(column_kinds=value).fit(X)


@pytest.mark.parametrize(
    ("name", "message"), [("size", "must name"), (6, "must be indices")]
)
def test_unknown_columns(name, message):
    with pytest.raises(ValueError, match=f"column_kinds {message}"):
        TableEncoder(column_kinds={name: "code"}).fit(X)


def test_a_column_has_one_kind():
    with pytest.raises(ValueError, match="each column once. Got 'age' again, as -6"):
        TableEncoder(column_kinds={"age": "code", -6: "number"}).fit(X)


@pytest.mark.parametrize("dtype", ["category", "datetime64[ns]", "float"])
def test_kinds_of_columns_without_values(dtype):
    table = X.assign(name=pd.Series([None] * N, dtype=dtype))
    for kind in ("number", "category", "code"):
        encoder = TableEncoder(column_kinds={"name": kind}).fit(table)
        assert kinds(encoder)["name"] == kind
        assert np.isfinite(encoder.transform(table)).all()
    with pytest.raises(ValueError, match="'name', which holds no values"):
        TableEncoder(column_kinds={"name": "text"}).fit(table)


def test_of_an_estimator():
    rng = np.random.RandomState(0)
    code = rng.randint(0, 25, 600)
    table = pd.DataFrame({"code": code, "noise": rng.standard_normal(600)})
    y = rng.standard_normal(25)[code]
    model = TabularMLPRegressor(n_estimators=1, max_iter=2, hidden_layer_sizes=(8,))
    assert model.fit(table, y).column_kinds_["code"].kind == "code"
    assert model.column_kinds_ == model.encoder_.column_kinds_
    model.set_params(column_kinds={"code": "number"}).fit(table, y)
    assert model.column_kinds_["code"] == ("number", "column_kinds says so")


def test_wide_tables_have_no_codes_by_the_target(monkeypatch):
    rng = np.random.RandomState(0)
    table = pd.DataFrame(rng.randint(0, 12, (400, 3)))
    y = rng.standard_normal(12)[table[0]]
    assert TableEncoder().fit(table, y).column_kinds_[0].kind == "code"
    monkeypatch.setattr("skmlp.tabular.kinds.MOST_COLUMNS", 5)
    assert TableEncoder().fit(table, y).column_kinds_[0].kind == "number"
