"""A grid search in a pipeline on a frame with numbers and categories.

The frame is the diabetes data, with sex as a category and age in four bins. The search
varies the depth of the network (n_hidden_layers), dropout and the learning-rate schedule.
Every candidate runs all its epochs, so that the cosine schedule reaches its end, and early
stopping keeps the weights of the best epoch.

Prints a table of the results.
"""

import argparse
import warnings
from pathlib import Path

import pandas as pd
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmlp import MLPRegressor

GRID = {
    "n_hidden_layers": [1, 2, 3],
    "dropout": [0.0, 0.2],
    "learning_rate": ["constant", "cosine"],
}


def mixed_frame() -> tuple[pd.DataFrame, pd.Series]:
    """Return eight numeric columns, two categorical columns and the target."""
    frame, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    frame["sex"] = frame["sex"].map({1.0: "first", 2.0: "second"})
    bins = {"young": 35, "middle": 50, "older": 65, "old": 120}
    frame["age"] = pd.cut(frame["age"], [0, *bins.values()], labels=list(bins))
    return frame, y


def main(max_iter: int) -> None:
    """Search, and print the candidates from best to worst."""
    frame, y = mixed_frame()
    train, test, y_train, y_test = train_test_split(frame, y, random_state=0)
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["sex", "age"]),
        remainder=StandardScaler(),
    )
    network = MLPRegressor(
        hidden_layer_sizes=20,
        learning_rate_init=0.01,
        early_stopping=True,
        n_iter_no_change=float("inf"),
        validation_fraction=0.2,
        max_iter=max_iter,
        random_state=0,
    )
    model = TransformedTargetRegressor(
        Pipeline([("columns", columns), ("mlp", network)]), transformer=StandardScaler()
    )
    grid = {f"regressor__mlp__{name}": values for name, values in GRID.items()}
    with warnings.catch_warnings():
        # All epochs should run, converged or not.
        warnings.simplefilter("ignore", ConvergenceWarning)
        search = GridSearchCV(model, grid, cv=3).fit(train, y_train)

    results = pd.DataFrame(search.cv_results_).sort_values("rank_test_score")
    table = results[[f"param_{name}" for name in grid]].set_axis(list(GRID), axis=1)
    table["mean R2"] = results["mean_test_score"].round(3)
    table["std"] = results["std_test_score"].round(3)
    table["seconds"] = results["mean_fit_time"].round(3)
    print(table.to_string(index=False))
    best = search.best_estimator_.regressor_["mlp"]
    print(f"best: {best.n_parameters_} weights and biases, epoch {best.best_iter_}")
    print(f"R2 on the test rows: {search.score(test, y_test):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="not used: there is no plot")
    parser.parse_args()
    main(max_iter=60)
