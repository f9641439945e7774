"""Constraints: which values a constructor parameter may have.

The message for another value names the parameter, what is allowed and the value.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np
from sklearn.metrics import get_scorer_names

from ..core.network import MAX_LAYERS
from .errors import InvalidParameterError, shown

LARGEST = 2**63 - 1
"""The largest integer of NumPy's and Python's sizes."""


class Constraint(Protocol):
    """The allowed values: as words for a message, as a type for a docstring, as a test."""

    @property
    def allowed(self) -> str: ...

    @property
    def type(self) -> str: ...

    def accepts(self, value: Any) -> bool: ...


def _is_bool(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_))


def _is(kind: type[Integral] | type[Real], plain: type, value: Any) -> bool:
    """Whether a value is a number of that kind; `plain` is looked at first, for speed."""
    if type(value) is plain:
        return True
    return isinstance(value, kind) and not _is_bool(value)


@dataclass(frozen=True)
class OneOf:
    """One of several names.

    `other` can have None.
    """

    names: tuple[str, ...]
    other: tuple[None, ...] = ()

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(map(repr, (*self.names, *self.other)))}"

    @property
    def type(self) -> str:
        names = "{" + ", ".join(map(repr, self.names)) + "}"
        return " or ".join([names, *map(repr, self.other)])

    def accepts(self, value: Any) -> bool:
        if value is None:
            return None in self.other
        return isinstance(value, str) and value in self.names


@dataclass(frozen=True)
class NameOrObject:
    """One of several names, or an object with these members, such as ``__call__``."""

    names: tuple[str, ...]
    members: tuple[str, ...]

    @property
    def allowed(self) -> str:
        has = f"an object with {', '.join(self.members)}"
        either = "a function" if self.members == ("__call__",) else has
        return f"{OneOf(self.names).allowed}, or {either}"

    @property
    def type(self) -> str:
        either = "callable" if self.members == ("__call__",) else "object"
        return f"{OneOf(self.names).type} or {either}"

    def accepts(self, value: Any) -> bool:
        if isinstance(value, str):
            return value in self.names
        has_all = all(getattr(value, one, None) is not None for one in self.members)
        return has_all and not isinstance(value, type)


@dataclass(frozen=True)
class OneOrOneEach:
    """A single value, or a sequence with one for each, such as each hidden layer."""

    one: Constraint
    each: str

    @property
    def allowed(self) -> str:
        return f"{self.one.allowed}, or a sequence of these, one for each {self.each}"

    @property
    def type(self) -> str:
        return f"{self.one.type} or sequence of these"

    def accepts(self, value: Any) -> bool:
        one_each = as_sequence(value)
        return all(map(self.one.accepts, [value] if one_each is None else one_each))


@dataclass(frozen=True)
class Scoring:
    """A scorer's name, a name of our `own`, a callable or None."""

    own: tuple[str, ...] = ("loss",)
    type: str = "str, callable or None"

    @property
    def allowed(self) -> str:
        own = "".join(f"{name!r}, " for name in self.own)
        return f"None, {own}the name of a scorer, or a callable"

    def accepts(self, value: Any) -> bool:
        if isinstance(value, str):
            return value in self.own or value in get_scorer_names()
        return value is None or (callable(value) and not isinstance(value, type))


@dataclass(frozen=True)
class Splits:
    """None, a number of folds, a splitter, or pairs of training and validation rows."""

    allowed: str = (
        "None, an int >= 2, a splitter of scikit-learn, or an iterable of pairs of "
        "training and validation row numbers"
    )
    type: str = "int, splitter, iterable or None"

    def accepts(self, value: Any) -> bool:
        if value is None or _is(Integral, int, value):
            return value is None or 2 <= value <= LARGEST
        if isinstance(value, str | bytes | type | dict):
            return False
        return hasattr(value, "split") or isinstance(value, Iterable)


@dataclass(frozen=True)
class Boolean:
    """True or False."""

    allowed: str = "True or False"
    type: str = "bool"

    def accepts(self, value: Any) -> bool:
        return _is_bool(value)


@dataclass(frozen=True)
class Integer:
    """An integer from `low` to `high`, or one of some other values."""

    low: int
    other: tuple[Any, ...] = ()
    high: int = LARGEST

    @property
    def allowed(self) -> str:
        high = "2**63 - 1" if self.high == LARGEST else self.high
        return " or ".join(
            [f"an int from {self.low} to {high}", *map(repr, self.other)]
        )

    @property
    def type(self) -> str:
        return " or ".join(["int", *map(repr, self.other)])

    def accepts(self, value: Any) -> bool:
        if _is(Integral, int, value):
            return self.low <= int(value) <= self.high
        is_plain = value is None or isinstance(value, str | Real)
        return is_plain and any(value == o for o in self.other)


@dataclass(frozen=True)
class Interval:
    """A number in an interval; in `ends`, a square bracket includes the end."""

    low: float
    high: float = math.inf
    ends: str = "[)"
    other: tuple[None, ...] = ()

    @property
    def allowed(self) -> str:
        interval = f"a number in {self.ends[0]}{self.low}, {self.high}{self.ends[1]}"
        return " or ".join([interval, *map(repr, self.other)])

    @property
    def type(self) -> str:
        return " or ".join(["float", *map(repr, self.other)])

    def accepts(self, value: Any) -> bool:
        if value is None:
            return None in self.other
        if not _is(Real, float, value):
            return False
        try:
            value = float(value)
        except OverflowError:
            return False
        above = value >= self.low if self.ends[0] == "[" else value > self.low
        below = value <= self.high if self.ends[1] == "]" else value < self.high
        return bool(above and below)


@dataclass(frozen=True)
class Levels:
    """A number between 0 and 1, or several in increasing order."""

    allowed: str = (
        "a number in (0, 1) or a strictly increasing sequence of one or more "
        "such numbers"
    )
    type: str = "float or array-like of shape (n_quantiles,)"

    def accepts(self, value: Any) -> bool:
        levels = as_sequence(value)
        levels = (value,) if levels is None else levels
        inside = all(map(Interval(0, 1, "()").accepts, levels))
        return inside and bool(levels) and all(a < b for a, b in pairwise(levels))


@dataclass(frozen=True)
class Sizes:
    """An integer of at least 1, or a possibly empty sequence of them."""

    allowed: str = (
        "an int from 1 to 2**63 - 1, or a sequence of them, one for each of at most "
        f"{MAX_LAYERS - 1} hidden layers"
    )
    type: str = "int or array-like of shape (n_layers - 2,)"

    def accepts(self, value: Any) -> bool:
        sizes = as_sizes(value)
        if sizes is None or len(sizes) >= MAX_LAYERS:
            return False
        return all(Integer(1).accepts(size) for size in sizes)


@dataclass(frozen=True)
class CategoricalFeatures:
    """'from_dtype', None, or columns: a boolean mask, indices or names."""

    allowed: str = "'from_dtype', None, a boolean mask, or indices or names of columns"
    type: str = "'from_dtype', array-like or None"

    def accepts(self, value: Any) -> bool:
        if isinstance(value, str):
            return value == "from_dtype"
        kinds = bool | np.bool_ | str | Integral
        columns = as_sequence(value)
        return value is None or (
            columns is not None and all(isinstance(one, kinds) for one in columns)
        )


@dataclass(frozen=True)
class ColumnKinds:
    """None, or a kind for each of some columns."""

    kinds: tuple[str, ...]
    type: str = "dict or None"

    @property
    def allowed(self) -> str:
        kinds = ", ".join(map(repr, self.kinds))
        return f"None or a dict of names or indices of columns to one of {kinds}"

    def accepts(self, value: Any) -> bool:
        return value is None or (
            isinstance(value, Mapping)
            and all(isinstance(one, str | Integral) for one in value)
            and all(kind in self.kinds for kind in value.values())
        )


@dataclass(frozen=True)
class RandomState:
    """A `random_state` that scikit-learn accepts."""

    allowed: str = "None, an int in [0, 2**32 - 1] or a numpy.random.RandomState"
    type: str = "int, RandomState instance or None"

    def accepts(self, value: Any) -> bool:
        if value is None or value is np.random:
            return True
        is_seed = _is(Integral, int, value)
        is_generator = isinstance(value, np.random.RandomState)
        return is_generator or (is_seed and 0 <= int(value) < 2**32)


@dataclass(frozen=True)
class Verbosity:
    """True, False or an int >= 0."""

    allowed: str = "True, False or an int >= 0"
    type: str = "bool or int"

    def accepts(self, value: Any) -> bool:
        return _is_bool(value) or Integer(0).accepts(value)


@dataclass(frozen=True)
class ClassWeight:
    """None, 'balanced', a dict of class weights, or a list of dicts for several labels."""

    allowed: str = (
        "None, 'balanced', a dict of class weights >= 0, or a list of such dicts, one "
        "for each of several labels"
    )
    type: str = "dict, list of dicts, 'balanced' or None"

    def accepts(self, value: Any) -> bool:
        if isinstance(value, str):
            return value == "balanced"
        dicts = value if isinstance(value, list | tuple) else [value]
        return value is None or all(self._accepts_one(one) for one in dicts)

    def _accepts_one(self, value: Any) -> bool:
        is_dict = isinstance(value, dict)
        return is_dict and all(Interval(0).accepts(weight) for weight in value.values())


def as_sizes(value: Any) -> tuple[Any, ...] | None:
    """`hidden_layer_sizes` as a tuple, or None if it is neither a number nor a sequence."""
    return (value,) if isinstance(value, Real) else as_sequence(value)


def as_sequence(value: Any) -> tuple[Any, ...] | None:
    """A sequence or an array as a tuple, or None for text and anything else."""
    # Numbers come first for speed.
    if isinstance(value, (float, int, str, bytes)):
        return None
    if hasattr(value, "__array__"):
        value = np.asarray(value)
        return tuple(value) if value.ndim else None
    return tuple(value) if isinstance(value, Sequence) else None


def check_parameter(owner: str, name: str, value: Any, constraint: Constraint) -> None:
    """Raise InvalidParameterError unless the constraint accepts the value."""
    if constraint.accepts(value):
        return
    message = (
        f"The {name!r} parameter of {owner} must be {constraint.allowed}. "
        f"Got {shown(value)} instead."
    )
    if isinstance(value, type) and "an object with" in constraint.allowed:
        message += f" Pass an instance: {value.__name__}()."
    raise InvalidParameterError(message)
