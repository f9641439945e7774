"""The comparisons: one module for each kind, with the name of its CSV file.

Each module has `cases(quick)`, which yields a `Case` for each group of rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

REPEATS, QUICK_REPEATS = 7, 2
PATHS = ("skmlp", "skmlp in NumPy")
"""The two ways in which skmlp takes the steps of training."""


@dataclass(frozen=True)
class Case:
    """A measurement: its label, and a function that returns its rows."""

    label: str
    rows: Callable[[], Iterable[dict[str, Any]]]


def repeats(quick: bool) -> int:
    return QUICK_REPEATS if quick else REPEATS
