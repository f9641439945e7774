"""Learning curves of four learning-rate schedules, side by side.

The same network is trained on the handwritten digits by SGD with momentum: with a constant
rate, with a rate that is cut at each plateau ('adaptive'), with half a cosine ('cosine')
and with a rate that rises first ('one_cycle'). Cosine and one cycle reach their end after
`max_iter` epochs, so training must not end earlier.

Prints a table and writes learning_curves.png.
"""

import argparse
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp import LossCurveDisplay, MLPClassifier

SCHEDULES = ("constant", "adaptive", "cosine", "one_cycle")


def main(out: Path, max_iter: int) -> None:
    """Train with each schedule, print the table and plot the curves."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X / 16, y, test_size=0.3, random_state=0
    )
    X_fit, X_val, y_fit, y_val = train_test_split(X_train, y_train, random_state=0)
    figure, axes = pyplot.subplots(2, 4, figsize=(16, 7), sharex=True, sharey="row")
    print(
        f"{'schedule':<10} {'best epoch':>10} {'last loss':>10} {'test accuracy':>14}"
    )
    for schedule, (above, below) in zip(SCHEDULES, axes.T, strict=True):
        model = MLPClassifier(
            hidden_layer_sizes=(50,),
            solver="sgd",
            learning_rate=schedule,
            learning_rate_init=0.2,
            max_iter=max_iter,
            n_iter_no_change=10 if schedule == "adaptive" else float("inf"),
            early_stopping=True,
            scoring="loss",
            random_state=0,
        )
        with warnings.catch_warnings():
            # All epochs should run, converged or not.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X_fit, y_fit, X_val=X_val, y_val=y_val)
        accuracy = model.score(X_test, y_test)
        print(
            f"{schedule:<10} {model.best_iter_:>10} {model.loss_:>10.4f} {accuracy:>14.3f}"
        )
        LossCurveDisplay.from_estimator(model, name=schedule, ax=above)
        above.set(title=schedule, yscale="log")
        below.plot(range(1, model.n_iter_ + 1), model.history_["learning_rate"])
        below.set(xlabel="epoch", ylabel="learning rate")
    figure.tight_layout()
    figure.savefig(out / "learning_curves.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--quick", action="store_true", help="fewer epochs")
    options = parser.parse_args()
    main(options.out, 20 if options.quick else 100)
