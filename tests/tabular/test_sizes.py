import pytest

from skmlp.tabular.sizes import batch_size_for, n_epochs, patience_for

AUTO = {"batch_size": "auto", "max_iter": "auto"}


@pytest.mark.parametrize(
    ("n_rows", "size"),
    [(10, 10), (1024, 64), (8192, 128), (8193, 256), (100_000, 512), (200_000, 1024)],
)
def test_batches_by_the_size_of_the_table(n_rows, size):
    assert batch_size_for(AUTO, n_rows, 1024) == size
    assert batch_size_for(AUTO, n_rows, 256) == min(size, 256)
    assert batch_size_for({"batch_size": 7}, n_rows, 4) == 7


@pytest.mark.parametrize(
    ("n_rows", "n"),
    [
        (100, 48),
        (5000, 43),
        (8100, 34),
        (32_400, 17),
        (200_000, 8),
        (400_000, 4),
        (10**7, 1),
    ],
)
def test_epochs_by_the_size_of_the_table(n_rows, n):
    assert n_epochs(AUTO, n_rows) == n
    assert n_epochs({"max_iter": 5}, n_rows) == 5
    assert n_epochs(AUTO, 10**7) == 1


@pytest.mark.parametrize(("epochs", "n"), [(48, 8), (20, 5), (1, 2)])
def test_patience_by_the_number_of_epochs(epochs, n):
    auto = {"n_iter_no_change": "auto", "max_iter": "auto"}
    assert patience_for(auto, epochs) == n
    assert patience_for({**auto, "max_iter": 20}, 20) == 8
    assert patience_for({**auto, "n_iter_no_change": 30}, epochs) == 30
