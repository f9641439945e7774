"""The bound on the scores against the scores, and what counts as finite."""

import math

import numpy as np
import pytest
from scipy import sparse

from skmlp.core.activations import ACTIVATIONS, LeakyRelu
from skmlp.core.architectures import (
    ColumnLayout,
    Numbers,
    multilayer_perceptron,
    tabular_network,
    with_dropout,
)
from skmlp.core.batches import Dataset
from skmlp.core.finite import (
    finite_rows,
    predicts_finite,
    safe_score,
    score_bound,
    scores_within,
)
from skmlp.core.heads import HEADS, REGRESSION_HEADS, Gaussian
from skmlp.core.objective import Objective

RNG = np.random.RandomState(0)
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
N_SCORES = 2
PERIODIC = Numbers(n_frequencies=9)


def perceptron(activation="relu", sizes=(7, 5)):
    return multilayer_perceptron(4, sizes, N_SCORES, ACTIVATIONS[activation])


def table_network(activation="relu", dropout=0.1, numbers=PERIODIC):
    return tabular_network(
        ColumnLayout(2, 1, (6,)),
        [5, 5, N_SCORES],
        ACTIVATIONS[activation],
        numbers=numbers,
        dropout=dropout,
    )


def network_of_bins(activation="relu"):
    return table_network(activation, numbers=Numbers(n_bins=9))


def objective(name, network=None):
    return Objective(network or perceptron(), HEADS[name])


def dataset(X, w=None):
    return Dataset(X, np.zeros((X.shape[0], 1), X.dtype), w)


@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 1e3, 1e9])
@pytest.mark.parametrize("signs", ["equal", "random"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("make", [perceptron, table_network, network_of_bins])
def test_no_score_is_above_the_bound(make, activation, signs, size):
    network = make(activation)
    theta = size * np.ones(network.n_parameters)
    if signs == "random":
        theta *= RNG.choice([-1.0, 0.3, 1.0], len(theta))
    X = 3 * RNG.choice([-1.0, 0.5, 1.0], (50, 4))
    X[0] = 3
    X[:, 3] = RNG.randint(0, 6, 50)
    bound = score_bound(network, theta, X)
    hidden = [network.hidden(theta, X, i) for i in range(len(network.layers))]
    assert max(np.abs(h).max() for h in hidden) <= bound < np.inf


def test_the_bound_of_ordinary_weights_shows_that_they_are_safe():
    network = multilayer_perceptron(30, (100,) * 3, 1, ACTIVATIONS["relu"])
    theta = network.initialize(np.random.RandomState(0), np.float32)
    bound = score_bound(network, theta, 5 * RNG.randn(90, 30).astype(np.float32))
    assert bound < safe_score(HEADS["squared_error"], np.float32)


def test_the_bound_is_the_same_for_sparse_rows():
    X = np.where(RNG.rand(20, 4) < 0.5, 0, RNG.randn(20, 4))
    network = perceptron()
    theta = network.initialize(np.random.RandomState(0), np.float64)
    for rows in (X, 0 * X):
        found = score_bound(network, theta, sparse.csr_matrix(rows))
        assert found == score_bound(network, theta, rows)


def test_no_bound_without_knowledge():
    X, network = np.ones((3, 4)), perceptron()
    theta = np.ones(network.n_parameters)
    own = multilayer_perceptron(4, (7,), 1, LeakyRelu(slope=1e9))
    assert score_bound(own, np.ones(own.n_parameters), X) == math.inf
    theta[3] = np.nan
    assert math.isnan(score_bound(network, theta, X))
    tables = table_network()
    huge = np.full(tables.n_parameters, 1e38)
    assert score_bound(tables, huge, np.ones((3, 4))) == math.inf


def test_dropout_does_not_change_the_answer():
    network = perceptron()
    theta = np.ones(network.n_parameters)
    dropping = with_dropout(network, [0.5, 0.5])
    X = np.ones((3, 4))
    assert score_bound(dropping, theta, X) == score_bound(network, theta, X)


@DTYPES
@pytest.mark.parametrize("name", HEADS)
def test_a_safe_score_has_finite_predictions(name, dtype):
    head = HEADS[name]
    limit = np.array(safe_score(head, dtype)).astype(dtype)
    s = limit * np.array([[1, 1], [-1, -1], [1, -1], [0, 1]], dtype)
    assert finite_rows(head, s).all()


@DTYPES
@pytest.mark.parametrize("name", HEADS)
def test_predictions_of_every_head(name, dtype):
    one = objective(name)
    X = RNG.randn(300, 4).astype(dtype)
    theta = one.network.initialize(np.random.RandomState(0), dtype)
    assert predicts_finite(one, theta, dataset(X))
    huge = np.full_like(theta, np.sqrt(np.finfo(dtype).max))
    assert not predicts_finite(one, huge, dataset(X))
    theta[-1] = np.inf
    assert not predicts_finite(one, theta, dataset(X))


@pytest.mark.parametrize("name", ["poisson", "gamma"])
def test_an_exponential_overflows_first(name):
    one = objective(name, perceptron(sizes=()))
    theta, X = np.zeros(one.network.n_parameters), np.ones((3, 4))
    for bias, finite in ((700.0, True), (720.0, False), (-1e300, True)):
        theta[-1] = bias
        assert predicts_finite(one, theta, dataset(X)) == finite


def test_large_weights_whose_sums_cancel_are_fine():
    one = objective("squared_error")
    theta = np.zeros(one.network.n_parameters, np.float32)
    theta[0] = theta[-1] = 1e38
    X = np.zeros((9, 4), np.float32)
    assert score_bound(one.network, theta, X) > safe_score(one.head, theta.dtype)
    assert predicts_finite(one, theta, dataset(X))


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_one_row_among_many_decides_unless_its_weight_is_zero(make):
    one = objective("squared_error", perceptron(sizes=()))
    n_rows = 2 * one.network.block_rows + 5
    theta = np.full(one.network.n_parameters, 1e10)
    X, w = np.zeros((n_rows, 4)), np.ones(n_rows)
    X[-2, 1] = 1e300
    assert not predicts_finite(one, theta, dataset(make(X)))
    assert not predicts_finite(one, theta, dataset(make(X), w))
    w[-2] = 0
    assert predicts_finite(one, theta, dataset(make(X), w))


class Root(Gaussian):
    """A user's head, with a prediction that is not finite for negative scores."""

    def prediction(self, s):
        return np.sqrt(s[:, :1])

    def std(self, s):
        return 1 / s[:, 1:]


@pytest.mark.parametrize("bias", [(4.0, 1.0), (-4.0, 1.0), (4.0, 0.0)])
def test_a_head_of_ones_own_is_asked(bias):
    network = perceptron(sizes=())
    theta = np.zeros(network.n_parameters)
    theta[-2:] = bias
    found = predicts_finite(Objective(network, Root()), theta, dataset(np.ones((3, 4))))
    assert found == (bias == (4.0, 1.0))


def test_scores_within_a_limit():
    network = perceptron(sizes=())
    theta = np.zeros(network.n_parameters)
    rows = dataset(np.ones((3, 4)))
    for bias, limit, within in ((5, 1e9, True), (5, 5, True), (-5, 4.9, False)):
        theta[-1] = bias
        assert scores_within(network, theta, rows, limit) == within


def test_every_regression_head_has_a_limit():
    assert all(safe_score(head, np.float64) > 0 for head in REGRESSION_HEADS.values())
    assert safe_score(Root(), np.float64) == 0
