"""The gain of a second BLAS thread by product size, on a quiet and on a busy machine.

Times a training step in NumPy without an estimator, because an estimator limits the
threads itself.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from functools import partial

import numpy as np
from threadpoolctl import ThreadpoolController

from benchmarks.timing import take_turns
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.objective import Objective
from skmlp.core.optimizers import Adam

from . import Case, repeats
from .threads import all_cores, busy_processes

SHAPES = ((128, 128), (256, 128), (256, 256), (512, 256), (1024, 256), (1024, 512))
"""Rows of a batch and units of each of two hidden layers, for 50 columns."""


def cases(quick):
    for busy in (False, True):
        label = "busy" if busy else "quiet"
        yield Case(label, partial(_rows, busy, quick, repeats(quick)))


def _rows(busy, quick, n_repeats):
    """Time in a separate process, in which BLAS may use two threads."""
    command = [sys.executable, "-m", __name__, "1" if quick else "20", str(n_repeats)]
    environment = {**os.environ, "BENCHMARK_THREADS": "2"}
    with all_cores(), busy_processes() if busy else contextlib.nullcontext():
        done = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        )
    for row in json.loads(done.stdout):
        yield {"busy": int(busy), **row}


def training_step(n_rows, width, dtype):
    """A function that takes one step of training."""
    rng = np.random.RandomState(0)
    network = multilayer_perceptron(50, (width, width), 1, ACTIVATIONS["relu"])
    theta = network.initialize(rng, dtype)
    objective, adam = Objective(network, HEADS["squared_error"], 1e-4), Adam()
    X, y = rng.randn(n_rows, 50).astype(dtype), rng.randn(n_rows, 1).astype(dtype)
    work = network.workspace(n_rows, theta.dtype, training=True)
    params, grad = network.views(theta), network.views(np.empty_like(theta))

    def step():
        objective.evaluate(params, [Dataset(X, y)], grad, work)
        adam.step(theta, grad.flat, 1e-6)

    return step


def main() -> None:
    """Time all shapes in this process and print the rows as JSON."""
    number, n_repeats = map(int, sys.argv[1:])
    controller = ThreadpoolController()
    rows = []
    for dtype in ("float64", "float32"):
        for n_rows, width in SHAPES:
            step = training_step(n_rows, width, dtype)

            def steps(n_threads, step=step):
                with controller.limit(limits=n_threads, user_api="blas"):
                    for _ in range(number):
                        step()

            steps(1)  # costs of the first call only
            calls = {str(n): partial(steps, n) for n in (1, 2)}
            ratios, seconds = [], []
            for turn in take_turns(calls, n_repeats):
                by_name = {each.name: each.seconds / number for each in turn}
                ratios.append(by_name["1"] / by_name["2"])
                seconds.append(by_name["1"])
            row = {"rows": n_rows, "width": width, "dtype": dtype}
            row |= {"products": n_rows * width * width}
            row |= {"step_seconds": statistics.median(seconds)}
            rows += [
                row | {"repeat": i, "gain": ratio} for i, ratio in enumerate(ratios)
            ]
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
