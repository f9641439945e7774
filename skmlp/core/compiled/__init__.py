"""Training steps in C: the same results as in NumPy, to rounding, in less time.

`compiled_runner` and `compiled_objective` are the way in. They import the modules behind
them at the first fit, so that a program which imports an estimator does not wait for them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .._types import Array
from ..batches import Dataset
from ..objective import Objective
from ..optimizers import Optimizer
from ..runners import StepSettings

if TYPE_CHECKING:
    from .runner import CompiledObjective, CompiledRunner

T = TypeVar("T")


def compiled_runner(
    settings: StepSettings, theta: Array, optimizer: Optimizer, data: Dataset
) -> "CompiledRunner | None":
    """A runner in C, or None where NumPy does the work."""
    from .runner import CompiledRunner

    return _compiled(CompiledRunner, settings, theta, optimizer, data)


def compiled_objective(
    objective: Objective, theta: Array, data: Dataset
) -> "CompiledObjective | None":
    """The objective in C, or None where NumPy does the work."""
    from .runner import CompiledObjective

    return _compiled(CompiledObjective, objective, theta, data)


def _compiled(kind: Callable[..., T], *parts: Any) -> T | None:
    from .checks import NotCompiled
    from .library import library

    lib = library()
    if lib is None:
        return None
    try:
        return kind(lib, *parts)
    except NotCompiled:
        return None
