import pytest

from skmlp.tabular.sizes import batch_size_for, n_epochs

AUTO = {"batch_size": "auto", "max_iter": "auto"}


@pytest.mark.parametrize(
    ("n_rows", "size"),
    [(10, 10), (1024, 64), (8192, 128), (8193, 256), (100_000, 512), (200_000, 1024)],
)
def test_batches_by_the_size_of_the_table(n_rows, size):
    assert batch_size_for(AUTO, n_rows) == size
    assert batch_size_for({"batch_size": 7}, n_rows) == 7


@pytest.mark.parametrize(
    ("n_rows", "n"), [(100, 48), (5000, 43), (8100, 34), (32_400, 17), (200_000, 8)]
)
def test_epochs_by_the_size_of_the_table(n_rows, n):
    assert n_epochs(AUTO, n_rows) == n
    assert n_epochs({"max_iter": 5}, n_rows) == 5
