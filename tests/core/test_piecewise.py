"""Piecewise-linear features against np.interp and finite differences."""

import numpy as np
import pytest

from skmlp.core.compiled import compiled_scores
from skmlp.core.embeddings import Columns
from skmlp.core.layers import BufferSpec, Dense
from skmlp.core.network import Network
from skmlp.core.piecewise import PiecewiseLinear
from tests.core.test_scaling import check_fewer_rows, check_gradients, drawn, moved

RNG = np.random.RandomState(0)
X = RNG.randn(40, 3)


def outputs(layer, params, X):
    return layer.forward(params, X, layer.make_buffers(BufferSpec(len(X), np.float64)))


def with_knots(layer, knots, seed=1):
    params = moved(drawn(layer, X), seed)
    params["t"][...] = knots
    return params


@pytest.mark.parametrize("gain", [1.0, 0.1])
@pytest.mark.parametrize(("n_features", "n_bins"), [(1, 5), (3, 4), (3, 1)])
def test_gradients(n_features, n_bins, gain):
    layer = PiecewiseLinear(n_features, n_bins, 2, gain)
    check_gradients(layer, X[:, :n_features], fixed=("t",))
    check_fewer_rows(layer, X[:, :n_features])


@pytest.mark.parametrize("gain", [1.0, 0.1])
def test_interpolation_of_the_outputs_at_the_knots(gain):
    layer, knots = PiecewiseLinear(3, 4, 2, gain), [-1.5, -0.5, 0.1, 0.2, 1.0]
    params = with_knots(layer, knots)
    rows = np.vstack([X, np.repeat(np.array([*knots, -9, 9])[:, None], 3, axis=1)])
    h = outputs(layer, params, rows)
    np.testing.assert_array_equal(h[:, 6:], rows)
    for f in range(3):
        at_knots = np.cumsum(np.vstack([params["b"][f], params["W"][f]]), axis=0)
        for k in range(2):
            expected = gain * np.interp(rows[:, f], knots, at_knots[:, k])
            np.testing.assert_allclose(h[:, 2 * f + k], expected, atol=1e-13)


@pytest.mark.parametrize(
    ("knots", "steps"),
    [
        ([0, 0, 0, 1], [[-1e-9, 0], [0, 2]]),
        ([0, 1, 1, 1], [[1 - 1e-9, 1 - 1e-9], [1, 3]]),
        ([0, 0, 0, 0], [[-1e-9, 0], [0, 3], [1e-9, 3]]),
    ],
)
def test_bins_of_no_width_are_steps(knots, steps):
    """Each row of W is 1, so the output is the number of bins below x, and a part."""
    layer = PiecewiseLinear(1, 3, 1)
    params = {
        "t": np.array([knots], float),
        "W": np.ones((1, 3, 1)),
        "b": np.zeros((1, 1)),
    }
    x, expected = np.array(steps, float).T
    np.testing.assert_allclose(outputs(layer, params, x[:, None])[:, 0], expected)


def test_knots_are_quantiles():
    layer = PiecewiseLinear(3, 10)
    params = drawn(layer, X)
    np.testing.assert_allclose(params["t"][:, 5], np.median(X, axis=0))
    np.testing.assert_array_equal(params["t"][:, [0, -1]].T, [X.min(0), X.max(0)])
    np.testing.assert_allclose(drawn(layer, None)["t"][0], np.linspace(-3, 3, 11))
    assert not params["W"].any()


def test_no_gradient_by_the_input_of_the_first_layer():
    layer = PiecewiseLinear(3, 4)
    params = drawn(layer, X)
    buffers = layer.make_buffers(BufferSpec(len(X), np.float64, training=True))
    dh = np.ones_like(layer.forward(params, X, buffers))
    grads = drawn(layer, X)
    assert layer.backward(params, grads, buffers, dh, input_gradient=False) is None


def test_widths():
    layer = PiecewiseLinear(3, 20, 2)
    assert (layer.n_in, layer.n_out, layer.row_entries) == (3, 9, 60)
    assert PiecewiseLinear(3, 2, 2).row_entries == 9
    assert {name for name, spec in layer.shapes().items() if spec.decays} == {"W"}


@pytest.mark.parametrize("compiled", [False, True])
def test_just_below_a_knot(compiled):
    """In single precision, x minus the lower knot is the width of the bin here."""
    knots = [float.fromhex("-0x1.2c2984p-5"), float.fromhex("-0x1.973edap-10")]
    x = np.array([[knots[1]]], np.float32)
    x = np.vstack([np.nextafter(x, -np.float32(1)), x])
    layer = PiecewiseLinear(1, 1, 1)
    network = Network((Columns(((1, layer),)), Dense(2, 1)))
    theta = np.zeros(network.n_parameters, np.float32)
    params, top = network.views(theta).layers
    params["0.t"][...], params["0.W"][...], top["W"][0] = knots, 1, 1
    scores = compiled_scores(network, theta, x) if compiled else None
    if compiled and scores is None:
        pytest.skip("there is no compiled library")
    found = scores(theta) if scores else network.scores(theta, x)
    np.testing.assert_array_equal(found, [[1], [1]])
