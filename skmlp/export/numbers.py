"""Columns of numbers as nodes: scaled, with quantiles and marks of missing values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..tabular.column_encoders import Numeric
from ..tabular.scaling import FAR, LEAST
from .functions import LARGEST, interpolated, normal_quantiles
from .graph import FLOAT, Graph

WIDE = 2.0**1000
"""Where medians or ranges are larger, differences of numbers can overflow."""


class Numbers(NamedTuple):
    """A column of numbers: the name of its column of the table, and its encoder."""

    name: Any
    encoder: Numeric


def encode(graph: Graph, x: str, columns: Sequence[Numbers]) -> list[str]:
    """The scaled numbers, the quantiles and the marks: tensors of those that there are.

    x is (n, n_columns), in double precision, NaN where missing.
    """
    each = [one.encoder for one in columns]
    gaps = graph("IsNaN", x)
    x = graph("Where", gaps, np.array([one.mean for one in each]), x)
    x = graph("Clip", x, np.float64(-LARGEST), np.float64(LARGEST))
    tensors = [graph.cast(_scaled(graph, x, each), FLOAT)]
    smooth = [i for i, one in enumerate(each) if one.quantiles is not None]
    if smooth:
        some = graph.columns(x, smooth, len(each))
        found = _quantiles(graph, some, [columns[i] for i in smooth])
        tensors.append(graph.cast(found, FLOAT))
    marked = [i for i, one in enumerate(each) if one.has_missing]
    if marked:
        tensors.append(graph.cast(graph.columns(gaps, marked, len(each)), FLOAT))
    return tensors


def _scaled(graph: Graph, x: str, columns: Sequence[Numeric]) -> str:
    """x, centred, scaled and smoothly clipped."""
    center = np.array([one.center for one in columns])
    scale = np.array([one.scale for one in columns])
    wide = (np.abs(center) > WIDE) | ((scale > 0) & (scale < 1 / WIDE))
    half = np.where(wide, 0.5, 1.0)
    if wide.any():
        x = graph("Mul", x, half)
    z = graph("Sub", x, center * half)
    z = graph("Clip", z, np.float64(-LARGEST), np.float64(LARGEST))
    z = graph("Mul", z, scale)
    if wide.any():
        z = graph("Mul", z, 1 / half)
    z = graph("Clip", z, np.float64(-FAR), np.float64(FAR))
    third = graph("Div", z, np.float64(3))
    root = graph("Sqrt", graph("Add", graph("Mul", third, third), np.float64(1)))
    return graph("Div", z, root)


def _quantiles(graph: Graph, x: str, columns: Sequence[Numbers]) -> str:
    """The normal quantiles of the fractions of rows below x."""
    powers, lines = zip(*map(lines_of, columns), strict=True)
    if any(powers):
        # Two factors, as 2^1074 is not a number of double precision.
        first = [power // 2 for power in powers]
        rest = [power - one for power, one in zip(powers, first, strict=True)]
        for some in (first, rest):
            x = graph("Mul", x, np.ldexp(1.0, some))
    fractions = interpolated(graph, x, lines)
    ends = np.float64(LEAST), np.float64(1 - LEAST)
    return normal_quantiles(graph, graph("Clip", fractions, *ends))


def lines_of(column: Numbers) -> tuple[int, tuple[Any, Any]]:
    """A power of 2, and points of x times it between which the fraction is linear.

    Very large and very small quantiles get moderate by it: their differences or slopes
    would overflow.
    """
    one, power, exact = column.encoder, 0, True
    if one._lines is None:
        power = -int(np.frexp(np.abs(one.quantiles).max())[1])
        moderate = np.ldexp(one.quantiles, power)
        exact = np.array_equal(np.ldexp(moderate, -power), one.quantiles)
        one = replace(one, quantiles=moderate)
    if one._lines is None or not exact:
        raise NotImplementedError(
            f"to_onnx cannot export the quantiles of column {column.name!r}, whose numbers "
            "are from very small to very large ones. Divide them, or take logarithms."
        )
    return power, one._lines
