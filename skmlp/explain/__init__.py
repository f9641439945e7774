"""Which columns matter, for the model and for a row."""

from .permutation import permutation_importance
from .shapley import shapley_values

__all__ = ["permutation_importance", "shapley_values"]
