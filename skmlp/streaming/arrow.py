"""pyarrow, which streaming needs, imported when it is used first."""

import importlib
from typing import Any


def arrow() -> Any:
    """The module pyarrow."""
    return _module("pyarrow")


def compute() -> Any:
    """The functions of pyarrow on arrays."""
    return _module("pyarrow.compute")


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            "Files and datasets as X need pyarrow. Install it with "
            '`pip install "skmlp[stream]"`, or give a frame.'
        ) from error
