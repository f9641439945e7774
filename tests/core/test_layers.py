import numpy as np
import pytest
from scipy import sparse

from skmlp.core import layers
from skmlp.core._types import Rng
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.layers import BufferSpec, Dense, Dropout, _matmul


def make(n_in, n_out, activation=None, n_rows=6, seed=0):
    rng = np.random.RandomState(seed)
    layer = Dense(n_in, n_out, activation)
    params = {name: np.empty(spec.shape) for name, spec in layer.shapes().items()}
    layer.initialize(params, rng)
    buffers = layer.make_buffers(BufferSpec(n_rows, np.float64, training=True))
    return layer, params, buffers, rng.randn(n_rows, n_in), rng.randn(n_rows, n_out)


def gradients(layer):
    return {name: np.full(spec.shape, np.nan) for name, spec in layer.shapes().items()}


@pytest.mark.parametrize("n_in", [1, 4])
@pytest.mark.parametrize("name", [*ACTIVATIONS, None])
def test_forward_is_r_of_h_w_plus_b(name, n_in):
    activation = ACTIVATIONS[name] if name else None
    layer, params, buffers, X, _ = make(n_in, 3, activation)
    h = layer.forward(params, X, buffers)
    s = X.dot(params["W"]) + params["b"]
    expected = activation.value(s, np.empty_like(s)) if activation else s
    np.testing.assert_allclose(h, expected, rtol=1e-13)


@pytest.mark.parametrize(("n_in", "n_out"), [(4, 3), (4, 1), (1, 3)])
@pytest.mark.parametrize("name", [*ACTIVATIONS, None])
def test_backward_is_the_chain_rule(name, n_in, n_out):
    activation = ACTIVATIONS[name] if name else None
    layer, params, buffers, X, dh = make(n_in, n_out, activation)
    grads = gradients(layer)
    layer.forward(params, X, buffers)
    dX = layer.backward(params, grads, buffers, dh.copy()).copy()

    def value(W, b, X):
        return np.sum(dh * layer.forward({"W": W, "b": b}, X, buffers))

    arguments = [params["W"], params["b"], X]
    for i, gradient in enumerate([grads["W"], grads["b"], dX]):
        direction = np.random.RandomState(i).randn(*gradient.shape)
        moved = []
        for step in (1e-6, -1e-6):
            there = list(arguments)
            there[i] = there[i] + step * direction
            moved.append(value(*there))
        numerical = (moved[0] - moved[1]) / 2e-6
        assert np.sum(gradient * direction) == pytest.approx(numerical, rel=1e-6)


def test_the_chain_rule_in_pieces_of_rows(monkeypatch):
    layer, params, buffers, X, dh = make(4, 3, ACTIVATIONS["gelu"], n_rows=7)
    found = []
    for entries in (2**15, 6, 1):
        monkeypatch.setattr(layers, "PIECE_ENTRIES", entries)
        grads = gradients(layer)
        layer.forward(params, X, buffers)
        dX = layer.backward(params, grads, buffers, dh.copy()).copy()
        found.append([grads["W"], grads["b"], dX])
    for pieces in found[1:]:
        for array, expected in zip(pieces, found[0], strict=True):
            np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("n_columns", [1, 2, 3, 4])
@pytest.mark.parametrize("n_rows", [1, 30, 200])
@pytest.mark.parametrize("n_inner", [1, 7, 100])
@pytest.mark.parametrize("transposed", [False, True])
def test_products_of_every_shape(n_rows, n_inner, n_columns, transposed):
    rng = np.random.RandomState(0)
    a, b = rng.randn(n_rows, n_inner), rng.randn(n_inner, n_columns)
    if transposed:
        a, b = np.asfortranarray(a), np.asfortranarray(b)
    out = np.full((n_rows, n_columns), np.nan)
    assert _matmul(a, b, out) is out
    np.testing.assert_allclose(out, np.einsum("ij,jk->ik", a, b), atol=1e-12)


def test_no_gradient_by_the_input_of_the_first_layer():
    layer, params, _, X, dh = make(4, 3)
    buffers = layer.make_buffers(
        BufferSpec(6, np.float64, training=True, first_layer=True)
    )
    layer.forward(params, X, buffers)
    grads = gradients(layer)
    assert layer.backward(params, grads, buffers, dh, input_gradient=False) is None
    assert buffers.dh_prev is None


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array])
def test_sparse_input_gives_the_results_of_dense_input(container):
    layer, params, buffers, X, dh = make(4, 3, ACTIVATIONS["tanh"])
    X[X < 0.5] = 0
    of_dense, of_sparse = gradients(layer), gradients(layer)
    h_dense = layer.forward(params, X, buffers).copy()
    layer.backward(params, of_dense, buffers, dh.copy(), input_gradient=False)
    h_sparse = layer.forward(params, container(X), buffers).copy()
    layer.backward(params, of_sparse, buffers, dh.copy(), input_gradient=False)
    np.testing.assert_allclose(h_sparse, h_dense, rtol=1e-13)
    for name in of_dense:
        np.testing.assert_allclose(of_sparse[name], of_dense[name], rtol=1e-12)


def test_buffers_for_fewer_rows_are_parts_of_the_full_ones():
    layer, params, buffers, X, _ = make(4, 3, ACTIVATIONS["relu"])
    few = buffers.resized(2)
    h = layer.forward(params, X[:2], few)
    assert h.shape == (2, 3)
    assert few.ones.shape == (2,)
    assert np.shares_memory(h, buffers.h)


def test_prediction_has_no_gradient_buffers():
    buffers = Dense(4, 3, ACTIVATIONS["tanh"]).make_buffers(BufferSpec(6, np.float32))
    assert buffers.dh_prev is buffers.ones is None
    assert buffers.h.dtype == np.float32


def test_an_activation_that_keeps_s_gets_a_buffer_for_h():
    class KeepsS:
        glorot_factor, keeps_s = 6.0, True

        def value(self, s, out):
            return np.multiply(s, s, out=out)

        def derivative(self, s, h, out):
            return np.multiply(2, s, out=out)

    layer, params, buffers, X, _ = make(4, 3, KeepsS())
    h = layer.forward(params, X, buffers)
    assert not np.shares_memory(buffers.s, h)
    np.testing.assert_allclose(h, (X @ params["W"] + params["b"]) ** 2)
    assert not np.shares_memory(buffers.resized(2).s, buffers.resized(2).h)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.999999])
def test_dropout_keeps_the_mean_and_drops_the_fraction(p, dtype):
    layer, h_prev = Dropout(50, p), np.ones((2000, 50), dtype)
    buffers = layer.make_buffers(BufferSpec(2000, dtype, training=True))
    h = layer.forward({}, h_prev, buffers, Rng(0))
    assert h.dtype == dtype
    assert not np.shares_memory(h, h_prev)
    kept = 1 - min(p, 1 - 2**-16)
    assert np.mean(h == 0) == pytest.approx(1 - kept, abs=0.01)
    np.testing.assert_allclose(h[h != 0], 1 / kept, rtol=1e-4)


def test_dropout_without_a_generator_is_the_identity():
    layer, h_prev = Dropout(5, 0.5), np.ones((4, 5))
    buffers = layer.make_buffers(BufferSpec(4, np.float64, training=True))
    layer.forward({}, h_prev, buffers, Rng(0))
    assert layer.forward({}, h_prev, buffers) is h_prev
    dh = np.ones((4, 5))
    assert layer.backward({}, {}, buffers, dh) is dh
    assert (dh == 1).all()
    assert layer.pull_back({}, buffers, dh) is dh


def test_dropout_backward_is_the_chain_rule():
    layer, dh = Dropout(5, 0.3), np.random.RandomState(1).randn(4, 5)
    buffers = layer.make_buffers(BufferSpec(7, np.float64, training=True)).resized(4)
    h = layer.forward({}, np.ones((4, 5)), buffers, Rng(0)).copy()
    np.testing.assert_array_equal(layer.backward({}, {}, buffers, dh.copy()), dh * h)
    assert layer.shapes() == {}
    assert layer.n_in == layer.n_out == 5


def test_dropout_drops_other_units_in_each_step():
    layer, h_prev, rng = Dropout(50, 0.5), np.ones((4, 50)), Rng(0)
    buffers = layer.make_buffers(BufferSpec(4, np.float64, training=True))
    first = layer.forward({}, h_prev, buffers, rng).copy()
    assert not np.array_equal(first, layer.forward({}, h_prev, buffers, rng))


def test_an_activation_may_return_its_own_array():
    class Sine:
        glorot_factor, keeps_s = 6.0, True

        def value(self, s, out):
            return np.sin(s)

        def derivative(self, s, h, out):
            return np.cos(s)

    layer, params, buffers, X, dh = make(4, 3, Sine())
    s = X @ params["W"] + params["b"]
    np.testing.assert_allclose(layer.forward(params, X, buffers), np.sin(s), rtol=1e-12)
    grads = gradients(layer)
    layer.backward(params, grads, buffers, dh.copy())
    np.testing.assert_allclose(grads["W"], X.T @ (dh * np.cos(s)), rtol=1e-12)


def test_gains_with_sparse_rows():
    rng = np.random.RandomState(0)
    X = sparse.random(6, 4, 0.5, format="csr", random_state=rng)
    layer = Dense(4, 3, gain=0.5, bias_gain=0.1)
    params = {"W": rng.randn(4, 3), "b": rng.randn(3)}
    dh, found = rng.randn(6, 3), []
    for rows in (X, X.toarray()):
        buffers = layer.make_buffers(BufferSpec(6, np.float64, training=True))
        grads = {name: np.zeros_like(array) for name, array in params.items()}
        h = layer.forward(params, rows, buffers).copy()
        layer.backward(params, grads, buffers, dh.copy(), input_gradient=False)
        found.append([h, grads["W"], grads["b"]])
    for of_sparse, of_dense in zip(*found, strict=True):
        np.testing.assert_allclose(of_sparse, of_dense)
    np.testing.assert_allclose(found[0][0], 0.5 * X @ params["W"] + 0.1 * params["b"])
