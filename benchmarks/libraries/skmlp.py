"""skmlp."""

from unittest.mock import patch

import skmlp
from skmlp.core.objective import Objective

from . import Trained
from ._estimators import Counter, estimator

NAME = "skmlp"


def supports(task) -> bool:
    return True


def make(task, **more):
    return estimator(skmlp, task, **more)


def prepare(task, X, y):
    def train():
        if task.solver != "lbfgs":
            return Trained(task.rounds, make(task).fit(X, y))
        counter = Counter(Objective.evaluate)
        with patch.object(Objective, "evaluate", counter):
            model = make(task).fit(X, y)
        return Trained(counter.calls, model)

    return train
