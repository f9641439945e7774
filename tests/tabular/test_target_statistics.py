"""Effects of labels: what they are, and what they must not know."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.tabular.rare_labels import standardised
from skmlp.tabular.target_statistics import (
    FOLDS,
    LabelledRows,
    folds_of,
)

N, SIZES = 1200, (41, 41)


def drawn(n_outputs=1):
    """Two columns of labels, of which the first alone has effects, and a number."""
    rng = np.random.RandomState(0)
    first = rng.randint(0, 40, N)
    second = np.where(rng.rand(N) < 0.7, first, rng.randint(0, 40, N))
    Z, effects = rng.standard_normal((N, 1)), rng.standard_normal(40)
    y = effects[first][:, None] + 2 * Z + 0.5 * rng.standard_normal((N, n_outputs))
    rows = LabelledRows.of(np.array([first, second]), SIZES, Z, y, 3)
    return SimpleNamespace(rows=rows, effects=effects)


def test_effects_are_those_of_a_model_with_all_columns():
    d = drawn()
    first, second = d.rows.tables()
    assert first.shape == second.shape == (41, 2)
    assert first.dtype == np.float32
    assert np.corrcoef(first[:40, 0], d.effects)[0, 1] > 0.95
    # The second column says nothing that the first one does not.
    assert d.rows.needed[0] < 1 < 10 < d.rows.needed[1]
    assert first[40, 1] < first[:40, 1].min()
    assert d.rows.place == slice(3, 7)


def test_effects_minimise_the_penalised_squares():
    rows = replace(drawn().rows, scales=None)
    X = np.hstack([standardised(rows.Z), *(np.eye(41)[codes] for codes in rows.codes)])
    penalty = np.repeat([10, *rows.needed], [1, 41, 41])
    expected = np.linalg.solve(X.T @ X + np.diag(penalty), X.T @ rows.y[:, 0])
    found = np.concatenate([table[:, 0] for table in rows.tables()])
    np.testing.assert_allclose(found, expected[1:], atol=0.02)


def test_no_row_sees_its_own_target():
    rows = replace(drawn().rows, Z=np.zeros((N, 0), np.float32))
    training, validation = np.arange(200, N), np.arange(100, 200)
    before = rows.cross_fitted(training, validation)
    assert not before[:100].any()
    # Targets of rows that do not train do not matter.
    y = rows.y.copy()
    y[:200] += 100
    after = replace(rows, y=y).cross_fitted(training, validation)
    np.testing.assert_array_equal(after, before)
    # Those of a fold matter for the others only.
    some = training[rows.folds[training] == 3]
    y = rows.y.copy()
    y[some] = y[some][::-1]
    after = replace(rows, y=y).cross_fitted(training, validation)
    np.testing.assert_allclose(after[some], before[some], atol=1e-6)
    assert np.abs(after - before)[training].max() > 0.01


def test_rows_of_new_labels_have_what_unseen_ones_have():
    rows = drawn().rows
    codes = rows.codes.copy()
    codes[0, :5] = 40
    rows = replace(rows, codes=codes, folds=np.r_[np.zeros(5, int), rows.folds[5:] + 1])
    numbers = rows.cross_fitted(np.arange(N), np.arange(0))
    unseen = replace(rows.take(np.arange(5, N))).tables()[0][40]
    np.testing.assert_allclose(numbers[:5, :2], [unseen] * 5, atol=1e-6)


def test_rows_of_a_group_are_in_one_fold():
    groups = np.array(["b", "a", "c", "d"])[np.arange(N) % 4]
    folds = drawn().rows.in_groups(groups).folds
    assert len({*zip(groups, folds, strict=True)}) == len({*folds}) == 4
    assert np.bincount(folds_of(np.arange(N))).tolist() == [N // FOLDS] * FOLDS


def test_members_of_the_same_fold_share_their_columns():
    rows = drawn().rows
    one, other = (
        (np.arange(800), np.arange(800, N)),
        (np.arange(400, N), np.arange(400)),
    )
    a, b, c = rows.own_columns([one, other, one], True)
    assert a is c
    assert a is not b
    # Validation rows that are given are no rows of these.
    (given,) = rows.own_columns([(np.arange(N), np.arange(2 * N))], False)
    expected = rows.cross_fitted(np.arange(N), np.arange(0))
    np.testing.assert_array_equal(given.values, expected)


@pytest.mark.parametrize("values", [np.ones((N, 1)), np.zeros((N, 1))])
def test_a_constant_target_has_no_effects(values):
    rows = drawn().rows
    found = LabelledRows.of(rows.codes, SIZES, rows.Z, values, 0)
    assert all(np.isfinite(table).all() for table in found.tables())
    assert not any(table[:, 0].any() for table in found.tables())


def shuffled(n=1500):
    """Labels of some rows each, a number that tells them apart, and a target of noise."""
    rng = np.random.RandomState(0)
    place = rng.randint(0, 150, n)
    X = pd.DataFrame({"place": [f"p{i}" for i in place], "z": place / 150})
    return X, rng.randint(0, 2, n), place


@pytest.mark.parametrize("how", ["folds", "groups", "cv"])
def test_noise_is_not_predicted(how):
    X, y, place = shuffled()
    half = np.arange(len(y)) < 750
    pairs = [(np.flatnonzero(half), np.flatnonzero(~half))]
    cv = pairs if how == "cv" else None
    model = TabularMLPClassifier(
        n_estimators=2, max_iter=6, random_state=0, cv=cv, hidden_layer_sizes=(32,)
    )
    model.fit(X, y, groups=place if how == "groups" else None)
    held = ~np.isnan(model.oof_prediction_[:, 0])
    guess = np.log(2)
    assert log_loss(y[held], model.oof_prediction_[held]) > guess - 0.01
    assert log_loss(1 - y[held], model.oof_prediction_[held]) > guess - 0.01
    assert model.best_loss_ > guess - 0.01


def test_labels_with_effects_are_predicted():
    X, _, place = shuffled()
    effects = np.random.RandomState(1).standard_normal(150)
    y = effects[place] + np.random.RandomState(2).standard_normal(1500)
    X = X[["place"]].assign(x=1.0 * (np.arange(1500) % 7))
    half = np.arange(1500) < 1000
    model = TabularMLPRegressor(n_estimators=2, max_iter=6, random_state=0)
    given = {"X_val": X[~half], "y_val": y[~half]}
    for settings in ({}, given):
        model.fit(X[half], y[half], **settings)
        assert model.score(X[~half], y[~half]) > 0.2
