"""Each head as nodes, for one network and for several."""

import numpy as np
import pytest

from skmlp.core.heads import HEADS, Quantile, SquaredError
from skmlp.export.graph import Graph
from skmlp.export.heads import NODES, Scores, predicted

CASES = [*HEADS.values(), Quantile((0.1, 0.5, 0.9))]


def test_all_of_the_registry_are_there():
    assert set(NODES) == {type(one) for one in HEADS.values()}


class Own(SquaredError):
    """A user's own loss."""


def test_a_users_own_is_refused():
    scores = Scores(Graph(), "s", 1, np.float64)
    with pytest.raises(NotImplementedError, match="not one of your own. Got Own"):
        predicted(scores, Own(), 2)


@pytest.mark.parametrize("head", CASES, ids=lambda head: type(head).__name__)
@pytest.mark.parametrize("n_networks", [1, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_predictions(head, n_networks, dtype):
    from .runs import run_graph

    n_scores = head.n_scores(2)
    s = 20 * np.random.RandomState(0).randn(n_networks, 50, n_scores)
    s[:, :2] *= 10
    s = s.astype(dtype)
    with np.errstate(over="ignore"):
        expected = np.stack([head.prediction(one.copy()) for one in s])
    given = s[0] if n_networks == 1 else s

    def build(graph, x):
        scores = Scores(graph, x, n_scores, dtype)
        return predicted(scores, head, given.ndim)

    found = run_graph(build, given)
    assert found.dtype == dtype
    expected = expected[0] if n_networks == 1 else expected
    rtol = 1e-12 if dtype is np.float64 else 1e-4
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-6 * (rtol > 1e-9))
