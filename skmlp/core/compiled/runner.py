"""Runs recorded programs: the steps of training, and the objective for L-BFGS."""

import ctypes as c
from functools import partial
from math import ceil

import numpy as np

from .._types import Array, Features, Rng, Rows
from ..batches import Dataset
from ..network import Network
from ..objective import Objective
from ..optimizers import Optimizer
from ..runners import StepSettings, StepSums
from .checks import NotCompiled, check_theta
from .library import Library
from .program import Recording, ScoresRecording, address
from .structs import Sums

MULTIPLICATIONS_PER_CALL = 2**30
"""A call runs steps with this many multiplications: about 0.1 seconds. Between calls,
Python handles Ctrl-C."""

BLOCK_ROWS = 512
"""The most rows in a block of the objective, so that its buffers stay in the cache."""


class CompiledRunner:
    """Training steps in C."""

    def __init__(
        self,
        lib: Library,
        settings: StepSettings,
        theta: Array,
        optimizer: Optimizer,
        data: Dataset,
    ):
        """Raises NotCompiled if a part has no compiled twin."""
        if data.y.dtype != theta.dtype:
            raise NotCompiled(f"y is {data.y.dtype}, theta is {theta.dtype}")
        batch_size = min(settings.batch_size, max(data.n_rows, 1))
        self.recording = Recording(
            lib, settings.objective, theta, data, batch_size, shuffled=True
        )
        self.recording.record_optimizer(optimizer)
        program = self.recording.program
        program.weight_decay = settings.weight_decay
        program.max_norm = settings.max_grad_norm
        self.has_dropout = settings.objective.network.has_dropout
        self.rng: Rng | None = None
        self.sums = Sums()
        layers = settings.objective.network.layers
        products = 3 * sum(layer.n_in * layer.n_out for layer in layers)
        n_steps = max(1, MULTIPLICATIONS_PER_CALL // (products * batch_size))
        n_steps = min(n_steps, ceil(data.n_rows / batch_size))
        self.rows_per_call = n_steps * batch_size
        self.order = np.empty(self.rows_per_call, np.int64)
        self.rates = np.empty(n_steps)
        self.train = partial(
            lib.train[theta.dtype], c.byref(program), c.byref(lib.blas)
        )
        self.ends = address(self.order), address(self.rates), c.byref(self.sums)

    def run(self, rows: Rows | slice, rates: Array, rng: Rng | None = None) -> StepSums:
        """One step for each batch of the rows."""
        program, sums = self.recording.program, self.sums
        self.recording.take_state()
        if self.has_dropout:
            self._take_random(rng)
        order, to_rates, to_sums = self.ends
        if isinstance(rows, slice):
            order, first, n_rows = None, rows.start, rows.stop - rows.start
        else:
            first, n_rows = 0, len(rows)
            self.order[:n_rows] = rows
        if n_rows > min(self.rows_per_call, len(rates) * program.batch_size):
            raise ValueError("There must be a learning rate for each step.")
        self.rates[: len(rates)] = rates
        sums.loss = sums.gradient_norm = sums.n_rows = sums.n_steps = 0
        try:
            wrong = self.train(order, first, n_rows, to_rates, to_sums)
        finally:
            # Ctrl-C during the call raises when it returns: the steps were taken.
            self.recording.store_state()
        if wrong:
            raise IndexError(f"a row number is not below {program.n_rows}")
        return StepSums(sums.loss, sums.gradient_norm, sums.n_rows, sums.n_steps)

    def _take_random(self, rng: Rng | None) -> None:
        """Continue with the random numbers of `rng`, or begin with them."""
        if rng is None:
            raise ValueError("Dropout needs random numbers.")
        if rng is not self.rng:
            self.rng = rng
            state = rng.state["state"]["state"]
            self.recording.program.random[:] = state.tolist()


class CompiledObjective:
    """J and its gradient, for L-BFGS."""

    def __init__(self, lib: Library, objective: Objective, theta: Array, data: Dataset):
        """Raises NotCompiled if a part has no compiled twin."""
        if objective.network.has_dropout:
            raise NotCompiled("the objective of all rows drops no units")
        self.theta = theta.copy()
        n_rows = min(data.n_rows, objective.network.block_rows, BLOCK_ROWS)
        self.recording = Recording(
            lib, objective, self.theta, data, n_rows, shuffled=False
        )
        self.grad = self.recording.grad
        self.evaluate = lib.evaluate[theta.dtype]
        self.arguments = c.byref(self.recording.program), c.byref(lib.blas)

    def __call__(self, x: Array) -> tuple[float, Array]:
        """J(x) and its gradient in double precision."""
        self.theta[:] = x
        value = self.evaluate(*self.arguments)
        return value, self.grad.astype(np.float64)


class CompiledScores:
    """The scores of the rows X by networks of one architecture."""

    def __init__(self, lib: Library, network: Network, theta: Array, X: Features):
        """`theta` are parameters of the network. Raises NotCompiled."""
        n_rows = min(X.shape[0], network.block_rows, BLOCK_ROWS)
        self.recording = ScoresRecording(lib, network, theta, X, n_rows)
        self.scores = lib.scores[theta.dtype]

    def __call__(self, theta: Array) -> Array:
        """The scores (n, K), each row independent of the others."""
        recording = self.recording
        check_theta(theta, recording)
        recording.program.theta = theta.ctypes.data
        s = np.empty((len(recording.X), recording.program.n_scores), recording.dtype)
        self.scores(c.byref(recording.program), address(s))
        return s
