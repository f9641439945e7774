"""Permutation importances are those of scikit-learn, faster, and within a time."""

import inspect
from time import sleep

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.inspection import permutation_importance as of_sklearn

from skmlp import TabularMLPClassifier, TabularMLPRegressor
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
    wide = pd.DataFrame(rng.randn(200, 60)).add_prefix("x")
    y = 3 * wide["x37"]
    model = TabularMLPRegressor(
        n_estimators=1, hidden_layer_sizes=(), max_iter=10, random_state=0
    ).fit(wide, y)
    found = permutation_importance(model, wide, y, max_time=1e-9, random_state=0)
    assert np.isfinite(found.importances_mean).sum() == 1
    assert np.nanargmax(found.importances_mean) == 37
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
    real = type(model.encoder_)._read

    def read(self, X):
        calls.append(len(X))
        return real(self, X)

    monkeypatch.setattr(type(model.encoder_), "_read", read)
    permutation_importance(model, TABLE, Y, random_state=0)
    assert calls == [N]


def test_time_counts_within_a_column(models):
    def slow(model, X, y):
        sleep(0.02)
        return float(model.predict(X).mean())

    found = permutation_importance(
        *(models["regression"], TABLE, Y),
        scoring=slow,
        n_repeats=1000,
        max_time=0.3,
        random_state=0,
    )
    measured = np.isfinite(found.importances).sum(axis=1)
    assert 1 <= measured.max() < 1000
    np.testing.assert_array_equal(np.isfinite(found.importances_mean), measured > 0)


def test_rows_that_repeat_are_mixed_as_those_of_frames(repeated):
    model, table, target = repeated
    whole = table.assign(constant=1)
    model = clone(model).fit(whole, target)
    assert model.encoder_._repeated
    rows, y = whole[:400], target[:400]
    ours = permutation_importance(model, rows, y, n_repeats=3, random_state=0)
    np.testing.assert_array_equal(ours.importances[-1], 0)
    order = np.random.RandomState(0).permutation(400)
    mixed = rows.assign(b=rows["b"].to_numpy()[order])
    expected = model.score(rows, y) - model.score(mixed, y)
    assert ours.importances[1, 0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("names", [["no", "yes"], ["yes", "no"]], ids=str)
@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("scoring", [None, "accuracy", "neg_log_loss"])
def test_soft_labels_are_read_by_their_names(names, hard, scoring):
    x = np.linspace(-2, 2, 120)
    rows = pd.DataFrame({"x": x, "z": np.sin(9 * x)})
    yes = 1 / (1 + np.exp(-6 * x))
    soft = pd.DataFrame({"no": 1 - yes, "yes": yes})
    model = TabularMLPClassifier(
        n_estimators=2, hidden_layer_sizes=(8,), max_iter=10, random_state=0
    ).fit(rows, soft)
    y = soft.round() if hard else soft
    found = permutation_importance(
        *(model, rows, y[names]), scoring=scoring, random_state=0
    )
    assert found.importances_mean[0] > 0.2


def test_some_rows_have_all_classes_and_weights():
    rng = np.random.RandomState(0)
    classes = np.repeat([0, 1, 2, 3], [3000, 950, 45, 5])
    w = np.where(rng.rand(4000) < 0.3, 0.0, 1.0)
    some = permutation._some_rows(200, 4000, w, classes, rng)
    assert len(set(some)) == 200
    assert (w[some] > 0).all()
    counts = np.bincount(classes[some])
    expected = 200 * np.bincount(classes[w > 0]) / (w > 0).sum()
    assert (counts > 0).all()
    np.testing.assert_allclose(counts, expected, atol=4)


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
