import numpy as np
import pytest
from scipy.special import erfc, expit

from skmlp.core import activations
from skmlp.core.activations import ACTIVATIONS

# The constants of selu solve the equations of its paper for mean 0 and variance 1.
alpha = -np.sqrt(2 / np.pi) / (erfc(np.sqrt(0.5)) * np.exp(0.5) - 1)
scale = (
    (1 - erfc(np.sqrt(0.5)) * np.sqrt(np.e))
    * np.sqrt(2 * np.pi)
    * (
        2 * erfc(np.sqrt(2)) * np.e**2
        + np.pi * erfc(np.sqrt(0.5)) ** 2 * np.e
        - 2 * (2 + np.pi) * erfc(np.sqrt(0.5)) * np.sqrt(np.e)
        + np.pi
        + 2
    )
    ** -0.5
)
EXPECTED = {
    "identity": lambda s: s,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda s: np.where(s > 0, s, 0),
    "leaky_relu": lambda s: np.where(s > 0, s, s / 100),
    "elu": lambda s: np.where(s > 0, s, np.expm1(s)),
    "selu": lambda s: scale * np.where(s > 0, s, alpha * np.expm1(s)),
    "gelu": lambda s: s / 2 * erfc(-s / np.sqrt(2)),
    "silu": lambda s: s / (1 + np.exp(-s)),
    "mish": lambda s: s * np.tanh(np.logaddexp(0, s)),
    "softplus": lambda s: np.logaddexp(0, s),
}
# Without 0, where relu has no derivative.
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
def test_value_does_not_change_s(name):
    s = S.copy()
    ACTIVATIONS[name].value(s, out=np.empty_like(s))
    np.testing.assert_array_equal(s, S)


# Not logistic: computed by tanh, its absolute error is that of numbers near 1.
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "logistic"])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-6)])
def test_small_values_keep_their_relative_precision(name, dtype, rtol):
    s = np.array([[-12, -9, -1e-3, -1e-9, 0, 1e-9, 1e-3, 9, 12]], dtype)
    h = ACTIVATIONS[name].value(s, out=np.empty_like(s))
    np.testing.assert_allclose(h, EXPECTED[name](s.astype(float)), rtol=rtol)


def test_derivatives_in_closed_form():
    s = S[np.abs(S) < 10]
    p, phi = 1 / (1 + np.exp(-s)), np.exp(-(s**2) / 2) / np.sqrt(2 * np.pi)
    t = np.tanh(np.log1p(np.exp(s)))
    expected = {
        "leaky_relu": np.where(s > 0, 1, 0.01),
        "elu": np.minimum(1, np.exp(s)),
        "selu": scale * np.where(s > 0, 1, alpha * np.exp(s)),
        "gelu": erfc(-s / np.sqrt(2)) / 2 + s * phi,
        "silu": p * (1 + s * (1 - p)),
        "mish": t + s * p * (1 - t**2),
        "softplus": p,
    }
    for name, derivative in expected.items():
        h = ACTIVATIONS[name].value(s, np.empty_like(s))
        found = ACTIVATIONS[name].derivative(s, h, np.empty_like(s))
        np.testing.assert_allclose(found, derivative, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extreme_values_raise_no_warning(name):
    s = np.array([[-1e300, -800.0, 0.0, 800.0, 1e300]])
    h = ACTIVATIONS[name].value(s, out=np.empty_like(s))
    assert np.isfinite(h).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_values_have_finite_derivatives(name, dtype):
    activation = ACTIVATIONS[name]
    largest = np.finfo(dtype).max / 4
    s = np.array([[-largest, -800.0, 0.0, 800.0, largest]], dtype)
    h = activation.value(s, out=np.empty_like(s))
    derivative = activation.derivative(s, h, np.empty_like(s))
    assert np.isfinite(h).all()
    assert np.isfinite(derivative).all()
    assert np.abs(derivative).max() < 2


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_in_the_memory_of_h(name):
    activation = ACTIVATIONS[name]
    h = activation.value(S, np.empty_like(S))
    expected = activation.derivative(S, h, np.empty_like(S))
    s = S if activation.keeps_s else h
    assert activation.derivative(s, h, out=h) is h
    np.testing.assert_array_equal(h, expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["relu", "elu", "selu", "silu", "softplus"])
def test_arrays_of_zeros_give_the_bits_of_the_number_0(name, dtype, monkeypatch):
    activation = ACTIVATIONS[name]
    special = np.array(
        [-0.0, 0.0, np.nan, -np.nan, -np.inf, np.inf, -1, 1, 1e-7], dtype
    )

    def found():
        # Of several sizes: NumPy treats the last entries of an array in another way.
        s = [np.resize(special, (n, 9)) for n in (1, 2, 7)]
        h = [activation.value(one, np.empty_like(one)) for one in s]
        slopes = map(activation.derivative, s, h, map(np.empty_like, s))
        found = np.concatenate([*h, *slopes])
        # The sign of a NaN says nothing.
        return found, np.signbit(found) & ~np.isnan(found)

    with np.errstate(invalid="ignore"):
        by_arrays = found()
        monkeypatch.setattr(activations, "_zeros", lambda s: 0)
        np.testing.assert_array_equal(by_arrays, found())


def test_the_array_of_zeros_is_bounded_and_read_only():
    most = activations.MOST_ZEROS
    for n, dtype in ((most + 1, np.float32), (8, np.float16)):
        assert np.ndim(activations._zeros(np.ones((n, 1), dtype))) == 0
        assert (
            ACTIVATIONS["relu"].value(-np.ones(n, dtype), np.empty(n, dtype)).max() == 0
        )
    zeros = activations._zeros(np.ones((2, most // 2)))
    assert zeros.shape == (2, most // 2)
    with pytest.raises(ValueError, match="read-only"):
        zeros[0, 0] = 1
