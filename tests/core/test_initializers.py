import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.initializers import GlorotUniform


@pytest.mark.parametrize("activation", ACTIVATIONS.values())
def test_uniform_up_to_the_bound(activation):
    W, b = GlorotUniform(activation.glorot_factor)(np.random.RandomState(0), 300, 200)
    bound = np.sqrt(activation.glorot_factor / 500)
    assert (W.shape, b.shape) == ((300, 200), (200,))
    assert 0.99 * bound < np.abs(W).max() <= bound
    assert 0.9 * bound < np.abs(b).max() <= bound
    # The mean and the variance of the uniform distribution.
    assert abs(W.mean()) < 4 * bound / np.sqrt(3 * W.size)
    assert W.var() == pytest.approx(bound**2 / 3, rel=0.02)


def test_weights_are_drawn_before_biases():
    W, b = GlorotUniform()(np.random.RandomState(7), 3, 2)
    rng = np.random.RandomState(7)
    draws = rng.uniform(-1, 1, 8) * np.sqrt(6 / 5)
    np.testing.assert_allclose(np.concatenate([W.ravel(), b]), draws)
