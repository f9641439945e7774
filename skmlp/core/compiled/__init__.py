"""Training steps in C: the same results as in NumPy, to rounding, in less time.

`compiled_runner`, `compiled_objective` and `compiled_scores` are the way in. They import
the modules behind them when they are called: a program that imports an estimator does not
wait for them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .._types import Array, Features
from ..batches import Dataset
from ..network import Network
from ..objective import Objective
from ..optimizers import Optimizer
from ..runners import StepSettings

if TYPE_CHECKING:
    from .runner import CompiledObjective, CompiledRunner, CompiledScores

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


def compiled_scores(
    network: Network, theta: Array, X: Features
) -> "CompiledScores | None":
    """The scores of X in C, or None where NumPy does the work."""
    from .runner import CompiledScores

    return _compiled(CompiledScores, network, theta, X)


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
