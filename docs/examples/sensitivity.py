"""Feature importance: exact gradients of a network and permutation importance.

A network predicts the progress of diabetes from ten standardised measurements. The mean
absolute gradient with respect to a feature shows how much the prediction changes with it;
the mean gradient shows in which direction. Permutation importance is the decrease of R2
when the values of the feature are shuffled. Both are computed on test rows.

Prints a table and writes sensitivity.png.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot
from scipy.stats import spearmanr
from sklearn.datasets import load_diabetes
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor


def main(out: Path, n_repeats: int) -> None:
    """Train, print both measures for each feature and plot them."""
    data = load_diabetes()
    X, X_test, y, y_test = train_test_split(
        data.data, data.target / 100, test_size=0.4, random_state=0
    )
    scaler = StandardScaler().fit(X)
    X, X_test = scaler.transform(X), scaler.transform(X_test)
    model = MLPRegressor(
        hidden_layer_sizes=(20,), alpha=3, solver="lbfgs", max_iter=2000, random_state=0
    ).fit(X, y)
    gradients = model.input_gradients(X_test)
    size, mean = np.abs(gradients).mean(axis=0), gradients.mean(axis=0)
    permuted = permutation_importance(
        model, X_test, y_test, n_repeats=n_repeats, random_state=0
    )
    loss = permuted.importances_mean

    print(f"R2 on the test rows: {model.score(X_test, y_test):.3f}")
    print(f"{'feature':<8} {'mean |gradient|':>15} {'mean gradient':>14}", end="")
    print(f" {'R2 lost when shuffled':>22}")
    order = np.argsort(-size)
    for i in order:
        name = data.feature_names[i]
        print(f"{name:<8} {size[i]:>15.3f} {mean[i]:>14.3f} {loss[i]:>22.3f}")
    print(f"rank correlation of both measures: {spearmanr(size, loss).statistic:.2f}")

    names = np.array(data.feature_names)[order]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 5))
    left.boxplot(gradients[:, order])
    left.set_xticks(range(1, 11), names)
    left.axhline(0, color="gray", linewidth=0.5)
    left.set(
        title="gradients of the prediction, by row", ylabel="per standard deviation"
    )
    right.bar(names, loss[order], yerr=permuted.importances_std[order])
    right.set(title="permutation importance", ylabel="R2 lost")
    figure.tight_layout()
    figure.savefig(out / "sensitivity.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--quick", action="store_true", help="fewer shuffles")
    options = parser.parse_args()
    main(options.out, 3 if options.quick else 30)
