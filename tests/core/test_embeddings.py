import numpy as np
import pytest

from skmlp.core.embeddings import Categories, Columns, Periodic
from skmlp.core.layers import BufferSpec
from skmlp.core.piecewise import PiecewiseLinear
from skmlp.core.scaling import Scale
from tests.core.test_scaling import check_fewer_rows, check_gradients, drawn, moved

CODES = np.array([[0], [2], [1], [2], [0], [3], [2]], float)


def numbers(n_columns):
    return np.random.RandomState(0).randn(7, n_columns)


@pytest.mark.parametrize("gain", [1.0, 0.1])
@pytest.mark.parametrize("n_features", [1, 3])
def test_periodic(n_features, gain):
    layer = Periodic(n_features, 5, 2, deviation=1.0, gain=gain)
    X = numbers(n_features)
    check_gradients(layer, X)
    check_fewer_rows(layer, X)
    params = moved(drawn(layer, X))
    w, c, W, b = (gain * params[name] for name in ("w", "c", "W", "b"))
    for training, atol in ((True, 1e-10), (False, 1e-5)):
        buffers = layer.make_buffers(BufferSpec(7, np.float64, training=training))
        h = layer.forward(params, X, buffers)
        assert h.dtype == np.float64
        np.testing.assert_array_equal(h[:, 2 * n_features :], X)
        for j in range(n_features):
            expected = np.cos(2 * np.pi * X[:, [j]] * w[j] + c[j]) @ W[j] + b[j]
            np.testing.assert_allclose(h[:, 2 * j : 2 * j + 2], expected, atol=atol)


def test_predicted_features_of_a_row_do_not_depend_on_the_other_rows():
    layer, X = Periodic(3, 17, 2, deviation=1.0), numbers(3)
    params = moved(drawn(layer, X))
    buffers = layer.make_buffers(BufferSpec(7, np.float64))
    together = layer.forward(params, X, buffers).copy()
    backwards = layer.forward(params, X[::-1], buffers)[::-1]
    np.testing.assert_allclose(backwards, together, rtol=0, atol=1e-14)
    alone = [
        layer.forward(params, X[i : i + 1], buffers.resized(1))[0].copy()
        for i in range(7)
    ]
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-14)


def test_largest_buffers():
    few, many = Periodic(3, 4, n_outputs=7), Periodic(3, 40)
    assert (few.row_entries, many.row_entries) == (24, 120)
    assert Columns(((3, many), (1, Categories(4, 2)))).row_entries == 120
    assert Columns(((3, few), (1, Categories(4, 2)))).row_entries == 26
    assert Columns(((5, None),)).row_entries == 5


def test_categories():
    layer = Categories(4, 3)
    check_gradients(layer, CODES, slopes=False)
    check_fewer_rows(layer, CODES)
    params = drawn(layer, CODES)
    buffers = layer.make_buffers(BufferSpec(7, np.float64))
    expected = params["W"][CODES[:, 0].astype(int)]
    np.testing.assert_array_equal(layer.forward(params, CODES, buffers), expected)
    assert layer.n_in == 1


def test_each_group_of_columns_has_its_layer():
    parts = ((2, Periodic(2, 4, 3)), (1, None), (1, Categories(4, 2)), (2, Scale(2)))
    layer, X = Columns(parts), np.hstack([numbers(3), CODES, numbers(2)])
    assert (layer.n_in, layer.n_out) == (6, 8 + 1 + 2 + 2)
    check_gradients(layer, X, slopes=False)
    check_fewer_rows(layer, X)
    params = drawn(layer, X)
    buffers = layer.make_buffers(BufferSpec(7, np.float64))
    h = layer.forward(params, X, buffers)
    np.testing.assert_array_equal(h[:, 8:9], X[:, 2:3])
    assert set(params) == {"0.w", "0.c", "0.W", "0.b", "2.W", "3.scale"}
    decays = {name for name, spec in layer.shapes().items() if spec.decays}
    assert decays == {"0.W", "2.W"}


def test_no_gradient_by_the_input_of_the_first_layer():
    for layer, X in ((Periodic(3), numbers(3)), (Categories(4, 2), CODES)):
        params = drawn(layer, X)
        buffers = layer.make_buffers(BufferSpec(7, np.float64, training=True))
        dh = np.ones_like(layer.forward(params, X, buffers))
        grads = drawn(layer, X)
        assert layer.backward(params, grads, buffers, dh, input_gradient=False) is None


def test_widths():
    layer = Periodic(3, n_outputs=2)
    assert (layer.n_in, layer.n_out) == (3, 9)


@pytest.mark.parametrize(
    "part",
    [
        (0, None),
        (-1, None),
        (2, Categories(3, 8)),
        (3, Periodic(2)),
        (2, Periodic(2, n_frequencies=0)),
        (2, Periodic(2, n_frequencies=1001)),
        (2, Periodic(2, n_outputs=0)),
        (3, PiecewiseLinear(2)),
        (2, PiecewiseLinear(2, n_bins=0)),
        (2, PiecewiseLinear(2, n_bins=1001)),
        (2, PiecewiseLinear(2, n_outputs=0)),
    ],
)
def test_parts_that_do_not_fit_their_layer(part):
    good = ((2, Periodic(2)), (3, None), (1, Categories(3, 8)))
    Columns(good).check_sizes()
    with pytest.raises(ValueError, match="does not fit its layer|frequencies|bins"):
        Columns((*good, part)).check_sizes()
