"""Partial dependence: predictions of rows with the values of a column."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.inspection import partial_dependence as of_sklearn

from skmlp import TabularMLPRegressor
from skmlp.explain import partial_dependence
from skmlp.explain.dependence import rows_of_values

from .conftest import TABLE, TARGETS, Y


@pytest.mark.parametrize("name", list(TABLE))
@pytest.mark.parametrize("task", TARGETS)
def test_lines_are_predictions_of_rows_with_another_value(task, name, models):
    model = models[task]
    predict = getattr(model, "predict_proba", model.predict)
    found = partial_dependence(model, TABLE, name, n_points=7)
    values = found.grid_values
    assert len(values) == len(set(values)) <= 7
    assert values == sorted(values)
    assert found.individual.shape[:2] == (len(TABLE), len(values))
    for k, value in enumerate(values):
        same = pd.Series([value] * len(TABLE), dtype=TABLE[name].dtype)
        expected = predict(TABLE.assign(**{name: same}))
        np.testing.assert_array_equal(found.individual[:, k], expected)
    np.testing.assert_array_equal(found.average, found.individual.mean(axis=0))


def test_they_agree_with_scikit_learn(models):
    numbers = TABLE[["number", "noise"]]
    model = TabularMLPRegressor(n_estimators=2, max_iter=3, random_state=0)
    model.fit(numbers, Y)
    found = partial_dependence(model, numbers, "number", n_points=5)
    theirs = of_sklearn(
        *(model, numbers, ["number"]),
        custom_values={"number": np.array(found.grid_values)},
        kind="both",
    )
    np.testing.assert_allclose(found.average, theirs["average"][0], rtol=1e-6)
    np.testing.assert_allclose(found.individual, theirs["individual"][0], rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "n", "expected"),
    [
        ([3.0, 1.0, np.nan, 2.0, 1.0], 9, [1, 3, 0]),
        ([*range(100)], 3, [0, 50, 99]),
        ([*range(100)], 1, [50]),
        ([5] * 99 + [1], 4, [99, 0]),
        # All values if they are few, however rare.
        ([0] * 198 + [1] * 2 + [2] * 100, 50, [0, 198, 200]),
        ([0] * 198 + [1] * 2 + [2] * 100, 2, [0, 200]),
        ([True, False, True], 5, [1, 0]),
        ([None, np.nan], 5, []),
    ],
)
def test_rows_of_numbers(values, n, expected):
    assert rows_of_values(values, n, labels=False) == expected


@pytest.mark.parametrize(
    ("values", "n", "order", "expected"),
    [
        (["b", None, "a", "b", "c", "b", "a"], 2, [], [2, 0]),
        ([3, 3, 3, 10, 1, 1], 2, [], [4, 0]),
        (["L", "S", "M", "L"], 9, ["S", "M", "L"], [1, 2, 0]),
        # Values of two types have no order.
        ([1, "a", "a"], 9, [], [0, 1]),
    ],
)
def test_rows_of_labels(values, n, order, expected):
    assert rows_of_values(values, n, labels=True, order=order) == expected


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_ordered_categories_keep_their_order(library):
    sizes = ["S", "M", "L"]
    chosen = np.random.RandomState(0).choice(sizes, 80)
    if library == "pandas":
        frame = pd.DataFrame({"size": pd.Categorical(chosen, sizes, ordered=True)})
    else:
        polars = pytest.importorskip("polars")
        dtype = polars.Enum(sizes)
        frame = polars.DataFrame({"size": polars.Series(chosen, dtype=dtype)})
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    model.fit(frame, np.arange(80.0))
    assert partial_dependence(model, frame, "size").grid_values == sizes


def test_codes_are_labels():
    rng = np.random.RandomState(0)
    codes = rng.randint(30, size=1500)
    frame = pd.DataFrame({"code": codes, "x": rng.randn(1500)})
    model = TabularMLPRegressor(
        n_estimators=1, max_iter=1, column_kinds={"code": "code"}, random_state=0
    ).fit(frame, rng.randn(30)[codes])
    frequent = frame["code"].value_counts(sort=True).index[:4]
    found = partial_dependence(model, frame, "code", n_points=4).grid_values
    counts = np.bincount(codes)
    assert found == sorted(found)
    assert counts[found].min() >= counts[frequent].min()


def test_a_column_that_repeats_the_mean_changes_nothing(repeated):
    model, table, target = repeated
    whole = table.assign(constant=1)
    model = clone(model).fit(whole, target)
    assert model.encoder_._repeated
    found = partial_dependence(model, whole, "constant")
    np.testing.assert_array_equal(found.individual[:, 0], model.predict(whole))


def test_other_libraries_and_arrays(models):
    polars = pytest.importorskip("polars")
    model = models["regression"]
    expected = partial_dependence(model, TABLE, "city")
    found = partial_dependence(model, polars.from_pandas(TABLE), "city")
    assert found.grid_values == expected.grid_values
    np.testing.assert_array_equal(found.average, expected.average)
    X = TABLE[["number", "noise"]].to_numpy()
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0).fit(X, Y)
    assert partial_dependence(model, X, 1, n_points=4).average.shape == (4,)


def test_bad_columns(models):
    model = models["regression"]
    for column in ("town", 0, True, 1.0, ["city"], pd.NA):
        with pytest.raises(ValueError, match=r"column must be one of .*Got "):
            partial_dependence(model, TABLE, column)
    with pytest.raises(ValueError, match="Column 'gap' of X must have a value"):
        partial_dependence(model, TABLE.assign(gap=np.nan), "gap")
    with pytest.raises(ValueError, match="'n_points' parameter of partial_dependence"):
        partial_dependence(model, TABLE, "gap", n_points=0)
