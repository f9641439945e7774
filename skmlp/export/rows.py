"""Whole rows that repeat as nodes: a key of each row, and the effects of known keys.

Keys are the bits of numbers, mixed: ONNX has no operator for bits, so they are put
together from the exponent and the digits of a number.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tabular.column_encoders import ColumnEncoder
from ..tabular.dates import Dated
from ..tabular.repeated_rows import FACTORS, GAMMA, Repeated
from .columns import Encoded
from .functions import LARGEST, count_below, looked_up
from .graph import DOUBLE, FLOAT, INT64, ML, UINT64, Graph

DIGITS, BIAS, LEAST = 52, 1023, 1074
"""Of a number of double precision: its digits, what its exponent counts from, and minus the
exponent of the smallest one."""

INFINITY, NAN = 0x7FF0000000000000, 0x7FF8000000000000
"""Their bits."""

SIGN = -(2**63)
"""The bit of negative numbers, as an integer."""


def effects_of_rows(
    graph: Graph,
    repeated: Repeated,
    encoders: Sequence[ColumnEncoder],
    found: Sequence[Encoded],
) -> Encoded:
    """The effects of whole rows, by the columns of the table."""
    whole: Any = np.zeros(1, np.int64)
    for one, own in zip(encoders, found, strict=True):
        started = graph("Add", whole, _signed(GAMMA))
        whole = _mixed(graph, graph("BitwiseXor", started, _key(graph, one, own)))
    keys = repeated.keys.view(np.int64).tolist()
    places = [float(place) for place in range(1, len(keys) + 1)]
    given = {"keys_int64s": keys, "values_floats": places, "default_float": 0.0}
    codes = graph.cast(graph("LabelEncoder", whole, domain=ML, **given), INT64)
    return Encoded(plain=graph("Gather", repeated.effects, codes, axis=0))


def _signed(number: int) -> Any:
    """An integer of 64 bits, without a sign, as one with it."""
    return np.array(number, np.uint64).view(np.int64)


def _key(graph: Graph, one: ColumnEncoder, own: Encoded) -> str:
    """The key of a column for each row (n,), as `ColumnEncoder.keys_of`."""
    if not own.numbers:
        assert own.codes is not None
        return own.codes
    x = own.numbers[0]
    if not isinstance(one, Dated):
        x = graph.cast(graph.cast(x, FLOAT), DOUBLE)
    return graph.squeeze(bits_of(graph, x), 1)


def bits_of(graph: Graph, x: str) -> str:
    """The bits of numbers (n, 1) as integers, the same for both zeros and for all NaN."""
    gaps, size = graph("IsNaN", x), graph("Min", graph("Abs", x), np.float64(LARGEST))
    size = graph("Where", gaps, np.float64(0), size)
    exponents = np.arange(-LEAST, BIAS + 1)
    counts = count_below(graph, size, [np.ldexp(1.0, exponents)])
    # Two factors: below the normal numbers, 2^1074 is not a number of double precision.
    powers = np.where(exponents > -BIAS, DIGITS - exponents, LEAST)
    half = powers // 2
    for some in (half, powers - half):
        factors = np.concatenate([[1.0], np.ldexp(1.0, some)])
        size = graph("Mul", size, looked_up(graph, counts, [factors]))
    starts = np.concatenate([[0], np.maximum(exponents + BIAS - 1, 0) << DIGITS])
    bits = graph("Add", graph.cast(size, INT64), looked_up(graph, counts, [starts]))
    infinite = graph("Equal", graph("Abs", x), np.float64(np.inf))
    bits = graph("Where", infinite, np.int64(INFINITY), bits)
    negative = graph("Less", x, np.float64(0))
    sign = graph("Where", negative, np.int64(SIGN), np.int64(0))
    return graph("Where", gaps, np.int64(NAN), graph("Add", bits, sign))


def _mixed(graph: Graph, keys: str) -> str:
    """The same as `repeated_rows.mixed`; products of integers with a sign wrap around."""
    for shift, factor in zip((30, 27), FACTORS, strict=True):
        keys = graph("Mul", _shifted(graph, keys, shift), _signed(factor))
    return _shifted(graph, keys, 31)


def _shifted(graph: Graph, keys: str, n: int) -> str:
    """The bits, exclusive or those n places to the left."""
    plain = graph.cast(keys, UINT64)
    moved = graph("BitShift", plain, np.uint64(n), direction="RIGHT")
    return graph("BitwiseXor", keys, graph.cast(moved, INT64))
