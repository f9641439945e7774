"""scikit-learn's callbacks, of its versions from 1.9 on; without them, nothing.

`CallbackSupport` and `with_callbacks` are scikit-learn's where it has them. `EpochTasks`
tells the callbacks of an estimator about its iterations, each a task of fit's.
"""

from typing import Any

__all__ = ["CallbackSupport", "EpochTasks", "callback_context", "with_callbacks"]

from ..core._types import Array

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:

    class CallbackSupport:  # type: ignore[no-redef]
        """What an estimator inherits where scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


def callback_context(estimator: Any, max_iter: int) -> Any:
    """The context of a fit of so many iterations at most; None without callbacks."""
    if not vars(estimator).get("_skl_callbacks"):
        return None
    return estimator._init_callback_context(max_subtasks=max_iter)


class EpochTasks:
    """The monitor of a training run that passes on to callbacks what it is told.

    Fit as a whole is a task too. `data` are the X, y and metadata that fit was given,
    `dtype` is the precision of the model.
    """

    def __init__(self, estimator: Any, context: Any, data: dict[str, Any], dtype: Any):
        self.estimator, self.context, self.dtype = estimator, context, dtype
        self.data = {"estimator": estimator, **data}
        self.task: Any = None
        context.call_on_fit_task_begin(**self.data)

    def on_iteration_begin(self, theta: Array) -> None:
        """An iteration begins at those parameters."""
        self.task = self.context.subcontext(task_name="iteration")
        self.task.call_on_fit_task_begin(**self._arguments(theta))

    def on_iteration_end(self, theta: Array) -> bool:
        """The iteration ends; return whether a callback asks to stop training."""
        task, self.task = self.task, None
        return bool(task.call_on_fit_task_end(**self._arguments(theta)))

    def close(self) -> None:
        """Fit ends with a fitted estimator, and with it an iteration broken off."""
        for task in (self.task, self.context):
            if task is not None:
                task.call_on_fit_task_end(**self._arguments(self.estimator._theta))

    def _arguments(self, theta: Array) -> dict[str, Any]:
        return {**self.data, "reconstruction_attributes": lambda: self._own(theta)}

    def _own(self, theta: Array) -> dict[str, Any]:
        """What a callback may change in the model it gets, and not in the estimator."""
        history = self.estimator.history_
        return {
            "_theta": theta.astype(self.dtype),
            "loss_curve_": list(self.estimator.loss_curve_),
            "history_": {name: list(column) for name, column in history.items()},
        }


def say_nothing(line: str) -> None:
    """What is done with the lines of training if not verbose."""
