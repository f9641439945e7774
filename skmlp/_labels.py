"""The address of `Labels` in models of 0.2 and 0.3."""

from .common.labels import Labels  # noqa: F401
