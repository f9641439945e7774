"""One adapter for each library.

An adapter is a module with `NAME`; `supports(task)`, whether the library can solve the
task; and `prepare(task, X, y)`, which returns a function without arguments. The time of
its call is measured: from arrays in memory to the trained model, a `Trained`. All
libraries train for the same number of rounds with the same batch size, optimiser,
precision, learning rate, penalty and number of threads. The adapters of estimators pass
more parameters of `prepare` to them.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

ADAPTERS = (
    "skmlp",
    "skmlp_numpy",
    "scikit_learn",
    "torch_eager",
    "skorch_net",
    "floor",
    "limit",
)


@dataclass(frozen=True)
class Trained:
    """A trained model, and its number of epochs or evaluations of the objective."""

    rounds: float
    model: Any = None


@cache
def available() -> dict[str, ModuleType]:
    """The adapters whose libraries are installed, by name."""
    found = {}
    for adapter in ADAPTERS:
        try:
            module = import_module(f"benchmarks.libraries.{adapter}")
        except ModuleNotFoundError as error:
            print(f"skipped: {adapter}, as {error.name} is not installed")
        else:
            found[module.NAME] = module
    return found
