"""scikit-learn's callbacks: a score of every epoch, and a progress bar.

ScoringMonitor records two scores of the training rows after each epoch of fit. Your own
callback is a class with four methods; here one stops training at a given accuracy.
Callbacks need scikit-learn 1.9, and ProgressBar needs rich; without them the program prints
a message.

Prints a table.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier


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


def main() -> None:
    """Train with callbacks and print what they recorded."""
    try:
        from sklearn.callback import ProgressBar, ScoringMonitor
    except ImportError:
        print("This version of scikit-learn has no callbacks. Install 1.9 or later.")
        return
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
    monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    callbacks = [monitor, StopAt(0.99)]
    if find_spec("rich"):
        callbacks.append(ProgressBar())
    else:
        print("No ProgressBar: rich is not installed.")
    model = MLPClassifier((50,), learning_rate_init=0.005, random_state=0)
    model.set_callbacks(*callbacks).fit(X, y)

    print(f"{'epoch':>5} {'loss':>8} {'accuracy':>9} {'log-loss':>9}")
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "iteration"]
    for i, (row, loss) in enumerate(zip(rows, model.loss_curve_, strict=True), start=1):
        if i % 5 == 1 or i == len(rows):
            print(f"{i:>5} {loss:>8.4f}", end=" ")
            print(f"{row['accuracy']:>9.3f} {-row['neg_log_loss']:>9.4f}")
    print(f"stopped after {model.n_iter_} epochs")
    print(f"accuracy on the test rows: {model.score(X_test, y_test):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="not used: there is no plot")
    parser.parse_args()
    main()
