"""One small adapter for each library.

An adapter is a module with `NAME`; `supports(task)`, whether the library can do it; and
`prepare(task, X, y)`, which returns a function without arguments. Calling that one is
what is timed: from the data as arrays in memory to the trained model, as a `Trained`.
All train for the same rounds with the same batch size, optimiser, precision, learning
rate and penalty, on as many threads as the suite allows.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

ADAPTERS = ("skmlp", "scikit_learn", "torch_eager", "skorch_net", "floor")


@dataclass(frozen=True)
class Trained:
    """A trained model, and the epochs or evaluations of the objective it took."""

    rounds: int
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
