"""Each speed-up of a training step against its plain version, equality first.

    python benchmarks/micro.py [--quick]

Prints the median time of both and the median ratio over paired runs, on one BLAS thread,
at 200 rows of a hidden layer of 100 units.
"""

import argparse
import os
import statistics
import timeit
from collections.abc import Callable

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
from scipy.special import expit

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import HEADS
from skmlp.core.layers import _matmul

Case = tuple[str, Callable, Callable]


def cases(dtype) -> list[Case]:
    """(what, fast, plain): two functions without arguments that return the same."""
    rng = np.random.RandomState(0)
    H, D = rng.randn(200, 100).astype(dtype), rng.randn(200, 100).astype(dtype)
    out, ones = np.empty_like(H), np.ones(200, dtype)
    V, scores = rng.randn(100, 3).astype(dtype), np.empty((200, 3), dtype)
    column, row = D[:, :1].copy(), H[:1].copy()
    s, y = rng.randn(200, 3).astype(dtype), np.eye(3, dtype=dtype)[np.arange(200) % 3]
    X, order = rng.randn(2000, 20).astype(dtype), rng.permutation(2000)
    batches = [slice(start, start + 200) for start in range(0, 1000, 200)]
    relu, logistic, softmax = (
        ACTIVATIONS["relu"],
        ACTIVATIONS["logistic"],
        HEADS["softmax"],
    )

    def plain_softmax():
        z = s - s.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        return np.log(total[:, 0]) - (y * z).sum(axis=1), e / total - y

    def gathered_at_once():
        part = X[order[:1000]]
        return [part[batch] for batch in batches]

    return [
        (
            "relu by a row of zeros",
            lambda: relu.value(H, out),
            lambda: np.maximum(H, 0),
        ),
        ("logistic by tanh", lambda: logistic.value(H, out), lambda: expit(H)),
        (
            "softmax, classes first",
            lambda: softmax.loss_and_gradient(y, s),
            plain_softmax,
        ),
        ("column sums as a product", lambda: ones @ D, lambda: D.sum(axis=0)),
        (
            "outer product by broadcasting",
            lambda: np.multiply(column, row, out=out),
            lambda: np.matmul(column, row, out=out),
        ),
        (
            "three columns one by one",
            lambda: _matmul(H, V, scores),
            lambda: np.matmul(H, V, out=scores),
        ),
        (
            "rows of five batches at once",
            gathered_at_once,
            lambda: [X[order[batch]] for batch in batches],
        ),
    ]


def check_equal(fast, plain, dtype) -> None:
    """Raise AssertionError unless both return the same, to rounding."""
    a, b = fast(), plain()
    pairs = zip(a, b, strict=True) if isinstance(a, tuple | list) else [(a, b)]
    for x, z in pairs:
        np.testing.assert_allclose(x, z, rtol=0, atol=200 * np.finfo(dtype).eps)


def seconds(function, number: int) -> float:
    return timeit.timeit(function, number=number) / number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions")
    quick = parser.parse_args().quick
    number, repeats = (50, 3) if quick else (2000, 15)
    print(f"{'':34} {'dtype':8} {'fast us':>8} {'plain us':>9} {'plain/fast':>11}")
    for dtype in (np.float64, np.float32):
        for what, fast, plain in cases(dtype):
            check_equal(fast, plain, dtype)
            pairs = [
                (seconds(fast, number), seconds(plain, number)) for _ in range(repeats)
            ]
            f, p = (
                1e6 * statistics.median(times) for times in zip(*pairs, strict=True)
            )
            ratio = statistics.median(b / a for a, b in pairs)
            print(f"{what:34} {np.dtype(dtype).name:8} {f:8.1f} {p:9.1f} {ratio:11.2f}")


if __name__ == "__main__":
    main()
