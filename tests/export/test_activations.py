"""Each activation as nodes, in both precisions."""

import numpy as np
import pytest

from skmlp import MLPRegressor
from skmlp.core.activations import ACTIVATIONS, Relu
from skmlp.export.activations import NODES, activate
from skmlp.export.graph import Graph


def test_all_of_the_registry_are_there():
    assert set(NODES) == {type(one) for one in ACTIVATIONS.values()}


class Own(Relu):
    """A user's own activation."""


def test_a_users_own_is_refused():
    with pytest.raises(NotImplementedError, match="not one of your own. Got Own"):
        activate(Graph(), Own(), "s", np.float64)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 3e-6)]
)
def test_values(name, dtype, tolerance):
    from .runs import run_graph

    s = np.concatenate([np.linspace(-30, 30, 2001), [-1e6, 1e6, 0, 1e-20]])
    s, one = s.astype(dtype)[:, None], ACTIVATIONS[name]
    expected = one.value(s.copy(), np.empty_like(s))
    found = run_graph(lambda graph, x: activate(graph, one, x, dtype), s)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_in_a_network(name, dtype):
    from .runs import check, fitted

    X = np.random.RandomState(0).randn(40, 3).astype(dtype)
    model = MLPRegressor(hidden_layer_sizes=(5, 4), activation=name, max_iter=3)
    check(fitted(model, X, X[:, 0]), X, 1e-13 if dtype is np.float64 else 5e-6)
