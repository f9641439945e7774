"""
Raw tables: networks, boosted trees, a linear model
===================================================

:class:`~skmlp.TabularMLPRegressor` takes a table as it is, with text and missing
values. HistGradientBoosting needs text as type category. A linear model needs an
encoder: :class:`~skmlp.TableEncoder`. All three are compared on test rows.
"""

import time

import numpy as np
import pandas as pd
from matplotlib import pyplot
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from skmlp import TableEncoder, TabularMLPRegressor

# %%
# The table: the progress of diabetes. The sex and the age group are text, a clinic is
# drawn at random, and every twentieth entry is missing.

table, progress = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
rng = np.random.default_rng(1)
table["sex"] = table["sex"].map({1: "first", 2: "second"})
table["age"] = pd.cut(table["age"], [0, 35, 50, 65, 120], labels=list("abcd")).astype(
    str
)
table["clinic"] = rng.choice([f"clinic {i}" for i in range(12)], len(table))
table = table.mask(rng.uniform(size=table.shape) < 0.05)
print(table.head())

# %%
# Three models on the same training rows. Trees get the text as categories.

text = dict.fromkeys(["sex", "age", "clinic"], "category")
train, test, y_train, y_test = train_test_split(
    table.astype(text), progress, test_size=1 / 3, random_state=0
)
models = {
    "TabularMLPRegressor": TabularMLPRegressor(n_estimators=4, random_state=0),
    "HistGradientBoosting": HistGradientBoostingRegressor(random_state=0),
    "Ridge": make_pipeline(
        TableEncoder(max_one_hot=20), RidgeCV(np.logspace(-2, 3, 20))
    ),
}
rows = {}
for name, model in models.items():
    start = time.perf_counter()
    model.fit(train, y_train)
    seconds = time.perf_counter() - start
    prediction = model.predict(test)
    rows[name] = {
        "R2": r2_score(y_test, prediction),
        "MAE": mean_absolute_error(y_test, prediction),
        "fit seconds": seconds,
    }
results = pd.DataFrame(rows).T
print(results.round(3).to_string())

# %%
# The accuracy against the cost. On these few rows, with a nearly linear relation, the
# linear model is the best of the three, and the cheapest: compare before you choose.
# :doc:`/tabular_benchmarks` has the comparison on 66 tables.

_, ax = pyplot.subplots(figsize=(6, 4))
for name, row in results.iterrows():
    ax.plot(row["fit seconds"], row["MAE"], "o", label=name)
ax.set(xscale="log", xlabel="seconds of the fit", ylabel="mean absolute error")
ax.legend()
