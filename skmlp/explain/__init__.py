"""Which columns matter, for the model and for a row."""

from .dependence import partial_dependence
from .permutation import permutation_importance
from .shapley import shapley_values

__all__ = ["partial_dependence", "permutation_importance", "shapley_values"]
