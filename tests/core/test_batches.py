import numpy as np
import pytest
from scipy import sparse

from skmlp.core.batches import Dataset, MiniBatches, row_blocks


def test_row_blocks_cover_all_rows_once():
    for n_rows in (1, 5, 6, 7):
        blocks = list(row_blocks(n_rows, 3))
        rows = np.concatenate([np.arange(n_rows)[block] for block in blocks])
        np.testing.assert_array_equal(rows, np.arange(n_rows))
        assert max(block.stop - block.start for block in blocks) <= 3


def test_take_takes_the_same_rows_of_everything():
    X, y, w = np.arange(12.0).reshape(6, 2), np.arange(6.0)[:, None], np.arange(6.0)
    for features in (X, sparse.csr_matrix(X), sparse.csr_array(X)):
        part = Dataset(features, y, w).take(np.array([4, 1]))
        assert part.n_rows == 2
        dense = part.X.toarray() if sparse.issparse(part.X) else part.X
        np.testing.assert_array_equal(dense, X[[4, 1]])
        np.testing.assert_array_equal(part.y, y[[4, 1]])
        np.testing.assert_array_equal(part.w, w[[4, 1]])
    assert Dataset(X, y).take(slice(0, 2)).w is None


def test_a_slice_of_dense_data_is_a_view():
    X = np.zeros((6, 2))
    assert np.shares_memory(Dataset(X, X).take(slice(1, 3)).X, X)


@pytest.mark.parametrize("copied_rows", [1, 20, 1024])
@pytest.mark.parametrize("batch_size", [1, 8, 50])
@pytest.mark.parametrize("n_rows", [50, 33])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(
    "container", [np.array, np.asfortranarray, sparse.csr_matrix, sparse.csr_array]
)
def test_mini_batches_are_the_rows_in_order(
    container, weighted, n_rows, batch_size, copied_rows
):
    rng = np.random.RandomState(0)
    X, y = rng.randn(50, 3), rng.randn(50, 2)
    table = Dataset(container(X), y, rng.rand(50) if weighted else None)
    batches = MiniBatches(table, batch_size, copied_rows)
    assert batches.rows_per_copy % batch_size == 0
    order = rng.permutation(50)[:n_rows]
    for part in row_blocks(n_rows, batches.rows_per_copy):
        expected = row_blocks(part.stop - part.start, batch_size)
        for batch, rows in zip(batches.of(order[part]), expected, strict=True):
            numbers = order[part][rows]
            dense = batch.X.toarray() if sparse.issparse(batch.X) else batch.X
            np.testing.assert_array_equal(dense, X[numbers])
            np.testing.assert_array_equal(batch.y, y[numbers])
            if weighted:
                np.testing.assert_array_equal(batch.w, table.w[numbers])
            else:
                assert batch.w is None


def test_mini_batches_of_a_slice_are_views():
    X = np.arange(24.0).reshape(12, 2)
    batches = list(MiniBatches(Dataset(X, X), 5, 1024).of(slice(1, 12)))
    assert [batch.n_rows for batch in batches] == [5, 5, 1]
    np.testing.assert_array_equal(np.concatenate([batch.X for batch in batches]), X[1:])
    assert all(np.shares_memory(batch.X, X) for batch in batches)


def test_copies_of_wide_rows_have_fewer_rows():
    X = np.zeros((1000, 20_000))
    batches = MiniBatches(Dataset(X, X[:, :1]), 10, 1024)
    assert batches.buffers.n_rows == 10


def test_the_weight_of_a_table():
    y = np.zeros((3, 1))
    assert Dataset(y, y).weight == 3
    assert Dataset(y, y, np.array([0.5, 0, 2])).weight == 2.5


def test_rows_give_the_value_of_a_function():
    data, x = Dataset(np.eye(3), np.ones((3, 1)), None), np.arange(3.0)
    found = data.value(lambda rows, x: (rows, rows.X @ x), x)
    assert found[0] is data
    np.testing.assert_array_equal(found[1], x)
