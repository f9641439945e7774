"""
Prediction intervals, and what they cover
=========================================

One network predicts three quantiles of the progress of diabetes. Another predicts the
mean and the standard deviation of a normal distribution, whose interval is mean ± 1.28
std. Both intervals should cover 0.8 of the rows.
"""

import numpy as np
from matplotlib import pyplot
from scipy.stats import norm
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor

LEVELS = (0.1, 0.5, 0.9)
SETTINGS = {
    "hidden_layer_sizes": (20,),
    "activation": "tanh",
    "solver": "lbfgs",
    "alpha": 20,
    "max_iter": 2000,
    "random_state": 0,
}

# %%
# Every row is a test row once, by cross-validation.

X, y = load_diabetes(return_X_y=True)
y = y / 100
bands = {"quantile": np.empty((len(y), 3)), "gaussian": np.empty((len(y), 3))}
for fit, test in KFold(5, shuffle=True, random_state=0).split(X):
    scaler = StandardScaler().fit(X[fit])
    rows, new = scaler.transform(X[fit]), scaler.transform(X[test])
    model = MLPRegressor("quantile", quantile=LEVELS, **SETTINGS).fit(rows, y[fit])
    bands["quantile"][test] = model.predict(new)
    model = MLPRegressor("gaussian", **SETTINGS).fit(rows, y[fit])
    mean, std = model.predict(new, return_std=True)
    bands["gaussian"][test] = mean[:, None] + std[:, None] * norm.ppf(LEVELS)

# %%
# The fraction of targets below each level, and the fraction inside of the interval.

print(f"{'loss':<10} {'below 0.1':>9} {'below 0.5':>9} {'below 0.9':>9} {'inside':>7}")
for loss, band in bands.items():
    below = [np.mean(y < level) for level in band.T]
    inside = np.mean((band[:, 0] <= y) & (y <= band[:, 2]))
    print(f"{loss:<10}", *(f"{one:>9.3f}" for one in below), f"{inside:>7.3f}")

# %%
# The rows by predicted median or mean, with their intervals.

figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True)
for (loss, band), ax in zip(bands.items(), axes, strict=True):
    order = np.argsort(band[:, 1])
    low, middle, high = band[order].T
    ax.fill_between(range(len(y)), low, high, alpha=0.3, label="0.1 to 0.9")
    ax.plot(middle, label="0.5")
    ax.plot(y[order], ".", markersize=3, color="black", label="y of test rows")
    ax.set(title=f'loss="{loss}"', xlabel="rows, by prediction")
    ax.legend()
axes[0].set_ylabel("progress, in hundreds")
figure.tight_layout()
