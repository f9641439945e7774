"""Training from a file: the rows are not copied into memory."""

import tracemalloc

import numpy as np
import pytest

from skmlp import MLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N, D = 50_000, 60


@pytest.fixture(scope="module")
def X(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "X.bin"
    np.random.RandomState(0).randn(N, D).astype(np.float32).tofile(path)
    return np.memmap(path, np.float32, "r", shape=(N, D))


def peak(work, *arguments):
    tracemalloc.start()
    try:
        work(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("parameters", "share"),
    [
        ({}, 0.25),
        ({"shuffle": False}, 0.25),
        ({"early_stopping": True}, 0.5),  # with a tenth as validation rows
        ({"solver": "sgd"}, 0.25),
        ({"solver": "lbfgs"}, 0.25),
    ],
    ids=str,
)
def test_fit_and_predict_leave_the_rows_in_the_file(X, kind, parameters, share):
    y = np.asarray(X[:, 0])
    y = (y > 0).astype(int) if kind is MLPClassifier else y
    model = kind(hidden_layer_sizes=(8,), max_iter=1, random_state=0, **parameters)
    assert peak(model.fit, X, y) < share * X.nbytes
    assert peak(model.predict, X) < 0.25 * X.nbytes
    in_memory = kind(**model.get_params()).fit(np.array(X), y)
    np.testing.assert_array_equal(in_memory.coefs_[0], model.coefs_[0])
