"""Records a network and its data as a program for C, and checks that it is safe to run.

`RECORDERS` has one entry for each class of layer. A layer, activation, head or optimiser
of another class, also a subclass, and data in another form raise NotCompiled: NumPy does
that fit.
"""

import ctypes as c
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Array
from ..activations import ACTIVATIONS, Activation, LeakyRelu
from ..batches import Dataset
from ..heads import HEADS, Gaussian, Head, Huber, Quantile
from ..layers import DROPOUT_STEPS, Dense, Dropout
from ..network import Network
from ..objective import Objective
from ..optimizers import OPTIMIZERS, SGD, Adam, Nesterov, Optimizer
from .library import Library
from .structs import NARROW, Operation, Program

DENSE, DROPOUT = range(2)
"""The kinds of operations."""

LARGEST_INT = 2**31 - 1
"""BLAS counts rows and columns in 32 bits."""

ALIGNMENT = 64
"""Buffers begin at multiples of this many bytes, the length of a cache line."""

SETTINGS: dict[type, Callable[[Any], float]] = {
    LeakyRelu: lambda activation: activation.slope,
    Huber: lambda head: head.huber_delta,
    Gaussian: lambda head: head.beta,
}
"""The number that an activation or a head of a class is set by."""


class NotCompiled(ValueError):  # noqa: N818
    """Why a fit runs in NumPy."""


def setting_of(one: Any) -> float:
    """The number that an activation or a head is set by, or 0."""
    setting = SETTINGS.get(type(one))
    return 0.0 if setting is None else float(setting(one))


class Recording:
    """The program of an objective and a data set, and all arrays that it uses.

    `theta` and the moments of the optimiser are changed in place when the program runs.
    """

    def __init__(
        self,
        library: Library,
        objective: Objective,
        theta: Array,
        data: Dataset,
        n_rows: int,
        *,
        shuffled: bool,
    ):
        """For batches of up to `n_rows` rows, shuffled or in order. Raises NotCompiled."""
        if theta.dtype not in library.train:
            raise NotCompiled(f"theta is {theta.dtype}")
        self.library, self.dtype, self.n_rows = library, theta.dtype, n_rows
        self.theta, self.grad = theta, np.empty_like(theta)
        self.size = 0
        self.operations = self._operations(objective.network)
        self.program = Program(
            operations=self.operations,
            n_operations=len(self.operations),
            batch_size=n_rows,
            n_parameters=objective.network.n_parameters,
            n_weights=objective.network.n_weights,
            alpha=objective.alpha,
        )
        self._record_data(data)
        self._record_head(objective)
        self._record_copies(shuffled)
        self._record_memory(objective.network)
        check(self)

    def buffer(self, n_columns: int) -> int:
        """The offset of a new buffer in `work`, with a row for each row of a batch."""
        return self.memory(self.n_rows * n_columns)

    def memory(self, size: int) -> int:
        """The offset of new memory for that many numbers in `work`."""
        offset, step = self.size, ALIGNMENT // self.dtype.itemsize
        self.size += -(-size // step) * step
        return offset

    def code(self, kind: str, registry: dict[str, Any], one: object) -> int:
        """The code of an activation, head or optimiser, found by its exact class."""
        for name, entry in registry.items():
            if type(one) is (entry if isinstance(entry, type) else type(entry)):
                code = self.library.codes[kind].get(name)
                if code is not None:
                    return code
        raise NotCompiled(f"{type(one).__name__}, of the {kind}, has no compiled twin")

    def activation_code(self, activation: Activation | None) -> int:
        """The code of an activation; None has the one after all others."""
        if activation is None:
            return len(self.library.codes["activations"])
        if activation.keeps_s != type(activation)().keeps_s:
            raise NotCompiled("an activation has another keeps_s than its class")
        return self.code("activations", ACTIVATIONS, activation)

    def _operations(self, network: Network) -> Any:
        """One operation for each layer."""
        places: list[dict[str, int]] = [{} for _ in network.layers]
        for i, name, where, _ in network.locations:
            places[i][name] = where.start
        operations: list[Operation] = []
        for layer, own in zip(network.layers, places, strict=True):
            record = RECORDERS.get(type(layer))
            if record is None:
                raise NotCompiled(f"{type(layer).__name__} has no compiled twin")
            operations.append(record(self, layer, own))
        for below, operation in pairwise(operations):
            operation.h_prev = below.h
        return (Operation * len(operations))(*operations)

    def _record_data(self, data: Dataset) -> None:
        """The rows. X stays where it is; y and w are copied if they have gaps."""
        if not isinstance(data.X, np.ndarray):
            raise NotCompiled("X is sparse")
        program, itemsize = self.program, self.dtype.itemsize
        X, y = data.X, np.ascontiguousarray(data.y)
        w = None if data.w is None else np.ascontiguousarray(data.w)
        self.data = Dataset(X, y, w)
        check_data(self.data, self.dtype)
        program.X, program.y = X.ctypes.data, y.ctypes.data
        program.w = None if w is None else w.ctypes.data
        program.n_rows, program.n_features = X.shape
        program.row_stride, program.column_stride = (n // itemsize for n in X.strides)
        program.n_targets = y.shape[1]

    def _record_head(self, objective: Objective) -> None:
        """The head; its losses are in double precision if y is."""
        head, program, double = objective.head, self.program, np.dtype("f8")
        program.head = self.code("heads", HEADS, head)
        program.n_scores = self.operations[-1].n_out
        program.use_factor = objective.use_factor
        program.head_setting = setting_of(head)
        self.levels = np.array(levels_of(head), double)
        program.n_levels, program.levels = len(self.levels), self.levels.ctypes.data
        if head.n_scores(program.n_targets) != program.n_scores:
            raise NotCompiled(f"{type(head).__name__} has another number of scores")
        if self.data.y.dtype == self.dtype:
            return
        size = self.n_rows * program.n_scores
        self.double = np.empty(size, double), np.empty(size, double)
        scores, losses = self.double
        program.double_scores, program.double_losses = (
            scores.ctypes.data,
            losses.ctypes.data,
        )

    def _record_copies(self, shuffled: bool) -> None:
        """Buffers for copies of rows: of shuffled rows, and of rows of X with gaps."""
        program = self.program
        self.copied: list[tuple[int, int]] = []
        program.in_place = self.data.X.flags.c_contiguous
        if shuffled or not program.in_place:
            program.x_rows = self.buffer(program.n_features)
            self.copied.append((program.x_rows, program.n_features))
        if shuffled:
            program.y_rows = self.buffer(program.n_targets)
            program.w_rows = self.buffer(1)
            self.copied += [(program.y_rows, program.n_targets), (program.w_rows, 1)]

    def _record_memory(self, network: Network) -> None:
        """The remaining buffers, and the arrays that hold them all."""
        program = self.program
        program.losses = self.buffer(program.n_scores)
        widest = max((layer.n_in for layer in network.layers[1:]), default=0)
        program.dh[:] = [self.buffer(widest), self.buffer(widest)]
        self.work = np.empty(self.size, self.dtype)
        program.theta, program.grad = self.theta.ctypes.data, self.grad.ctypes.data
        program.work = self.work.ctypes.data

    def record_optimizer(self, optimizer: Optimizer) -> None:
        """The optimiser's settings and moments."""
        program = self.program
        program.optimizer = self.code("optimizers", OPTIMIZERS, optimizer)
        assert isinstance(optimizer, SGD | Nesterov | Adam)
        if isinstance(optimizer, Adam):
            program.beta_1, program.beta_2 = optimizer.beta_1, optimizer.beta_2
            program.epsilon = optimizer.epsilon
        else:
            program.beta_1 = optimizer.momentum
        self.optimizer = optimizer
        self.moments: tuple[Array, ...] = ()
        self.update_moments()

    def update_moments(self) -> None:
        """Check the optimiser's vectors, and use those that it has now."""
        now, old = self.optimizer.moments(self.theta), self.moments
        if old and now[0] is old[0] and now[-1] is old[-1]:
            return
        for moment in now:
            check_vector(moment, self.dtype, self.program.n_parameters)
        self.moments = now
        self.program.moment_1 = now[0].ctypes.data
        self.program.moment_2 = now[-1].ctypes.data


def _dense(recording: Recording, layer: Dense, places: dict[str, int]) -> Operation:
    s = h = recording.buffer(layer.n_out)
    if layer.activation is not None and layer.activation.keeps_s:
        h = recording.buffer(layer.n_out)
    narrow = layer.n_out <= NARROW
    return Operation(
        kind=DENSE,
        activation=recording.activation_code(layer.activation),
        n_in=layer.n_in,
        n_out=layer.n_out,
        W=places["W"],
        b=places["b"],
        s=s,
        h=h,
        Wt=recording.memory(layer.n_in * layer.n_out) if narrow else 0,
        gain=layer.gain,
        bias_gain=layer.bias_gain,
        setting=setting_of(layer.activation),
    )


def _dropout(recording: Recording, layer: Dropout, places: dict[str, int]) -> Operation:
    cut = min(round(layer.p * DROPOUT_STEPS), DROPOUT_STEPS - 1)
    h = recording.buffer(layer.n_out)
    return Operation(
        kind=DROPOUT,
        n_in=layer.n_in,
        n_out=layer.n_out,
        s=h,
        h=h,
        factors=recording.buffer(layer.n_out),
        cut=cut,
        setting=DROPOUT_STEPS / (DROPOUT_STEPS - cut),
    )


RECORDERS: dict[type, Callable[[Recording, Any, dict[str, int]], Operation]] = {
    Dense: _dense,
    Dropout: _dropout,
}


def levels_of(head: Head) -> tuple[float, ...]:
    """The levels of a quantile head; one number for any other head."""
    return head.levels if isinstance(head, Quantile) else (0.0,)


def check(recording: Recording) -> None:
    """Raise NotCompiled unless all that C reads and writes lies inside the arrays."""
    p, dtype = recording.program, recording.dtype
    for vector in (recording.theta, recording.grad):
        check_vector(vector, dtype, p.n_parameters)
    check_vector(recording.work, dtype, recording.work.size)
    fits = [0 <= p.n_weights <= p.n_parameters, 0 < p.batch_size <= LARGEST_INT]
    buffers = [*recording.copied, (p.losses, p.n_scores)]
    size = recording.work.size
    fits += [_inside(at, p.batch_size * n, size) for at, n in buffers]
    width = p.n_features
    for i, o in enumerate(recording.operations):
        fits += [o.n_in == width, 0 < o.n_in <= LARGEST_INT, 0 < o.n_out <= LARGEST_INT]
        fits += _operation_fits(p, o, size)
        if i:
            places = (o.h_prev, *p.dh)
            fits += [_inside(at, p.batch_size * o.n_in, size) for at in places]
        width = o.n_out
    first, last = recording.operations[0], recording.operations[-1]
    fits += [first.kind == DENSE, last.kind == DENSE, last.n_out == p.n_scores]
    # The loss and its gradient take the place of the scores.
    fits += [last.activation == recording.activation_code(None)]
    if not all(fits):
        raise NotCompiled("the layers do not fit each other or theta")


def _operation_fits(p: Program, o: Operation, size: int) -> list[bool]:
    """Whether the parameters and buffers of an operation lie inside their arrays."""
    places = [o.s, o.h, o.factors] if o.kind == DROPOUT else [o.s, o.h]
    fits = [_inside(at, p.batch_size * o.n_out, size) for at in places]
    if o.kind == DROPOUT:
        return [*fits, o.n_in == o.n_out]
    n_weights = o.n_in * o.n_out
    fits += [o.n_out > NARROW or _inside(o.Wt, n_weights, size)]
    fits += [_inside(o.W, n_weights, p.n_parameters), o.kind == DENSE]
    return [*fits, _inside(o.b, o.n_out, p.n_parameters)]


def _inside(offset: int, length: int, size: int) -> bool:
    return 0 <= offset <= size - length


def check_vector(array: Any, dtype: Any, size: int) -> None:
    """Raise NotCompiled unless C can read and write the array as a vector."""
    if not (
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.shape == (size,)
        and array.flags.c_contiguous
        and array.flags.aligned
        and array.flags.writeable
    ):
        raise NotCompiled("theta or a moment is no vector of that length and precision")


def check_data(data: Dataset, dtype: Any) -> None:
    """Raise NotCompiled unless C can read X, y and w: y may be in double precision."""
    X, y, w = data
    n_rows = X.shape[0]
    if X.ndim != 2 or y.ndim != 2 or len(y) != n_rows or not n_rows:
        raise NotCompiled("X and y are no matrices of the same rows")
    if w is not None and w.shape != (n_rows,):
        raise NotCompiled("w is no vector of all rows")
    if X.dtype != dtype or y.dtype not in (dtype, np.dtype("f8")):
        raise NotCompiled(f"X is {X.dtype} and y is {y.dtype}, theta is {dtype}")
    if w is not None and w.dtype != dtype:
        raise NotCompiled(f"the weights are {w.dtype}, theta is {dtype}")
    if any(stride % dtype.itemsize for stride in X.strides):
        raise NotCompiled("the entries of X are not aligned")
    if not all(array is None or array.flags.aligned for array in data):
        raise NotCompiled("X, y or the weights are not aligned")


def address(array: NDArray[Any]) -> Any:
    """The address of an array, for C."""
    return c.c_void_p(array.ctypes.data)
