"""Permutation importances are those of scikit-learn, faster, and within a time."""

import inspect

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance as of_sklearn

from skmlp import TabularMLPRegressor
from skmlp.explain import permutation, permutation_importance

from .conftest import LABEL, TABLE, TARGETS, N, Y


@pytest.mark.parametrize("task", TARGETS)
def test_each_importance_is_the_decrease_of_the_score(task, models):
    model, y = models[task], TARGETS[task][1]
    found = permutation_importance(model, TABLE, y, n_repeats=2, random_state=0)
    assert found.importances.shape == (TABLE.shape[1], 2)
    # The same orders, on frames.
    rng = np.random.RandomState(0)
    orders = [rng.permutation(N) for _ in range(2)]
    whole = model.score(TABLE, y)
    for i, name in enumerate(TABLE):
        for k, order in enumerate(orders):
            mixed = TABLE.assign(**{name: TABLE[name].to_numpy()[order]})
            decrease = whole - model.score(mixed, y)
            assert found.importances[i, k] == pytest.approx(decrease, abs=1e-12)
    mean, std = found.importances.mean(axis=1), found.importances.std(axis=1)
    np.testing.assert_array_equal(found.importances_mean, mean)
    np.testing.assert_array_equal(found.importances_std, std)


def test_they_agree_with_scikit_learn(models):
    model = models["regression"]
    ours = permutation_importance(model, TABLE, Y, n_repeats=12, random_state=0)
    theirs = of_sklearn(model, TABLE, Y, n_repeats=12, random_state=0)
    error = 4 * np.hypot(ours.importances_std, theirs.importances_std) / np.sqrt(12)
    assert (
        np.abs(ours.importances_mean - theirs.importances_mean) <= error + 1e-6
    ).all()
    best = {list(TABLE)[i] for i in np.argsort(-ours.importances_mean)[:2]}
    assert best == {"number", "flag"}


def test_scorers_and_weights(models):
    model = models["classes"]
    w = np.arange(N) % 3
    found = permutation_importance(
        *(model, TABLE, LABEL),
        scoring="neg_log_loss",
        sample_weight=w,
        n_repeats=1,
        random_state=1,
    )
    order = np.random.RandomState(1).permutation(N)
    mixed = TABLE.assign(number=TABLE["number"].to_numpy()[order])

    def loss(table):
        truth = LABEL[:, None] == model.classes_
        return -np.average(np.log(model.predict_proba(table)[truth]), weights=w)

    assert found.importances[0, 0] == pytest.approx(loss(mixed) - loss(TABLE), rel=1e-6)


def test_with_little_time_the_columns_that_matter_are_measured():
    rng = np.random.RandomState(0)
    wide = pd.DataFrame(rng.randn(200, 120)).add_prefix("x")
    y = 3 * wide["x77"]
    model = TabularMLPRegressor(
        n_estimators=1, hidden_layer_sizes=(), max_iter=10, random_state=0
    ).fit(wide, y)
    found = permutation_importance(model, wide, y, max_time=1e-9, random_state=0)
    assert np.isfinite(found.importances_mean).sum() == 1
    assert np.nanargmax(found.importances_mean) == 77
    # With enough time for all columns there are importances of all.
    found = permutation_importance(model, wide, y, max_time=100, random_state=0)
    assert np.isfinite(found.importances_mean).all()


def test_with_little_time_a_part_of_the_rows_is_used(models, monkeypatch):
    seen = []

    def score(model, X, y):
        seen.append(len(X.numbers))
        return -float(np.mean((model.predict(X) - y) ** 2))

    args = models["regression"], TABLE, Y
    permutation_importance(*args, scoring=score, max_time=1e-9, random_state=0)
    assert set(seen) == {permutation.FEW_ROWS}
    seen.clear()
    monkeypatch.setattr(permutation, "perf_counter", lambda: 0.0)
    permutation_importance(*args, scoring=score, max_time=100, random_state=0)
    assert set(seen) == {N}


def test_the_table_is_encoded_once(models, monkeypatch):
    model, calls = models["regression"], []
    real = type(model.encoder_).transform

    def transform(self, X):
        calls.append(len(X))
        return real(self, X)

    monkeypatch.setattr(type(model.encoder_), "transform", transform)
    permutation_importance(model, TABLE, Y, random_state=0)
    assert calls == [N]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_repeats": 0}, "'n_repeats' parameter of permutation_importance"),
        ({"max_time": 0}, r"'max_time' .* must be a number in \(0, inf\) or None"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"scoring": "nonsense"}, "nonsense"),
    ],
)
def test_bad_parameters(params, message, models):
    with pytest.raises(ValueError, match=message):
        permutation_importance(models["regression"], TABLE, Y, **params)


def test_bad_rows(models):
    with pytest.raises(ValueError, match="Found input variables|number|rows"):
        permutation_importance(models["regression"], TABLE, Y[:-1])
    with pytest.raises(ValueError, match="feature names"):
        permutation_importance(models["regression"], TABLE[["city"]], Y)


def test_parameters_have_the_names_of_scikit_learn():
    ours = inspect.signature(permutation.permutation_importance).parameters
    theirs = inspect.signature(of_sklearn).parameters
    assert set(ours) - set(theirs) == {"model", "max_time"}
