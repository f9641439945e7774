"""
A rare class: weighted, then calibrated
=======================================

The rare class is the digit 8 among handwritten digits, with half of its rows removed.
Class weights raise its recall, but make its probabilities too high.
CalibratedClassifierCV corrects the probabilities and hardly changes the order of the
rows.
"""

import numpy as np
from matplotlib import pyplot
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score, log_loss, recall_score
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

X, y = load_digits(return_X_y=True)
rare = y == 8
keep = ~rare | (np.random.RandomState(0).uniform(size=len(y)) < 0.5)
X, y = X[keep] / 16, rare[keep].astype(int)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
print(f"rows of the rare class: {y.mean():.1%} of {len(y)}")

# %%
# Three models: without weights, with weights, and with weights and a calibration.

settings = {"alpha": 10, "solver": "lbfgs", "max_iter": 1000, "random_state": 0}
plain = MLPClassifier((10,), **settings)
weighted = MLPClassifier((10,), class_weight="balanced", **settings)
models = {
    "plain": plain,
    "weighted": weighted,
    "weighted, calibrated": CalibratedClassifierCV(weighted, cv=5),
}
probabilities = {}
print(f"{'model':<22} {'recall':>7} {'AP':>7} {'log-loss':>9} {'mean p':>7}")
for name, model in models.items():
    p = probabilities[name] = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    recall = recall_score(y_test, model.predict(X_test))
    scores = recall, average_precision_score(y_test, p)
    print(f"{name:<22}", *(f"{score:>7.3f}" for score in scores), end=" ")
    print(f"{log_loss(y_test, p):>9.3f} {p.mean():>7.3f}")

# %%
# On the diagonal, the observed frequency is the predicted probability.

_, ax = pyplot.subplots(figsize=(6, 5))
for name, p in probabilities.items():
    CalibrationDisplay.from_predictions(
        y_test, p, n_bins=6, strategy="quantile", name=name, ax=ax
    )
