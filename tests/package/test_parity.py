"""One seed, the same parameters: scikit-learn's weights, iterations and loss curve."""

import warnings

import numpy as np
import pytest
import sklearn.neural_network
from scipy import sparse
from scipy.special import xlogy

import skmlp
from skmlp.core.heads import Sigmoid, Softmax

TASKS = ("binary", "multiclass", "multilabel", "regression", "outputs", "poisson")
N_CONFIGURATIONS = 120


def draw_data(rng, task):
    n, d = int(rng.randint(40, 160)), int(rng.randint(2, 12))
    X = rng.randn(n, d)
    scores = np.tanh(X @ rng.randn(d, 3)) + 0.3 * rng.randn(n, 3)
    y = {
        "binary": np.array(["no", "yes"])[(scores[:, 0] > 0).astype(int)],
        "multiclass": scores.argmax(axis=1),
        "multilabel": (scores > 0).astype(int),
        "regression": scores[:, 0],
        "outputs": scores,
        "poisson": rng.poisson(np.exp(scores[:, 0])).astype(float),
    }[task]
    return X, y


def draw_parameters(rng, task):
    def pick(*options):
        return options[rng.randint(len(options))]

    solver = pick("adam", "sgd", "lbfgs")
    parameters = {
        "solver": solver,
        "activation": pick("identity", "logistic", "tanh", "relu"),
        "hidden_layer_sizes": pick(7, (12,), (8, 5), [6, 4, 3]),
        "alpha": pick(0.0, 1e-4, 0.01, 1.0),
        "batch_size": pick("auto", 16, 33, 500),
        "learning_rate": pick("constant", "invscaling", "adaptive"),
        "learning_rate_init": pick(1e-3, 0.01, 0.05),
        "power_t": pick(0.25, 0.5),
        "max_iter": int(rng.randint(3, 25)),
        "shuffle": pick(True, True, False),
        "tol": pick(1e-4, 1e-2, 0.0),
        "momentum": pick(0.0, 0.5, 0.9),
        "nesterovs_momentum": pick(True, False),
        "beta_1": pick(0.9, 0.5),
        "beta_2": pick(0.999, 0.95),
        "epsilon": pick(1e-8, 1e-4),
        "n_iter_no_change": pick(2, 10),
        "random_state": int(rng.randint(1000)),
    }
    if task in ("binary", "regression", "multilabel") and solver != "lbfgs":
        parameters["early_stopping"] = pick(False, False, True)
        parameters["validation_fraction"] = pick(0.1, 0.3)
    if solver == "sgd" and parameters["learning_rate"] == "adaptive":
        # Up to the first cut, which is in here, and on to where a second one could be.
        parameters["n_iter_no_change"] = 10
        parameters["max_iter"] = min(20, parameters["max_iter"])
    if task == "poisson":
        parameters["loss"] = "poisson"
    if task == "outputs":
        # The loss of several outputs is another one by intent, and so its stopping.
        parameters.update(solver=pick("adam", "sgd"), tol=0.0, n_iter_no_change=1000)
        parameters["learning_rate"] = pick("constant", "invscaling")
    return parameters


def draw(seed):
    rng = np.random.RandomState(seed)
    task = TASKS[seed % len(TASKS)]
    X, y = draw_data(rng, task)
    X = X.astype(rng.choice([np.float64, np.float64, np.float32]))
    parameters = draw_parameters(rng, task)
    if X.dtype == np.float32 and parameters["solver"] == "lbfgs":
        # Each iteration multiplies the rounding errors of the ones before it, and a kink
        # makes them jump.
        parameters["max_iter"] = min(5, parameters["max_iter"])
        parameters["activation"] = parameters["activation"].replace("relu", "tanh")
    weights = rng.choice([0.5, 1.0, 2.5], len(X))
    if parameters["batch_size"] == 500:
        # scikit-learn divides by zero where a small batch has no weight.
        weights *= rng.rand(len(X)) > 0.1
    weights = weights if rng.rand() < 0.4 else None
    if rng.rand() < 0.3:
        X[np.abs(X) < 0.7] = 0
        container = [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array]
        X = container[rng.randint(3)](X)
    if parameters.get("early_stopping") and y.dtype.kind == "U":
        # Not in every version of scikit-learn do words and early stopping go together.
        y = (y == "yes").astype(int)
    return task, X, y, weights, parameters


def fit(library, task, X, y, weights, parameters):
    regression = task in ("regression", "outputs", "poisson")
    kind = library.MLPRegressor if regression else library.MLPClassifier
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return kind(**parameters).fit(X, y, sample_weight=weights)
        except ValueError as error:
            return str(error)


def clip_log_loss(monkeypatch, dtype):
    """Give our classification heads scikit-learn's log-loss of clipped probabilities.

    Where a line search saturates them it decides by the loss, the gradient unchanged.
    """
    for kind in (Sigmoid, Softmax):
        gradient = kind.loss_and_gradient

        def loss_and_gradient(self, y, s, gradient=gradient):
            p = self.prediction(s)
            eps = np.finfo(dtype).eps
            p = np.clip(p, eps, 1 - eps)
            loss = -xlogy(y, p)
            if isinstance(self, Sigmoid):
                loss -= xlogy(1 - y, 1 - p)
            return loss.sum(axis=1), gradient(self, y, s)[1]

        monkeypatch.setattr(kind, "loss_and_gradient", loss_and_gradient)


def distance(ours, theirs):
    """The largest difference of all parameters, relative to the largest one."""
    a, b = (np.concatenate([array.ravel() for array in p]) for p in (ours, theirs))
    return np.abs(a - b).max() / np.abs(b).max()


@pytest.mark.parametrize("seed", range(N_CONFIGURATIONS))
def test_random_configuration(seed, monkeypatch):
    task, X, y, weights, parameters = draw(seed)
    if parameters["solver"] == "lbfgs":
        clip_log_loss(monkeypatch, X.dtype)
    ours = fit(skmlp, task, X, y, weights, parameters)
    theirs = fit(sklearn.neural_network, task, X, y, weights, parameters)
    if isinstance(theirs, str):
        assert ours.startswith(theirs)
        return
    double = X.dtype == np.float64 and parameters["solver"] != "lbfgs"
    tolerance = 1e-6 if double else 1e-3
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.t_ == theirs.t_
    assert (
        distance(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_)
        <= tolerance
    )
    np.testing.assert_allclose(
        ours.predict_proba(X) if hasattr(ours, "classes_") else ours.predict(X),
        theirs.predict_proba(X) if hasattr(ours, "classes_") else theirs.predict(X),
        rtol=10 * tolerance,
        atol=10 * tolerance,
    )
    if task != "outputs":
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=tolerance)
    if task != "outputs" and parameters["solver"] != "lbfgs":
        np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=tolerance)
        if parameters.get("early_stopping"):
            np.testing.assert_allclose(
                ours.validation_scores_, theirs.validation_scores_, atol=10 * tolerance
            )
        else:
            assert ours.best_loss_ == pytest.approx(theirs.best_loss_, rel=tolerance)


@pytest.mark.parametrize("seed", range(len(TASKS)))
def test_same_weights_same_predictions(seed):
    task, X, y, weights, parameters = draw(seed)
    theirs = fit(sklearn.neural_network, task, X, y, weights, parameters)
    ours = fit(skmlp, task, X, y, weights, {**parameters, "max_iter": 1})
    ours.coefs_, ours.intercepts_ = theirs.coefs_, theirs.intercepts_
    for method in ("predict", "predict_proba"):
        if hasattr(theirs, method):
            a, b = (getattr(model, method)(X) for model in (ours, theirs))
            if a.dtype.kind == "f":
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-12)
            else:
                np.testing.assert_array_equal(a, b)


def test_the_global_generator_is_used_without_a_seed():
    X, y = draw_data(np.random.RandomState(0), "multiclass")
    weights = []
    for library in (skmlp, sklearn.neural_network):
        np.random.seed(3)
        weights.append(fit(library, "multiclass", X, y, None, {"max_iter": 3}).coefs_)
    assert distance(*weights) < 1e-10


def test_a_generator_is_used_up_alike():
    X, y = draw_data(np.random.RandomState(0), "regression")
    draws = []
    for library in (skmlp, sklearn.neural_network):
        rng = np.random.RandomState(3)
        parameters = {"max_iter": 3, "random_state": rng, "early_stopping": True}
        fit(library, "regression", X, y, None, parameters)
        draws.append(rng.rand())
    assert draws[0] == draws[1]
