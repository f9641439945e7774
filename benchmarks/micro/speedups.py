"""The optimisations, at 200 rows of a hidden layer of 100 units.

To add one, write a function that takes a dtype and returns a list of (name, fast, plain),
where fast and plain are functions without arguments that return the same; add the function
to `GROUPS`.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from skmlp.core._blas import matmul
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.embeddings import Periodic
from skmlp.core.heads import HEADS
from skmlp.core.layers import BufferSpec
from skmlp.core.optimizers import Adam

Speedup = tuple[str, Callable, Callable]


def activations(dtype) -> list[Speedup]:
    rng = np.random.RandomState(0)
    s, dh = rng.randn(200, 100).astype(dtype), rng.randn(200, 100).astype(dtype)
    out, scratch = np.empty_like(s), np.empty_like(s)
    relu, logistic = ACTIVATIONS["relu"], ACTIVATIONS["logistic"]
    selu, silu = ACTIVATIONS["selu"], ACTIVATIONS["silu"]
    above = float(selu.value(np.ones(1), np.empty(1))[0])
    below = -float(selu.value(np.full(1, -100.0), np.empty(1))[0])

    def selu_by_copying():
        np.add(s, below, out=out)
        np.copyto(out, above, where=s > 0)
        return out

    return [
        ("logistic by tanh", lambda: logistic.value(s, out), lambda: expit(s)),
        ("silu by two exps", lambda: silu.value(s, scratch), lambda: s * expit(s)),
        (
            "derivative of selu by a step",
            lambda: selu.derivative(s, s, scratch),
            selu_by_copying,
        ),
        (
            "derivative of relu as floats",
            lambda: np.multiply(dh, relu.derivative(s, s, scratch), out=out),
            lambda: np.multiply(dh, s > 0, out=out),
        ),
        (
            "relu by an array of zeros",
            lambda: relu.value(s, out),
            lambda: np.maximum(s, 0, out=scratch),
        ),
    ]


def periodic(dtype) -> list[Speedup]:
    """The periodic features of 20 columns."""
    rng = np.random.RandomState(0)
    layer, X = Periodic(20), rng.randn(200, 20).astype(dtype)
    params = {
        name: rng.randn(*spec.shape).astype(dtype)
        for name, spec in layer.shapes().items()
    }
    buffers = layer.make_buffers(BufferSpec(200, dtype, training=True))
    w, c, W, b = (params[name] for name in "wcWb")
    angles, cosines = np.empty((2, 20, 200, 16), dtype)

    def frequencies_last():
        np.multiply(X.T[:, :, None], 2 * np.pi * w[:, None], out=angles)
        np.add(angles, c[:, None], out=angles)
        e = np.matmul(np.cos(angles, out=cosines), W) + b[:, None]
        return np.hstack([e.transpose(1, 0, 2).reshape(200, -1), X])

    return [
        (
            "periodic features, rows last",
            lambda: layer.forward(params, X, buffers),
            frequencies_last,
        ),
    ]


def softmax(dtype) -> list[Speedup]:
    s = np.random.RandomState(0).randn(200, 3).astype(dtype)
    y = np.eye(3, dtype=dtype)[np.arange(200) % 3]
    head = HEADS["softmax"]

    def plain():
        z = s - s.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        return np.log(total[:, 0]) - (y * z).sum(axis=1), e / total - y

    return [
        ("softmax, classes first", lambda: head.loss_and_gradient(y, s), plain),
    ]


def products(dtype) -> list[Speedup]:
    rng = np.random.RandomState(0)
    X, W, b = (
        rng.randn(*size).astype(dtype) for size in ((200, 20), (20, 100), (100,))
    )
    dS, ones = rng.randn(200, 100).astype(dtype), np.ones(200, dtype)
    column, row = dS[:, :1].copy(), b[None]
    out, outer = np.empty_like(dS), np.empty_like(dS)

    def product_on_bias():
        np.copyto(out, b)
        return matmul(X, W, out, add=True)

    return [
        (
            "product through BLAS itself",
            lambda: matmul(X, W, out),
            lambda: np.matmul(X, W, out=out),
        ),
        (
            "product added to the bias",
            product_on_bias,
            lambda: np.add(np.matmul(X, W, out=out), b, out=out),
        ),
        ("column sums as a product", lambda: ones @ dS, lambda: dS.sum(axis=0)),
        (
            "outer product through BLAS itself",
            lambda: matmul(column, row, outer),
            lambda: np.matmul(column, row, out=outer),
        ),
    ]


def optimizer(dtype) -> list[Speedup]:
    """A step of Adam over 15,000 parameters; its moments have converged."""
    rng = np.random.RandomState(0)
    theta, g = rng.randn(15_000).astype(dtype), rng.randn(15_000).astype(dtype)
    grad, other = np.empty_like(g), theta.copy()
    adam = Adam()
    m, v = np.zeros_like(g), np.zeros_like(g)
    steps = iter(range(1, 10**9))

    def fast():
        np.copyto(grad, g)
        adam.step(theta, grad, 1e-6)
        return theta

    def plain():
        nonlocal m, v, other
        t = next(steps)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        factor = 1e-6 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        other = other - factor * m / (np.sqrt(v) + 1e-8)
        return other

    return [("Adam in seven passes", fast, plain)]


def gathering(dtype) -> list[Speedup]:
    rng = np.random.RandomState(0)
    X, order = rng.randn(2000, 20).astype(dtype), rng.permutation(2000)
    batches = [slice(start, start + 200) for start in range(0, 1000, 200)]

    def at_once():
        part = X[order[:1000]]
        return [part[batch] for batch in batches]

    def one_by_one():
        return [X[order[batch]] for batch in batches]

    return [("rows of five batches at once", at_once, one_by_one)]


GROUPS = (activations, periodic, softmax, products, optimizer, gathering)


def speedups(dtype) -> list[Speedup]:
    """All cases for one dtype."""
    return [case for group in GROUPS for case in group(dtype)]
