"""Records a network and its data as a program for C.

`RECORDERS` has one entry for each class of layer. A layer, activation, head or optimiser
of another class, also a subclass, and data in another form raise NotCompiled: NumPy does
that fit.
"""

import ctypes as c
from collections.abc import Callable
from itertools import combinations, pairwise
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
from .checks import (
    LARGEST_COUNT,
    NotCompiled,
    check,
    check_data,
    check_vector,
    count,
    number,
)
from .library import Library
from .structs import DENSE, DROPOUT, NARROW, Operation, Program

ALIGNMENT = 64
"""Buffers begin at multiples of this many bytes, the length of a cache line."""

NAMES: dict[str, dict[type, str]] = {
    "activations": {type(one): name for name, one in ACTIVATIONS.items()},
    "heads": {type(one): name for name, one in HEADS.items()},
    "optimizers": {kind: name for name, kind in OPTIMIZERS.items()},
}
"""The name of each class in its registry, by which C knows it. Later entries of the
registries are not in it: C does not know them."""

SETTINGS: dict[type, Callable[[Any], float]] = {
    LeakyRelu: lambda activation: activation.slope,
    Huber: lambda head: head.huber_delta,
    Gaussian: lambda head: head.beta,
}
"""The number that an activation or a head of a class is set by."""


def setting_of(one: Any) -> float:
    """The number that an activation or a head is set by, or 0."""
    setting = SETTINGS.get(type(one))
    return 0.0 if setting is None else number(setting(one))


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
        if (type(objective), type(objective.network)) != (Objective, Network):
            raise NotCompiled("an objective or a network of another class")
        self.library, self.dtype, self.n_rows = library, theta.dtype, count(n_rows)
        self.theta, self.grad = theta, np.empty_like(theta)
        self.size = 0
        self.operations = self._operations(objective.network)
        self.program = Program(
            operations=self.operations,
            n_operations=len(self.operations),
            batch_size=self.n_rows,
            n_parameters=objective.network.n_parameters,
            n_weights=int(objective.network.n_weights),
            alpha=number(objective.alpha),
        )
        self.shuffled = shuffled
        self._record_data(data)
        self._record_head(objective)
        self._record_copies()
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

    def code(self, kind: str, one: object) -> int:
        """The code of an activation, head or optimiser, found by its exact class."""
        code = self.library.codes[kind].get(NAMES[kind].get(type(one), ""))
        if code is None:
            raise NotCompiled(
                f"{type(one).__name__}, of the {kind}, has no compiled twin"
            )
        return code

    def activation_code(self, activation: Activation | None) -> int:
        """The code of an activation; None has the one after all others."""
        if activation is None:
            return len(self.library.codes["activations"])
        code = self.code("activations", activation)
        if activation.keeps_s != type(activation)().keeps_s:
            raise NotCompiled("an activation has another keeps_s than its class")
        return code

    def _operations(self, network: Network) -> Any:
        """One operation for each layer."""
        places: list[dict[str, int]] = [{} for _ in network.layers]
        for i, name, where, _ in network.locations:
            places[i][name] = int(where.start)
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
        program.head = self.code("heads", head)
        program.n_scores = self.operations[-1].n_out
        program.use_factor = objective.use_factor
        program.head_setting = setting_of(head)
        self.levels = np.array([number(level) for level in levels_of(head)], double)
        program.n_levels, program.levels = len(self.levels), self.levels.ctypes.data
        if head.n_scores(program.n_targets) != program.n_scores:
            raise NotCompiled(f"{type(head).__name__} has another number of scores")
        self.double: tuple[NDArray[Any], ...] = ()
        if self.data.y.dtype == self.dtype:
            return
        size = self.n_rows * program.n_scores
        scores, losses = np.empty(size, double), np.empty(size, double)
        self.double = scores, losses
        program.double_scores = scores.ctypes.data
        program.double_losses = losses.ctypes.data

    def _record_copies(self) -> None:
        """Buffers for copies of rows: of shuffled rows, and of rows of X with gaps."""
        program = self.program
        program.in_place = self.data.X.flags.c_contiguous
        if self.shuffled or not program.in_place:
            program.x_rows = self.buffer(program.n_features)
        if self.shuffled:
            program.y_rows = self.buffer(program.n_targets)
            program.w_rows = self.buffer(1)

    def _record_memory(self, network: Network) -> None:
        """The remaining buffers, and the arrays that hold them all."""
        program = self.program
        program.losses = self.buffer(program.n_scores)
        widest = max((layer.n_in for layer in network.layers[1:]), default=0)
        # Dense layers write in turn; the first one has no dL/dh_prev.
        dh, n_dense = self.buffer(widest), sum(o.kind == DENSE for o in self.operations)
        program.dh[:] = [dh, self.buffer(widest) if n_dense > 2 else dh]
        self.work = np.empty(self.size, self.dtype)
        program.theta, program.grad = self.theta.ctypes.data, self.grad.ctypes.data
        program.work = self.work.ctypes.data

    def record_optimizer(self, optimizer: Optimizer) -> None:
        """The optimiser's settings and moments."""
        program = self.program
        program.optimizer = self.code("optimizers", optimizer)
        assert isinstance(optimizer, SGD | Nesterov | Adam)
        if isinstance(optimizer, Adam):
            program.beta_1 = number(optimizer.beta_1)
            program.beta_2 = number(optimizer.beta_2)
            program.epsilon = number(optimizer.epsilon)
        else:
            program.beta_1 = number(optimizer.momentum)
        self.optimizer = optimizer
        self.moments: tuple[Array, ...] = ()
        self.take_state()

    def take_state(self) -> None:
        """Check and use the state that the optimiser has now: others may have set it."""
        program, optimizer = self.program, self.optimizer
        if isinstance(optimizer, Adam):
            if type(optimizer.t) is not int or not 0 <= optimizer.t < LARGEST_COUNT:
                raise NotCompiled(f"the number of steps is {optimizer.t!r}")
            program.t = optimizer.t
            program.decay_1 = optimizer.decay_1
            program.decay_2 = optimizer.decay_2
        now, old = optimizer.moments(self.theta), self.moments
        if old and now[0] is old[0] and now[-1] is old[-1]:
            return
        for moment in now:
            check_vector(moment, self.dtype, program.n_parameters)
        for one, other in combinations((self.theta, *now), 2):
            if np.may_share_memory(one, other):
                raise NotCompiled("theta and the moments are not separate vectors")
        self.moments = now
        program.moment_1, program.moment_2 = now[0].ctypes.data, now[-1].ctypes.data

    def store_state(self) -> None:
        """Tell the optimiser what C counted; its vectors were changed in place."""
        if isinstance(self.optimizer, Adam):
            self.optimizer.t = self.program.t
            self.optimizer.decay_1 = self.program.decay_1
            self.optimizer.decay_2 = self.program.decay_2


def _dense(recording: Recording, layer: Dense, places: dict[str, int]) -> Operation:
    n_out = count(layer.n_out)
    s = h = recording.buffer(n_out)
    if layer.activation is not None and layer.activation.keeps_s:
        h = recording.buffer(n_out)
    narrow = layer.n_out <= NARROW
    return Operation(
        kind=DENSE,
        activation=recording.activation_code(layer.activation),
        n_in=count(layer.n_in),
        n_out=n_out,
        W=places["W"],
        b=places["b"],
        s=s,
        h=h,
        Wt=recording.memory(layer.n_in * layer.n_out) if narrow else 0,
        gain=number(layer.gain),
        bias_gain=number(layer.bias_gain),
        setting=setting_of(layer.activation),
    )


def _dropout(recording: Recording, layer: Dropout, places: dict[str, int]) -> Operation:
    cut = min(round(layer.p * DROPOUT_STEPS), DROPOUT_STEPS - 1)
    n_out = count(layer.n_out)
    h = recording.buffer(n_out)
    return Operation(
        kind=DROPOUT,
        n_in=count(layer.n_in),
        n_out=n_out,
        s=h,
        h=h,
        factors=recording.buffer(n_out),
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


def address(array: NDArray[Any]) -> Any:
    """The address of an array, for C."""
    return c.c_void_p(array.ctypes.data)
