"""Plots of training, if matplotlib is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .common.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class LossCurveDisplay:
    """Plot of the training and validation loss of each iteration.

    Create it with `from_estimator`; otherwise it works like scikit-learn's displays. It
    needs matplotlib.

    Parameters
    ----------
    history : dict of list of float
        The `history_` of a fitted estimator.
    best_iter : int, default=None
        The iteration to mark, counted from 1: `best_iter_`. None: no mark.
    estimator_name : str, default=None
        The name in the legend. None: no name.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes with the curves.
    figure_ : matplotlib Figure
        The figure of these axes.
    lines_ : list of matplotlib Line2D
        The curve of the training loss and, if there is one, of the validation loss.
    best_line_ : matplotlib Line2D or None
        The mark of the best iteration.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import LossCurveDisplay, MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(early_stopping=True, max_iter=1000, random_state=0)
    >>> display = LossCurveDisplay.from_estimator(model.fit(X, y))
    >>> len(display.lines_)
    2
    """

    def __init__(
        self,
        *,
        history: Mapping[str, Sequence[float]],
        best_iter: int | None = None,
        estimator_name: str | None = None,
    ):
        self.history = history
        self.best_iter = best_iter
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        name: str | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot the loss curves of a fitted estimator.

        Parameters
        ----------
        estimator : estimator of this package, pipeline or search
            A fitted estimator, a pipeline that ends with one, or a search over either.
        name : str, default=None
            The name in the legend. None: the name of the class.
        ax : matplotlib Axes, default=None
            The axes to plot on. None: new axes.
        **kwargs : dict
            Passed to matplotlib's plot for each curve.

        Returns
        -------
        LossCurveDisplay
            The plotted display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator has no `history_`.

        Examples
        --------
        >>> from skmlp import LossCurveDisplay, MLPRegressor
        >>> model = MLPRegressor(solver="lbfgs", max_iter=1000).fit([[0.0], [1.0]], [0, 1])
        >>> LossCurveDisplay.from_estimator(model).ax_.get_ylabel()
        'loss'
        """
        check_is_fitted(estimator)
        model = getattr(estimator, "best_estimator_", estimator)
        model = model[-1] if hasattr(model, "steps") else model
        if not hasattr(model, "history_"):
            raise TypeError(
                "estimator must be a fitted MLP or tabular MLP of skmlp, a pipeline that "
                f"ends with one, or a search over one. Got {type(model).__name__}."
            )
        display = cls(
            history=model.history_,
            # An ensemble has one best epoch per network.
            best_iter=None if isinstance(model.best_iter_, list) else model.best_iter_,
            estimator_name=type(model).__name__ if name is None else name,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(
        self, ax: Axes | None = None, *, name: str | None = None, **kwargs: Any
    ) -> Self:
        """Plot the loss curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            The axes to plot on. None: new axes.
        name : str, default=None
            The name in the legend. None: `estimator_name`.
        **kwargs : dict
            Passed to matplotlib's plot for each curve.

        Returns
        -------
        LossCurveDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from skmlp import LossCurveDisplay, MLPRegressor
        >>> model = MLPRegressor(solver="lbfgs", max_iter=1000).fit([[0.0], [1.0]], [0, 1])
        >>> display = LossCurveDisplay(history=model.history_)
        >>> [line.get_label() for line in display.plot().lines_]
        ['training loss']
        """
        if ax is None:
            try:
                from matplotlib import pyplot
            except ImportError as error:
                raise ImportError(
                    "LossCurveDisplay needs matplotlib. Install it, for example with "
                    "python -m pip install matplotlib."
                ) from error
            _, ax = pyplot.subplots()
        name = self.estimator_name if name is None else name
        of = "" if name is None else f" of {_as_it_is(name)}"
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        for key, what in (("loss", "training"), ("validation_loss", "validation")):
            values = np.asarray(self.history[key])
            if np.isnan(values).all():
                continue
            style = {"label": f"{what} loss{of}", **kwargs}
            iterations = np.arange(1, len(values) + 1)
            self.lines_ += ax.plot(iterations, values, **style)
        self.best_line_ = None
        if self.best_iter is not None and self.lines_:
            self.best_line_ = ax.axvline(
                self.best_iter,
                color=self.lines_[-1].get_color(),
                linestyle=":",
                label=f"best iteration{of}: {self.best_iter}",
            )
        ax.set(xlabel="iteration", ylabel="loss")
        ax.legend()
        return self


def _as_it_is(name: str) -> str:
    r"""A name that is no formula for matplotlib, whatever it contains.

    The labels contain ``\$``, because a legend made later parses them again.
    """
    return printable(str(name)).replace("$", r"\$")
