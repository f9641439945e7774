"""Numeric columns of a table, encoded together, in blocks of rows and columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from .column_encoders import Numeric, difference

FAR = 1e9
"""Scaled numbers are clipped to [-FAR, FAR]; smooth clipping maps the ends to -3 and 3."""

LIMIT = 3.5
"""Normal quantiles are clipped to [-LIMIT, LIMIT]: 1 in 4,000 is beyond each limit."""

LEAST = float(ndtr(-LIMIT))
"""The fraction of rows whose normal quantile is -LIMIT."""

ROWS, VALUES = 4096, 131_072
"""The most rows of a block, and its most numbers: its arrays fit in the cache."""

FEW = 256
"""Up to this many rows are looked up as they come."""

KEYS = 10_900.0
"""Smoothly clipped numbers become integers of 16 bits by this factor."""


def encode_numbers(columns: Sequence[Numeric], values: Sequence[Any], out: Any) -> None:
    """Encode columns of numbers, float64 with NaN where missing, into those of `out`.

    x becomes z / sqrt(1 + (z / 3)^2) with z = (x - center) * scale. All scaled columns come
    first, then all normal quantiles, then all indicators of missing values. The size of the
    blocks, and the rows beside it, do not change a number.
    """
    n_quantiles = sum(one.quantiles is not None for one in columns)
    starts = np.array([0, len(columns), len(columns) + n_quantiles])
    width = max(1, VALUES // min(ROWS, len(out)))
    for first in range(0, len(columns), width):
        block = Block(columns[first : first + width])
        ends = starts + block.sizes
        for row in range(0, len(out), ROWS):
            rows = slice(row, row + ROWS)
            x = np.array([one[rows] for one in values[first : first + width]])
            parts = [out[rows, a:b] for a, b in zip(starts, ends, strict=True)]
            block.encode(x, *parts)
        starts = ends


class Block:
    """Columns of numbers that are encoded as one matrix, (n_columns, n_rows)."""

    def __init__(self, columns: Sequence[Numeric]):
        learnt = [(one.center, one.scale, one.mean) for one in columns]
        self.center, self.scale, self.mean = np.array(learnt).T[:, :, None]
        self.smooth = [
            (i, one) for i, one in enumerate(columns) if one.quantiles is not None
        ]
        self.marked = [i for i, one in enumerate(columns) if one.has_missing]
        self.sizes = np.array([len(columns), len(self.smooth), len(self.marked)])

    def encode(self, x: Any, scaled: Any, quantiles: Any, missing: Any) -> None:
        """Write the encoded numbers of the rows; x itself changes."""
        gaps = np.isnan(x)
        missing[:] = gaps[self.marked].T
        if gaps.any():
            np.copyto(x, self.mean, where=gaps)
        z = self._scaled(x)
        scaled[:] = z.T
        if self.smooth:
            quantiles[:] = self._normal_quantiles(x, z).T

    def _scaled(self, x: Any) -> Any:
        """x, centred, scaled and smoothly clipped."""
        z, factor = difference(x, self.center)
        with np.errstate(over="ignore"):
            z *= self.scale
            z *= factor
        np.clip(z, -FAR, FAR, out=z)
        root = z / 3
        root *= root
        root += 1
        z /= np.sqrt(root, out=root)
        return z

    def _normal_quantiles(self, x: Any, z: Any) -> Any:
        """The normal quantiles of the fractions of rows below x; z rises with x."""
        found = np.empty((len(self.smooth), x.shape[1]))
        for fractions, (i, column) in zip(found, self.smooth, strict=True):
            if len(fractions) <= FEW:
                fractions[:] = column.fractions(x[i])
            else:
                # Searches are fast where each number is close to the one before. Sorting
                # short integers takes linear time.
                order = (z[i] * KEYS).astype(np.int16).argsort(kind="stable")
                fractions[order] = column.fractions(x[i].take(order))
        np.clip(found, LEAST, 1 - LEAST, out=found)
        return ndtri(found, out=found)
