"""Multilayer perceptrons for scikit-learn, on a backprop core written in NumPy."""

from .estimators import MLPClassifier, MLPRegressor

__version__ = "0.1.0"
__all__ = ["MLPClassifier", "MLPRegressor"]
