"""Rollback: after a call that raises, the object is as it was before the call."""

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral


class RollbackMixin:
    """Mixin of objects with `fit`: a call that raises leaves them unchanged."""

    @contextmanager
    def _unchanged_on_error(self) -> Iterator[None]:
        """If the block raises, restore the attributes and a generator made from a seed.

        A generator that belongs to the user or to NumPy is not restored.
        """
        before = dict(vars(self))
        growing = [before.get("loss_curve_", []), *before.get("history_", {}).values()]
        lengths = [len(column) for column in growing]
        state = before.get("_state")
        seeded = isinstance(before.get("random_state"), Integral)
        rng = state.rng if state and seeded else None
        position = rng.get_state() if rng else None
        try:
            yield
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            for column, length in zip(growing, lengths, strict=True):
                del column[length:]
            if rng:
                rng.set_state(position)
            raise
