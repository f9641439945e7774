import numpy as np
from scipy import sparse

from skmlp.core.batches import Table, row_blocks


def test_row_blocks_cover_all_rows_once():
    for n_rows in (1, 5, 6, 7):
        blocks = list(row_blocks(n_rows, 3))
        rows = np.concatenate([np.arange(n_rows)[block] for block in blocks])
        np.testing.assert_array_equal(rows, np.arange(n_rows))
        assert max(block.stop - block.start for block in blocks) <= 3


def test_take_takes_the_same_rows_of_everything():
    X, y, w = np.arange(12.0).reshape(6, 2), np.arange(6.0)[:, None], np.arange(6.0)
    for features in (X, sparse.csr_matrix(X), sparse.csr_array(X)):
        part = Table(features, y, w).take(np.array([4, 1]))
        assert part.n_rows == 2
        dense = part.X.toarray() if sparse.issparse(part.X) else part.X
        np.testing.assert_array_equal(dense, X[[4, 1]])
        np.testing.assert_array_equal(part.y, y[[4, 1]])
        np.testing.assert_array_equal(part.w, w[[4, 1]])
    assert Table(X, y).take(slice(0, 2)).w is None


def test_a_slice_of_dense_data_is_a_view():
    X = np.zeros((6, 2))
    assert np.shares_memory(Table(X, X).take(slice(1, 3)).X, X)
