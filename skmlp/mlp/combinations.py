"""Checks of combinations of parameters that are valid one by one."""

from numbers import Integral
from typing import Protocol

from ..common.constraints import as_sequence, as_sizes
from ..common.errors import InvalidParameterError, warn
from ..common.parameters import Settings, Table, check_decay, check_needs
from ..core.schedules import SCHEDULES


class HasSolver(Protocol):
    """An estimator with a solver."""

    solver: str


def has_partial_fit(model: HasSolver) -> bool:
    """Return True, or raise AttributeError for solver='lbfgs', which has no epochs."""
    if model.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for solver='sgd' or 'adam'. Got 'lbfgs'."
        )
    return True


def hidden_sizes(settings: Settings) -> tuple[int, ...]:
    """The number of units in each hidden layer."""
    sizes = tuple(int(size) for size in as_sizes(settings["hidden_layer_sizes"]) or ())
    n_layers = settings["n_hidden_layers"]
    return sizes * (1 if n_layers is None else int(n_layers))


def check_combinations(settings: Settings, table: Table, *, incremental: bool) -> None:
    """Raise InvalidParameterError if parameters contradict each other, or warn.

    `incremental` is True in partial_fit.
    """
    check_needs(settings, table)
    _check_schedule(settings)
    _check_layers(settings, len(hidden_sizes(settings)))
    check_decay(settings)
    _check_early_stopping(settings, incremental)


def _check_schedule(settings: Settings) -> None:
    """L-BFGS has no learning rate."""
    rate = settings["learning_rate"]
    by_progress = callable(rate) or SCHEDULES[rate].each_step
    if settings["solver"] == "lbfgs" and by_progress:
        raise InvalidParameterError(
            "learning_rate must be 'constant', or one that only sgd uses, with "
            f"solver='lbfgs', which has no learning rate. Got {rate!r}."
        )


def _check_layers(settings: Settings, n_layers: int) -> None:
    """Sizes and depth; one activation and one fraction of dropout for each layer."""
    one_size = isinstance(settings["hidden_layer_sizes"], Integral)
    if settings["n_hidden_layers"] is not None and not one_size:
        raise InvalidParameterError(
            "n_hidden_layers must be None, unless hidden_layer_sizes is an int, the size "
            f"of each of the hidden layers. Got {describe_sizes(settings)}."
        )
    for name in ("activation", "dropout"):
        one_each = as_sequence(settings[name])
        if one_each is not None and len(one_each) != n_layers:
            raise InvalidParameterError(
                f"{name} must be a single value, or a sequence with one for each of the "
                f"{n_layers} hidden layers of {describe_sizes(settings)}. "
                f"Got {len(one_each)}: {settings[name]!r}."
            )
    dropout = settings["dropout"]
    if n_layers == 0 and as_sequence(dropout) is None and dropout:
        raise InvalidParameterError(
            "dropout must be 0 without hidden layers, whose units it drops. "
            f"Got {dropout!r} with {describe_sizes(settings)}."
        )


def _check_early_stopping(settings: Settings, incremental: bool) -> None:
    """Early stopping needs several epochs over the same rows; lbfgs goes on without."""
    if not settings["early_stopping"]:
        return
    if incremental:
        raise InvalidParameterError(
            "partial_fit does not support early_stopping=True. Set early_stopping=False "
            "and scoring=None, or call fit."
        )
    if settings["solver"] == "lbfgs":
        if settings["scoring"] is not None:
            raise InvalidParameterError(
                "scoring must be None with solver='lbfgs', which has no early stopping. "
                f"Got scoring={settings['scoring']!r}."
            )
        warn(
            "early_stopping=True has no effect with solver='lbfgs', which trains on all "
            "rows without early stopping. Set early_stopping=False, or solver='adam' or "
            "'sgd'."
        )


def describe_sizes(settings: Settings) -> str:
    """The parameters that give the sizes of the hidden layers, for messages."""
    words = f"hidden_layer_sizes={settings['hidden_layer_sizes']!r}"
    if settings["n_hidden_layers"] is None:
        return words
    return f"{words} and n_hidden_layers={settings['n_hidden_layers']!r}"


def check_in_blocks(settings: Settings) -> None:
    """Raise ValueError if a parameter needs all rows of a large table at once."""
    if settings["warm_start"]:
        raise InvalidParameterError(
            "warm_start must be False for files of 100 MB or more and on a cluster: a fit "
            "begins with a sample of the rows. Got True."
        )
    if not settings["shuffle"]:
        raise InvalidParameterError(
            "shuffle must be True for files of 100 MB or more and on a cluster: the rows "
            "are shuffled before they are trained on. Got False."
        )
