"""Models side by side on the same rows: held-out scores, seconds, importances."""

import warnings
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

from .io import Model
from .task import CLASSIFICATION, REGRESSION, Task, text_columns
from .text import UserError

MAX_BINS = 254
"""How many labels of a column the trees tell apart."""

MOST_ROWS, MOST_CELLS, REPEATS = 2000, 20_000, 3
"""Importances: held-out rows, and cells of the table, to compute them on; repeats."""

N_SHOWN = 10
SECONDS = "fit seconds"


@dataclass(frozen=True)
class TrainTestSplit:
    """Rows to train on and rows held out, for a kind of task."""

    kind: str
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any


def split(task: Task, share: float, seed: int) -> TrainTestSplit:
    """Hold out a share of the rows, of each class alike."""
    y = task.y if task.kind == CLASSIFICATION else None
    try:
        parts = train_test_split(
            task.X, task.y, test_size=share, stratify=y, random_state=seed
        )
    except ValueError:
        raise UserError(
            f"--test {share:g} of {len(task.y)} rows leaves too few, held out or to "
            f"train on, for {len(np.unique(task.y))} classes."
        ) from None
    rows = TrainTestSplit(task.kind, *parts)
    if min(len(rows.y_test), len(rows.y_train)) < 2:
        raise UserError(f"--test {share:g} of {len(task.y)} rows leaves too few.")
    return rows


def peers(task: Task, seed: int) -> dict[str, Model]:
    """The usual models: boosted trees, a linear model, and the guess without columns."""
    text = text_columns(task.columns)
    trees: dict[str, Any] = {
        "categorical_features": np.arange(len(text)),
        "random_state": seed,
    }
    for_trees, for_lines = columns_for_trees(task), columns_for_lines(task)
    if task.kind == CLASSIFICATION:
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


def columns_for_trees(task: Task) -> Any:
    """A transformer of the columns: text as codes, first, and numbers as they are."""
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MAX_BINS,
    )
    return make_column_transformer(
        (codes, text_columns(task.columns)), remainder="passthrough"
    )


def columns_for_lines(task: Task) -> Any:
    """A transformer of the columns: numbers imputed and scaled, text one-hot encoded."""
    text = text_columns(task.columns)
    numbers = [name for name in task.columns if name not in text]
    scaled = make_pipeline(
        SimpleImputer(keep_empty_features=True, add_indicator=True), StandardScaler()
    )
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2)
    return make_column_transformer((scaled, numbers), (one_hot, text))


def fit(model: Model, rows: TrainTestSplit) -> float:
    """Fit a model and return the seconds."""
    start = perf_counter()
    with warnings.catch_warnings():
        # Budgets are limited here, converged or not; and a column may lack a label.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Found unknown categories", UserWarning)
        model.fit(rows.X_train, rows.y_train)
    return perf_counter() - start


def class_scores(model: Any, X: Any, y: Any) -> dict[str, float]:
    """Log-loss and accuracy, and the AUC of two classes."""
    chances = model.predict_proba(X)
    right = model.classes_[chances.argmax(axis=1)] == y
    found = {
        "log-loss": log_loss(y, chances, labels=model.classes_),
        "accuracy": float(right.mean()),
    }
    if len(model.classes_) == 2 == len(np.unique(y)):
        found["AUC"] = roc_auc_score(y, chances[:, 1])
    return found


def number_scores(model: Any, X: Any, y: Any) -> dict[str, float]:
    """Root of the mean squared error, mean absolute error, R2."""
    predicted = model.predict(X)
    return {
        "RMSE": mean_squared_error(y, predicted) ** 0.5,
        "MAE": mean_absolute_error(y, predicted),
        "R2": r2_score(y, predicted),
    }


SCORES = {CLASSIFICATION: class_scores, REGRESSION: number_scores}


def scores(model: Model, rows: TrainTestSplit) -> dict[str, float]:
    """Held-out scores by their names."""
    return SCORES[rows.kind](model, rows.X_test, rows.y_test)


def negative_log_loss(model: Any, X: Any, y: Any) -> float:
    """Minus the log-loss, of rows that may lack a class."""
    return -float(log_loss(y, model.predict_proba(X), labels=model.classes_))


IMPORTANCES = {
    CLASSIFICATION: ("rise of log-loss", negative_log_loss),
    REGRESSION: ("fall of R2", "r2"),
}
"""What importances are called, and the scorer that they are a fall of."""


def importances(
    model: Model, rows: TrainTestSplit, seed: int
) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of the fall when a column is shuffled, by columns."""
    names = list(rows.X_test.columns)
    most = min(MOST_ROWS, max(100, MOST_CELLS // len(names)), len(rows.y_test))
    chosen = np.random.RandomState(seed).permutation(len(rows.y_test))[:most]
    what, scorer = IMPORTANCES[rows.kind]
    result = permutation_importance(
        model,
        rows.X_test.iloc[chosen],
        rows.y_test[chosen],
        scoring=scorer,
        n_repeats=REPEATS,
        random_state=seed,
    )
    order = np.argsort(-result.importances_mean)[:N_SHOWN]
    means, stds = result.importances_mean, result.importances_std
    return {names[i]: {what: means[i], "+-": stds[i]} for i in order}
