"""Multilayer perceptrons for scikit-learn, on a backprop core written in NumPy."""

from ._display import LossCurveDisplay
from ._version import __version__ as __version__
from .estimators import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .stored import trusted_types
from .tabular.encoder import TableEncoder

__all__ = [
    "LossCurveDisplay",
    "MLPClassifier",
    "MLPRegressor",
    "TableEncoder",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
    "trusted_types",
]
