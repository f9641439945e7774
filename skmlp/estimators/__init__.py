"""The public estimators: the interface that scikit-learn expects."""

from .classifier import MLPClassifier
from .regressor import MLPRegressor
from .tabular_classifier import TabularMLPClassifier
from .tabular_regressor import TabularMLPRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
]
