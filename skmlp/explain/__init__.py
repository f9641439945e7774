"""Which columns matter, for the model and for a row."""

from .dependence import partial_dependence
from .gradients import input_gradients
from .permutation import permutation_importance
from .shapley import shapley_values

__all__ = [
    "input_gradients",
    "partial_dependence",
    "permutation_importance",
    "shapley_values",
]
