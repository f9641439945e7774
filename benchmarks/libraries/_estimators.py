"""What skmlp and scikit-learn have in common: the estimators and their parameters."""

from benchmarks.problems import ALPHA, LEARNING_RATE, MOMENTUM


def estimator(library, task, **more):
    """The MLP of `library`, which is a module, for a task; stops at nothing early."""
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
    """Counts the calls of a method, in place of which it is put into its class."""

    def __init__(self, method):
        self.method = method
        self.calls = 0

    def __get__(self, instance, owner=None):
        def counted(*args, **kwargs):
            self.calls += 1
            return self.method(instance, *args, **kwargs)

        return counted
