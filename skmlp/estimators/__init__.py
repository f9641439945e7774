"""The estimators: scikit-learn's contract and nothing else."""

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
