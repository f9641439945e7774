"""Layers: h = r(h_prev W + b) forward, the chain rule backward.

A layer is a frozen description: it knows its shapes and its activation and owns no
array. Its parameters and gradients are views of the network's flat vectors, its
buffers live in a work object that the caller makes once and passes in.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ._blas import matmul
from ._types import Array, Bits, Features
from .activations import Activation
from .initializers import GlorotUniform, Initializer


class Layer(Protocol):
    """What the network asks of a layer; `work` is what its own workspace returned."""

    @property
    def n_in(self) -> int: ...

    @property
    def n_out(self) -> int: ...

    def shapes(self) -> dict[str, tuple[int, ...]]: ...

    def initialize(
        self, params: dict[str, Array], rng: np.random.RandomState, h_prev: Any = None
    ) -> None: ...

    def workspace(
        self,
        n_rows: int,
        dtype: Any,
        *,
        training: bool,
        first: bool,
        scratch: Array | None = None,
    ) -> Any: ...

    def forward(
        self,
        params: dict[str, Array],
        h_prev: Any,
        work: Any,
        bits: Bits | None = None,
    ) -> Array: ...

    def backward(
        self,
        params: dict[str, Array],
        grads: dict[str, Array],
        work: Any,
        dh: Array,
        *,
        first: bool = False,
        add: bool = False,
    ) -> Array | None: ...

    def pull_back(self, params: dict[str, Array], work: Any, dh: Array) -> Array: ...


PIECE_ENTRIES = 2**15
"""Entries of a matrix that a chain of element-wise operations works on at a time."""


@dataclass
class DenseWork:
    """The buffers of one dense layer: `h_prev` is the input that forward was given.

    Without an activation `h` is s; where the activation does not need s any more, the
    two share their memory. The others are for training: where backward puts r'(s), which
    may be the memory of h, as nobody needs h after that; the gradient by the input; and
    a row of ones.
    """

    s: Array
    h: Array
    derivative: Any = None
    dh_prev: Any = None
    ones: Any = None
    h_prev: Features = None

    def first(self, n_rows: int) -> "DenseWork":
        """The same buffers for a batch of fewer rows."""

        def cut(buffer: Any) -> Any:
            return None if buffer is None else buffer[:n_rows]

        s = cut(self.s)
        h = s if self.h is self.s else cut(self.h)
        return DenseWork(s, h, cut(self.derivative), cut(self.dh_prev), cut(self.ones))


def _matmul(
    a: Features, b: Array, out: Array, *, add: bool = False, scale: float = 1.0
) -> Array:
    """`scale` a @ b into `out`, or added; a sparse `a` costs what its non-zeros cost."""
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
    """Indices of the rows of a matrix, so many at a time that they stay in the cache."""
    if a.size <= PIECE_ENTRIES:
        return [...]
    size = max(1, PIECE_ENTRIES // a.shape[1])
    return [slice(start, start + size) for start in range(0, a.shape[0], size)]


@dataclass(frozen=True)
class Dense:
    """A dense layer s = h_prev W + b, h = r(s); the top layer has no activation, h = s.

    W is (n_in, n_out) and b is (n_out,), as scikit-learn's `coefs_` and `intercepts_`.

    With gains it is s = gain h_prev W + bias_gain b: an optimiser whose steps do not
    depend on the size of the gradient, such as Adam, then moves the products `gain` times
    as fast. Gains of 1 / sqrt(n_in) and of a constant are the neural tangent
    parametrisation: Jacot, Gabriel and Hongler, arXiv:1806.07572.
    """

    n_in: int
    n_out: int
    activation: Activation | None = None
    initializer: Initializer = field(default_factory=GlorotUniform)
    gain: float = 1.0
    bias_gain: float = 1.0

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter; the penalty applies to those called W."""
        return {"W": (self.n_in, self.n_out), "b": (self.n_out,)}

    def initialize(
        self, params: dict[str, Array], rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        """Draw the initial parameters into `params`; `h_prev` are rows of its input."""
        W, b = self.initializer(rng, self.n_in, self.n_out, h_prev)
        params["W"][...], params["b"][...] = W / self.gain, b / self.bias_gain

    def workspace(
        self,
        n_rows: int,
        dtype: Any,
        *,
        training: bool,
        first: bool,
        scratch: Array | None = None,
    ) -> DenseWork:
        """Buffers for batches of up to `n_rows` rows.

        The gradient by the input is in `scratch`, if given: flat memory that layers
        which are not neighbours may share.
        """
        s = np.empty((n_rows, self.n_out), dtype)
        keeps_s = self.activation is not None and self.activation.keeps_s
        work = DenseWork(s, h=np.empty_like(s) if keeps_s else s)
        if not training:
            return work
        work.derivative = work.h
        if not first:
            size = n_rows * self.n_in
            if scratch is None:
                scratch = np.empty(size, dtype)
            work.dh_prev = scratch[:size].reshape(n_rows, self.n_in)
        work.ones = np.ones(n_rows, dtype)
        return work

    def forward(
        self,
        params: dict[str, Array],
        h_prev: Features,
        work: DenseWork,
        bits: Bits | None = None,
    ) -> Array:
        """s = h_prev W + b, h = r(s)."""
        work.h_prev = h_prev
        W, b, s = params["W"], params["b"], work.s
        if work.ones is None:
            # In scikit-learn's way: the same weights predict the same, to the bit.
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
            h = self.activation.value(s, out=work.h)
            if h is not work.h:
                work.h[...] = h
        return work.h

    def backward(
        self,
        params: dict[str, Array],
        grads: dict[str, Array],
        work: DenseWork,
        dh: Array,
        *,
        first: bool = False,
        add: bool = False,
    ) -> Array | None:
        """From dL/dh to dL/dW, dL/db (written into `grads`) and dL/dh_prev (returned).

        dL/ds = dL/dh ∘ r'(s),  dL/dW = h_prev^T dL/ds,  dL/db = column sums of dL/ds,
        dL/dh_prev = dL/ds W^T, which nobody needs for the first layer. Overwrites `dh`.
        With `add`, the gradients are added to those of the rows before.
        """
        ds = dh
        if self.activation is not None:
            for rows in pieces(ds):
                part = ds[rows]
                part *= self.activation.derivative(
                    work.s[rows], work.h[rows], out=work.derivative[rows]
                )
        gain, db = self.gain, grads["b"][None]
        _matmul(work.h_prev.T, ds, out=grads["W"], add=add, scale=gain)
        # Column sums, as a product: faster than np.sum.
        matmul(work.ones[None], ds, out=db, add=add, scale=self.bias_gain)
        if first:
            return None
        return _matmul(ds, params["W"].T, out=work.dh_prev, scale=gain)

    def pull_back(self, params: dict[str, Array], work: DenseWork, dh: Array) -> Array:
        """From dF/dh to dF/dh_prev for several functions F: axis -2 of `dh`.

        The same chain rule as `backward`'s, but for each row by itself and without
        gradients of parameters: dF/dh_prev = (dF/dh ∘ r'(s)) W^T.
        """
        if self.activation is not None:
            slope = self.activation.derivative(work.s, work.h, np.empty_like(work.h))
            dh = dh * slope[:, None, :]
        product: Array = dh @ params["W"].T
        return product if self.gain == 1 else product * self.gain


@dataclass
class DropoutWork:
    """The buffers of one dropout layer: the factors of the last forward, if it dropped."""

    h: Array
    factors: Array
    dropped: bool = False

    def first(self, n_rows: int) -> "DropoutWork":
        """The same buffers for a batch of fewer rows."""
        return DropoutWork(self.h[:n_rows], self.factors[:n_rows])


DROPOUT_STEPS = 2**16
"""The share of units to drop is a multiple of one over this: 16 random bits a unit."""


@dataclass(frozen=True)
class Dropout:
    """Dropout: in training, h = h_prev / (1 - p) or, with probability p, 0.

    A network of which a random part is left out in each step, while the mean of h is
    h_prev: without random bits, as in prediction, h is h_prev itself.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", Journal of Machine Learning Research 15, 2014.
    """

    n_units: int
    p: float

    @property
    def n_in(self) -> int:
        return self.n_units

    @property
    def n_out(self) -> int:
        return self.n_units

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {}

    def initialize(
        self, params: dict[str, Array], rng: np.random.RandomState, h_prev: Any = None
    ) -> None:
        """There is nothing to draw."""

    def workspace(
        self,
        n_rows: int,
        dtype: Any,
        *,
        training: bool,
        first: bool,
        scratch: Array | None = None,
    ) -> DropoutWork:
        """Buffers for batches of up to `n_rows` rows; backward needs no `scratch`."""
        h = np.empty((n_rows if training else 0, self.n_units), dtype)
        return DropoutWork(h, np.empty_like(h))

    def forward(
        self,
        params: dict[str, Array],
        h_prev: Array,
        work: DropoutWork,
        bits: Bits | None = None,
    ) -> Array:
        """h_prev with some units dropped, or as it is."""
        work.dropped = bits is not None
        if bits is None:
            return h_prev
        n_dropped = min(round(self.p * DROPOUT_STEPS), DROPOUT_STEPS - 1)
        words = bits.random_raw((h_prev.size + 3) // 4).astype("<u8", copy=False)
        draws = words.view("<u2")[: h_prev.size].reshape(h_prev.shape)
        np.multiply(
            draws >= n_dropped,
            work.factors.dtype.type(DROPOUT_STEPS / (DROPOUT_STEPS - n_dropped)),
            out=work.factors,
        )
        return np.multiply(h_prev, work.factors, out=work.h)

    def backward(
        self,
        params: dict[str, Array],
        grads: dict[str, Array],
        work: DropoutWork,
        dh: Array,
        *,
        first: bool = False,
        add: bool = False,
    ) -> Array:
        """dL/dh_prev = dL/dh times the same factors, in the memory of `dh`."""
        if work.dropped:
            dh *= work.factors
        return dh

    def pull_back(
        self, params: dict[str, Array], work: DropoutWork, dh: Array
    ) -> Array:
        """As prediction drops nothing, `dh` as it is."""
        return dh
