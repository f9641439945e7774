"""Piecewise-linear features of numbers, an input layer for tables."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._types import Array, Params, Rng
from .layers import BufferSpec, ParameterSpec, RowBuffers

MAX_BINS = 1000
"""The most bins of a feature. Their quantiles come from about as many rows."""


@dataclass
class PiecewiseBuffers(RowBuffers):
    """The features; the bin of each number of the last batch and the part of it below."""

    h: Array
    bins: Any = field(init=False, default=None)
    parts: Any = field(init=False, default=None)


@dataclass(frozen=True)
class PiecewiseLinear:
    """For each feature x: x itself, and r(x) W + b, which is piecewise linear in x.

    The bins of a feature lie between n_bins + 1 knots t, quantiles of the rows that the
    initialisation gets. r_k(x) is 0 below the bin k, 1 above it, and linear in between, so
    a row of W is what the outputs rise by over a bin. Bins of no width are steps. The knots
    are parameters without a gradient. W and b are stored divided by `gain`.

    Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556; x itself and W = 0 at first as in arXiv:2410.24210.
    """

    n_features: int
    n_bins: int = 32
    n_outputs: int = 3
    gain: float = 1.0

    @property
    def n_in(self) -> int:
        return self.n_features

    @property
    def n_out(self) -> int:
        return self.n_features * (self.n_outputs + 1)

    @property
    def row_entries(self) -> int:
        return max(self.n_out, self.n_features * self.n_bins)

    def shapes(self) -> dict[str, ParameterSpec]:
        d, m, e = self.n_features, self.n_bins, self.n_outputs
        return {
            "t": ParameterSpec((d, m + 1)),
            "W": ParameterSpec((d, m, e), decays=True),
            "b": ParameterSpec((d, e)),
        }

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        """Without rows, the knots are equally spaced from -3 to 3."""
        levels = np.linspace(0, 1, self.n_bins + 1)
        if h_prev is None:
            params["t"][...] = 6 * levels - 3
        else:
            params["t"][...] = np.quantile(h_prev, levels, axis=0).T
        params["W"][...] = 0
        params["b"][...] = rng.uniform(-1, 1, params["b"].shape)
        params["b"] /= self.gain

    def make_buffers(self, spec: BufferSpec) -> PiecewiseBuffers:
        return PiecewiseBuffers(spec.empty(self.n_out))

    def _find(self, t: Array, h_prev: Array, buffers: PiecewiseBuffers) -> None:
        """Find the bin of each number, and the part of it below the number."""
        inner = t[:, None, 1:-1]
        k = (h_prev.T[:, :, None] >= inner).sum(axis=2)
        low = np.take_along_axis(t, k, axis=1)
        high = np.take_along_axis(t, k + 1, axis=1)
        width, d = high - low, h_prev.T - low
        # Rounding can make d the width of a bin just below its upper knot.
        above = (high <= h_prev.T) | ((d >= width) & (width > 0))
        part = np.array(above, h_prev.dtype)
        np.divide(np.maximum(d, 0), width, out=part, where=~above & (width > 0))
        buffers.bins, buffers.parts = k, part

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: PiecewiseBuffers,
        rng: Rng | None = None,
    ) -> Array:
        gain, n = self.gain, self.n_features * self.n_outputs
        self._find(params["t"], h_prev, buffers)
        steps = np.concatenate([params["b"][:, None], params["W"]], axis=1)
        values = gain * steps.cumsum(axis=1)
        k, parts = buffers.bins[:, :, None], buffers.parts[:, :, None]
        low = np.take_along_axis(values, k, axis=1)
        e = low + parts * (np.take_along_axis(values, k + 1, axis=1) - low)
        outputs = buffers.h[:, :n].reshape(len(h_prev), self.n_features, -1)
        outputs[...] = e.transpose(1, 0, 2)
        buffers.h[:, n:] = h_prev
        return buffers.h

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: PiecewiseBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array | None:
        de = self._of_outputs(dh).transpose(1, 0, 2)
        parts = buffers.parts[:, :, None]
        # Sums for the outputs at the knots, and then over the knots above each bin.
        sums = np.zeros((*grads["t"].shape, self.n_outputs), dh.dtype)
        features = np.arange(self.n_features)[:, None]
        np.add.at(sums, (features, buffers.bins), (1 - parts) * de)
        np.add.at(sums, (features, buffers.bins + 1), parts * de)
        above = self.gain * sums[:, ::-1].cumsum(axis=1)[:, ::-1]
        for name, value in (("t", 0.0), ("W", above[:, 1:]), ("b", above[:, 0])):
            grads[name][...] = grads[name] + value if add else value
        return (
            self.pull_back(params, buffers, dh[:, None])[:, 0]
            if input_gradient
            else None
        )

    def _of_outputs(self, dh: Array) -> Array:
        """dLoss/de, with an axis of features before that of their outputs."""
        de = dh[..., : self.n_features * self.n_outputs]
        return de.reshape(*dh.shape[:-1], self.n_features, self.n_outputs)

    def pull_back(self, params: Params, buffers: PiecewiseBuffers, dh: Array) -> Array:
        """Between the knots, the slope of the bin; outside of all of them 0."""
        t, k = params["t"], buffers.bins
        width = np.take_along_axis(np.diff(t, axis=1), k, axis=1)
        inside = (buffers.parts > 0) & (buffers.parts < 1)
        per_bin = np.divide(self.gain, width, out=np.zeros_like(width), where=inside)
        slopes = np.take_along_axis(params["W"], k[:, :, None], axis=1)
        slopes = (slopes * per_bin[:, :, None]).transpose(1, 0, 2)
        n = self.n_features * self.n_outputs
        dx: Array = dh[..., n:] + np.einsum(
            "nsde,nde->nsd", self._of_outputs(dh), slopes
        )
        return dx
