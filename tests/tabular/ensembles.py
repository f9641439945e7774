"""Small ensembles."""

import numpy as np

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import ColumnLayout, Numbers, tabular_network
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.history import Progress
from skmlp.core.objective import Objective
from skmlp.core.optimizers import Adam
from skmlp.core.schedules import Cosine
from skmlp.core.training import Patience, TrainingConfig
from skmlp.tabular.deadline import Deadline
from skmlp.tabular.ensemble import Ensemble
from skmlp.tabular.folds import make_folds

RNG = np.random.RandomState(0)
X = RNG.randn(200, 3).astype(np.float32)
DATA = Dataset(X, np.sin(2 * X[:, :1]))


def make(n_members=3, max_time=None, patience=np.inf, n_jobs=1, sizes=(8,), **settings):
    config = {"learning_rate": 0.05, "batch_size": 32, "max_epochs": 4, **settings}
    network = tabular_network(
        ColumnLayout(3, 0, ()),
        (*sizes, 1),
        ACTIVATIONS["mish"],
        numbers=Numbers(n_frequencies=2, frequency_std=0.1),
        dropout=0.1,
    )
    objective = Objective(network, HEADS["squared_error"])
    deadline = Deadline()
    deadline.set(max_time)
    return Ensemble(
        config=TrainingConfig(objective, Cosine(), schedule_epochs=1, **config),
        training=DATA,
        validation=DATA,
        networks=[network] * n_members,
        folds=make_folds(200, n_members, None, np.random.RandomState(0)),
        seeds=list(range(n_members)),
        make_optimizer=Adam,
        patience=Patience(0.0, patience),
        deadline=deadline,
        n_jobs=n_jobs,
    )


def trained(**settings):
    """An ensemble after training, and the lines of its log."""
    ensemble, lines = make(**settings), []
    ensemble.initialize()
    ensemble.train(Progress(lines.append))
    return ensemble, lines
