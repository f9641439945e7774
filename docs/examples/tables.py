"""Raw tables: networks, boosted trees and linear models compared on test rows.

The first table is the diabetes data, with sex and age group as text and the number of a
clinic. The second is the breast tumours, with one size as text. Both have missing values.
TabularMLPRegressor and TabularMLPClassifier take them unchanged; HistGradientBoosting needs
text as type category; linear models use TableEncoder.

Prints a table for each.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from skmlp import TableEncoder, TabularMLPClassifier, TabularMLPRegressor


def with_missing(table: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Make a fraction of the entries missing."""
    rng = np.random.default_rng(0)
    return table.mask(rng.uniform(size=table.shape) < fraction)


def patients() -> tuple[pd.DataFrame, pd.Series]:
    """Return numbers, text and clinics; the target is the progress of the disease."""
    table, progress = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    table["sex"] = table["sex"].map({1: "first", 2: "second"})
    groups = pd.cut(table["age"], [0, 35, 50, 65, 120], labels=list("abcd"))
    table["age"] = groups.astype(object)
    clinics = np.random.default_rng(1).integers(1, 13, len(table))
    table["clinic"] = pd.Series(clinics).map("clinic {}".format)
    return with_missing(table, 0.05), progress


def tumours() -> tuple[pd.DataFrame, pd.Series]:
    """Return ten mean measurements, one of them as text; the target is text."""
    table, benign = load_breast_cancer(return_X_y=True, as_frame=True)
    table = table.filter(like="mean ")
    words = pd.qcut(table["mean area"], 4, labels=["small", "medium", "large", "huge"])
    table["mean area"] = words.astype(object)
    return with_missing(table, 0.05), benign.map({0: "malignant", 1: "benign"})


def text_as_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Turn text into type category, as HistGradientBoosting needs it."""
    text = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return table.astype(dict.fromkeys(text, "category"))


def compare(table: pd.DataFrame, y: pd.Series, models: dict[str, object]) -> None:
    """Train the models on two thirds of the rows and print the scores on the rest."""
    strata = y if y.dtype.kind not in "if" else None
    train, test, y_train, y_test = train_test_split(
        table, y, test_size=1 / 3, stratify=strata, random_state=0
    )
    missing = table.isna().to_numpy().mean()
    print(f"{len(train)} training rows, {len(test)} test rows, ", end="")
    print(f"{table.shape[1]} columns, {missing:.0%} missing")
    rows = {}
    for name, model in models.items():
        start = time.perf_counter()
        model.fit(train, y_train)
        seconds = time.perf_counter() - start
        prediction = model.predict(test)
        if is_classifier(model):
            probability = model.predict_proba(test)
            rows[name] = {
                "log-loss": log_loss(y_test, probability),
                "accuracy": accuracy_score(y_test, prediction),
            }
        else:
            rows[name] = {
                "RMSE": root_mean_squared_error(y_test, prediction),
                "MAE": mean_absolute_error(y_test, prediction),
                "R2": r2_score(y_test, prediction),
            }
        rows[name]["fit seconds"] = seconds
    print(pd.DataFrame(rows).T.round(3).to_string(), end="\n\n")


def main(n_estimators: int, n_jobs: int) -> None:
    """Compare three models on each table."""
    trees = {"categorical_features": "from_dtype", "random_state": 0}
    settings = {"n_estimators": n_estimators, "n_jobs": n_jobs, "random_state": 0}
    table, y = patients()
    encoder = TableEncoder(max_one_hot=20)
    compare(
        text_as_categories(table),
        y,
        {
            "TabularMLPRegressor": TabularMLPRegressor(**settings),
            "HistGradientBoosting": HistGradientBoostingRegressor(**trees),
            "Ridge": make_pipeline(encoder, RidgeCV(np.logspace(-2, 3, 20))),
        },
    )
    table, y = tumours()
    compare(
        text_as_categories(table),
        y,
        {
            "TabularMLPClassifier": TabularMLPClassifier(**settings),
            "HistGradientBoosting": HistGradientBoostingClassifier(**trees),
            "LogisticRegression": make_pipeline(
                encoder, LogisticRegression(max_iter=1000)
            ),
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="not used: there is no plot")
    parser.add_argument("--quick", action="store_true", help="two networks each")
    parser.add_argument("--jobs", type=int, default=1, help="networks at a time")
    arguments = parser.parse_args()
    main(2 if arguments.quick else 8, arguments.jobs)
