"""The columns that move a prediction most, by Shapley values."""

from time import perf_counter
from typing import Any

import numpy as np

from ..explain import shapley_values
from .io import optional
from .large import in_words
from .models import Classifier, SavedModel
from .output import complain
from .text import UserError, counted, one_line

N_BACKGROUND = 50
"""The most rows with whose predictions others are compared."""

FEW_CELLS, ROWS_TO_TIME, LONG = 2000, (5, 100), 5.0
"""Cells that take no time; rows that show how long more take; seconds that are said."""

MAX_ROWS, MAX_CELLS = 1000, 2_000_000
"""The most rows, and the most Shapley values, at a time."""

MAX_LETTERS = 50
"""The most letters of a value."""


class Reasons:
    """What explains the predictions of a model, by comparison with some rows."""

    def __init__(self, saved: SavedModel, n_columns: int, rows: Any):
        self.saved = saved
        self.n_columns = min(n_columns, len(saved.columns))
        if self.n_columns < n_columns:
            model_has = counted(len(saved.columns), "column")
            complain(f"--explain {n_columns}: the model has {model_has}")
        chosen = np.random.RandomState(0).permutation(len(rows))[:N_BACKGROUND]
        self.background = rows.iloc[chosen]

    @property
    def n_rows(self) -> int:
        """How many rows are explained at a time."""
        model = self.saved.model
        n_outputs = len(model.classes_) if isinstance(model, Classifier) else 1
        return max(1, min(MAX_ROWS, MAX_CELLS // (len(self.saved.columns) * n_outputs)))

    def announce(self, X: Any) -> None:
        """Say about how long the explanations of rows take, if it is long."""
        if X.size <= FEW_CELLS:
            return
        times = []
        for n_rows in ROWS_TO_TIME:
            start = perf_counter()
            self.values(X.iloc[:n_rows])
            times.append(perf_counter() - start)
        each = max(times[1] - times[0], 0) / (ROWS_TO_TIME[1] - ROWS_TO_TIME[0])
        seconds = each * len(X) + times[0] * -(-len(X) // self.n_rows)
        if seconds > LONG:
            rows = counted(len(X), "row")
            complain(f"explaining {rows} takes about {in_words(seconds)}")

    def values(self, X: Any) -> Any:
        """By how much each column moves the predictions, that of the predicted class."""
        model: Any = self.saved.model
        try:
            found = shapley_values(model, X, self.background, random_state=0).values
        except (TypeError, ValueError) as error:
            raise UserError(f"--explain: {one_line(error)}.") from None
        if isinstance(model, Classifier):
            places = np.searchsorted(model.classes_, model.predict(X))
            found = found[np.arange(len(X)), :, places]
        return found

    def columns(self, frame: Any, X: Any) -> dict[str, Any]:
        """The reasons for the prediction of each row, the largest first."""
        moves, names = self.values(X), [*self.saved.columns]
        order = np.argsort(-np.abs(moves), axis=1, kind="stable")[:, : self.n_columns]
        cells = {name: frame[name].to_list() for name in names}
        found = {}
        for k, places in enumerate(order.T, start=1):
            reasons = np.empty(len(places), dtype=object)
            reasons[:] = [
                f"{names[j]}={as_text(cells[names[j]][i])} ({signed(moves[i, j])})"
                for i, j in enumerate(places)
            ]
            found[f"because_{k}"] = reasons
        return found


def as_text(value: Any) -> str:
    """A value of a table in few letters."""
    if optional("pandas").isna(value):
        return "missing"
    text = f"{value:.7g}" if isinstance(value, float) else str(value)
    return text if len(text) <= MAX_LETTERS else text[:MAX_LETTERS] + "..."


def signed(value: float) -> str:
    """A number with its sign and three digits."""
    if value and not 1e-4 <= abs(value) < 1e15:
        return f"{value:+.2e}"
    whole = abs(value) >= 100
    return f"{value:+.0f}" if whole else f"{value:+.3g}"
