"""Partial dependence: predictions of rows with the values of a column."""

import numpy as np
import pandas as pd
import pytest
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
        ([5] * 99 + [1], 4, [99, 0]),
        (["b", None, "a", "b", "c", "b", "a"], 2, [2, 0]),
        ([True, False, True], 5, [1, 0]),
        ([None, np.nan], 5, []),
    ],
)
def test_rows_of_values(values, n, expected):
    assert rows_of_values(values, n) == expected


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
    with pytest.raises(ValueError, match="column must be one of .*Got 'town'"):
        partial_dependence(model, TABLE, "town")
    with pytest.raises(ValueError, match="Column 'gap' of X must have a value"):
        partial_dependence(model, TABLE.assign(gap=np.nan), "gap")
    with pytest.raises(ValueError, match="'n_points' parameter of partial_dependence"):
        partial_dependence(model, TABLE, "gap", n_points=0)
