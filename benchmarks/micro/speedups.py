"""The speed-ups, at 200 rows of a hidden layer of 100 units.

To add one, write a function that takes a dtype and returns its cases, (name, fast,
plain), two functions without arguments that return the same; and list it in `GROUPS`.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import HEADS
from skmlp.core.layers import _matmul

Speedup = tuple[str, Callable, Callable]


def activations(dtype) -> list[Speedup]:
    s = np.random.RandomState(0).randn(200, 100).astype(dtype)
    out = np.empty_like(s)
    relu, logistic = ACTIVATIONS["relu"], ACTIVATIONS["logistic"]
    return [
        (
            "relu by a row of zeros",
            lambda: relu.value(s, out),
            lambda: np.maximum(s, 0),
        ),
        ("logistic by tanh", lambda: logistic.value(s, out), lambda: expit(s)),
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
    H, dS = rng.randn(200, 100).astype(dtype), rng.randn(200, 100).astype(dtype)
    W, ones = rng.randn(100, 3).astype(dtype), np.ones(200, dtype)
    column, row = dS[:, :1].copy(), H[:1].copy()
    wide, narrow = np.empty_like(H), np.empty((200, 3), dtype)
    return [
        ("column sums as a product", lambda: ones @ dS, lambda: dS.sum(axis=0)),
        (
            "outer product by broadcasting",
            lambda: np.multiply(column, row, out=wide),
            lambda: np.matmul(column, row, out=wide),
        ),
        (
            "three columns one by one",
            lambda: _matmul(H, W, narrow),
            lambda: np.matmul(H, W, out=narrow),
        ),
    ]


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


GROUPS = (activations, softmax, products, gathering)


def speedups(dtype) -> list[Speedup]:
    """All cases for one dtype."""
    return [case for group in GROUPS for case in group(dtype)]
