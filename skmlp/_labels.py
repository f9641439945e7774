"""Where models of 0.2 and 0.3 look for `Labels`."""

from .common.labels import Labels  # noqa: F401
