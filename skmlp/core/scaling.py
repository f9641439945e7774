"""Layers that work unit by unit: a scale for each, a mix of s and r(s) for each."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._blas import matmul
from ._types import Array, Bits
from .activations import Activation


@dataclass
class UnitWork:
    """The buffers of a layer that works unit by unit."""

    h: Array
    extra: Any = None
    ones: Any = None
    h_prev: Any = None

    def first(self, n_rows: int) -> "UnitWork":
        """The same buffers for a batch of fewer rows."""
        extra = None if self.extra is None else self.extra[:n_rows]
        ones = None if self.ones is None else self.ones[:n_rows]
        return UnitWork(self.h[:n_rows], extra, ones)


def _column_sums(
    product: Array, ones: Array, out: Array, gain: float, *, add: bool
) -> None:
    matmul(ones[None], product, out[None], add=add, scale=gain)


@dataclass(frozen=True)
class Scale:
    """h = gain q h_prev, a scale for each unit, which starts at 1.

    A first layer that lets the network weigh its features: Holzmueller et al.,
    arXiv:2407.04491. With `gain` the scales move that much faster under Adam.
    """

    n_units: int
    gain: float = 1.0

    @property
    def n_in(self) -> int:
        return self.n_units

    @property
    def n_out(self) -> int:
        return self.n_units

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"scale": (self.n_units,)}

    def initialize(
        self, params: dict[str, Array], rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        params["scale"][...] = 1 / self.gain

    def workspace(
        self,
        n_rows: int,
        dtype: Any,
        *,
        training: bool,
        first: bool,
        scratch: Array | None = None,
    ) -> UnitWork:
        h = np.empty((n_rows, self.n_units), dtype)
        if not training:
            return UnitWork(h)
        return UnitWork(h, np.empty_like(h), np.ones(n_rows, dtype))

    def forward(
        self,
        params: dict[str, Array],
        h_prev: Array,
        work: UnitWork,
        bits: Bits | None = None,
    ) -> Array:
        work.h_prev = h_prev
        h: Array = np.multiply(h_prev, self.gain * params["scale"], out=work.h)
        return h

    def backward(
        self,
        params: dict[str, Array],
        grads: dict[str, Array],
        work: UnitWork,
        dh: Array,
        *,
        first: bool = False,
        add: bool = False,
    ) -> Array:
        """dq = gain sum over rows of dh ∘ h_prev, dh_prev = gain q dh."""
        product = np.multiply(dh, work.h_prev, out=work.extra)
        _column_sums(product, work.ones, grads["scale"], self.gain, add=add)
        dh *= self.gain * params["scale"]
        return dh

    def pull_back(self, params: dict[str, Array], work: UnitWork, dh: Array) -> Array:
        product: Array = dh * (self.gain * params["scale"])
        return product


@dataclass(frozen=True)
class ParametricActivation:
    """h = s + a (r(s) - s) with a = gain q for each unit, which starts at 1.

    Each unit chooses how far it bends. Holzmueller et al., arXiv:2407.04491.
    """

    n_units: int
    activation: Activation
    gain: float = 1.0

    @property
    def n_in(self) -> int:
        return self.n_units

    @property
    def n_out(self) -> int:
        return self.n_units

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"mix": (self.n_units,)}

    def initialize(
        self, params: dict[str, Array], rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        params["mix"][...] = 1 / self.gain

    def workspace(
        self,
        n_rows: int,
        dtype: Any,
        *,
        training: bool,
        first: bool,
        scratch: Array | None = None,
    ) -> UnitWork:
        h = np.empty((n_rows, self.n_units), dtype)
        extra = np.empty_like(h)
        return UnitWork(h, extra, np.ones(n_rows, dtype) if training else None)

    def forward(
        self,
        params: dict[str, Array],
        h_prev: Array,
        work: UnitWork,
        bits: Bits | None = None,
    ) -> Array:
        work.h_prev = h_prev
        bend = self.activation.value(h_prev, out=work.extra)
        a = self.gain * params["mix"]
        h = np.subtract(bend, h_prev, out=work.h)
        h *= a
        h += h_prev
        return h

    def backward(
        self,
        params: dict[str, Array],
        grads: dict[str, Array],
        work: UnitWork,
        dh: Array,
        *,
        first: bool = False,
        add: bool = False,
    ) -> Array:
        """dq = gain sum over rows of dh ∘ (r(s) - s), ds = dh ∘ (1 - a + a r'(s))."""
        s, r = work.h_prev, work.extra
        bend = np.subtract(r, s, out=work.h)
        bend *= dh
        _column_sums(bend, work.ones, grads["mix"], self.gain, add=add)
        slope = self.activation.derivative(s, r, out=work.extra)
        a = self.gain * params["mix"]
        slope *= a
        slope += 1 - a
        dh *= slope
        return dh

    def pull_back(self, params: dict[str, Array], work: UnitWork, dh: Array) -> Array:
        r = work.extra
        slope = self.activation.derivative(work.h_prev, r, np.empty_like(r))
        a = self.gain * params["mix"]
        product: Array = dh * (slope * a + (1 - a))[:, None, :]
        return product
