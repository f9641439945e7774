import numpy as np
import pytest

from skmlp.core._blas import add_scaled, matmul, norm, squared_norm

DTYPES = [np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("a", [0.0, -2.5])
def test_add_scaled_is_y_plus_a_x_in_the_memory_of_y(a, dtype):
    rng = np.random.RandomState(0)
    y, x = rng.randn(7).astype(dtype), rng.randn(7).astype(dtype)
    expected = y + dtype(a) * x
    assert add_scaled(y, x.copy(), a) is y
    np.testing.assert_allclose(y, expected, rtol=100 * np.finfo(dtype).eps)


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 4, 3), (1, 4, 3), (5, 1, 3), (5, 4, 1)])
@pytest.mark.parametrize("orders", ["CC", "CF", "FC", "FF", "C-", "-F"])
def test_matmul_is_the_product_in_the_memory_of_out(shape, orders, dtype, add):
    rng = np.random.RandomState(0)
    n, k, m = shape

    def operand(n_rows, n_columns, order):
        a = rng.randn(n_rows, n_columns).astype(dtype)
        if order == "-":
            return np.repeat(a, 2, axis=1)[:, ::2]
        return np.asarray(a, order=order)

    a, b = operand(n, k, orders[0]), operand(k, m, orders[1])
    out = rng.randn(n, m).astype(dtype) if add else np.full((n, m), np.nan, dtype)
    expected = np.einsum("ij,jk->ik", a, b) + (out if add else 0)
    assert matmul(a, b, out, add=add) is out
    np.testing.assert_allclose(out, expected, rtol=1e3 * np.finfo(dtype).eps, atol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_squared_norm(dtype):
    x = np.arange(5).astype(dtype)
    assert squared_norm(x) == 30.0


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30, 0.0, np.inf, np.nan])
@pytest.mark.parametrize("dtype", DTYPES)
def test_norm_also_if_the_square_overflows_or_underflows(scale, dtype):
    x = np.array([3.0, -4.0], dtype) * dtype(scale)
    np.testing.assert_allclose(norm(x), 5 * scale, rtol=1e-6)
