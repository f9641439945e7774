"""
The features that a hidden layer has learned
============================================

A network learns to classify digits. Then other models are trained on the outputs of its
last hidden layer and, for comparison, on the pixels.
"""

from matplotlib import pyplot
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from skmlp import MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.5, random_state=0
)
network = MLPClassifier(
    hidden_layer_sizes=(60, 20),
    activation=["relu", "tanh"],
    alpha=1,
    max_iter=300,
    learning_rate_init=0.01,
    random_state=0,
).fit(X_train, y_train)

# %%
# :meth:`~skmlp.MLPClassifier.hidden_activations` gives the outputs of a hidden layer.

spaces = {
    "64 pixels": (X_train, X_test),
    "20 hidden units": (
        network.hidden_activations(X_train),
        network.hidden_activations(X_test),
    ),
}
models = {
    "1 nearest neighbour": KNeighborsClassifier(1),
    "tree": DecisionTreeClassifier(random_state=0),
    "forest of 30 trees": RandomForestClassifier(30, random_state=0),
}
print(f"{'test accuracy':<22}", *(f"{name:>16}" for name in spaces))
for name, model in models.items():
    scores = [
        model.fit(train, y_train).score(test, y_test) for train, test in spaces.values()
    ]
    print(f"{name:<22}", *(f"{score:>16.3f}" for score in scores))
print(f"{'the network':<22} {network.score(X_test, y_test):>16.3f}")

# %%
# The first two principal components of both spaces: the network has separated the
# digits.

figure, axes = pyplot.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for (name, (train, test)), ax in zip(spaces.items(), axes, strict=True):
    points = PCA(2).fit(train).transform(test)
    shown = ax.scatter(*points.T, c=y_test, cmap="tab10", s=12)
    ax.set(title=f"test rows by {name}", xlabel="first", ylabel="second component")
figure.colorbar(shown, ax=axes, label="digit")
