"""A sample in memory, and other rows in blocks: how `fit` uses them."""

import numpy as np
import pytest

from skmlp.tabular.search import TrainingRows
from skmlp.tabular.sizes import EPOCH_ROWS, MOST_VISITS, epochs_in_blocks, n_epochs

AUTO = {"max_iter": "auto"}


@pytest.mark.parametrize("n_rows", [100, 10**5, EPOCH_ROWS])
def test_an_epoch_has_all_rows_of_tables_that_are_not_large(n_rows):
    assert epochs_in_blocks(AUTO, n_rows) == (n_epochs(AUTO, n_rows), n_rows)


@pytest.mark.parametrize("n_rows", [EPOCH_ROWS + 1, 10**6, 10**7, 10**9])
def test_epochs_of_parts_of_large_tables(n_rows):
    number, rows = epochs_in_blocks(AUTO, n_rows)
    assert rows == EPOCH_ROWS
    planned = min(n_epochs(AUTO, n_rows) * n_rows, MOST_VISITS)
    assert number * rows == pytest.approx(planned, abs=rows / 2)
    assert epochs_in_blocks({"max_iter": 3}, n_rows) == (3, n_rows)


class More:
    """The rows of a table of 10**6 rows."""

    n_rows = 10**6

    def own_columns(self, folds):
        return [f"columns of {fold}" for fold in folds]

    def facts(self):
        return {"other rows": [1, 2]}


class Rows:
    """Ten rows of which some labels have effects."""

    table, labelled = np.zeros((10, 1)), True
    data, groups, numbers = (np.zeros((10, 1)), np.zeros(10), None), None, np.arange(10)


class Training:
    w = None


def test_training_rows_with_more_rows():
    rows = TrainingRows(Rows(), Training(), None, None, More())
    assert rows.n_rows == 10**6
    assert rows.epochs(AUTO) == epochs_in_blocks(AUTO, 10**6)
    assert rows.own_columns(["a"]) == ["columns of a"]
    alone = TrainingRows(Rows(), Training(), None, None)
    assert alone.n_rows == 10
    assert alone.epochs(AUTO) == (n_epochs(AUTO, 10), 10)
    facts, fewer = rows.facts({}, None), alone.facts({}, None)
    assert facts != fewer
