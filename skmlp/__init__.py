"""Multilayer perceptrons for scikit-learn, on a backprop core written in NumPy."""

from ._display import LossCurveDisplay
from .estimators import MLPClassifier, MLPRegressor

__version__ = "0.1.0"
__all__ = ["LossCurveDisplay", "MLPClassifier", "MLPRegressor"]
