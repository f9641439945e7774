"""A classifier for a rare class: weighted, then calibrated.

The rare class is the digit 8 among the handwritten digits, with half of its rows removed.
Class weights raise its recall, but make its probabilities too high. CalibratedClassifierCV
corrects the probabilities and hardly changes the order of the rows.

Prints a table and writes calibrated_classifier.png.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.datasets import load_digits
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    recall_score,
)
from sklearn.model_selection import train_test_split

from skmlp import MLPClassifier


def classifier(class_weight: object = None) -> MLPClassifier:
    """A small network with an L2 penalty."""
    return MLPClassifier(
        hidden_layer_sizes=(10,),
        alpha=10,
        solver="lbfgs",
        max_iter=1000,
        class_weight=class_weight,
        random_state=0,
    )


def main(out: Path) -> None:
    """Train three models, print their scores and plot their reliability."""
    X, y = load_digits(return_X_y=True)
    rare = y == 8
    keep = ~rare | (np.random.RandomState(0).uniform(size=len(y)) < 0.5)
    X, y = X[keep] / 16, rare[keep].astype(int)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.5, stratify=y, random_state=0
    )
    print(f"rows of the rare class: {y.mean():.1%} of {len(y)}")
    models = {
        "plain": classifier(),
        "weighted": classifier("balanced"),
        "weighted, calibrated": CalibratedClassifierCV(classifier("balanced"), cv=5),
    }
    print(f"{'model':<22} {'recall':>7} {'AP':>7} {'Brier':>7} {'log-loss':>9}", end="")
    print(f" {'mean p':>7}")
    _, ax = pyplot.subplots(figsize=(7, 6))
    for name, model in models.items():
        p = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
        scores = (
            recall_score(y_test, model.predict(X_test)),
            average_precision_score(y_test, p),
            brier_score_loss(y_test, p),
        )
        print(f"{name:<22}", *(f"{score:>7.3f}" for score in scores), end=" ")
        print(f"{log_loss(y_test, p):>9.3f} {p.mean():>7.3f}")
        CalibrationDisplay.from_predictions(
            y_test, p, n_bins=6, strategy="quantile", name=name, ax=ax
        )
    ax.figure.tight_layout()
    ax.figure.savefig(out / "calibrated_classifier.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path())
    main(parser.parse_args().out)
