"""Encoded rows with values of other rows are those of the mixed table."""

import numpy as np
import pytest

from skmlp import MLPRegressor, TabularMLPRegressor
from skmlp.explain.columns import EncodedTable, check_model

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
    rows = table.with_values([list(TABLE).index(name) for name in names], ORDER)
    mixed = shuffled(TABLE, names, ORDER)
    np.testing.assert_array_equal(rows.numbers, model.encoder_.transform(mixed))
    np.testing.assert_array_equal(model.predict(rows), model.predict(mixed))
    assert not np.array_equal(rows.numbers, table.numbers)


def test_mixed_rows_are_new_rows(repeated):
    model, rows, _ = repeated
    table = EncodedTable(model, rows)
    order = np.random.RandomState(0).permutation(len(rows))
    found = table.with_values([1], order).numbers
    # Rows that get their own value again are known in the mixed table.
    new = rows["b"].to_numpy()[order] != rows["b"].to_numpy()
    expected = model.encoder_.transform(shuffled(rows, ["b"], order))
    np.testing.assert_array_equal(found[new], expected[new])
    assert new.sum() > 1000


def test_columns_of_arrays_have_numbers_as_names():
    X = np.random.RandomState(0).randn(60, 3)
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    assert EncodedTable(model.fit(X, X[:, 0]), X).names == [0, 1, 2]


def test_models_without_a_table_are_refused():
    with pytest.raises(TypeError, match="model must be a TabularMLPClassifier or a"):
        check_model(MLPRegressor())
    with pytest.raises(ValueError, match="is not fitted yet"):
        check_model(TabularMLPRegressor())
