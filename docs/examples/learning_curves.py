"""
Learning curves of four learning-rate schedules
===============================================

The same network is trained on handwritten digits by SGD with momentum: with a constant
rate, with a rate that is cut at each plateau ('adaptive'), with half a cosine
('cosine') and with a rate that rises first ('one_cycle').
"""

import warnings

from matplotlib import pyplot
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp import LossCurveDisplay, MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.3, random_state=0
)
X_train, X_val, y_train, y_val = train_test_split(X_train, y_train, random_state=0)

# %%
# Cosine and one cycle reach their end after ``max_iter`` epochs, so training must not
# end earlier: ``n_iter_no_change`` is infinite. Early stopping keeps the weights of the
# epoch with the smallest validation loss.

models = {}
for schedule in ("constant", "adaptive", "cosine", "one_cycle"):
    model = MLPClassifier(
        hidden_layer_sizes=(50,),
        solver="sgd",
        learning_rate=schedule,
        learning_rate_init=0.2,
        max_iter=60,
        n_iter_no_change=10 if schedule == "adaptive" else float("inf"),
        early_stopping=True,
        scoring="loss",
        random_state=0,
    )
    with warnings.catch_warnings():
        # All epochs should run, converged or not.
        warnings.simplefilter("ignore", ConvergenceWarning)
        models[schedule] = model.fit(X_train, y_train, X_val=X_val, y_val=y_val)

print(f"{'schedule':<10} {'best epoch':>10} {'last loss':>10} {'test accuracy':>14}")
for schedule, model in models.items():
    accuracy = model.score(X_test, y_test)
    print(
        f"{schedule:<10} {model.best_iter_:>10} {model.loss_:>10.4f} {accuracy:>14.3f}"
    )

# %%
# The losses, with the best epoch, and the learning rate of each epoch.

figure, axes = pyplot.subplots(2, 4, figsize=(14, 6), sharex=True, sharey="row")
for (schedule, model), (above, below) in zip(models.items(), axes.T, strict=True):
    LossCurveDisplay.from_estimator(model, name=schedule, ax=above)
    above.set(title=schedule, yscale="log")
    above.legend(fontsize=7)
    below.plot(range(1, model.n_iter_ + 1), model.history_["learning_rate"])
    below.set(xlabel="epoch", ylabel="learning rate")
figure.tight_layout()
