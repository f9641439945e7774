"""The network for tables, put together; its layers have tests of their own."""

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import (
    CATEGORY_SIZE,
    NUMBER_OUTPUTS,
    WIDE,
    ColumnLayout,
    Numbers,
    tabular_network,
)
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.layers import Dropout
from skmlp.core.objective import Objective

RNG = np.random.RandomState(0)
X = np.hstack(
    [RNG.randn(7, 2), RNG.randint(0, 2, (7, 1)), RNG.randint(0, 5, (7, 1))]
).astype(float)


PERIODIC, BINS = Numbers(n_frequencies=4, frequency_std=0.3), Numbers(n_bins=3)
BOTH = pytest.mark.parametrize("numbers", [PERIODIC, BINS], ids=["periodic", "bins"])


def make(n_scores=2, **settings):
    given = {"numbers": PERIODIC, "dropout": 0.0, **settings}
    columns = ColumnLayout(2, 1, (5,))
    return tabular_network(columns, (6, 3, n_scores), ACTIVATIONS["selu"], **given)


def moves(network, rng):
    """A direction in which parameters move; the knots of bins have no gradient."""
    u = rng.randn(network.n_parameters)
    for _, name, where, _ in network.locations:
        if name.endswith(".t"):
            u[where] = 0
    return u


@BOTH
def test_widths(numbers):
    network = make(numbers=numbers)
    assert network.layers[0].n_out == 2 * (NUMBER_OUTPUTS + 1) + 1 + CATEGORY_SIZE
    assert make(numbers=Numbers()).layers[0].n_out == 2 + 1 + CATEGORY_SIZE
    codes = tabular_network(
        ColumnLayout(0, 0, (3,)),
        (1,),
        ACTIVATIONS["mish"],
        numbers=PERIODIC,
        dropout=0.0,
    )
    assert codes.layers[0].n_out == CATEGORY_SIZE
    assert sum(isinstance(layer, Dropout) for layer in make(dropout=0.2).layers) == 2


@BOTH
def test_the_start_is_the_same_prediction_for_all_rows(numbers):
    network = make(numbers=numbers)
    theta = network.initialize(np.random.RandomState(0), np.float64, X)
    assert not network.scores(theta, X).any()


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("head", ["softmax", "squared_error"])
@BOTH
def test_gradient_of_the_objective_by_differences(numbers, head, dropout):
    network = make(numbers=numbers, dropout=dropout)
    theta = network.initialize(np.random.RandomState(0), np.float64, X)
    theta += 0.3 * RNG.randn(len(theta))
    y = np.eye(2)[RNG.randint(0, 2, 7)]
    objective = Objective(network, HEADS[head], alpha=0.1)
    work = network.workspace(7, np.float64, training=True)

    def value(theta, grad):
        rng = np.random.SFC64(3) if dropout else None
        views = network.views(theta), network.views(grad)
        return objective.evaluate(views[0], (Dataset(X, y),), views[1], work, rng)

    grad, other = np.empty_like(theta), np.empty_like(theta)
    value(theta, grad)
    for _ in range(5):
        u = moves(network, RNG)
        plus, minus = value(theta + 1e-6 * u, other), value(theta - 1e-6 * u, other)
        assert grad @ u == pytest.approx((plus - minus) / 2e-6, rel=1e-5, abs=1e-8)


@BOTH
def test_wide_tables_have_one_feature_for_each_number(numbers):
    widths = [numbers.layer(n).n_out for n in (WIDE, WIDE + 1)]
    assert widths == [WIDE * (NUMBER_OUTPUTS + 1), 2 * (WIDE + 1)]


def test_the_number_of_columns_of_a_layout():
    assert ColumnLayout(3, 2, (4, 9)).n_columns == 7
    assert ColumnLayout(0, 0, ()).n_columns == 0
