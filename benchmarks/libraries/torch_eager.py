"""A plain torch training loop: eager, all rows in memory, a loop over batches."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from benchmarks import THREADS
from benchmarks.problems import ALPHA, LEARNING_RATE, MOMENTUM

from . import Trained

NAME = "torch"
torch.set_num_threads(int(THREADS))


def supports(task) -> bool:
    return not task.problem.non_zeros


def network(problem, dtype):
    """The network from the input to the scores."""
    torch.manual_seed(0)
    layers = []
    for n_in, n_out in pairwise(problem.widths):
        layers += [nn.Linear(n_in, n_out, dtype=getattr(torch, dtype)), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def loss_of(problem):
    if problem.n_classes > 2:
        return nn.CrossEntropyLoss()
    return nn.BCEWithLogitsLoss() if problem.n_classes else nn.MSELoss()


def target(problem, y, dtype):
    """Class codes, or one column of numbers."""
    if problem.n_classes > 2:
        return y.astype(np.int64)
    return y.astype(dtype).reshape(-1, 1)


def optimizer(task):
    """The class and settings of the fused optimiser."""
    # scikit-learn divides the penalty by the number of rows in a batch.
    decay = ALPHA / task.problem.batch_size
    shared = {"lr": LEARNING_RATE, "weight_decay": decay, "fused": True}
    if task.solver == "adam":
        return torch.optim.Adam, shared
    return torch.optim.SGD, {"momentum": MOMENTUM, "nesterov": True, **shared}


def prepare(task, X, y):
    X = torch.from_numpy(X)
    y = torch.from_numpy(target(task.problem, y, task.dtype))

    def train():
        net = network(task.problem, task.dtype)
        loss_function = loss_of(task.problem)
        if task.solver == "lbfgs":
            return Trained(_fit_lbfgs(net, loss_function, X, y, task.rounds), net)
        kind, settings = optimizer(task)
        steps = kind(net.parameters(), **settings)
        for _ in range(task.rounds):
            total = torch.zeros((), dtype=X.dtype)
            for rows in torch.randperm(len(X)).split(task.problem.batch_size):
                steps.zero_grad(set_to_none=True)
                scores = net(X.index_select(0, rows))
                loss = loss_function(scores, y.index_select(0, rows))
                loss.backward()
                steps.step()
                total += loss.detach()
            total.item()
        return Trained(task.rounds, net)

    return train


def _fit_lbfgs(net, loss_function, X, y, n_iterations) -> int:
    """L-BFGS on all rows, with SciPy's history size; returns the evaluations."""
    calls = 0
    search = torch.optim.LBFGS(
        net.parameters(),
        max_iter=n_iterations,
        max_eval=10**9,
        tolerance_grad=0,
        tolerance_change=0,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    def closure():
        nonlocal calls
        calls += 1
        search.zero_grad(set_to_none=True)
        loss = loss_function(net(X), y)
        loss.backward()
        return loss

    search.step(closure)
    return calls
