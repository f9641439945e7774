"""Unit-wise layers, and checks for all layers."""

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.layers import BufferSpec
from skmlp.core.scaling import ParametricActivation, Scale

LAYERS = {
    "scale": Scale(4),
    "fast scale": Scale(4, gain=6.0),
    **{
        f"parametric {name}": ParametricActivation(4, r, gain=0.1)
        for name, r in ACTIVATIONS.items()
    },
}


def drawn(layer, X, seed=0):
    params = {name: np.empty(spec.shape) for name, spec in layer.shapes().items()}
    layer.initialize(params, np.random.RandomState(seed), X)
    return params


def moved(params, seed=1):
    """Other parameters than the initial ones, which may be a special case."""
    rng = np.random.RandomState(seed)
    return {name: a + 0.3 * rng.randn(*a.shape) for name, a in params.items()}


def check_gradients(layer, X, slopes=True, fixed=()):
    """dLoss/dparams and, with `slopes`, dLoss/dX, against finite differences.

    Parameters of the names `fixed` have no gradient.
    """
    rng = np.random.RandomState(2)
    params, dh = moved(drawn(layer, X)), rng.randn(len(X), layer.n_out)
    buffers = layer.make_buffers(BufferSpec(len(X), np.float64, training=True))
    grads = {name: np.full_like(a, np.nan) for name, a in params.items()}
    assert layer.forward(params, X, buffers).shape == (len(X), layer.n_out)
    dX = layer.backward(params, grads, buffers, dh.copy()).copy()

    def value(params, X):
        fresh = layer.make_buffers(BufferSpec(len(X), np.float64, training=True))
        return np.sum(dh * layer.forward(params, X, fresh))

    def slope(move):
        return (value(*move(1e-6)) - value(*move(-1e-6))) / 2e-6

    for name, gradient in grads.items():
        if name in fixed:
            assert not gradient.any()
            continue
        u = rng.randn(*gradient.shape)
        numerical = slope(lambda d, n=name, u=u: ({**params, n: params[n] + d * u}, X))
        assert np.sum(gradient * u) == pytest.approx(numerical, rel=1e-6, abs=1e-8)
    if slopes:
        u = rng.randn(*X.shape)
        numerical = slope(lambda d: (params, X + d * u))
        assert np.sum(dX * u) == pytest.approx(numerical, rel=1e-6, abs=1e-8)
    layer.forward(params, X, buffers)
    pulled = layer.pull_back(params, buffers, dh[:, None, :])
    np.testing.assert_allclose(pulled[:, 0], dX, rtol=1e-9, atol=1e-12)
    twice = {name: a.copy() for name, a in grads.items()}
    layer.forward(params, X, buffers)
    layer.backward(params, twice, buffers, dh.copy(), add=True)
    for name, gradient in grads.items():
        np.testing.assert_allclose(twice[name], 2 * gradient, rtol=1e-9, atol=1e-12)


def check_fewer_rows(layer, X):
    params = drawn(layer, X)
    buffers = layer.make_buffers(BufferSpec(len(X), np.float64, training=True))
    whole = layer.forward(params, X, buffers).copy()
    part = layer.forward(params, X[:3], buffers.resized(3))
    np.testing.assert_allclose(part, whole[:3], rtol=1e-12)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_layers(layer):
    X = np.random.RandomState(0).randn(7, 4)
    check_gradients(layer, X)
    check_fewer_rows(layer, X)
    assert layer.n_in == layer.n_out == 4


@pytest.mark.parametrize("gain", [1.0, 0.1, 6.0])
def test_initial_scale_and_activation(gain):
    X = np.random.RandomState(0).randn(7, 4)
    relu = ACTIVATIONS["relu"]
    for layer, expected in (
        (Scale(4, gain), X),
        (ParametricActivation(4, relu, gain), np.maximum(X, 0)),
    ):
        buffers = layer.make_buffers(BufferSpec(7, np.float64))
        found = layer.forward(drawn(layer, X), X, buffers)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_an_activation_may_return_its_own_array():
    class Sine:
        glorot_factor, keeps_s = 6.0, True

        def value(self, s, out):
            return np.sin(s)

        def derivative(self, s, h, out):
            return np.cos(s)

    X = np.random.RandomState(0).randn(7, 4)
    check_gradients(ParametricActivation(4, Sine(), gain=0.1), X)
