"""Slopes of predictions between neighbouring quantiles of a column."""

import numpy as np
import pandas as pd
import pytest

from skmlp import MLPRegressor, TabularMLPRegressor
from skmlp.explain import input_gradients
from skmlp.explain.gradients import neighbours
from skmlp.tabular.column_encoders import Numeric

from .conftest import TABLE, TARGETS, N

NUMBERS = ("number", "gap", "flag", "noise")


@pytest.mark.parametrize("task", TARGETS)
def test_they_are_slopes_between_predictions(task, models):
    model = models[task]
    predict = getattr(model, "predict_proba", model.predict)
    found = input_gradients(model, TABLE)
    assert found.shape == (*predict(TABLE).shape, TABLE.shape[1])
    for i, name in enumerate(TABLE):
        if name not in NUMBERS:
            assert np.isnan(found[..., i]).all()
            continue
        x = TABLE[name].to_numpy(np.float64)
        low, high = neighbours(model.encoder_._columns[i], x)
        up, down = (predict(TABLE.assign(**{name: end})) for end in (high, low))
        step = (high - low).reshape(-1, *(1,) * (up.ndim - 1))
        expected = np.where(np.isnan(step), np.nan, (up - down) / step)
        np.testing.assert_allclose(found[..., i], expected, rtol=1e-5, atol=1e-5)


def test_a_line_has_its_slope():
    rng = np.random.RandomState(0)
    table = pd.DataFrame(
        {
            "decimal": rng.uniform(0, 50, 2000),
            "whole": rng.randint(0, 9, 2000),
            "constant": 7.0,
        }
    )
    y = 3 * table["decimal"] - 10 * table["whole"]
    model = TabularMLPRegressor(n_estimators=2, max_iter=20, random_state=0)
    found = input_gradients(model.fit(table, y), table)
    means = found.mean(axis=0)
    np.testing.assert_allclose(means[:2], [3, -10], rtol=0.1)
    # Also for each row: integers have a slope between their neighbours.
    assert np.abs(found[:, 1] + 10).max() < 5
    np.testing.assert_array_equal(found[:, 2], 0)


@pytest.mark.parametrize(
    ("values", "x", "low", "high"),
    [
        # Integers.
        (np.repeat(np.arange(5.0), 40), [-3, 0, 2, 2.5, 4, 9], [-3, 0, 1, 2, 3, 4],
         [0, 1, 3, 3, 4, 9]),
        # Two values, nearly all the same.
        ([0.0] * 99 + [1.0], [0, 1, 0.5], [0, 0, 0], [1, 1, 1]),
        # Neighbours that are too close to tell apart.
        (np.concatenate([np.linspace(0, 1, 100), 0.5 + 1e-9 * np.arange(50)]),
         [0.5], None, None),
    ],
)  # fmt: skip
def test_neighbours(values, x, low, high):
    number = Numeric.fit(np.asarray(values), True)
    found = neighbours(number, np.asarray(x, np.float64))
    if low is not None:
        np.testing.assert_array_equal(found, [low, high])
    assert (found[0] <= x).all()
    assert (found[1] >= x).all()
    assert (found[1] - found[0] >= 0.01 / number.scale).all()


def test_rows_that_fit_has_seen_are_others_with_other_numbers(repeated):
    model, table, _ = repeated
    rows = table[:50]
    found = input_gradients(model, rows)
    low, high = neighbours(model.encoder_._columns[0], rows["a"].to_numpy(np.float64))
    up, down = (model.predict(rows.assign(a=end)) for end in (high, low))
    np.testing.assert_allclose(found[:, 0] * (high - low), up - down, atol=1e-4)


def test_what_is_refused(models):
    with pytest.raises(TypeError, match="model must be a TabularMLPClassifier"):
        input_gradients(MLPRegressor(), TABLE)
    with pytest.raises(ValueError, match="yet now missing:\n- gap"):
        input_gradients(models["regression"], TABLE.drop(columns="gap"))
    assert len(input_gradients(models["regression"], TABLE[:1])) == 1
    assert len(TABLE) == N
