"""Plots of training, if matplotlib is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .common.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

History = Mapping[str, Sequence[float]]


class LossCurveDisplay:
    """Plot of the training and validation loss of each iteration.

    Create it with `from_estimator`; otherwise it works like scikit-learn's displays. It
    needs matplotlib.

    Parameters
    ----------
    history : dict of list of float, or list of dict
        The `history_` of a fitted estimator, or its `network_histories_`.
    best_iter : int or list of int, default=None
        The iteration to mark, counted from 1, or that of each network: `best_iter_`.
        None: no mark.
    estimator_name : str, default=None
        The name in the legend. None: no name.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes with the curves.
    figure_ : matplotlib Figure
        The figure of these axes.
    lines_ : list of matplotlib Line2D
        The curve of the training loss and, if there is one, of the validation loss; of
        each network in turn.
    best_line_ : matplotlib Line2D or None
        The mark of the best iteration: a vertical line, or a point on the curve of each
        network.

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
        history: History | Sequence[History],
        best_iter: int | Sequence[int] | None = None,
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
        networks: bool = False,
        name: str | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot the loss curves of a fitted estimator.

        Parameters
        ----------
        estimator : estimator of this package, pipeline or search
            A fitted estimator, a pipeline that ends with one, or a search over either.
        networks : bool, default=False
            Plot the curves of each network of a tabular estimator. False: their means.
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
            If the estimator has no `history_`, or with `networks` no `network_histories_`.

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
        if networks and not hasattr(model, "network_histories_"):
            raise TypeError(
                "networks=True needs a tabular MLP that fit trained in this version of "
                f"skmlp. Got {type(model).__name__} without network_histories_."
            )
        several = isinstance(model.best_iter_, list)
        display = cls(
            history=model.network_histories_ if networks else model.history_,
            # The means have no best epoch.
            best_iter=None if several and not networks else model.best_iter_,
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
        ax = axes_for(ax, "LossCurveDisplay")
        name = self.estimator_name if name is None else name
        of = "" if name is None else f" of {as_it_is(name)}"
        self.ax_, self.figure_ = ax, ax.figure
        self.lines_: list[Line2D] = []
        for history in self._histories:
            self._add_curves(history, of, kwargs)
        self.best_line_ = None
        if self.best_iter is not None and self.lines_:
            self.best_line_ = self._marked(self.best_iter, of)
        ax.set(xlabel="iteration", ylabel="loss")
        ax.legend()
        return self

    @property
    def _histories(self) -> Sequence[History]:
        return [self.history] if isinstance(self.history, Mapping) else self.history

    def _add_curves(self, history: History, of: str, style: dict[str, Any]) -> None:
        """Plot the losses of a history, in the colours of the first one."""
        again = bool(self.lines_)
        for i, (what, values) in enumerate(losses_in(history)):
            look: dict[str, Any] = {"label": f"{what} loss{of}"}
            if again:
                # The legend names the curves of the first history.
                look = {"label": "_", "color": self.lines_[i].get_color()}
            iterations = np.arange(1, len(values) + 1)
            self.lines_ += self.ax_.plot(iterations, values, **{**look, **style})

    def _marked(self, best: int | Sequence[int], of: str) -> Line2D:
        """Mark the best iteration, or the best one of each network on its last curve."""
        style: dict[str, Any] = {"color": self.lines_[-1].get_color()}
        if not isinstance(best, Sequence):
            label = f"best iteration{of}: {best}"
            return self.ax_.axvline(best, linestyle=":", label=label, **style)
        both = zip(self._histories, best, strict=True)
        losses = [list(losses_in(one))[-1][1][n - 1] for one, n in both]
        label = f"best iterations{of}"
        (line,) = self.ax_.plot(best, losses, "o", label=label, **style)
        return line


def losses_in(history: History) -> Iterator[tuple[str, Any]]:
    """The losses of a history that are there, with what they are for."""
    for key, what in (("loss", "training"), ("validation_loss", "validation")):
        values = np.asarray(history[key])
        if not np.isnan(values).all():
            yield what, values


def axes_for(ax: Axes | None, owner: str) -> Axes:
    """The axes to plot on, new ones for None; raise ImportError without matplotlib."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f"{owner} needs matplotlib. Install it, for example with "
            "python -m pip install matplotlib."
        ) from error
    return pyplot.subplots()[1]


def as_it_is(name: str) -> str:
    r"""A name that is no formula for matplotlib, whatever it contains.

    The labels contain ``\$``, because a legend made later parses them again.
    """
    return printable(str(name)).replace("$", r"\$")
