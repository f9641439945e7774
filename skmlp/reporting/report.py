"""A report on a fitted model as one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.utils.validation import check_is_fitted

from .._version import __version__
from ..common._types import ArrayLike, PathLike, TableLike
from ..common.checks import check_n_values
from ..common.constraints import Interval, check_parameter
from ..common.errors import shown
from ..common.files import replacing
from ..common.target_values import read_target
from ..tabular.columns import as_table
from .evidence import Evidence
from .page import page
from .sections import sections, summary


@dataclass(frozen=True)
class Report:
    """A report on a model: `html` is a page, `verdict` its first sentences.

    A notebook shows it.
    """

    verdict: str
    html: str

    def save(self, path: PathLike) -> None:
        """Write the page to a file, which is replaced if it is there.

        Parameters
        ----------
        path : str or path
            The file, such as report.html.
        """
        with replacing(Path(path)) as file:
            file.write(self.html.encode("utf-8"))

    def __repr__(self) -> str:
        return f"<Report: {self.verdict}>"

    def _repr_html_(self) -> str:
        from html import escape

        return (
            '<iframe title="report" style="width: 100%; height: 40em; border: 0" '
            f'srcdoc="{escape(self.html)}"></iframe>'
        )


def report(
    model: BaseEstimator,
    X_test: TableLike,
    y_test: ArrayLike,
    *,
    others: Mapping[str, Any] | None = None,
    max_time: float = 30.0,
    random_state: int = 0,
) -> Report:
    """Report how good a fitted model is, and what it uses, as one HTML page.

    The verdict comes first; then scores with intervals, figures (ROC, precision and recall,
    calibration, confusion; or errors and intervals), importances and partial dependence of
    columns, learning curves, the worst rows, and the cost. The page needs no other file and
    no network. It shows values of test rows.

    Parameters
    ----------
    model : estimator
        A fitted classifier or regressor of one target, of skmlp or any other that follows
        scikit-learn's interface; also a pipeline or a search.
    X_test : frame or array-like of shape (n_samples, n_features)
        Rows that were not in fit.
    y_test : array-like of shape (n_samples,)
        Their targets.
    others : dict of str to estimator, default=None
        Fitted models to compare with, by the name in the report, which get the same rows.
    max_time : float, default=30
        About the most seconds for the importances of columns.
    random_state : int, default=0
        The seed of shuffles and of the bootstrap.

    Returns
    -------
    Report
        With `html`, the page; `verdict`, its first sentences; and `save(path)`.

    Raises
    ------
    ImportError
        If matplotlib or jinja2 is not installed.
    TypeError
        If `model` is no classifier or regressor.
    ValueError
        If there are fewer than two rows, rows and targets do not fit together, no class of
        the model is in `y_test`, or a parameter is invalid.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skmlp import report
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X[::2], y[::2])
    >>> found = report(model, X[1::2], y[1::2])
    >>> found.verdict[:53]
    'LogisticRegression is right in 96.0 % of 75 test rows'
    """
    check_parameter("report", "max_time", max_time, Interval(0, ends="()"))
    check_model(model)
    table = as_table(X_test)
    name = getattr(y_test, "name", None)
    numeric = is_regressor(model)
    y: Any = read_target(y_test, model, "y_test", numeric=numeric)
    if y.ndim > 1:
        raise ValueError(
            f"y_test must have one target, as model must have. Got {y.shape[1]} columns, "
            "not a 1d array."
        )
    check_n_values(y, table.shape[0])
    if others is not None and not isinstance(others, Mapping):
        raise TypeError(
            f"others must be a dict of models by name. Got {shown(others)}."
        )
    if len(y) < 2:
        raise ValueError(f"y_test must have at least 2 rows. Got {len(y)}.")
    if is_classifier(model) and not np.isin(y, model.classes_).any():
        raise ValueError(
            f"y_test must have classes of the model, {shown(model.classes_.tolist())}. "
            f"Got {shown(y[0])} and others."
        )
    evidence = Evidence(
        model,
        table,
        y,
        target="y" if name is None else str(name),
        others=others or {},
        max_time=max_time,
        seed=random_state,
    )
    return report_on(evidence)


def check_model(model: Any) -> None:
    """Raise unless this is a fitted classifier or regressor."""
    if not (is_classifier(model) or is_regressor(model)):
        raise TypeError(
            f"model must be a fitted classifier or regressor. Got {shown(model)}."
        )
    check_is_fitted(model)


def report_on(evidence: Evidence) -> Report:
    """The report on what is known of a model."""
    check_installed()
    time = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    made = f"{time}, by skmlp {__version__} and scikit-learn {sklearn.__version__}"
    title = f"{evidence.name}: {evidence.target}"
    html = page(title, made, sections(evidence))
    return Report(" ".join(summary(evidence)), html)


def check_installed() -> None:
    """Raise ImportError without the packages that a report needs."""
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"A report needs {error.name}. Install it, for example with "
            f"python -m pip install {error.name}."
        ) from error
