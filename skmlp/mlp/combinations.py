"""Checks of parameters that are valid by themselves against each other."""

from numbers import Integral
from typing import Any

from ..common.constraints import as_sequence
from ..common.errors import InvalidParameterError
from ..common.parameters import check_decay, check_needs
from ..core.schedules import SCHEDULES


def check_combinations(estimator: Any, n_layers: int, incremental: bool) -> None:
    """Check parameters that are valid by themselves against each other."""
    check_of_use(estimator)
    one_size = isinstance(estimator.hidden_layer_sizes, Integral)
    if estimator.n_hidden_layers is not None and not one_size:
        raise InvalidParameterError(
            "n_hidden_layers must be None, unless hidden_layer_sizes is an int, the size "
            f"of each of the hidden layers. Got {sizes_in_words(estimator)}."
        )
    for name in ("activation", "dropout"):
        one_each = as_sequence(getattr(estimator, name))
        if one_each is not None and len(one_each) != n_layers:
            raise InvalidParameterError(
                f"{name} must be a single one, or a sequence with one for each of the "
                f"{n_layers} layers of {sizes_in_words(estimator)}. "
                f"Got {len(one_each)}: {getattr(estimator, name)!r}."
            )
    shares = as_sequence(estimator.dropout)
    if n_layers == 0 and shares is None and estimator.dropout:
        raise InvalidParameterError(
            "dropout must be 0 without hidden layers, as it leaves out their units. "
            f"Got {estimator.dropout!r} with {sizes_in_words(estimator)}."
        )
    check_decay(estimator)
    if estimator.early_stopping and incremental:
        raise InvalidParameterError(
            "partial_fit does not support early_stopping=True. Set early_stopping=False "
            "and scoring=None, or call fit."
        )
    if estimator.early_stopping and estimator.solver == "lbfgs":
        raise InvalidParameterError(
            "early_stopping must be False with solver='lbfgs', which works on all "
            "rows at once. Got early_stopping=True; set it to False, or solver to "
            "'adam' or 'sgd'."
        )


def check_of_use(estimator: Any) -> None:
    """Raise where a parameter was set that the solver does not use."""
    check_needs(estimator)
    by_progress = callable(estimator.learning_rate) or estimator.learning_rate in (
        name for name, schedule in SCHEDULES.items() if schedule.each_step
    )
    if estimator.solver == "lbfgs" and by_progress:
        raise InvalidParameterError(
            "learning_rate must be 'constant', or one that only sgd uses, with "
            "solver='lbfgs', which has no learning rate. "
            f"Got {estimator.learning_rate!r}."
        )


def sizes_in_words(estimator: Any) -> str:
    """The parameters that give the sizes of the hidden layers, for messages."""
    words = f"hidden_layer_sizes={estimator.hidden_layer_sizes!r}"
    if estimator.n_hidden_layers is None:
        return words
    return f"{words} and n_hidden_layers={estimator.n_hidden_layers!r}"
