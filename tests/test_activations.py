import numpy as np
import pytest
from scipy.special import expit

from skmlp.core.activations import ACTIVATIONS

EXPECTED = {
    "identity": lambda s: s,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda s: np.where(s > 0, s, 0),
}
# Away from the kink of relu.
S = np.concatenate([np.linspace(-8, 8, 41) + 0.1, [-40.0, 40.0]]).reshape(1, -1)


def test_every_activation_has_an_independent_formula():
    assert set(EXPECTED) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value(name):
    h = ACTIVATIONS[name].value(S, out=np.empty_like(S))
    np.testing.assert_allclose(h, EXPECTED[name](S), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_in_the_memory_of_s(name):
    s = S.copy()
    h = ACTIVATIONS[name].value(s, out=s)
    assert h is s
    np.testing.assert_array_equal(h, ACTIVATIONS[name].value(S, out=np.empty_like(S)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_that_of_the_value(name):
    activation, step = ACTIVATIONS[name], 1e-6
    up, down = (activation.value(S + d, np.empty_like(S)) for d in (step, -step))
    h = activation.value(S, np.empty_like(S))
    derivative = activation.derivative(S, h, np.empty_like(S))
    np.testing.assert_allclose(derivative, (up - down) / (2 * step), atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_that_does_not_keep_s_does_not_read_it(name):
    activation = ACTIVATIONS[name]
    h = activation.value(S, np.empty_like(S))
    right = activation.derivative(S, h, np.empty_like(S))
    if not activation.keeps_s:
        nothing = np.full_like(S, np.nan)
        np.testing.assert_array_equal(
            activation.derivative(nothing, h, np.empty_like(S)), right
        )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_stays_float32(name):
    s = S.astype(np.float32)
    h = ACTIVATIONS[name].value(s, out=np.empty_like(s))
    dh = np.ones_like(s)
    dh *= ACTIVATIONS[name].derivative(s, h, out=np.empty_like(s))
    assert h.dtype == dh.dtype == np.float32


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extreme_values_raise_no_warning(name):
    s = np.array([[-1e300, -800.0, 0.0, 800.0, 1e300]])
    h = ACTIVATIONS[name].value(s, out=np.empty_like(s))
    assert np.isfinite(h).all()
