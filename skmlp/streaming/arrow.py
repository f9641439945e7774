"""The modules of pyarrow, which streaming needs, imported when they are used first."""

from importlib import import_module
from typing import Any


def arrow(name: str = "") -> Any:
    """The module pyarrow, or the one of this name in it.

    Raises ImportError if it is not installed.
    """
    try:
        return import_module(f"pyarrow.{name}".rstrip("."))
    except ImportError as error:
        raise ImportError(
            "A path or a dataset as X needs pyarrow. Install it with "
            '`pip install "skmlp[stream]"`, or give a frame.'
        ) from error
