"""scikit-learn's own MLP."""

from unittest.mock import patch

import sklearn.neural_network

from . import Trained
from ._estimators import Counter, estimator

NAME = "scikit-learn"


def supports(task) -> bool:
    return True


def prepare(task, X, y, **more):
    def train():
        model = estimator(sklearn.neural_network, task, **more)
        if task.solver != "lbfgs":
            return Trained(task.rounds, model.fit(X, y))
        counter = Counter(type(model)._loss_grad_lbfgs)
        with patch.object(type(model), "_loss_grad_lbfgs", counter):
            model.fit(X, y)
        return Trained(counter.calls, model)

    return train
