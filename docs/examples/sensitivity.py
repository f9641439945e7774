"""
Which features matter: gradients, permutations
==============================================

A network predicts the progress of diabetes from ten standardised measurements. The mean
absolute gradient with respect to a feature shows how much the prediction changes with
it. Permutation importance is the decrease of R2 when the values of the feature are
shuffled.
"""

import numpy as np
from matplotlib import pyplot
from scipy.stats import spearmanr
from sklearn.datasets import load_diabetes
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skmlp import MLPRegressor

data = load_diabetes()
X, X_test, y, y_test = train_test_split(
    data.data, data.target / 100, test_size=0.4, random_state=0
)
scaler = StandardScaler().fit(X)
X, X_test = scaler.transform(X), scaler.transform(X_test)
model = MLPRegressor(
    hidden_layer_sizes=(20,), alpha=3, solver="lbfgs", max_iter=2000, random_state=0
).fit(X, y)
print(f"R2 on the test rows: {model.score(X_test, y_test):.3f}")

# %%
# :meth:`~skmlp.MLPRegressor.input_gradients` gives the exact gradient at each row.

gradients = model.input_gradients(X_test)
size, mean = np.abs(gradients).mean(axis=0), gradients.mean(axis=0)
permuted = permutation_importance(model, X_test, y_test, n_repeats=10, random_state=0)
loss = permuted.importances_mean

print(f"{'feature':<8} {'mean |gradient|':>15} {'mean gradient':>14} {'R2 lost':>8}")
order = np.argsort(-size)
for i in order:
    name = data.feature_names[i]
    print(f"{name:<8} {size[i]:>15.3f} {mean[i]:>14.3f} {loss[i]:>8.3f}")
print(f"rank correlation of both measures: {spearmanr(size, loss).statistic:.2f}")

# %%
# Gradients also have a sign and a spread: a feature can act in both directions.

names = np.array(data.feature_names)[order]
figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
left.boxplot(gradients[:, order])
left.set_xticks(range(1, 11), names)
left.axhline(0, color="gray", linewidth=0.5)
left.set(title="gradients of the prediction, by row", ylabel="per standard deviation")
right.bar(names, loss[order], yerr=permuted.importances_std[order])
right.set(title="permutation importance", ylabel="R2 lost")
figure.tight_layout()
