"""Permutation importances of the columns, within a time limit."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.metrics import log_loss, r2_score

from ..explain.halving import by_halves
from .choices import CLASSIFICATION, REGRESSION
from .evaluation import TrainTestSplit
from .io import optional
from .models import Model

MAX_ROWS, MAX_CELLS, REPEATS = 2000, 20_000, 3
"""Limits on the test rows and table cells, and the repeats."""

N_SHOWN = 10
MAX_SECONDS, MIN_SECONDS = 30.0, 2.0
"""Limits on the seconds; between them it is the time limit of the training."""


@dataclass(frozen=True)
class Importances:
    """The importances of columns that were shuffled alone, `every` repeat, and seconds.

    `what` is their name.
    """

    what: str
    every: dict[str, list[float]]
    seconds: float

    @property
    def n_shuffled(self) -> int:
        """How many columns were shuffled alone."""
        return len(self.every)

    @property
    def largest(self) -> dict[str, dict[str, float]]:
        """The largest importances, with their standard deviations."""
        order = sorted(self.every, key=lambda name: -np.mean(self.every[name]))
        return {
            name: {
                self.what: float(np.mean(self.every[name])),
                "std": float(np.std(self.every[name])),
            }
            for name in order[:N_SHOWN]
        }


def negative_log_loss(model: Any, X: Any, y: Any) -> float:
    """Minus the log-loss; a class may be missing from the rows."""
    return -float(log_loss(y, model.predict_proba(X), labels=model.classes_))


def r2(model: Any, X: Any, y: Any) -> float:
    """The R2 of the predictions."""
    return float(r2_score(y, model.predict(X)))


SCORES = {
    CLASSIFICATION: ("increase in log-loss", negative_log_loss),
    REGRESSION: ("drop in R2", r2),
}
"""The name of the importances, and the score whose decrease they are."""


class Shuffle:
    """The decrease of the score on test rows where the values of columns are shuffled."""

    def __init__(self, model: Model, rows: TrainTestSplit, seed: int):
        rng, n_rows = np.random.RandomState(seed), len(rows.y_test)
        most = min(MAX_ROWS, max(100, MAX_CELLS // rows.X_test.shape[1]), n_rows)
        chosen = rng.permutation(n_rows)[:most]
        self.X, y = rows.X_test.iloc[chosen], rows.y_test[chosen]
        self.orders = [rng.permutation(most) for _ in range(REPEATS)]
        self.what, score = SCORES[rows.kind]
        self._score = partial(score, model, y=y)
        self._whole = self._score(X=self.X)
        # The first call may take longer, for what it prepares.
        start = perf_counter()
        self._score(X=self.X)
        self.seconds = perf_counter() - start

    def __call__(self, names: list[str], repeats: int) -> list[float]:
        """The decrease with these columns shuffled together, for each repeat."""
        scores = [self._score(X=self._shuffled(names, i)) for i in range(repeats)]
        return [self._whole - score for score in scores]

    def _shuffled(self, names: list[str], repeat: int) -> Any:
        X, order = self.X, self.orders[repeat]
        moved = X[names].iloc[order].set_axis(X.index)
        both = optional("pandas").concat([X.drop(columns=names), moved], axis=1)
        return both[list(X.columns)]


def importances(
    shuffle: Shuffle,
    limit: float = MAX_SECONDS,
    tell: Callable[[str], None] = lambda text: None,
) -> Importances:
    """The mean decrease of the score by each column, and its standard deviation."""
    start = perf_counter()
    names = list(shuffle.X.columns)
    by_place = by_halves(
        len(names),
        lambda places, repeats: shuffle([names[i] for i in places], repeats),
        REPEATS,
        shuffle.seconds,
        limit,
        lambda n: tell(f"importances: {n} of {len(names)} columns ..."),
    )
    found = {names[i]: values for i, values in by_place.items()}
    tell("")
    return Importances(shuffle.what, found, perf_counter() - start)


def time_limit(max_time: float | None) -> float:
    """The seconds for the importances, from the limit of the training time."""
    return (
        MAX_SECONDS if max_time is None else np.clip(max_time, MIN_SECONDS, MAX_SECONDS)
    )
