"""skmlp with its training steps in NumPy."""

from contextlib import contextmanager

from skmlp.core.compiled import library as module

from . import skmlp

NAME = "skmlp in NumPy"


@contextmanager
def in_numpy():
    """During the block, or the decorated function, training takes its steps in NumPy."""
    used = module.library
    module.library = lambda: None
    try:
        yield
    finally:
        module.library = used


def supports(task) -> bool:
    # Sparse rows train in NumPy in any case.
    return not task.problem.non_zeros


def prepare(task, X, y, **more):
    return in_numpy()(skmlp.prepare(task, X, y, **more))
