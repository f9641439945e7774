"""MLPClassifier and MLPRegressor: scikit-learn's contract and nothing else."""

from .classifier import MLPClassifier
from .regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
