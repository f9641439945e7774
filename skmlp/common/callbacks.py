"""scikit-learn's callbacks, which exist from its version 1.9 on.

`CallbackSupport` and `with_callbacks` are scikit-learn's; in older versions they do
nothing. `fit_callbacks` calls the callbacks of an estimator for a fit and its iterations.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from ..core._types import Array
from ..core.history import Monitor
from .checks import GivenRows

__all__ = ["CallbackSupport", "callback_context", "fit_callbacks", "with_callbacks"]

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:

    class CallbackSupport:  # type: ignore[no-redef]
        """An empty base class, for versions of scikit-learn without callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method unchanged."""
        return method


class IterativeModel(Protocol):
    """The attributes of an estimator that callbacks see while it trains."""

    _theta: Array
    loss_curve_: list[float]
    history_: dict[str, list[float]]


def callback_context(model: CallbackSupport, max_iter: int | None) -> Any:
    """The context of a fit of at most `max_iter` iterations; None without callbacks.

    With None the number of iterations is not known.
    """
    if not vars(model).get("_skl_callbacks"):
        return None
    return model._init_callback_context(max_subtasks=max_iter)


@contextmanager
def fit_callbacks(
    model: IterativeModel, context: Any, given: GivenRows, dtype: np.dtype[Any]
) -> Iterator[Monitor | None]:
    """Call the callbacks at both ends of a fit; yield a monitor for its iterations.

    `given` are the rows passed to fit, `dtype` is the precision of the model. At the end of
    the block the model must be fitted. Without callbacks the monitor is None.
    """
    if context is None:
        yield None
        return
    tasks = _FitTasks(model, context, given, dtype)
    yield tasks
    tasks.close()


class _FitTasks:
    """The monitor that calls the callbacks.

    The fit is a task, and each iteration is a task within it.
    """

    def __init__(
        self,
        model: IterativeModel,
        context: Any,
        given: GivenRows,
        dtype: np.dtype[Any],
    ):
        X, y, w = given
        metadata = {} if w is None else {"sample_weight": w}
        self.model, self.context, self.dtype = model, context, dtype
        self.data = {"estimator": model, "X": X, "y": y, "metadata": metadata}
        self.task: Any = None
        context.call_on_fit_task_begin(**self.data)

    def on_iteration_begin(self, theta: Array) -> None:
        self.task = self.context.subcontext(task_name="iteration")
        self.task.call_on_fit_task_begin(**self._arguments(theta))

    def on_iteration_end(self, theta: Array) -> bool:
        task, self.task = self.task, None
        return bool(task.call_on_fit_task_end(**self._arguments(theta)))

    def close(self) -> None:
        """End an interrupted iteration, then the fit."""
        for task in (self.task, self.context):
            if task is not None:
                task.call_on_fit_task_end(**self._arguments(self.model._theta))

    def _arguments(self, theta: Array) -> dict[str, Any]:
        return {**self.data, "reconstruction_attributes": lambda: self._copies(theta)}

    def _copies(self, theta: Array) -> dict[str, Any]:
        """Attributes of the model that a callback gets; it may change these copies."""
        history = self.model.history_
        return {
            "_theta": theta.astype(self.dtype),
            "loss_curve_": list(self.model.loss_curve_),
            "history_": {name: list(column) for name, column in history.items()},
        }
