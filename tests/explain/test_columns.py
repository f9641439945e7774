"""Encoded rows with values of other rows are those of the mixed table."""

import numpy as np
import pandas as pd
import pytest

from skmlp import MLPRegressor, TabularMLPRegressor
from skmlp.common.errors import InvalidParameterError
from skmlp.explain.columns import EncodedTable, check_model, rng_of

from .conftest import TABLE, TARGETS, N

ORDER = np.random.RandomState(0).permutation(N)


def shuffled(table, names, order):
    """A frame with these columns in another order."""
    table = table.copy()
    for name in names:
        table[name] = table[name].to_numpy()[order]
    return table


@pytest.mark.parametrize(
    "names", [[name] for name in TABLE] + [["city", "gap"]], ids=str
)
@pytest.mark.parametrize("task", TARGETS)
def test_shuffled_columns_are_those_of_a_shuffled_table(task, names, models):
    model = models[task]
    table = EncodedTable(model, TABLE)
    assert table.names == list(TABLE)
    places = [list(TABLE).index(name) for name in names]
    rows = table.with_columns(places, table, ORDER).rows
    mixed = shuffled(TABLE, names, ORDER)
    np.testing.assert_array_equal(rows.numbers, model.encoder_.transform(mixed))
    np.testing.assert_array_equal(model.predict(rows), model.predict(mixed))
    assert not np.array_equal(rows.numbers, table.numbers)


def test_mixed_rows_may_be_rows_that_fit_has_seen(repeated):
    model, rows, _ = repeated
    table = EncodedTable(model, rows)
    order = np.random.RandomState(0).permutation(len(rows))
    found = table.with_columns([1], table, order).numbers
    expected = model.encoder_.transform(shuffled(rows, ["b"], order))
    np.testing.assert_array_equal(found, expected)
    assert 0 < (found[:, -1] == table.numbers[:, -1]).sum() < len(rows)
    again = table.with_columns([1], table, slice(None)).numbers
    np.testing.assert_array_equal(again, table.numbers)
    some = table.take(order[:9]).with_columns([0], table, [3]).numbers
    mixed = rows.iloc[order[:9]].assign(a=rows["a"].iloc[3])
    np.testing.assert_array_equal(some, model.encoder_.transform(mixed))


@pytest.mark.parametrize("names", [[20, 10], ["b", "a"], [1, 0]], ids=str)
def test_columns_of_frames_have_their_names(names):
    frame = pd.DataFrame(np.random.RandomState(0).randn(60, 2), columns=names)
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    assert EncodedTable(model.fit(frame, frame[names[0]]), frame).names == names


def test_columns_of_arrays_have_numbers_as_names():
    X = np.random.RandomState(0).randn(60, 3)
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    assert EncodedTable(model.fit(X, X[:, 0]), X).names == [0, 1, 2]


def test_models_without_a_table_are_refused():
    with pytest.raises(TypeError, match="model must be a TabularMLPClassifier or a"):
        check_model(MLPRegressor())
    with pytest.raises(ValueError, match="is not fitted yet"):
        check_model(TabularMLPRegressor())


def test_files_and_other_seeds_are_refused(models):
    with pytest.raises(TypeError, match="X must be a frame or an array.*a.parquet"):
        EncodedTable(models["regression"], "a.parquet")
    for seed in ("a", -1, np.random.default_rng(0)):
        with pytest.raises(
            InvalidParameterError, match="'random_state' parameter of f"
        ):
            rng_of(seed, "f")
