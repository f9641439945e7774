"""Errors and warnings; messages say what is allowed and what was given."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

INSIDE = (
    "skmlp.",
    "sklearn.callback",
    "sklearn.utils._metadata_requests",
    "contextlib",
)
"""Modules whose frames lie between the user's call and a warning."""


class InvalidParameterError(ValueError, TypeError):
    """A constructor parameter has a wrong type, value or combination.

    It is both a ValueError and a TypeError, like the error of scikit-learn, so that code
    that catches either one works.
    """


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called the package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"].startswith(INSIDE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def error_context(name: str, allowed: str, value: Any) -> Iterator[None]:
    """Add a name, what is allowed and what was given to the message of an error.

    Errors of other types, which a user's own object may raise, pass unchanged.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        if type(error) not in (TypeError, ValueError):
            raise
        got = type(value).__name__
        # Rows of different lengths have no shape.
        with suppress(ValueError):
            got = f"{got} of shape {np.shape(value)}"
        raise type(error)(f"{name} must be {allowed}. Got {got}: {error}") from None
