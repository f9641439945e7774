"""Where models of 0.3 look for `TableEncoder` and its columns."""

from .tabular.encoder import Labelled, Numeric, TableEncoder  # noqa: F401
