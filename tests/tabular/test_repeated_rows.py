"""Whole rows as labels: which rows are equal, and when their effects are used."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from skmlp import TableEncoder, TabularMLPClassifier, TabularMLPRegressor
from skmlp.tabular.columns import columns_of
from skmlp.tabular.repeated_rows import (
    FACTORS,
    GAMMA,
    Repeated,
    column_of_rows,
    mixed,
    repeated_rows,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
N = 1500


def drawn(repeated=0.5, noise=0.3):
    """Rows of random numbers, of which a part occur again, each with a mean of its own."""
    rng = np.random.RandomState(0)
    n_single = int(N * (1 - repeated))
    kinds = np.r_[np.arange(n_single), n_single + rng.randint(0, N // 6, N - n_single)]
    kinds = np.unique(rng.permutation(kinds), return_inverse=True)[1]
    X = rng.standard_normal((kinds.max() + 1, 3))[kinds]
    means = rng.standard_normal(kinds.max() + 1)
    return X, means[kinds] + noise * rng.standard_normal(N), kinds


def keys_of(frame, encoder=None):
    encoder = encoder or TableEncoder().fit(frame)
    columns = encoder._read(frame)[: len(encoder._columns)]
    return column_of_rows(encoder._columns, columns).values


def words(n):
    """Texts of several words, which differ."""
    rng = np.random.RandomState(1)
    return [" ".join(rng.choice(list("abcdefgh"), 4)) + f" {i}" for i in range(n)]


COLUMNS = {
    "number": np.arange(200) / 7,
    "missing": np.r_[np.nan, np.arange(199)],
    "city": [f"city {i % 150}" for i in range(200)],
    "gap": [None, *(f"{i % 5}" for i in range(199))],
    "flag": np.arange(200) % 3 == 0,
    "date": [datetime(2024, 1, 1) + timedelta(minutes=i) for i in range(200)],
    "duration": [timedelta(seconds=i) for i in range(200)],
    "text": words(200),
}


@pytest.mark.parametrize("names", [*([name] for name in COLUMNS), [*COLUMNS]])
def test_keys_are_equal_where_rows_are(names):
    frame = pd.DataFrame({name: COLUMNS[name] for name in names})
    encoder = TableEncoder().fit(frame)
    keys = keys_of(frame, encoder)
    assert keys.dtype == np.uint64
    different = frame.astype(str).drop_duplicates()
    assert len(np.unique(keys)) == len(different)
    # A key depends on its row alone.
    some = [199, 3, 3, 0]
    np.testing.assert_array_equal(keys_of(frame.iloc[some], encoder), keys[some])


def test_keys_know_no_precision_and_no_sign_of_zero():
    X = np.linspace(0, 1, 50)[:, None]
    encoder = TableEncoder().fit(X)
    single = X.astype(np.float32)
    np.testing.assert_array_equal(keys_of(single, encoder), keys_of(X, encoder))
    np.testing.assert_array_equal(keys_of(-X[:1], encoder), keys_of(X[:1], encoder))
    huge = np.array([[1e300], [-1e300]])
    assert len(np.unique(keys_of(huge, encoder))) == 2


def test_mixed_is_splitmix64():
    # The first number of java.util.SplittableRandom, with the seed 0 and with 1.
    seeds = np.array([0, 1], np.uint64) + np.uint64(GAMMA)
    assert [hex(one) for one in mixed(seeds).tolist()] == [
        "0xe220a8397b1dcdaf",
        "0x910a2dec89025cc1",
    ]
    assert len(FACTORS) == 2


@pytest.mark.parametrize(
    ("repeated", "noise", "found"),
    [(0.5, 0.3, True), (0.5, 3, False), (0.1, 0.3, False), (1.0, 0.3, False)],
)
def test_rows_have_effects_if_equal_ones_explain_enough(repeated, noise, found):
    X, y, kinds = drawn(repeated, noise)
    encoder = TableEncoder(min_frequency="auto").fit(X, y)
    names = encoder.get_feature_names_out().tolist()
    assert (names[-2:] == ["row_effect", "row_rows"]) == found
    assert encoder.transform(X).shape == (N, 8 if found else 6)
    assert [*encoder.column_kinds_] == [0, 1, 2]
    assert not TableEncoder(min_frequency=2).fit(X, y)._repeated
    if found:
        keys = encoder._repeated[0].keys
        assert len(keys) == len(np.unique(kinds))


def test_the_effect_is_the_shrunken_mean_of_equal_rows():
    X, y, kinds = drawn()
    encoder = TableEncoder(min_frequency="auto")
    fitted = encoder.fit_transform(X, y)[:, -2:]
    known = encoder.transform(X)[:, -2:]
    sizes = np.bincount(kinds)
    means = (np.bincount(kinds, y) / sizes)[kinds]
    often = sizes[kinds] > 5
    assert np.corrcoef(known[often, 0], means[often])[0, 1] > 0.99
    # Within fit, a row knows other rows alone; one of a kind is like a new row.
    single = sizes[kinds] == 1
    new = encoder.transform(X + 100)[:, -2:]
    assert len(np.unique(new, axis=0)) == 1
    np.testing.assert_allclose(fitted[single], new[single], atol=0.1)
    assert np.abs(known[single] - new[single]).max() > 0.5


def columns(X):
    return columns_of(X, None)


def test_no_more_rows_are_new_than_are():
    X, y, _ = drawn()
    encoders = TableEncoder().fit(X)._columns
    assert repeated_rows(encoders, columns(X), y[:, None])
    assert repeated_rows(encoders, columns(X[:1]), y[:1, None]) == []
    assert repeated_rows(encoders, columns(X), np.zeros((N, 1))) == []


def test_they_are_learnt_in_one_fold_by_groups():
    X, y, kinds = drawn()
    model = TabularMLPRegressor(n_estimators=2, max_iter=1, random_state=0)
    model.fit(X, y, groups=kinds)
    assert model.encoder_._repeated


def test_models_learn_from_them():
    X, y, _ = drawn()
    model = TabularMLPRegressor(n_estimators=2, max_iter=30, random_state=0)
    known, new = slice(0, 1000), slice(1000, N)
    losses = {}
    for least in ("auto", 1):
        model.set_params(min_frequency=least).fit(X[known], y[known])
        losses[least] = np.mean((model.predict(X[new]) - y[new]) ** 2)
    assert losses["auto"] < 0.9 * losses[1]


def test_classes_have_an_effect_each():
    X, y, _ = drawn()
    classes = np.digitize(y, [-0.5, 0.5])
    model = TabularMLPClassifier(n_estimators=1, max_iter=2, random_state=0)
    model.fit(X, classes)
    names = model.encoder_.get_feature_names_out().tolist()
    effects = [f"row_effect_{i}" for i in range(3)]
    assert names[-4:] == [*effects, "row_rows"]
    # A row alone, or with others, has the same probabilities.
    some = model.predict_proba(X[:50])
    alone = np.vstack([model.predict_proba(X[[i]]) for i in range(50)])
    np.testing.assert_allclose(some, alone, atol=1e-6)


def test_sizes_of_files():
    X, y, _ = drawn()
    encoder = TableEncoder(min_frequency="auto").fit(X, y)
    (one,) = encoder._repeated
    one.check_sizes()
    encoder._check_sizes(3)
    for wrong in (
        {"keys": one.keys[::-1]},
        {"keys": one.keys.astype(float)},
        {"keys": one.keys[:, None]},
        {"effects": one.effects[:-1]},
        {"effects": one.effects.astype(float)},
    ):
        with pytest.raises(ValueError, match="of rows are not"):
            replace(one, **wrong).check_sizes()
    encoder._repeated = [one, one]
    with pytest.raises(ValueError, match="more than one column of whole rows"):
        encoder._check_sizes(3)


@pytest.mark.parametrize("n_different", [50, 100, 101])
def test_few_different_rows_have_no_effects(n_different):
    X = np.random.RandomState(0).randn(n_different, 2)
    rows = np.append(np.arange(20).repeat(30), np.arange(20, n_different))
    encoder = TableEncoder(min_frequency="auto").fit(X[rows], X[rows, 0] ** 2)
    assert len(encoder._repeated) == (n_different > 100)
    encoder._check_sizes(2)


def test_rows_without_effects_are_no_columns():
    one = Repeated(np.array([3, 5], np.uint64))
    X = np.zeros((2, 1))
    (column,) = columns(X)
    assert one.transform(column).shape == (2, 0)
    assert one.names("row") == one.groups == []
    assert not one.has_values
    rows = column._replace(values=np.array([5, 4, 3, 9], np.uint64))
    assert one.codes_of_rows(rows).tolist() == [2, 0, 1, 0]
    assert one.keys_of(rows) is rows.values
