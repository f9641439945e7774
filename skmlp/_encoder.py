"""The address of `TableEncoder` and its columns in models of 0.3."""

from .tabular.column_encoders import Numeric  # noqa: F401
from .tabular.encoder import TableEncoder  # noqa: F401
from .tabular.labelled import Labelled  # noqa: F401
