"""A plot of intervals and the targets that they should contain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, column_or_1d

from ._display import as_it_is, axes_for
from .common._types import ArrayLike, TableLike
from .common.constraints import Integer, check_parameter
from .common.errors import shown
from .core._types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "PredictionIntervalDisplay"


class PredictionIntervalDisplay:
    """Plot of prediction intervals, and of the targets inside and outside of them.

    Rows come in the order of the middles of their intervals. Create it with
    `from_estimator` or `from_predictions`; otherwise it works like scikit-learn's displays.
    It needs matplotlib.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples,)
        The targets.
    intervals : ndarray of shape (n_samples, 2)
        The lower and the upper ends.
    coverage : float, default=None
        The fraction of targets inside, which the legend shows. None: that of these rows.
    estimator_name : str, default=None
        The name in the legend. None: no name.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes with the plot.
    figure_ : matplotlib Figure
        The figure of these axes.
    band_ : matplotlib collection
        The intervals.
    inside_, outside_ : matplotlib Line2D
        The targets inside of their intervals, and those outside.

    Examples
    --------
    >>> from skmlp import PredictionIntervalDisplay
    >>> display = PredictionIntervalDisplay.from_predictions(
    ...     [1.0, 4.0, 2.5], [[0, 2], [1, 3], [2, 3]]
    ... )
    >>> round(display.coverage, 3), display.outside_.get_ydata().tolist()
    (0.667, [4.0])
    """

    def __init__(
        self,
        *,
        y_true: Array,
        intervals: Array,
        coverage: float | None = None,
        estimator_name: str | None = None,
    ):
        self.y_true = y_true
        self.intervals = intervals
        self.coverage = coverage
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: TableLike,
        y: ArrayLike,
        *,
        coverage: float = 0.9,
        name: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot the intervals that a fitted estimator predicts.

        Parameters
        ----------
        estimator : TabularMLPRegressor, pipeline or search
            A fitted estimator, a pipeline that ends with one, or a search over either.
        X : frame or array-like of shape (n_samples, n_features)
            Rows that were not in fit.
        y : array-like of shape (n_samples,)
            Their targets.
        coverage : float, default=0.9
            The coverage of the intervals, between 0 and 1.
        name : str, default=None
            The name in the legend. None: the name of the class.
        **kwargs : dict
            Further parameters of `from_predictions`.

        Returns
        -------
        PredictionIntervalDisplay
            The plotted display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator has no `predict_interval`.
        ValueError
            If there are several targets, or `coverage` is not possible.

        Examples
        --------
        >>> import numpy as np
        >>> from skmlp import PredictionIntervalDisplay, TabularMLPRegressor
        >>> X = np.random.default_rng(0).uniform(size=(300, 2))
        >>> model = TabularMLPRegressor(max_iter=4, random_state=0).fit(X, X[:, 0])
        >>> display = PredictionIntervalDisplay.from_estimator(model, X, X[:, 0])
        >>> display.intervals.shape
        (300, 2)
        """
        estimator = getattr(estimator, "best_estimator_", estimator)
        model = estimator[-1] if hasattr(estimator, "steps") else estimator
        if not hasattr(model, "predict_interval"):
            raise TypeError(
                "estimator must have predict_interval, as a TabularMLPRegressor has. "
                f"Got {shown(model)}."
            )
        if model is not estimator:
            X = estimator[:-1].transform(X)
        return cls.from_predictions(
            y,
            model.predict_interval(X, coverage),
            name=type(model).__name__ if name is None else name,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        intervals: ArrayLike,
        *,
        subsample: int | None = 1000,
        name: str | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot intervals that were predicted.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            The targets.
        intervals : array-like of shape (n_samples, 2)
            The lower and the upper ends, as `predict_interval` returns them.
        subsample : int, default=1000
            The most rows in the plot, at even distances in its order. The coverage in the
            legend is that of all rows. None: all rows.
        name : str, default=None
            The name in the legend. None: no name.
        ax : matplotlib Axes, default=None
            The axes to plot on. None: new axes.
        **kwargs : dict
            Passed to matplotlib's plot for the targets.

        Returns
        -------
        PredictionIntervalDisplay
            The plotted display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the shapes do not fit together, or a parameter is invalid.

        Examples
        --------
        >>> from skmlp import PredictionIntervalDisplay
        >>> display = PredictionIntervalDisplay.from_predictions([1.0], [[0.0, 2.0]])
        >>> display.ax_.get_ylabel()
        'target'
        """
        check_parameter(OWNER, "subsample", subsample, Integer(1, other=(None,)))
        y, ends = column_or_1d(y_true), np.asarray(intervals)
        if ends.ndim != 2 or ends.shape[1] != 2:
            raise ValueError(
                "intervals must have shape (n_samples, 2), for one target. Got shape "
                f"{ends.shape}."
            )
        check_consistent_length(y, ends)
        coverage = float(np.mean(contained(y, ends)))
        if subsample is not None and subsample < len(y):
            places = np.linspace(0, len(y) - 1, subsample).round().astype(int)
            some = order_of(ends)[places]
            y, ends = y[some], ends[some]
        display = cls(y_true=y, intervals=ends, coverage=coverage, estimator_name=name)
        return display.plot(ax=ax, **kwargs)

    def plot(
        self, ax: Axes | None = None, *, name: str | None = None, **kwargs: Any
    ) -> Self:
        """Plot the intervals and the targets.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            The axes to plot on. None: new axes.
        name : str, default=None
            The name in the legend. None: `estimator_name`.
        **kwargs : dict
            Passed to matplotlib's plot for the targets.

        Returns
        -------
        PredictionIntervalDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> from skmlp import PredictionIntervalDisplay
        >>> y, ends = np.array([1.0, 9.0]), np.array([[0.0, 2.0], [1.0, 3.0]])
        >>> display = PredictionIntervalDisplay(y_true=y, intervals=ends).plot()
        >>> display.inside_.get_ydata().tolist()
        [1.0]
        """
        ax = axes_for(ax, OWNER)
        name = self.estimator_name if name is None else name
        order = order_of(self.intervals)
        (low, high), y = self.intervals[order].T, self.y_true[order]
        inside = contained(y, self.intervals[order])
        coverage = np.mean(inside) if self.coverage is None else self.coverage
        of = "" if name is None else f" of {as_it_is(name)}"
        rows = np.arange(1, len(y) + 1)
        self.ax_, self.figure_ = ax, ax.figure
        label = f"intervals{of}: {coverage:.1%} of targets inside"
        self.band_ = ax.fill_between(
            rows, low, high, step="mid", alpha=0.3, label=label
        )
        points = []
        for what, some, color in (("inside", inside, "C0"), ("outside", ~inside, "C1")):
            style = {"color": color, "marker": ".", "linestyle": "", **kwargs}
            points += ax.plot(rows[some], y[some], label=f"target {what}", **style)
        self.inside_, self.outside_ = points
        ax.set(xlabel="row, in the order of the intervals", ylabel="target")
        ax.legend()
        return self


def order_of(intervals: Any) -> Any:
    """The rows in the order of the middles of their intervals."""
    return np.argsort(np.mean(intervals, axis=1), kind="stable")


def contained(y: Any, intervals: Any) -> Any:
    """Whether each target is in its interval."""
    return (intervals[:, 0] <= y) & (y <= intervals[:, 1])
