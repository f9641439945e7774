"""Prediction intervals, and the fraction of test rows that they cover.

One network predicts three quantiles of the progress of diabetes from ten measurements.
Another predicts the mean and standard deviation of a normal distribution, whose interval is
mean +- 1.28 sigma. Both intervals should cover 0.8 of the rows. Every row is a test row
once, by cross-validation.

Prints a table and writes quantile_bands.png.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot
from scipy.stats import norm
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor

LEVELS = (0.1, 0.5, 0.9)


def regressor(loss: str, **parameters: object) -> MLPRegressor:
    """Return a small network with the given loss."""
    return MLPRegressor(
        loss=loss,
        hidden_layer_sizes=(20,),
        activation="tanh",
        solver="lbfgs",
        alpha=20,
        max_iter=2000,
        random_state=0,
        **parameters,
    )


def main(out: Path) -> None:
    """Predict each row from the other folds, print the table and plot the intervals."""
    X, y = load_diabetes(return_X_y=True)
    y = y / 100
    bands = {"quantile": np.empty((len(y), 3)), "gaussian": np.empty((len(y), 3))}
    for fit, test in KFold(5, shuffle=True, random_state=0).split(X):
        scaler = StandardScaler().fit(X[fit])
        rows, new = scaler.transform(X[fit]), scaler.transform(X[test])
        model = regressor("quantile", quantile=LEVELS).fit(rows, y[fit])
        bands["quantile"][test] = model.predict(new)
        mean, std = (
            regressor("gaussian").fit(rows, y[fit]).predict(new, return_std=True)
        )
        bands["gaussian"][test] = mean[:, None] + std[:, None] * norm.ppf(LEVELS)

    print(f"{'loss':<10} {'below 0.1':>9} {'below 0.5':>9} {'below 0.9':>9}", end=" ")
    print(f"{'coverage':>8} {'mean width':>10} {'abs. error':>10}")
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 5), sharey=True)
    for (loss, band), ax in zip(bands.items(), axes, strict=True):
        below = [np.mean(y < level) for level in band.T]
        inside = np.mean((band[:, 0] <= y) & (y <= band[:, 2]))
        width = np.mean(band[:, 2] - band[:, 0])
        error = np.abs(y - band[:, 1]).mean()
        print(f"{loss:<10}", *(f"{fraction:>9.3f}" for fraction in below), end=" ")
        print(f"{inside:>8.3f} {width:>10.3f} {error:>10.3f}")

        order = np.argsort(band[:, 1])
        low, middle, high = band[order].T
        ax.fill_between(range(len(y)), low, high, alpha=0.3, label="0.1 to 0.9")
        ax.plot(middle, label="0.5")
        ax.plot(y[order], ".", markersize=3, color="black", label="y of test rows")
        ax.set(
            title=f"{loss}: {inside:.0%} in the interval", xlabel="rows, by prediction"
        )
        ax.legend()
    axes[0].set_ylabel("progress, in hundreds")
    figure.tight_layout()
    figure.savefig(out / "quantile_bands.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path())
    main(parser.parse_args().out)
