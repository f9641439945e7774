"""The estimators and parameters that skmlp and scikit-learn share."""

from benchmarks.problems import ALPHA, LEARNING_RATE, MOMENTUM


def estimator(library, task, **more):
    """The MLP of the module `library` for a task, without early stopping."""
    problem = task.problem
    kind = library.MLPClassifier if problem.n_classes else library.MLPRegressor
    settings = {
        "hidden_layer_sizes": problem.hidden,
        "solver": task.solver,
        "batch_size": problem.batch_size,
        "max_iter": task.rounds,
        "max_fun": 10**9,
        "alpha": ALPHA,
        "learning_rate_init": LEARNING_RATE,
        "momentum": MOMENTUM,
        "tol": 0.0,
        "n_iter_no_change": 10**6,
        "random_state": 0,
    }
    return kind(**settings | more)


class Counter:
    """Replaces a method in its class and counts the calls."""

    def __init__(self, method):
        self.method = method
        self.calls = 0

    def __get__(self, instance, owner=None):
        def counted(*args, **kwargs):
            self.calls += 1
            return self.method(instance, *args, **kwargs)

        return counted
