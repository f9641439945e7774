"""Layers: h = r(h_prev W + b) forward, the chain rule backward.

A layer is a frozen description: it has shapes and an activation but no arrays. Its
parameters and gradients are views of the network's flat vectors. The caller makes its
buffers once and passes them in.
"""

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from ._blas import matmul
from ._types import Array, Features, Params, Rng
from .activations import Activation
from .initializers import GlorotUniform, Initializer


class ParameterSpec(NamedTuple):
    """A parameter's shape, and whether weight decay and the L2 penalty apply to it."""

    shape: tuple[int, ...]
    decays: bool = False


class BufferSpec(NamedTuple):
    """Which buffers a layer makes: for batches of up to `n_rows` rows.

    Training needs more buffers than prediction. The first layer needs no dLoss/dh_prev.
    `scratch` is flat memory for dLoss/dh_prev, shared by layers that are not neighbours.
    """

    n_rows: int
    dtype: Any
    training: bool = False
    first_layer: bool = False
    scratch: Array | None = None

    def empty(self, n_columns: int) -> Array:
        """An uninitialised array with a row for each row of the batch."""
        return np.empty((self.n_rows, n_columns), self.dtype)

    def ones(self) -> Array | None:
        """A vector of ones, for column sums in training."""
        return np.ones(self.n_rows, self.dtype) if self.training else None

    def shared(self, n_columns: int) -> Array:
        """The same as `empty`, in the memory of `scratch` if there is one."""
        if self.scratch is None:
            return self.empty(n_columns)
        return self.scratch[: self.n_rows * n_columns].reshape(self.n_rows, n_columns)


@dataclass
class RowBuffers:
    """Buffers with a row for each row of the batch.

    `forward` sets the fields with ``init=False``, and `backward` reads them.
    """

    def resized(self, n_rows: int) -> Self:
        """The same memory for a batch of fewer rows."""
        arrays = [getattr(self, f.name) for f in fields(self) if f.init]
        return type(self)(*(None if a is None else a[:n_rows] for a in arrays))


class Layer(Protocol):
    """What the network needs from a layer.

    `row_entries` are the entries of its largest buffer for each row of a batch.
    `buffers` come from the layer's own `make_buffers`. Their method `resized(n_rows)`
    returns the same memory for a batch of fewer rows.
    """

    @property
    def n_in(self) -> int: ...

    @property
    def n_out(self) -> int: ...

    @property
    def row_entries(self) -> int: ...

    def shapes(self) -> dict[str, ParameterSpec]: ...

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None: ...

    def make_buffers(self, spec: BufferSpec) -> Any: ...

    def forward(
        self,
        params: Params,
        h_prev: Any,
        buffers: Any,
        rng: Rng | None = None,
    ) -> Array: ...

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: Any,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array | None: ...

    def pull_back(self, params: Params, buffers: Any, dh: Array) -> Array: ...


@dataclass(frozen=True)
class UnitWise:
    """A layer that works on each unit separately."""

    n_units: int

    @property
    def n_in(self) -> int:
        """The number of inputs."""
        return self.n_units

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.n_units

    @property
    def row_entries(self) -> int:
        """The entries of h for each row."""
        return self.n_units


PIECE_ENTRIES = 2**15
"""The number of entries of a matrix to which element-wise operations apply at a time."""


@dataclass
class DenseBuffers(RowBuffers):
    """The buffers of a dense layer; `dh_prev` and `ones` are for training.

    h is computed in the memory of s, unless backward needs s: then it has `own_h`.
    """

    s: Array
    own_h: Array | None = None
    dh_prev: Any = None
    ones: Any = None
    h: Array = field(init=False)
    h_prev: Features = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.h = self.s if self.own_h is None else self.own_h


def _matmul(
    a: Features, b: Array, out: Array, *, add: bool = False, scale: float = 1.0
) -> Array:
    """Write `scale` a @ b into `out`, or add it to `out`; `a` may be sparse."""
    if isinstance(a, np.ndarray):
        return matmul(a, b, out, add=add, scale=scale)
    product = a @ b
    if scale != 1:
        product *= scale
    if add:
        out += product
    else:
        out[...] = product
    return out


def pieces(a: Array) -> list[Any]:
    """Slices of the rows of a matrix, small enough for the cache."""
    if a.size <= PIECE_ENTRIES:
        return [...]
    size = max(1, PIECE_ENTRIES // a.shape[1])
    return [slice(start, start + size) for start in range(0, a.shape[0], size)]


@dataclass(frozen=True)
class Dense:
    """A dense layer s = h_prev W + b, h = r(s); the top layer has no activation, h = s.

    W is (n_in, n_out) and b is (n_out,), as scikit-learn's `coefs_` and `intercepts_`.

    With gains, s = gain h_prev W + bias_gain b. The steps of some optimisers, such as
    Adam, do not depend on the size of the gradient; they then change gain W `gain` times
    as fast. A gain of 1 / sqrt(n_in) and a constant bias gain are the neural tangent
    parametrisation: Jacot, Gabriel and Hongler, arXiv:1806.07572.
    """

    n_in: int
    n_out: int
    activation: Activation | None = None
    initializer: Initializer = field(default_factory=GlorotUniform)
    gain: float = 1.0
    bias_gain: float = 1.0

    @property
    def row_entries(self) -> int:
        """The entries of h for each row."""
        return self.n_out

    def shapes(self) -> dict[str, ParameterSpec]:
        """W, which decays, and b."""
        return {
            "W": ParameterSpec((self.n_in, self.n_out), decays=True),
            "b": ParameterSpec((self.n_out,)),
        }

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        """Write initial parameters into `params`; `h_prev` are rows of the input."""
        W, b = self.initializer(rng, self.n_in, self.n_out, h_prev)
        np.divide(W, self.gain, out=params["W"])
        np.divide(b, self.bias_gain, out=params["b"])

    def make_buffers(self, spec: BufferSpec) -> DenseBuffers:
        """Buffers for s and h, in training also for dLoss/dh_prev."""
        keeps_s = self.activation is not None and self.activation.keeps_s
        own_h = spec.empty(self.n_out) if keeps_s else None
        passes_on = spec.training and not spec.first_layer
        dh_prev = spec.shared(self.n_in) if passes_on else None
        return DenseBuffers(spec.empty(self.n_out), own_h, dh_prev, spec.ones())

    def forward(
        self,
        params: Params,
        h_prev: Features,
        buffers: DenseBuffers,
        rng: Rng | None = None,
    ) -> Array:
        """s = h_prev W + b, h = r(s)."""
        buffers.h_prev = h_prev
        W, b, s = params["W"], params["b"], buffers.s
        if buffers.ones is None:
            # The operations of scikit-learn: equal weights give bit-identical predictions.
            if isinstance(h_prev, np.ndarray):
                np.matmul(h_prev, W, out=s)
            else:
                s[...] = h_prev @ W
            if self.gain != 1:
                s *= self.gain
            s += b if self.bias_gain == 1 else self.bias_gain * b
        else:
            np.copyto(s, b if self.bias_gain == 1 else self.bias_gain * b)
            _matmul(h_prev, W, out=s, add=True, scale=self.gain)
        if self.activation is not None:
            h = self.activation.value(s, out=buffers.h)
            if h is not buffers.h:
                buffers.h[...] = h
        return buffers.h

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: DenseBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array | None:
        """From dLoss/dh to dLoss/dW, dLoss/db (into `grads`) and dLoss/dh_prev (returned).

        dLoss/ds = dLoss/dh ∘ r'(s),  dLoss/dW = h_prev^T dLoss/ds,
        dLoss/db = column sums of dLoss/ds,  dLoss/dh_prev = dLoss/ds W^T, computed only if
        `input_gradient`. Overwrites `dh` with dLoss/ds and h with r'(s). With `add`, the
        gradients are added to `grads`.
        """
        ds = dh
        if self.activation is not None:
            for rows in pieces(ds):
                part = ds[rows]
                part *= self.activation.derivative(
                    buffers.s[rows], buffers.h[rows], out=buffers.h[rows]
                )
        gain, db = self.gain, grads["b"][None]
        _matmul(buffers.h_prev.T, ds, out=grads["W"], add=add, scale=gain)
        # Column sums as a matrix product, which is faster than np.sum.
        matmul(buffers.ones[None], ds, out=db, add=add, scale=self.bias_gain)
        if not input_gradient:
            return None
        return _matmul(ds, params["W"].T, out=buffers.dh_prev, scale=gain)

    def pull_back(self, params: Params, buffers: DenseBuffers, dh: Array) -> Array:
        """From dF/dh to dF/dh_prev for several functions F, along axis -2 of `dh`.

        The chain rule of `backward`, for each row separately and without gradients of
        the parameters: dF/dh_prev = (dF/dh ∘ r'(s)) W^T.
        """
        if self.activation is not None:
            slope = self.activation.derivative(
                buffers.s, buffers.h, np.empty_like(buffers.h)
            )
            dh = dh * slope[:, None, :]
        product: Array = dh @ params["W"].T
        return product if self.gain == 1 else product * self.gain


@dataclass
class DropoutBuffers(RowBuffers):
    """The factors of the last `forward`; `dropped` says whether it dropped units."""

    h: Array
    factors: Array
    dropped: bool = field(init=False, default=False)


DROPOUT_STEPS = 2**16
"""p is rounded to a multiple of 1 / DROPOUT_STEPS: 16 random bits for each unit."""


@dataclass(frozen=True)
class Dropout(UnitWise):
    """Dropout: in training, h = h_prev / (1 - p) or, with probability p, 0.

    The mean of h is h_prev. Without random numbers, as in prediction, h is h_prev itself.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", Journal of Machine Learning Research 15, 2014.
    """

    p: float

    def shapes(self) -> dict[str, ParameterSpec]:
        return {}

    def initialize(
        self, params: Params, rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        """There are no parameters."""

    def make_buffers(self, spec: BufferSpec) -> DropoutBuffers:
        """Buffers for training; prediction needs none."""
        h = np.empty((spec.n_rows if spec.training else 0, self.n_units), spec.dtype)
        return DropoutBuffers(h, np.empty_like(h))

    def forward(
        self,
        params: Params,
        h_prev: Array,
        buffers: DropoutBuffers,
        rng: Rng | None = None,
    ) -> Array:
        """h_prev with some units dropped; without `rng`, h_prev itself."""
        buffers.dropped = rng is not None
        if rng is None:
            return h_prev
        n_dropped = min(round(self.p * DROPOUT_STEPS), DROPOUT_STEPS - 1)
        words = rng.random_raw((h_prev.size + 3) // 4).astype("<u8", copy=False)
        draws = words.view("<u2")[: h_prev.size].reshape(h_prev.shape)
        np.multiply(
            draws >= n_dropped,
            buffers.factors.dtype.type(DROPOUT_STEPS / (DROPOUT_STEPS - n_dropped)),
            out=buffers.factors,
        )
        return np.multiply(h_prev, buffers.factors, out=buffers.h)

    def backward(
        self,
        params: Params,
        grads: Params,
        buffers: DropoutBuffers,
        dh: Array,
        *,
        input_gradient: bool = True,
        add: bool = False,
    ) -> Array:
        """dLoss/dh_prev = dLoss/dh times the factors of forward, in the memory of `dh`."""
        if buffers.dropped:
            dh *= buffers.factors
        return dh

    def pull_back(self, params: Params, buffers: DropoutBuffers, dh: Array) -> Array:
        """Return `dh`: prediction drops no units."""
        return dh
