"""Layers at the input of tables: periodic features of numbers, vectors for categories.

`Columns` sends groups of columns through layers of their own and puts what comes out side
by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np

from ._types import Array, Params, Rng
from .layers import BufferSpec, HasParameters, Layer, ParameterSpec, RowBuffers


@dataclass
class PeriodicBuffers:
    """Buffers with features first, the angles (n_features, n_rows, n_frequencies).

    Outside training the angles are in single precision, of which NumPy takes the cosine
    several times as fast; what is summed over features and units stays in double.
    """

    columns: Array
    angles: Array
    cosines: Array
    e: Array
    h: Array

    def resized(self, n_rows: int) -> "PeriodicBuffers":
        """The same memory for a batch of fewer rows."""
        return PeriodicBuffers(
            self.columns[:, :n_rows],
            self.angles[:, :n_rows],
            self.cosines[:, :n_rows],
            self.e[:, :n_rows],
            self.h[:n_rows],
        )


@dataclass(frozen=True)
class Periodic:
    """For each feature x: x itself, and cos(2 pi w x + c) V + b.

    Frequencies w, phases c, and a linear map V, b for each feature by itself. A network
    of few layers finds it hard to be anything but smooth in a number; this makes it easy.
    Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556, as densely connected in arXiv:2407.04491. All parameters
    are stored divided by `gain`.
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
        d, m, e = self.n_features, self.n_frequencies, self.n_outputs
        n, dtype = spec.n_rows, spec.dtype
        return PeriodicBuffers(
            np.empty((d, n), dtype),
            np.empty((d, n, m), dtype if spec.training else np.float32),
            np.empty((d, n, m), dtype),
            np.empty((d, n, e), dtype),
            spec.empty(self.n_out),
        )

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: PeriodicBuffers,
        rng: Rng | None = None,
    ) -> Array:
        gain, e = self.gain, buffers.e
        np.copyto(buffers.columns, h_prev.T)
        angles = np.multiply(
            buffers.columns[:, :, None],
            2 * np.pi * gain * params["w"][:, None, :],
            out=buffers.angles,
        )
        angles += gain * params["c"][:, None, :]
        cosines = np.cos(angles, out=buffers.cosines)
        np.matmul(cosines, gain * params["W"], out=e)
        e += gain * params["b"][:, None, :]
        n = self.n_features * self.n_outputs
        buffers.h[:, :n].reshape(len(h_prev), self.n_features, self.n_outputs)[...] = (
            e.transpose(1, 0, 2)
        )
        buffers.h[:, n:] = h_prev
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
        n, gain = self.n_features * self.n_outputs, self.gain
        de = buffers.e
        de[...] = (
            dh[:, :n]
            .reshape(len(dh), self.n_features, self.n_outputs)
            .transpose(1, 0, 2)
        )
        found = {"W": np.matmul(buffers.cosines.transpose(0, 2, 1), de), "b": de.sum(1)}
        d_angles = np.matmul(
            de, gain * params["W"].transpose(0, 2, 1), out=buffers.cosines
        )
        sines = np.sin(buffers.angles, out=buffers.angles)
        d_angles *= sines
        np.negative(d_angles, out=d_angles)
        found["c"] = d_angles.sum(axis=1)
        found["w"] = 2 * np.pi * np.matmul(buffers.columns[:, None, :], d_angles)[:, 0]
        for name, value in found.items():
            value *= gain
            grads[name][...] = grads[name] + value if add else value
        if not input_gradient:
            return None
        dx = dh[:, n:].copy()
        w = 2 * np.pi * gain * params["w"]
        dx += np.einsum("dnm,dm->nd", d_angles, w)
        return dx

    def pull_back(self, params: Params, buffers: PeriodicBuffers, dh: Array) -> Array:
        n, gain = self.n_features * self.n_outputs, self.gain
        w = 2 * np.pi * gain * params["w"]
        slopes = np.einsum(
            "dnm,dm,dme->nde",
            -np.sin(buffers.angles),
            w,
            gain * params["W"],
            optimize=True,
        )
        de = dh[..., :n].reshape(*dh.shape[:-1], self.n_features, self.n_outputs)
        dx: Array = dh[..., n:] + np.einsum(
            "nfde,nde->nfd",
            np.broadcast_to(de, (slopes.shape[0], *de.shape[-3:])),
            slopes,
        )
        return dx


@dataclass
class CategoriesBuffers(RowBuffers):
    """The buffer of an embedding of categories, and the codes of the last batch."""

    h: Array
    codes: Any = field(init=False, default=None)


@dataclass(frozen=True)
class Categories:
    """A vector for each category of a column that holds their numbers, 0, 1, ...

    Number 0 is that of what is not known, and its vector starts at 0.
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
        # Codes are in range: mode="clip" saves the buffering of mode="raise".
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
        """Categories have no slope."""
        return np.zeros((len(buffers.codes), dh.shape[-2], 1), dh.dtype)


@dataclass
class ColumnsBuffers:
    """The buffers of each part, and where their outputs are put side by side."""

    h: Array
    parts: list[Any] = field(default_factory=list)

    def resized(self, n_rows: int) -> "ColumnsBuffers":
        """The same memory for a batch of fewer rows."""
        parts = [part and part.resized(n_rows) for part in self.parts]
        return ColumnsBuffers(self.h[:n_rows], parts)


@dataclass(frozen=True)
class Columns:
    """Groups of columns, each through a layer of its own or, with None, as they are.

    `parts` are (number of columns, layer or None), from left to right.
    """

    parts: tuple[tuple[int, Layer | None], ...]

    @property
    def n_in(self) -> int:
        return sum(n for n, _ in self.parts)

    @property
    def n_out(self) -> int:
        return sum(layer.n_out if layer else n for n, layer in self.parts)

    def shapes(self) -> dict[str, ParameterSpec]:
        return {
            f"{i}.{name}": spec
            for i, (_, layer) in enumerate(self.parts)
            if layer
            for name, spec in layer.shapes().items()
        }

    def _each(self) -> Iterator[tuple[int, Layer | None, slice, slice]]:
        """(number, layer, its columns, its outputs) of each part."""
        ins = [0, *accumulate(n for n, _ in self.parts)]
        outs = [0, *accumulate(layer.n_out if layer else n for n, layer in self.parts)]
        for i, (_, layer) in enumerate(self.parts):
            yield i, layer, slice(ins[i], ins[i + 1]), slice(outs[i], outs[i + 1])

    def _own(self, arrays: Params, i: int) -> Params:
        """The arrays of part i, by the layer's own names."""
        start = f"{i}."
        return {
            name.removeprefix(start): array
            for name, array in arrays.items()
            if name.startswith(start)
        }

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        for i, layer, columns, _ in self._each():
            if isinstance(layer, HasParameters):
                part = None if h_prev is None else h_prev[:, columns]
                layer.initialize(self._own(params, i), rng, part)

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
        for i, layer, columns, outputs in self._each():
            part = h_prev[:, columns]
            if layer:
                part = layer.forward(self._own(params, i), part, buffers.parts[i], rng)
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
        for i, layer, columns, outputs in self._each():
            part: Array | None = dh[:, outputs]
            if layer:
                part = layer.backward(
                    self._own(params, i),
                    self._own(grads, i),
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
        for i, layer, columns, outputs in self._each():
            part = dh[..., outputs]
            if layer:
                part = layer.pull_back(self._own(params, i), buffers.parts[i], part)
            dx[..., columns] = part
        return dx
