"""
Callbacks: a score of every epoch, a stopping rule
==================================================

ScoringMonitor records scores of the training rows after each epoch of fit. A callback
of your own is a class with four methods. Callbacks need scikit-learn 1.9.
"""

from matplotlib import pyplot
from sklearn.callback import ScoringMonitor
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier

# %%
# This callback stops training at a given accuracy on the training rows.


class StopAt:
    """Stop training when the accuracy on the training rows reaches a value."""

    def __init__(self, accuracy: float):
        self.accuracy = accuracy

    def setup(self, estimator: object, context: object) -> None:
        """Called when fit begins."""

    def on_fit_task_begin(self, estimator: object, context: object) -> None:
        """Called when fit or an epoch begins."""

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, fitted_estimator=None
    ) -> bool:
        """Called when fit or an epoch ends; returns whether to stop."""
        if context.task_name == "fit":
            return False
        return fitted_estimator.score(X, y) >= self.accuracy

    def teardown(self, estimator: object, context: object) -> None:
        """Called when fit ends."""


# %%
# Both callbacks see every epoch.

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
model = MLPClassifier((50,), learning_rate_init=0.005, random_state=0)
model.set_callbacks(monitor, StopAt(0.99)).fit(X, y)

print(f"{'epoch':>5} {'loss':>8} {'accuracy':>9} {'log-loss':>9}")
rows = [row for row in monitor.get_logs().data if row["task_name"] == "iteration"]
for i, (row, loss) in enumerate(zip(rows, model.loss_curve_, strict=True), start=1):
    if i % 5 == 1 or i == len(rows):
        print(f"{i:>5} {loss:>8.4f}", end=" ")
        print(f"{row['accuracy']:>9.3f} {-row['neg_log_loss']:>9.4f}")
print(f"stopped after {model.n_iter_} epochs")
print(f"accuracy on the test rows: {model.score(X_test, y_test):.3f}")

# %%
# What the monitor recorded.

_, ax = pyplot.subplots(figsize=(6, 4))
ax.plot(range(1, len(rows) + 1), [row["accuracy"] for row in rows])
ax.axhline(0.99, color="gray", linestyle=":")
ax.set(xlabel="epoch", ylabel="accuracy on the training rows")
