"""Records a network and its data as a program for C.

A layer, activation, head or optimiser of a class that C does not know, also a subclass, and
data in another form raise NotCompiled: NumPy does the work.
"""

import ctypes as c
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Array, Features
from ..activations import Activation
from ..batches import Dataset
from ..network import Network
from ..objective import Objective
from ..optimizers import SGD, Adam, Nesterov, Optimizer
from .checks import (
    LARGEST_COUNT,
    NotCompiled,
    check,
    check_data,
    check_rows,
    check_training,
    check_vector,
    count,
    number,
)
from .layers import RECORDERS
from .library import Library
from .names import NAMES, levels_of, setting_of
from .structs import DENSE, Operation, Program

ALIGNMENT = 64
"""Buffers begin at multiples of this many bytes, the length of a cache line."""


class ScoresRecording:
    """The program of a network for the scores of rows, and all arrays that it uses."""

    training = False
    """Whether layers record what only training needs."""

    shuffled = False
    """Whether rows are copied in another order."""

    def __init__(
        self, library: Library, network: Network, theta: Array, X: Features, n_rows: int
    ):
        """For blocks of up to `n_rows` rows. Raises NotCompiled."""
        self._record_network(library, network, theta, X, n_rows)
        self.program.n_scores = self.operations[-1].n_out
        self._allocate()
        check(self)

    def _record_network(
        self, library: Library, network: Network, theta: Array, X: Features, n_rows: int
    ) -> None:
        """The layers and the rows."""
        if theta.dtype not in library.train:
            raise NotCompiled(f"theta is {theta.dtype}")
        if type(network) is not Network:
            raise NotCompiled("a network of another class")
        self.library, self.dtype, self.n_rows = library, theta.dtype, count(n_rows)
        self.theta, self.size = theta, 0
        self.operations = self._operations(network)
        self.program = Program(
            operations=self.operations,
            n_operations=len(self.operations),
            batch_size=self.n_rows,
            n_parameters=network.n_parameters,
            n_weights=int(network.n_weights),
        )
        self._record_rows(X)

    def _operations(self, network: Network) -> Any:
        """One operation for each layer, or for each part of the input layer."""
        places: list[dict[str, int]] = [{} for _ in network.layers]
        for i, name, where, _ in network.locations:
            places[i][name] = int(where.start)
        operations: list[Operation] = []
        below = 0
        for layer, own in zip(network.layers, places, strict=True):
            record = RECORDERS.get(type(layer))
            if record is None:
                raise NotCompiled(f"{type(layer).__name__} has no compiled twin")
            recorded = record(self, layer, own)
            if operations and recorded:
                recorded[0].h_prev = below
            # The parts of a layer write into one buffer, where the first part begins.
            below = recorded[0].h if recorded else below
            operations += recorded
        return (Operation * len(operations))(*operations)

    def _record_rows(self, X: Features) -> None:
        """The rows of X, which stay where they are."""
        if not isinstance(X, np.ndarray):
            raise NotCompiled("X is sparse")
        self.X = X
        check_rows(X, self.dtype)
        program, itemsize = self.program, self.dtype.itemsize
        program.X = X.ctypes.data
        program.n_rows, program.n_features = X.shape
        program.row_stride, program.column_stride = (n // itemsize for n in X.strides)
        program.in_place = X.flags.c_contiguous
        if self.shuffled or not program.in_place:
            program.x_rows = self.buffer(program.n_features)

    def _allocate(self) -> None:
        """The array that holds all buffers."""
        self.work = np.empty(self.size, self.dtype)
        self.program.work = self.work.ctypes.data
        self.program.theta = self.theta.ctypes.data

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


class Recording(ScoresRecording):
    """The program of an objective and a data set, and all arrays that it uses.

    `theta` and the moments of the optimiser are changed in place when the program runs.
    """

    training = True

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
        if type(objective) is not Objective:
            raise NotCompiled("an objective of another class")
        self.shuffled = shuffled
        self._record_network(library, objective.network, theta, data.X, n_rows)
        self.program.alpha = number(objective.alpha)
        self._record_targets(data)
        self._record_head(objective)
        self._record_gradients(objective.network)
        self._allocate()
        check(self)
        check_training(self)

    def _record_targets(self, data: Dataset) -> None:
        """y and w, copied if they have gaps; in steps, their rows are copied again."""
        program, w = self.program, data.w
        y = np.ascontiguousarray(data.y)
        w = None if w is None else np.ascontiguousarray(w)
        self.data = Dataset(data.X, y, w)
        check_data(self.data, self.dtype)
        program.y, program.n_targets = y.ctypes.data, y.shape[1]
        program.w = None if w is None else w.ctypes.data
        if self.shuffled:
            program.y_rows = self.buffer(program.n_targets)
            program.w_rows = self.buffer(1)

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

    def _record_gradients(self, network: Network) -> None:
        """The gradient, and the buffers for losses and dLoss/dh."""
        program = self.program
        program.losses = self.buffer(program.n_scores)
        widest = max((layer.n_in for layer in network.layers[1:]), default=0)
        # Dense layers write in turn; the input layer has no dLoss/dh_prev.
        n_writers = sum(o.kind == DENSE for o in [*self.operations][1:])
        dh = self.buffer(widest)
        program.dh[:] = [dh, self.buffer(widest) if n_writers > 1 else dh]
        self.grad = np.empty_like(self.theta)
        program.grad = self.grad.ctypes.data

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


def address(array: NDArray[Any]) -> Any:
    """The address of an array, for C."""
    return c.c_void_p(array.ctypes.data)
