"""skorch: the same torch network behind scikit-learn's interface."""

from skorch import NeuralNetBinaryClassifier, NeuralNetClassifier, NeuralNetRegressor

from . import Trained
from .torch_eager import loss_of, network, optimizer, target

NAME = "skorch"


def supports(task) -> bool:
    return task.solver != "lbfgs" and not task.problem.non_zeros


def kind_of(problem):
    if problem.n_classes > 2:
        return NeuralNetClassifier
    return NeuralNetBinaryClassifier if problem.n_classes else NeuralNetRegressor


def prepare(task, X, y):
    problem = task.problem
    y = target(problem, y, task.dtype)
    if problem.n_classes == 2:
        y = y[:, 0]

    def train():
        optimizer_kind, settings = optimizer(task)
        model = kind_of(problem)(
            network(problem, task.dtype),
            criterion=type(loss_of(problem)),
            optimizer=optimizer_kind,
            max_epochs=task.rounds,
            batch_size=problem.batch_size,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
            **{f"optimizer__{name}": value for name, value in settings.items()},
        )
        return Trained(task.rounds, model.fit(X, y))

    return train
