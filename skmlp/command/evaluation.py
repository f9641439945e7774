"""Models side by side on the same rows: held-out scores, seconds, importances."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from .task import TEXT, Task
from .text import UserError

MAX_BINS = 254
"""How many labels of a column the trees tell apart."""

MOST_ROWS, MOST_CELLS, REPEATS = 2000, 20_000, 3
"""Importances: held-out rows, and cells of the table, to compute them on; repeats."""

N_SHOWN = 10
SECONDS = "fit seconds"


@dataclass(frozen=True)
class TrainTestSplit:
    """Rows to train on and rows held out."""

    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any


def split(task: Task, share: float, seed: int) -> TrainTestSplit:
    """Hold out a share of the rows, of each class alike."""
    y = task.y if task.classification else None
    try:
        X_train, X_test, y_train, y_test = train_test_split(
            task.X, task.y, test_size=share, stratify=y, random_state=seed
        )
    except ValueError:
        raise UserError(
            f"--test {share:g} of {len(task.y)} rows leaves too few, held out or to "
            f"train on, for {len(np.unique(task.y))} classes."
        ) from None
    if min(len(y_test), len(y_train)) < 2:
        raise UserError(f"--test {share:g} of {len(task.y)} rows leaves too few.")
    return TrainTestSplit(X_train, X_test, y_train, y_test)


def peers(task: Task, seed: int) -> dict[str, Any]:
    """The usual models: boosted trees, a linear model, and the guess without columns."""
    text = [name for name, kind in task.columns.items() if kind == TEXT]
    numbers = [name for name in task.columns if name not in text]
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MAX_BINS,
    )
    for_trees = make_column_transformer((codes, text), remainder="passthrough")
    for_lines = make_column_transformer(
        (
            make_pipeline(
                SimpleImputer(keep_empty_features=True, add_indicator=True),
                StandardScaler(),
            ),
            numbers,
        ),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2), text),
    )
    trees = {"categorical_features": np.arange(len(text)), "random_state": seed}
    if task.classification:
        return {
            "HistGradientBoosting": make_pipeline(
                for_trees, HistGradientBoostingClassifier(**trees)
            ),
            "LogisticRegression": make_pipeline(
                for_lines, LogisticRegression(max_iter=300)
            ),
            "class frequencies": DummyClassifier(strategy="prior"),
        }
    return {
        "HistGradientBoosting": make_pipeline(
            for_trees, HistGradientBoostingRegressor(**trees)
        ),
        "Ridge": make_pipeline(for_lines, Ridge()),
        "the mean": DummyRegressor(),
    }


def fit(model: Any, rows: TrainTestSplit) -> float:
    """Fit a model and return the seconds."""
    start = perf_counter()
    with warnings.catch_warnings():
        # Budgets are limited here, converged or not; and a column may lack a label.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Found unknown categories", UserWarning)
        model.fit(rows.X_train, rows.y_train)
    return perf_counter() - start


def scores(model: Any, rows: TrainTestSplit, classification: bool) -> dict[str, float]:
    """Held-out scores by their names."""
    y = rows.y_test
    if not classification:
        predicted = model.predict(rows.X_test)
        return {
            "RMSE": mean_squared_error(y, predicted) ** 0.5,
            "MAE": mean_absolute_error(y, predicted),
            "R2": r2_score(y, predicted),
        }
    chances = model.predict_proba(rows.X_test)
    right = model.classes_[chances.argmax(axis=1)] == y
    found = {
        "log-loss": log_loss(y, chances, labels=model.classes_),
        "accuracy": float(right.mean()),
    }
    if len(model.classes_) == 2 == len(np.unique(y)):
        found["AUC"] = roc_auc_score(y, chances[:, 1])
    return found


def scorer_of(classification: bool) -> Callable[[Any, Any, Any], float]:
    """What an importance is a fall of: minus the log-loss, or R2."""
    if not classification:
        return lambda model, X, y: r2_score(y, model.predict(X))
    return lambda model, X, y: (
        -log_loss(y, model.predict_proba(X), labels=model.classes_)
    )


def importances(
    model: Any, rows: TrainTestSplit, classification: bool, seed: int
) -> list[tuple[str, float, float]]:
    """(column, mean, standard deviation) of the fall when a column is shuffled."""
    names = list(rows.X_test.columns)
    most = min(MOST_ROWS, max(100, MOST_CELLS // len(names)), len(rows.y_test))
    chosen = np.random.RandomState(seed).permutation(len(rows.y_test))[:most]
    result = permutation_importance(
        model,
        rows.X_test.iloc[chosen],
        rows.y_test[chosen],
        scoring=scorer_of(classification),
        n_repeats=REPEATS,
        random_state=seed,
    )
    order = np.argsort(-result.importances_mean)[:N_SHOWN]
    return [
        (names[i], result.importances_mean[i], result.importances_std[i]) for i in order
    ]
