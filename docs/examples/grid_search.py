"""
A grid search over depth, dropout and schedule
==============================================

The frame is the diabetes data, with the sex as a category. The search varies the number
of hidden layers, dropout and the learning-rate schedule.
"""

import warnings

import pandas as pd
from matplotlib import pyplot
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmlp import MLPRegressor

frame, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
frame["sex"] = frame["sex"].map({1.0: "first", 2.0: "second"})
train, test, y_train, y_test = train_test_split(frame, y, random_state=0)

# %%
# Every candidate runs all its epochs, so that the cosine schedule reaches its end.
# Early stopping keeps the weights of the best epoch.

network = MLPRegressor(
    hidden_layer_sizes=20,
    learning_rate_init=0.01,
    early_stopping=True,
    n_iter_no_change=float("inf"),
    validation_fraction=0.2,
    max_iter=60,
    random_state=0,
)
columns = make_column_transformer(
    (OneHotEncoder(), ["sex"]), remainder=StandardScaler()
)
model = TransformedTargetRegressor(
    Pipeline([("columns", columns), ("mlp", network)]), transformer=StandardScaler()
)
grid = {
    "regressor__mlp__n_hidden_layers": [1, 2, 3],
    "regressor__mlp__dropout": [0.0, 0.2],
    "regressor__mlp__learning_rate": ["constant", "cosine"],
}
with warnings.catch_warnings():
    # All epochs should run, converged or not.
    warnings.simplefilter("ignore", ConvergenceWarning)
    search = GridSearchCV(model, grid, cv=3).fit(train, y_train)

# %%
# The candidates from best to worst, and the best one on the test rows.

results = pd.DataFrame(search.cv_results_).sort_values("rank_test_score")
table = results[[f"param_{name}" for name in grid]]
table.columns = [name.split("__")[-1] for name in grid]
table = table.assign(R2=results["mean_test_score"], std=results["std_test_score"])
print(table.round(3).to_string(index=False))
best = search.best_estimator_.regressor_["mlp"]
print(f"best: {best.n_parameters_} weights and biases, epoch {best.best_iter_}")
print(f"R2 on the test rows: {search.score(test, y_test):.3f}")

# %%
# The mean score of each candidate, with its standard deviation over the folds.

_, ax = pyplot.subplots(figsize=(6, 4))
names = [" ".join(map(str, values)) for values in table[table.columns[:3]].to_numpy()]
ax.errorbar(table["R2"], names, xerr=table["std"], fmt="o")
ax.invert_yaxis()
ax.set(xlabel="R2", ylabel="layers, dropout, schedule")
ax.figure.tight_layout()
