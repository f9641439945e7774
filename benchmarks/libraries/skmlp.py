"""skmlp as users have it: its training steps are compiled where the library is used."""

from unittest.mock import patch

import skmlp
from skmlp.core import lbfgs

from . import Trained
from ._estimators import Counter, estimator

NAME = "skmlp"


def supports(task) -> bool:
    return True


def prepare(task, X, y, **more):
    def train():
        model = estimator(skmlp, task, **more)
        if task.solver != "lbfgs":
            return Trained(task.rounds, model.fit(X, y))
        # On both paths it is called once for each evaluation.
        counter = Counter(lbfgs._Watch.begin)
        with patch.object(lbfgs._Watch, "begin", counter):
            model.fit(X, y)
        return Trained(counter.calls, model)

    return train
