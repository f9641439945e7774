"""Unit-wise layers with one parameter for each unit: a scale, a mix of s and r(s)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._blas import matmul
from ._types import Array, Params, Rng
from .activations import Activation
from .layers import BufferSpec, ParameterSpec, RowBuffers, UnitWise


@dataclass
class UnitBuffers(RowBuffers):
    """The buffers of a unit-wise layer; `extra` is for products or r(s)."""

    h: Array
    extra: Array
    ones: Any
    h_prev: Any = field(init=False, default=None)


@dataclass(frozen=True)
class Scale(UnitWise):
    """h = gain q h_prev: each unit has a scale gain q, initially 1.

    As the first layer, it learns a weight for each feature: Holzmueller et al.,
    arXiv:2407.04491. Under Adam, the scales change `gain` times as fast.
    """

    gain: float = 1.0

    def shapes(self) -> dict[str, ParameterSpec]:
        return {"scale": ParameterSpec((self.n_units,))}

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        params["scale"][...] = 1 / self.gain

    def make_buffers(self, spec: BufferSpec) -> UnitBuffers:
        n = self.n_units
        return UnitBuffers(spec.empty(n), spec.empty(n), spec.ones())

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: UnitBuffers,
        rng: Rng | None = None,
    ) -> Array:
        buffers.h_prev = h_prev
        h: Array = np.multiply(h_prev, self.gain * params["scale"], out=buffers.h)
        return h

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: UnitBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array:
        """dq = gain sum over rows of dh ∘ h_prev, dh_prev = gain q dh."""
        product = np.multiply(dh, buffers.h_prev, out=buffers.extra)
        dq = grads["scale"][None]
        matmul(buffers.ones[None], product, dq, add=add, scale=self.gain)
        dh *= self.gain * params["scale"]
        return dh

    def pull_back(self, params: Params, buffers: UnitBuffers, dh: Array) -> Array:
        product: Array = dh * (self.gain * params["scale"])
        return product


@dataclass(frozen=True)
class ParametricActivation(UnitWise):
    """h = s + a (r(s) - s) with a = gain q for each unit, initially 1.

    Each unit learns how nonlinear it is. Holzmueller et al., arXiv:2407.04491.
    """

    activation: Activation
    gain: float = 1.0

    def shapes(self) -> dict[str, ParameterSpec]:
        return {"mix": ParameterSpec((self.n_units,))}

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        params["mix"][...] = 1 / self.gain

    def make_buffers(self, spec: BufferSpec) -> UnitBuffers:
        n = self.n_units
        return UnitBuffers(spec.empty(n), spec.empty(n), spec.ones())

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: UnitBuffers,
        rng: Rng | None = None,
    ) -> Array:
        buffers.h_prev = h_prev
        r = self.activation.value(h_prev, out=buffers.extra)
        if r is not buffers.extra:
            buffers.extra[...] = r
        a = self.gain * params["mix"]
        h = np.subtract(r, h_prev, out=buffers.h)
        h *= a
        h += h_prev
        return h

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: UnitBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array:
        """dq = gain sum over rows of dh ∘ (r(s) - s), ds = dh ∘ (1 - a + a r'(s))."""
        s, r = buffers.h_prev, buffers.extra
        product = np.subtract(r, s, out=buffers.h)
        product *= dh
        dq = grads["mix"][None]
        matmul(buffers.ones[None], product, dq, add=add, scale=self.gain)
        slope = self.activation.derivative(s, r, out=buffers.extra)
        a = self.gain * params["mix"]
        slope *= a
        slope += 1 - a
        dh *= slope
        return dh

    def pull_back(self, params: Params, buffers: UnitBuffers, dh: Array) -> Array:
        r = buffers.extra
        slope = self.activation.derivative(buffers.h_prev, r, np.empty_like(r))
        a = self.gain * params["mix"]
        product: Array = dh * (slope * a + (1 - a))[:, None, :]
        return product
