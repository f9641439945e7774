"""Errors and warnings; messages say what is allowed and what was given."""

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import numpy as np

INSIDE = (
    "skmlp.",
    "sklearn.callback",
    "sklearn.utils._metadata_requests",
    "contextlib",
)
"""Modules whose frames lie between the user's call and a warning."""

LIBRARIES = (
    *("builtins", "numpy", "scipy", "sklearn", "skmlp"),
    *("narwhals", "pandas", "polars", "pyarrow"),
)
"""Packages whose errors get the name of the argument; others are the user's own."""


class InvalidParameterError(ValueError, TypeError):
    """A constructor parameter has a wrong type, value or combination.

    It is both a ValueError and a TypeError, like the error of scikit-learn, so that code
    that catches either one works.
    """


LONGEST = 200
"""The most characters of a value in a message."""

LONGEST_END = 200
"""The most characters at each end of the message of another library."""


def shown(value: Any) -> str:
    """The value as a message shows it, cut off where it is long."""
    try:
        text = repr(value)
    except ValueError:
        # Python does not print an int of more than 4,300 digits.
        return f"a value of type {type(value).__name__} that is too long to show"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def message_of(error: Exception) -> str:
    """The message of an error without its middle, where it is long.

    Some libraries show the whole data; what to do may stand at the end.
    """
    text = str(error)
    if len(text) <= 2 * LONGEST_END + len(" ... "):
        return text
    return f"{text[:LONGEST_END]} ... {text[-LONGEST_END:]}"


def _module(frame: FrameType) -> str:
    """The module of a frame; code run by exec may have none."""
    return str(frame.f_globals.get("__name__", ""))


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called the package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and _module(frame).startswith(INSIDE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def plain_type(error: Exception) -> type[ValueError] | type[TypeError]:
    """ValueError or TypeError; a user's own type of error is raised again, unchanged."""
    if type(error).__module__.partition(".")[0] not in LIBRARIES:
        raise error
    return TypeError if isinstance(error, TypeError) else ValueError


@contextmanager
def argument(name: str) -> Iterator[None]:
    """Name the argument in the errors of another library's checks of it.

    These checks add numbers up, which may overflow without harm.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            yield
    except (TypeError, ValueError, OverflowError) as error:
        if name in re.findall(r"\w+", str(error)):
            raise
        raise plain_type(error)(f"{name} is invalid. {message_of(error)}") from None


@contextmanager
def error_context(name: str, allowed: str, value: Any) -> Iterator[None]:
    """Add a name, what is allowed and what was given to the message of an error."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            yield
    except (TypeError, ValueError, OverflowError) as error:
        kind, got = plain_type(error), type(value).__name__
        if str(error).startswith(f"{name} must"):
            raise
        # Rows of different lengths have no shape.
        with suppress(ValueError):
            got = f"{got} of shape {np.shape(value)}"
        # An inner context has named another argument, of the same value.
        reason = re.sub(r"^\w+ must be .*?\. Got [^:]*: ", "", message_of(error))
        raise kind(f"{name} must be {allowed}. Got {got}: {reason}") from None
