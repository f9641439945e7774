"""Shapley values: their definition by all subsets, sums, and errors."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest

from skmlp import TabularMLPRegressor
from skmlp.explain import shapley, shapley_values

from .conftest import TABLE, TARGETS, Y


def by_definition(predict, rows, others, names):
    """Shapley values of the mean prediction with the values of subsets of columns."""

    def value(subset):
        mixed = pd.concat([others] * len(rows), ignore_index=True)
        for name in subset:
            mixed[name] = np.repeat(rows[name].to_numpy(), len(others))
        found = predict(mixed.astype(rows.dtypes.to_dict()))
        return found.reshape(len(rows), len(others), *found.shape[1:]).mean(axis=1)

    n = len(names)
    each = {
        frozenset(some): value(some)
        for size in range(n + 1)
        for some in combinations(names, size)
    }
    total = [
        sum(
            (each[some | {name}] - of_some) / (n * comb(n - 1, len(some)))
            for some, of_some in each.items()
            if name not in some
        )
        for name in names
    ]
    return np.stack(total, axis=1)


@pytest.mark.parametrize("task", TARGETS)
def test_sums_are_differences_to_the_background(task, models):
    model = models[task]
    predict = getattr(model, "predict_proba", model.predict)
    rows, others = TABLE[:7], TABLE[100:160]
    found = shapley_values(model, rows, others, n_background=60, random_state=0)
    expected, base = predict(rows), predict(others).mean(axis=0)
    assert found.values.shape == (7, TABLE.shape[1], *expected.shape[1:])
    assert found.std_errors.shape == found.values.shape
    assert found.feature_names == list(TABLE)
    np.testing.assert_allclose(found.base_values, base, rtol=1e-6)
    np.testing.assert_allclose(
        found.base_values + found.values.sum(axis=1), expected, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("task", ["regression", "classes"])
def test_they_are_those_of_the_definition(task, models):
    model = models[task]
    predict = getattr(model, "predict_proba", model.predict)
    rows, others = TABLE[:3], TABLE[100:105].reset_index(drop=True)
    expected = by_definition(predict, rows, others, list(TABLE))
    found = shapley_values(model, rows, others, n_repeats=40, random_state=0)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found.values, expected, atol=0.04 * scale)
    # More orders come nearer.
    few = shapley_values(model, rows, others, random_state=0)
    assert np.abs(found.values - expected).mean() < np.abs(few.values - expected).mean()


def test_a_column_without_influence_has_the_value_0():
    table = TABLE.assign(same=1.0)
    model = TabularMLPRegressor(n_estimators=1, max_iter=2, random_state=0)
    found = shapley_values(model.fit(table, Y), table[:5], table, random_state=0)
    np.testing.assert_array_equal(found.values[:, -1], 0)


def test_standard_errors_are_those_of_other_seeds(models):
    model, rows = models["regression"], TABLE[:4]
    each = [
        shapley_values(model, rows, TABLE, n_background=30, random_state=seed)
        for seed in range(12)
    ]
    spread = np.std([one.values for one in each], axis=0)
    estimate = np.mean([one.std_errors for one in each], axis=0)
    assert 0.7 < estimate.mean() / spread.mean() < 1.4


def test_rows_that_repeat(repeated):
    model, rows, _ = repeated
    found = shapley_values(model, rows[:3], rows, random_state=0)
    sums = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(sums, model.predict(rows[:3]), rtol=1e-5, atol=1e-6)


def test_rows_are_predicted_in_parts(models, monkeypatch):
    model = models["regression"]
    args = model, TABLE[:9], TABLE
    whole = shapley_values(*args, n_background=4, random_state=0)
    monkeypatch.setattr(shapley, "MOST_ROWS", 20)
    parts = shapley_values(*args, n_background=4, random_state=0)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-6)


def test_time_limit(models):
    found = shapley_values(
        models["regression"], TABLE[:2], TABLE, max_time=1e-9, random_state=0
    )
    assert np.isfinite(found.values).all()
    assert np.isnan(found.std_errors).all()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_background": 0}, "'n_background' parameter of shapley_values"),
        ({"n_repeats": 1.5}, "'n_repeats' parameter of shapley_values"),
        ({"max_time": -1}, "'max_time' parameter of shapley_values"),
    ],
)
def test_bad_parameters(params, message, models):
    with pytest.raises(ValueError, match=message):
        shapley_values(models["regression"], TABLE[:2], TABLE, **params)
    with pytest.raises(ValueError, match="background must be rows.*feature names"):
        shapley_values(models["regression"], TABLE[:2], TABLE[["city"]])
    with pytest.raises(ValueError, match="background must be rows with the columns of"):
        shapley_values(models["regression"], TABLE[:2], TABLE[:0])
    with pytest.raises(ValueError, match="X must have at least one row"):
        shapley_values(models["regression"], TABLE[:0], TABLE)
