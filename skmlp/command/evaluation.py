"""Models compared on the same test rows: scores, seconds, importances."""

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

import skmlp

from .choices import CLASSIFICATION, REGRESSION
from .models import Model
from .task import Task, text_columns
from .text import UserError

TabularMLP = skmlp.TabularMLPClassifier | skmlp.TabularMLPRegressor
TREES = {
    CLASSIFICATION: HistGradientBoostingClassifier,
    REGRESSION: HistGradientBoostingRegressor,
}
MAX_BINS = 254
"""The maximum number of different labels of a column that the trees use."""

MAX_ROWS, MAX_CELLS, REPEATS = 2000, 20_000, 3
"""Limits on the test rows and table cells for importances, and their repeats."""

N_SHOWN = 10
SECONDS = "fit seconds"


@dataclass(frozen=True)
class TrainTestSplit:
    """Training and test rows, for a kind of task."""

    kind: str
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any


def split(task: Task, fraction: float, seed: int) -> TrainTestSplit:
    """Split off a fraction of the rows for the test, stratified by class."""
    y = task.y if task.kind == CLASSIFICATION else None
    try:
        parts = train_test_split(
            task.X, task.y, test_size=fraction, stratify=y, random_state=seed
        )
    except ValueError:
        raise UserError(
            f"--test {fraction:g} of {len(task.y)} rows leaves too few training or test "
            f"rows for {len(np.unique(task.y))} classes."
        ) from None
    rows = TrainTestSplit(task.kind, *parts)
    if min(len(rows.y_test), len(rows.y_train)) < 2:
        raise UserError(
            f"--test {fraction:g} of {len(task.y)} rows leaves too few training or test "
            "rows."
        )
    return rows


def tabular_mlp(kind: str, max_time: float | None, seed: int) -> TabularMLP:
    """The tabular estimator of skmlp for a kind of task."""
    model: type[TabularMLP] = (
        skmlp.TabularMLPClassifier
        if kind == CLASSIFICATION
        else skmlp.TabularMLPRegressor
    )
    return model(max_time=max_time, random_state=seed)


def peers(task: Task, seed: int) -> dict[str, Model]:
    """Models to compare with: boosted trees, a linear model, and a constant baseline."""
    trees = TREES[task.kind](
        categorical_features=np.arange(len(text_columns(task.columns))),
        random_state=seed,
    )
    models = {"HistGradientBoosting": make_pipeline(columns_for_trees(task), trees)}
    for_linear = columns_for_linear(task)
    if task.kind == CLASSIFICATION:
        logistic = LogisticRegression(max_iter=300)
        models["LogisticRegression"] = make_pipeline(for_linear, logistic)
        models["baseline (class prior)"] = DummyClassifier(strategy="prior")
    else:
        models["Ridge"] = make_pipeline(for_linear, Ridge())
        models["baseline (mean)"] = DummyRegressor()
    return models


def columns_for_trees(task: Task) -> Any:
    """The preprocessing for trees: text columns first, as codes; numbers unchanged."""
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MAX_BINS,
    )
    return make_column_transformer(
        (codes, text_columns(task.columns)), remainder="passthrough"
    )


def columns_for_linear(task: Task) -> Any:
    """The preprocessing for linear models: numbers imputed and scaled, text one-hot."""
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
        # A model may reach its limit of iterations; test rows may have new labels.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Found unknown categories", UserWarning)
        model.fit(rows.X_train, rows.y_train)
    return perf_counter() - start


def class_scores(model: Any, X: Any, y: Any) -> dict[str, float]:
    """Log-loss and accuracy, and the AUC of two classes."""
    probabilities = model.predict_proba(X)
    right = model.classes_[probabilities.argmax(axis=1)] == y
    found = {
        "log-loss": log_loss(y, probabilities, labels=model.classes_),
        "accuracy": float(right.mean()),
    }
    if len(model.classes_) == 2 == len(np.unique(y)):
        found["AUC"] = roc_auc_score(y, probabilities[:, 1])
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
    """Scores on the test rows, by name."""
    return SCORES[rows.kind](model, rows.X_test, rows.y_test)


def negative_log_loss(model: Any, X: Any, y: Any) -> float:
    """Minus the log-loss; a class may be missing from the rows."""
    return -float(log_loss(y, model.predict_proba(X), labels=model.classes_))


IMPORTANCES = {
    CLASSIFICATION: ("increase in log-loss", negative_log_loss),
    REGRESSION: ("drop in R2", "r2"),
}
"""The name of the importances, and the scorer whose decrease they are."""


def importances(
    model: Model, rows: TrainTestSplit, seed: int
) -> dict[str, dict[str, float]]:
    """Permutation importance of each column: mean and standard deviation of repeats."""
    names = list(rows.X_test.columns)
    most = min(MAX_ROWS, max(100, MAX_CELLS // len(names)), len(rows.y_test))
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
    return {names[i]: {what: means[i], "std": stds[i]} for i in order}
