"""Functions that ONNX has no operator for: searches, interpolation, normal quantiles."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.special import erfcx

from .graph import FLOAT, INT64, Graph

LARGEST = float(np.finfo(np.float64).max)

FEW = 48
"""Up to this many points are compared with each number, more in two steps."""

CENTRAL = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427),
    (13731.693765509461125, 45921.953931549871457, 67265.770927008700853),
    (33430.575583588128105, 2509.0809287301226727),
)
CENTRAL_BELOW = (
    (1.0, 42.313330701600911252, 687.18700749205790830),
    (5394.1960214247511077, 21213.794301586595867, 39307.895800092710610),
    (28729.085735721942674, 5226.4952788528545610),
)
TAIL = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550),
    (3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770),
    (0.0227238449892691845833, 7.74545014278341407640e-4),
)
TAIL_BELOW = (
    (1.0, 2.05319162663775882187, 1.67638483018380384940),
    (0.689767334985100004550, 0.148103976427480074590, 0.0151986665636164571966),
    (5.47593808499534494600e-4, 1.05075007164441684324e-9),
)
"""The coefficients of `normal_quantiles`, from the constant upwards."""

LEFT, CENTRE, START = 0.425, 0.180625, 1.6
"""Where its central part ends, and the numbers that the two variables count from."""

ERFCX_START, ERFCX_DEGREE = 3.75, 30
"""The variable and the degree of the polynomial of `normal_cdf`."""


def polynomial(graph: Graph, x: str, coefficients: Any) -> str:
    """The values of polynomials, by Horner's rule.

    `coefficients` are from the constant upwards on the first axis; each is broadcast to x.
    """
    value: Any = coefficients[-1]
    for one in coefficients[-2::-1]:
        value = graph("Add", graph("Mul", value, x), one)
    return str(value)


def normal_quantiles(graph: Graph, p: str) -> str:
    """The normal quantiles of a matrix of fractions, from 1e-10 to 1 - 1e-10.

    Rational functions of p - 1/2 near the centre, and of sqrt(-log p) in the tails, with
    16 digits: Wichura, "Algorithm AS 241: the percentage points of the normal
    distribution", Applied Statistics 37(3), 1988.
    """
    q = graph("Sub", p, np.float64(0.5))
    near = graph("Sub", np.float64(CENTRE), graph("Mul", q, q))
    less = graph("Min", p, graph("Sub", np.float64(1), p))
    root = graph("Sqrt", graph("Neg", graph("Log", less)))
    far = graph("Sub", root, np.float64(START))
    # Both variables in one tensor, (2, 1, n, d), and four polynomials, (2, 2, n, d).
    each = [graph.unsqueeze(graph.unsqueeze(one, 0), 0) for one in (near, far)]
    several = [[CENTRAL, CENTRAL_BELOW], [TAIL, TAIL_BELOW]]
    table = np.array([[np.concatenate(one) for one in some] for some in several])
    coefficients = np.moveaxis(table, -1, 0)[..., None, None]
    values = polynomial(graph, graph.concat(each, 0), coefficients)
    above, below = (graph.slice(values, i, i + 1, 1) for i in (0, 1))
    quotient = graph.squeeze(graph("Div", above, below), 1)
    central, tail = (
        graph.squeeze(graph.slice(quotient, i, i + 1, 0), 0) for i in (0, 1)
    )
    inside = graph("LessOrEqual", graph("Abs", q), np.float64(LEFT))
    outer = graph("Mul", graph("Sign", q), tail)
    return graph("Where", inside, graph("Mul", q, central), outer)


@cache
def _erfcx_coefficients() -> Any:
    """The polynomial of erfcx(x) in t = (x - a) / (x + a), for x >= 0."""

    def of_t(t: Any) -> Any:
        # t = 1 is x = infinity, where the function is 0.
        x = ERFCX_START * (1 + t) / np.maximum(1 - t, 1e-300)
        return erfcx(x)

    chebyshev = np.polynomial.Chebyshev.interpolate(of_t, ERFCX_DEGREE)
    return chebyshev.convert(kind=np.polynomial.Polynomial).coef


def normal_cdf(graph: Graph, s: str, dtype: Any) -> str:
    """The normal distribution function.

    In single precision by the operator Erf. onnxruntime has none for double precision:
    there it is erfcx(x) e^-x^2 / 2 with x = |s| / sqrt 2, and erfcx is a polynomial of
    (x - a) / (x + a).
    """
    half, one = dtype(0.5), dtype(1)
    if dtype is np.float32:
        erf = graph("Erf", graph("Mul", s, dtype(2**-0.5)))
        return graph("Mul", graph("Add", erf, one), half)
    x = graph("Mul", graph("Abs", s), dtype(2**-0.5))
    start = dtype(ERFCX_START)
    t = graph("Div", graph("Sub", x, start), graph("Add", x, start))
    value = polynomial(graph, t, [dtype(c) for c in _erfcx_coefficients()])
    near = graph("Min", x, dtype(40))
    e = graph("Exp", graph("Neg", graph("Mul", near, near)))
    below = graph("Mul", graph("Mul", value, e), half)
    return graph("Where", graph("Less", s, dtype(0)), below, graph("Sub", one, below))


def count_below(graph: Graph, x: str, points: Sequence[Any]) -> str:
    """For each number of a matrix the points <= x, by column, as integers.

    x is finite or NaN, for which the count is 0. `points` are sorted, for each column.
    """
    longest = max(len(one) for one in points)
    if longest <= FEW:
        return _counted(graph, x, _padded(points, longest))
    # The last points of blocks find the block. There is always one that has infinity.
    size = int(np.ceil(np.sqrt(longest + 1)))
    n_blocks = -(-(longest + 1) // size)
    table = _padded(points, n_blocks * size)
    block = _counted(graph, x, table[:, size - 1 :: size])
    starts = np.arange(len(points), dtype=np.int64) * n_blocks
    rows = graph("Gather", table.reshape(-1, size), graph("Add", block, starts), axis=0)
    return graph("Add", graph("Mul", block, np.int64(size)), _counted(graph, x, rows))


def _padded(points: Sequence[Any], length: int) -> Any:
    """Points of columns as rows of a matrix, filled up with infinity."""
    table = np.full((len(points), length), np.inf)
    for row, one in zip(table, points, strict=True):
        row[: len(one)] = one
    return table


def _counted(graph: Graph, x: str, table: Any) -> str:
    """How many numbers of the last axis of a table are <= x."""
    reached = graph("GreaterOrEqual", graph.unsqueeze(x, 2), table)
    return graph.cast(graph.sum(graph.cast(reached, FLOAT), 2), INT64)


def looked_up(graph: Graph, counts: str, tables: Sequence[Any]) -> str:
    """For each column the entry of its table at a count, (n, d)."""
    longest = max(len(one) for one in tables)
    filled = [np.pad(one, (0, longest - len(one))) for one in tables]
    starts = np.arange(len(tables), dtype=np.int64) * longest
    return graph("Gather", np.concatenate(filled), graph("Add", counts, starts), axis=0)


def interpolated(graph: Graph, x: str, lines: Sequence[tuple[Any, Any]]) -> str:
    """The piecewise linear functions through points (xp, fp), for each column.

    As np.interp: constant outside. Differences of points must not overflow; slopes may,
    at steps between a number and the next one.
    """
    low, high = (np.array([xp[end] for xp, _ in lines]) for end in (0, -1))
    x = graph("Min", graph("Max", x, low), high)
    counts = count_below(graph, x, [xp for xp, _ in lines])
    tables = []
    for xp, fp in lines:
        with np.errstate(over="ignore"):
            slopes = np.diff(fp) / np.diff(xp)
        # No number is between points that are so close.
        slopes[np.isinf(slopes)] = 0
        tables.append(
            (
                np.concatenate([xp[:1], xp]),
                np.concatenate([fp[:1], fp]),
                np.concatenate([[0.0], slopes, [0.0]]),
            )
        )
    start, value, slope = (
        looked_up(graph, counts, some) for some in zip(*tables, strict=True)
    )
    rise = graph("Mul", slope, graph("Sub", x, start))
    return graph("Add", rise, value)
