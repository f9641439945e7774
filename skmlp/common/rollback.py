"""The state of an estimator as it was, after a call that raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any


@contextmanager
def unchanged_on_error(estimator: Any) -> Iterator[None]:
    """A call that raises leaves the estimator as it was, its generator included.

    A generator that is the user's or NumPy's own is left to its owner.
    """
    before = dict(vars(estimator))
    growing = [before.get("loss_curve_", []), *before.get("history_", {}).values()]
    lengths = [len(column) for column in growing]
    state = before.get("_state")
    rng = state.rng if state and isinstance(estimator.random_state, Integral) else None
    position = rng.get_state() if rng else None
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        for column, length in zip(growing, lengths, strict=True):
            del column[length:]
        if rng:
            rng.set_state(position)
        raise
