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
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

import skmlp

from ..common.frames import rows_of
from ..reporting.scores import Judged, comparisons, in_words, warning
from .choices import CLASSIFICATION, REGRESSION
from .dates import dates_as_numbers
from .models import Model
from .task import Task, text_columns
from .text import UserError, counted

TabularMLP = skmlp.TabularMLPClassifier | skmlp.TabularMLPRegressor
TREES = {
    CLASSIFICATION: HistGradientBoostingClassifier,
    REGRESSION: HistGradientBoostingRegressor,
}
MAX_BINS = 254
"""The maximum number of different labels of a column that the trees use."""

SECONDS = "fit seconds"


@dataclass(frozen=True)
class TrainTestSplit:
    """Training and test rows, for a kind of task.

    `groups` of the training rows and `folds` say which of them the networks hold out;
    None: any. The test rows are `apart` if they are of another table.
    """

    kind: str
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any
    groups: Any = None
    folds: Any = None
    apart: bool = False


def split(task: Task, fraction: float, seed: int) -> TrainTestSplit:
    """Split off a fraction of the rows for the test, stratified by class.

    The row of a class with one row is a training row.
    """
    rows, alone, y = np.arange(len(task.y)), np.arange(0), None
    if task.kind == CLASSIFICATION:
        _, codes, counts = np.unique(task.y, return_inverse=True, return_counts=True)
        alone, rows = np.flatnonzero(counts[codes] == 1), rows[counts[codes] > 1]
        y = task.y[rows]
    try:
        train, test = train_test_split(
            rows, test_size=fraction, stratify=y, random_state=seed
        )
    except ValueError:
        classes = "" if y is None else f" for {len(np.unique(task.y))} classes"
        raise UserError(
            f"--test {fraction:g} of {len(task.y)} rows leaves too few training or test "
            f"rows{classes}."
        ) from None
    train = np.concatenate([train, alone])
    if min(len(test), len(train)) < 2:
        raise UserError(
            f"--test {fraction:g} of {len(task.y)} rows leaves too few training or test "
            "rows."
        )
    X, y = task.X, task.y
    return TrainTestSplit(
        task.kind, rows_of(X, train), rows_of(X, test), y[train], y[test]
    )


def tabular_mlp(kind: str, seed: int, **settings: Any) -> TabularMLP:
    """The tabular estimator of skmlp for a kind of task."""
    model: type[TabularMLP] = (
        skmlp.TabularMLPClassifier
        if kind == CLASSIFICATION
        else skmlp.TabularMLPRegressor
    )
    return model(random_state=seed, **settings)


def peers(task: Task, seed: int) -> dict[str, Model]:
    """Models to compare with: boosted trees, a linear model, and a constant baseline."""
    trees = TREES[task.kind](
        categorical_features=np.arange(len(text_columns(task.columns))),
        random_state=seed,
    )
    without_dates = FunctionTransformer(
        dates_as_numbers, kw_args={"kinds": task.columns}
    )
    for_trees = columns_for_trees(task)
    models = {"HistGradientBoosting": make_pipeline(without_dates, for_trees, trees)}
    for_linear = columns_for_linear(task)
    if task.kind == CLASSIFICATION:
        logistic = LogisticRegression(max_iter=300)
        models["LogisticRegression"] = make_pipeline(
            without_dates, for_linear, logistic
        )
        models["baseline (class prior)"] = DummyClassifier(strategy="prior")
    else:
        models["Ridge"] = make_pipeline(without_dates, for_linear, Ridge())
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
        # The notes on the task name these classes.
        warnings.filterwarnings("ignore", r"\d+ of \d+ classes have a single row")
        if rows.groups is not None and isinstance(model, TabularMLP):
            model.fit(rows.X_train, rows.y_train, groups=rows.groups)
        else:
            model.fit(rows.X_train, rows.y_train)
    return perf_counter() - start


def judged(name: str, model: Model, rows: TrainTestSplit) -> Judged:
    """What a model predicts for the test rows."""
    return Judged.of(name, model, rows.X_test, rows.y_test)


def scores(model: Model, rows: TrainTestSplit) -> dict[str, float]:
    """Scores on the test rows, by name."""
    return judged("", model, rows).scores()


def verdict(losses: dict[str, Any]) -> str:
    """Whether the first model is better than the others, by the losses of the test rows."""
    name, ours = next(iter(losses.items()))
    n_rows, found = counted(len(ours), "test row"), comparisons(losses)
    second = f"{name} is {in_words(found)}, by the losses of {n_rows}."
    return " ".join([*warning(name, found), second])
