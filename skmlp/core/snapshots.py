"""Snapshots: the state of objects as plain values and arrays, and back.

`taken` makes a tree of dicts, lists, plain values and arrays. `put_back` fills objects of
the same form, which the same code has made: nothing in a tree names a class to create.
"""

from dataclasses import replace
from enum import Enum
from typing import Any, Protocol

import numpy as np

from .history import Record, StopReason

Tree = Any
"""A dict, a list, a plain value or an array."""

KIND, VALUES = "kind", "values"

TUPLES: dict[str, Any] = {"Record": Record}
ENUMS: dict[str, Any] = {"StopReason": StopReason}
"""Values that lists may have, by the names of their classes."""


class Keeper(Protocol):
    """Keeps snapshots of a fit beyond its process."""

    def kept(self) -> dict[str, Tree]:
        """The trees of the last snapshot, of this fit in another process; or nothing."""

    def keep(self, parts: dict[str, Any], *, done: bool = False) -> None:
        """Take a snapshot of these parts if it is time for one, or training is done."""


class KeepsNothing:
    """A keeper without a file."""

    def kept(self) -> dict[str, Tree]:
        return {}

    def keep(self, parts: dict[str, Any], *, done: bool = False) -> None:
        pass


NOT_KEPT = KeepsNothing()


def put_all_back(trees: dict[str, Tree], parts: dict[str, Any]) -> dict[str, Any]:
    """The values of trees, put into the parts of the same names where possible.

    Raises ValueError if the trees do not have the form of the parts.
    """
    try:
        if set(trees) != set(parts):
            raise ValueError(f"it has {sorted(trees)} instead of {sorted(parts)}")
        return {name: put_back(tree, parts[name]) for name, tree in trees.items()}
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            "checkpoint must be a file of this version of skmlp. The content of the file "
            f"does not have the form of this fit: {error}."
        ) from error


def taken(value: Any) -> Tree:
    """The tree of a value; arrays are not copied."""
    if value is None or isinstance(value, bool | int | float | str | np.ndarray):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Enum):
        return {KIND: type(value).__name__, VALUES: value.name}
    if isinstance(value, tuple) and type(value).__name__ in TUPLES:
        return {KIND: type(value).__name__, VALUES: taken(list(value))}
    if isinstance(value, list | tuple):
        return [taken(one) for one in value]
    if isinstance(value, dict):
        return {KIND: "dict", VALUES: {name: taken(one) for name, one in value.items()}}
    if isinstance(value, np.random.RandomState):
        # Its algorithm is always the Mersenne twister.
        state: Any = value.get_state(legacy=True)
        return {KIND: "RandomState", VALUES: taken(list(state[1:]))}
    return {KIND: "object", VALUES: taken(vars(value))[VALUES]}


def put_back(tree: Tree, current: Any = None) -> Any:
    """The value of a tree: `current` changed in place where possible, or a new one.

    Raises ValueError if the tree does not have the form of `current`.
    """
    if isinstance(tree, dict):
        return _put_back_kind(tree[KIND], tree[VALUES], current)
    if isinstance(tree, list):
        values = [put_back(one) for one in tree]
        if isinstance(current, list):
            current[:] = values
            return current
        return tuple(values) if isinstance(current, tuple) else values
    if isinstance(tree, np.ndarray) and isinstance(current, np.ndarray):
        if (tree.shape, tree.dtype) != (current.shape, current.dtype):
            raise ValueError(
                f"an array of shape {tree.shape} and type {tree.dtype} stands for one of "
                f"shape {current.shape} and type {current.dtype}"
            )
        current[...] = tree
        return current
    return tree


def _put_back_kind(kind: str, values: Any, current: Any) -> Any:
    """The value of a tree that has a kind."""
    if kind in ENUMS:
        return ENUMS[kind][values]
    if kind in TUPLES:
        return TUPLES[kind](*values)
    if kind == "RandomState":
        rng = np.random.RandomState() if current is None else current
        rng.set_state(("MT19937", *values))
        return rng
    if kind not in ("dict", "object"):
        raise ValueError(f"{kind!r} is no kind of value")
    before = current if kind == "dict" else vars(current)
    if kind == "object" and set(values) != set(before):
        raise ValueError(f"{type(current).__name__} does not have {sorted(values)}")
    found = {name: put_back(one, before.get(name)) for name, one in values.items()}
    if kind == "dict":
        current.update(found)
    elif _is_frozen(current):
        return replace(current, **found)
    else:
        vars(current).update(found)
    return current


def _is_frozen(value: Any) -> bool:
    """Whether it is a dataclass whose attributes cannot be set."""
    settings = getattr(value, "__dataclass_params__", None)
    return settings is not None and bool(settings.frozen)
