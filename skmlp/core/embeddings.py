"""Input layers for tables: periodic features of numbers, embeddings of categories.

`Columns` applies a layer to each group of columns and concatenates the outputs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np

from ._types import Array, Params, Rng
from .layers import BufferSpec, Layer, ParameterSpec, RowBuffers
from .piecewise import MAX_BINS, PiecewiseLinear

T = TypeVar("T")

MAX_FREQUENCIES = 1000
"""The most frequencies for each feature in a file."""


@dataclass
class PeriodicBuffers:
    """Arrays with the features first and the rows last; h is (n_rows, n_out).

    For each feature: [x; 1], (2, n_rows); the angles and their cosines, (n_frequencies,
    n_rows); e, the outputs but x, (n_outputs, n_rows). With the rows last, the inner loops
    of NumPy are long, and all sums over frequencies or rows are products.

    In prediction the angles are in single precision, where the cosine is several times as
    fast. Sums over frequencies and units keep the precision of the parameters.
    """

    x: Array
    angles: Array
    cosines: Array
    e: Array
    h: Array

    def resized(self, n_rows: int) -> "PeriodicBuffers":
        """The same memory for a batch of fewer rows."""
        return PeriodicBuffers(
            self.x[..., :n_rows],
            self.angles[..., :n_rows],
            self.cosines[..., :n_rows],
            self.e[..., :n_rows],
            self.h[:n_rows],
        )


@dataclass(frozen=True)
class Periodic:
    """For each feature x: x itself, and cos(2 pi w x + c) V + b.

    Each feature has separate frequencies w, phases c and a linear map V, b. Networks with
    few layers can hardly learn functions that change fast with a feature; with periodic
    features they can. Gorishniy, Rubachev and Babenko, "On embeddings for numerical
    features in tabular deep learning", arXiv:2203.05556; x itself is added as in
    arXiv:2407.04491. All parameters are stored divided by `gain`.
    """

    n_features: int
    n_frequencies: int = 16
    n_outputs: int = 3
    deviation: float = 0.1
    gain: float = 1.0

    @property
    def n_in(self) -> int:
        return self.n_features

    @property
    def n_out(self) -> int:
        return self.n_features * (self.n_outputs + 1)

    @property
    def row_entries(self) -> int:
        return max(self.n_out, self.n_features * self.n_frequencies)

    def shapes(self) -> dict[str, ParameterSpec]:
        d, m, e = self.n_features, self.n_frequencies, self.n_outputs
        return {
            "w": ParameterSpec((d, m)),
            "c": ParameterSpec((d, m)),
            "W": ParameterSpec((d, m, e), decays=True),
            "b": ParameterSpec((d, e)),
        }

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        bound = 1 / np.sqrt(self.n_frequencies)
        w, c, W, b = (params[name] for name in ("w", "c", "W", "b"))
        w[...] = self.deviation * rng.standard_normal(w.shape)
        c[...] = rng.uniform(-np.pi, np.pi, c.shape)
        W[...] = rng.uniform(-bound, bound, W.shape)
        b[...] = rng.uniform(-bound, bound, b.shape)
        for array in params.values():
            array /= self.gain

    def make_buffers(self, spec: BufferSpec) -> PeriodicBuffers:
        d, m, n = self.n_features, self.n_frequencies, spec.n_rows
        single = spec.dtype if spec.training else np.float32
        return PeriodicBuffers(
            np.ones((d, 2, n), single),
            np.empty((d, m, n), single),
            np.empty((d, m, n), spec.dtype),
            np.empty((d, self.n_outputs, n), spec.dtype),
            spec.empty(self.n_out),
        )

    def _by_feature(self, h: Array) -> Array:
        """The outputs but x, as a view with the axes of `e`."""
        outputs = h[:, : self.n_features * self.n_outputs]
        return outputs.reshape(len(h), self.n_features, -1).transpose(1, 2, 0)

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: PeriodicBuffers,
        rng: Rng | None = None,
    ) -> Array:
        """The angles are [2 pi w, c] [x; 1].

        Such a product rounds twice, whatever the order and the number of rows: the angles
        of a row do not depend on the other rows.
        """
        gain, x, angles, e = self.gain, buffers.x, buffers.angles, buffers.e
        np.copyto(x[:, 0], h_prev.T)
        wc = gain * np.stack([2 * np.pi * params["w"], params["c"]], axis=2)
        np.matmul(wc.astype(angles.dtype, copy=False), x, out=angles)
        cosines = np.cos(angles, out=buffers.cosines)
        np.matmul(gain * params["W"].transpose(0, 2, 1), cosines, out=e)
        e += gain * params["b"][:, :, None]
        self._by_feature(buffers.h)[...] = e
        buffers.h[:, -self.n_features :] = h_prev
        return buffers.h

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: PeriodicBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array | None:
        gain, x, cosines, de = self.gain, buffers.x, buffers.cosines, buffers.e
        de[...] = self._by_feature(dh)
        new = {"W": np.matmul(cosines, de.transpose(0, 2, 1)), "b": de.sum(axis=2)}
        d_angles = np.matmul(-gain * params["W"], de, out=cosines)
        d_angles *= np.sin(buffers.angles, out=buffers.angles)
        dwc = np.matmul(d_angles, x.transpose(0, 2, 1))
        new["w"], new["c"] = 2 * np.pi * dwc[:, :, 0], dwc[:, :, 1]
        for name, value in new.items():
            value *= gain
            grads[name][...] = grads[name] + value if add else value
        if not input_gradient:
            return None
        w = 2 * np.pi * gain * params["w"]
        dx: Array = dh[:, -self.n_features :] + np.matmul(w[:, None], d_angles)[:, 0].T
        return dx

    def pull_back(self, params: Params, buffers: PeriodicBuffers, dh: Array) -> Array:
        n, gain = self.n_features * self.n_outputs, self.gain
        w = -2 * np.pi * gain * params["w"]
        maps = (w[:, :, None] * (gain * params["W"])).transpose(0, 2, 1)
        slopes = np.matmul(maps, np.sin(buffers.angles))
        de = dh[..., :n].reshape(*dh.shape[:-1], self.n_features, self.n_outputs)
        dx: Array = dh[..., n:] + np.einsum(
            "nfde,den->nfd",
            np.broadcast_to(de, (slopes.shape[-1], *de.shape[-3:])),
            slopes,
        )
        return dx


@dataclass
class CategoriesBuffers(RowBuffers):
    """The embeddings and the codes of the last batch."""

    h: Array
    codes: Any = field(init=False, default=None)


@dataclass(frozen=True)
class Categories:
    """An embedding (a vector) for each category code 0, 1, ... of one column.

    Code 0 means an unknown category; its embedding is initially 0.
    Guo and Berkhahn, "Entity embeddings of categorical variables", arXiv:1604.06737.
    """

    n_categories: int
    n_outputs: int

    @property
    def n_in(self) -> int:
        return 1

    @property
    def n_out(self) -> int:
        return self.n_outputs

    @property
    def row_entries(self) -> int:
        return self.n_outputs

    def shapes(self) -> dict[str, ParameterSpec]:
        shape = (self.n_categories, self.n_outputs)
        return {"W": ParameterSpec(shape, decays=True)}

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        params["W"][...] = rng.standard_normal(params["W"].shape)
        params["W"][0] = 0

    def make_buffers(self, spec: BufferSpec) -> CategoriesBuffers:
        return CategoriesBuffers(spec.empty(self.n_outputs))

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: CategoriesBuffers,
        rng: Rng | None = None,
    ) -> Array:
        buffers.codes = h_prev[:, 0].astype(np.intp)
        # Codes are valid: mode="clip" avoids the buffering of mode="raise".
        return np.take(params["W"], buffers.codes, axis=0, out=buffers.h, mode="clip")

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: CategoriesBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array | None:
        if not add:
            grads["W"][...] = 0
        np.add.at(grads["W"], buffers.codes, dh)
        return np.zeros((len(dh), 1), dh.dtype) if input_gradient else None

    def pull_back(self, params: Params, buffers: CategoriesBuffers, dh: Array) -> Array:
        """Codes have no gradient: zeros."""
        return np.zeros((len(buffers.codes), dh.shape[-2], 1), dh.dtype)


@dataclass
class ColumnsBuffers:
    """The concatenated outputs, and the buffers of each part."""

    h: Array
    parts: list[Any] = field(default_factory=list)

    def resized(self, n_rows: int) -> "ColumnsBuffers":
        """The same memory for a batch of fewer rows."""
        parts = [part and part.resized(n_rows) for part in self.parts]
        return ColumnsBuffers(self.h[:n_rows], parts)


@dataclass(frozen=True)
class Columns:
    """A layer for each group of columns; with None, the columns are passed on unchanged.

    `parts` are (number of columns, layer or None), from left to right.
    """

    parts: tuple[tuple[int, Layer | None], ...]

    def check_sizes(self) -> None:
        """Raise ValueError if a part from a file has a wrong width."""
        for width, layer in self.parts:
            if width < 1 or (layer and layer.n_in != width):
                raise ValueError(f"a part of {width} columns does not fit its layer")
            # Angles and bins are not limited by the number of outputs.
            if isinstance(layer, Periodic) and not (
                layer.n_outputs > 0 and 0 < layer.n_frequencies <= MAX_FREQUENCIES
            ):
                raise ValueError(f"it has {layer.n_frequencies} frequencies")
            if isinstance(layer, PiecewiseLinear) and not (
                layer.n_outputs > 0 and 0 < layer.n_bins <= MAX_BINS
            ):
                raise ValueError(f"it has {layer.n_bins} bins")

    @property
    def n_in(self) -> int:
        return sum(n for n, _ in self.parts)

    @property
    def n_out(self) -> int:
        return sum(layer.n_out if layer else n for n, layer in self.parts)

    @property
    def row_entries(self) -> int:
        own = [layer.row_entries for _, layer in self.parts if layer]
        return max([self.n_out, *own])

    def shapes(self) -> dict[str, ParameterSpec]:
        return {
            f"{i}.{name}": spec
            for i, (_, layer) in enumerate(self.parts)
            if layer
            for name, spec in layer.shapes().items()
        }

    def each(self) -> Iterator[tuple[int, Layer | None, slice, slice]]:
        """Yield (index, layer, slice of columns, slice of outputs) of each part."""
        ins = [0, *accumulate(n for n, _ in self.parts)]
        outs = [0, *accumulate(layer.n_out if layer else n for n, layer in self.parts)]
        for i, (_, layer) in enumerate(self.parts):
            yield i, layer, slice(ins[i], ins[i + 1]), slice(outs[i], outs[i + 1])

    def own(self, arrays: Mapping[str, T], i: int, layer: Layer) -> dict[str, T]:
        """The arrays of part i, by the parameter names of its layer."""
        return {name: arrays[f"{i}.{name}"] for name in layer.shapes()}

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        for i, layer, columns, _ in self.each():
            if layer:
                part = None if h_prev is None else h_prev[:, columns]
                layer.initialize(self.own(params, i, layer), rng, part)

    def make_buffers(self, spec: BufferSpec) -> ColumnsBuffers:
        own = spec._replace(scratch=None)
        parts = [layer and layer.make_buffers(own) for _, layer in self.parts]
        return ColumnsBuffers(spec.empty(self.n_out), parts)

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: ColumnsBuffers,
        rng: Rng | None = None,
    ) -> Array:
        for i, layer, columns, outputs in self.each():
            part = h_prev[:, columns]
            if layer:
                own = self.own(params, i, layer)
                part = layer.forward(own, part, buffers.parts[i], rng)
            buffers.h[:, outputs] = part
        return buffers.h

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: ColumnsBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array | None:
        dx = np.empty((len(dh), self.n_in), dh.dtype) if input_gradient else None
        for i, layer, columns, outputs in self.each():
            part: Array | None = dh[:, outputs]
            if layer:
                part = layer.backward(
                    self.own(params, i, layer),
                    self.own(grads, i, layer),
                    buffers.parts[i],
                    dh[:, outputs],
                    input_gradient=input_gradient,
                    add=add,
                )
            if dx is not None:
                dx[:, columns] = part
        return dx

    def pull_back(self, params: Params, buffers: ColumnsBuffers, dh: Array) -> Array:
        n_rows = len(buffers.h)
        dx = np.empty((n_rows, dh.shape[-2], self.n_in), dh.dtype)
        for i, layer, columns, outputs in self.each():
            part = dh[..., outputs]
            if layer:
                own = self.own(params, i, layer)
                part = layer.pull_back(own, buffers.parts[i], part)
            dx[..., columns] = part
        return dx
