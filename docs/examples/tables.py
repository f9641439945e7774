"""A raw table, with text and gaps, beside boosted trees.

The table is scikit-learn's on diabetes, with sex as text and some values lost.
"""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.model_selection import train_test_split

from skmlp import TabularMLPRegressor

frame, target = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
frame["sex"] = frame["sex"].map({1: "a", 2: "b"}).astype("category")
lost = np.random.default_rng(0).random(frame.shape) < 0.05
frame = frame.mask(lost)
X_train, X_test, y_train, y_test = train_test_split(frame, target, random_state=0)

models = {
    "TabularMLPRegressor": TabularMLPRegressor(max_time=4, random_state=0),
    "HistGradientBoosting": HistGradientBoostingRegressor(random_state=0),
}
print(f"{'':22}{'RMSE':>7}{'MAE':>7}")
for name, model in models.items():
    prediction = model.fit(X_train, y_train).predict(X_test)
    rmse = root_mean_squared_error(y_test, prediction)
    print(f"{name:22}{rmse:7.1f}{mean_absolute_error(y_test, prediction):7.1f}")

ours = models["TabularMLPRegressor"]
print(f"\n{ours.n_estimators_} networks, {ours.n_iter_} epochs, best ones:", end=" ")
print(", ".join(map(str, ours.best_iter_)))
print("seconds:", {stage: round(s, 2) for stage, s in ours.seconds_.items()})
