import numpy as np
import pytest
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import TunedThresholdClassifierCV, train_test_split
from sklearn.preprocessing import scale

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core import network as network_module
from skmlp.core.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.RandomState(0)
X = rng.randn(40, 4)
TARGETS = {
    "binary": (X[:, 0] > 0).astype(int),
    "multiclass": (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5),
    "multilabel": (X[:, :3] > 0).astype(int),
    "regression": np.sin(X[:, 0]),
    "several targets": np.sin(X[:, :3]),
}
TASKS = pytest.mark.parametrize("task", TARGETS)


def fitted(task, dtype=np.float64, **parameters):
    kind = MLPRegressor if task in ("regression", "several targets") else MLPClassifier
    settings = {
        "hidden_layer_sizes": (6, 5),
        "activation": "tanh",
        "max_iter": 30,
        "random_state": 0,
        **parameters,
    }
    return kind(**settings).fit(X.astype(dtype), TARGETS[task])


def scores_of(model, rows):
    scores = getattr(model, "decision_function", model.predict)(rows)
    return scores.reshape(len(rows), -1)


@TASKS
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_input_gradients_by_finite_differences(task, activation):
    model = fitted(task, activation=activation)
    gradients = model.input_gradients(X)
    shape = (40, 4) if model.n_outputs_ == 1 else (40, 3, 4)
    assert gradients.shape == shape
    gradients = gradients.reshape(40, -1, 4)
    for column in range(4):
        step = 1e-6 * np.eye(4)[column]
        slope = (scores_of(model, X + step) - scores_of(model, X - step)) / 2e-6
        np.testing.assert_allclose(gradients[:, :, column], slope, rtol=1e-5, atol=1e-7)


@TASKS
def test_input_gradients_of_one_hidden_layer_by_hand(task):
    model = fitted(task, hidden_layer_sizes=(6,))
    (W, V), (b, _) = model.coefs_, model.intercepts_
    slope = 1 - np.tanh(X @ W + b) ** 2
    by_hand = np.stack([V.T @ np.diag(slope_of_row) @ W.T for slope_of_row in slope])
    gradients = model.input_gradients(X).reshape(by_hand.shape)
    np.testing.assert_allclose(gradients, by_hand, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array])
def test_input_gradients_in_blocks_of_sparse_rows(monkeypatch, container):
    model = fitted("multiclass")
    whole = model.input_gradients(X)
    monkeypatch.setattr(network_module, "BLOCK_ENTRIES", 6 * 3 * 7)
    np.testing.assert_allclose(model.input_gradients(container(X)), whole, rtol=1e-12)


def test_input_gradients_of_a_linear_model_are_its_coefficients():
    model = fitted("multiclass", hidden_layer_sizes=())
    gradients = model.input_gradients(X)
    np.testing.assert_allclose(gradients, np.tile(model.coefs_[0].T, (40, 1, 1)))


def test_input_gradients_leave_the_model_alone():
    model = fitted("regression", activation="relu")
    before = model.predict(X)
    np.testing.assert_array_equal(model.input_gradients(X), model.input_gradients(X))
    np.testing.assert_array_equal(model.predict(X), before)


@TASKS
@pytest.mark.parametrize("layer", [0, 1, -1, -2])
def test_hidden_activations_are_the_forward_process(task, layer, monkeypatch):
    model = fitted(task)
    h = X
    for W, b in list(zip(model.coefs_, model.intercepts_, strict=True))[
        : layer % 2 + 1
    ]:
        h = np.tanh(h @ W + b)
    np.testing.assert_allclose(model.hidden_activations(X, layer), h, rtol=1e-12)
    monkeypatch.setattr(network_module, "BLOCK_ENTRIES", 6 * 7)
    np.testing.assert_allclose(model.hidden_activations(X, layer), h, rtol=1e-12)
    in_csr = model.hidden_activations(sparse.csr_array(X), layer)
    np.testing.assert_allclose(in_csr, h, rtol=1e-12)


def test_float32_stays_float32():
    model, rows = fitted("multiclass", np.float32), X.astype(np.float32)
    assert model.hidden_activations(rows).dtype == np.float32
    assert model.input_gradients(rows).dtype == np.float32
    assert model.decision_function(rows).dtype == np.float32


def test_hidden_features_serve_another_model():
    X, y = load_iris(return_X_y=True)
    features = MLPClassifier((3,), max_iter=2000, random_state=0).fit(scale(X), y)
    h = features.hidden_activations(scale(X))
    assert LogisticRegression(max_iter=1000).fit(h, y).score(h, y) > 0.9


@TASKS
def test_number_of_parameters(task):
    model = fitted(task)
    arrays = [*model.coefs_, *model.intercepts_]
    assert model.n_parameters_ == sum(array.size for array in arrays)
    assert not hasattr(type(model)(), "n_parameters_")


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (2, ValueError, r"layer must be in \[-2, 1\]. Got 2"),
        (-3, ValueError, "Got -3"),
        (0.0, TypeError, "layer must be an int. Got 0.0"),
        (True, TypeError, "Got True"),
        ("last", TypeError, "Got 'last'"),
    ],
)
def test_bad_layers_are_refused(layer, error, message):
    with pytest.raises(error, match=message):
        fitted("binary").hidden_activations(X, layer)


def test_what_cannot_be_looked_into_is_refused():
    with pytest.raises(ValueError, match="and this model has none"):
        fitted("binary", hidden_layer_sizes=()).hidden_activations(X)
    for method in ("hidden_activations", "input_gradients"):
        with pytest.raises(NotFittedError):
            getattr(MLPRegressor(), method)(X)
        with pytest.raises(ValueError, match="features"):
            getattr(fitted("binary"), method)(X[:, :2])


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_decision_function_agrees_with_the_predictions(task):
    model = fitted(task)
    scores, probabilities = model.decision_function(X), model.predict_proba(X)
    if task == "binary":
        np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-scores)))
        np.testing.assert_array_equal(model.predict(X), scores > 0)
    elif task == "multilabel":
        np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-scores)))
        np.testing.assert_array_equal(model.predict(X), scores > 0)
    else:
        e = np.exp(scores)
        np.testing.assert_allclose(probabilities, e / e.sum(axis=1, keepdims=True))
        np.testing.assert_array_equal(model.predict(X), scores.argmax(axis=1))


def test_tools_that_want_scores_get_them():
    X, y = load_breast_cancer(return_X_y=True)
    parts = train_test_split(scale(X), y, random_state=0)
    X_train, X_test, y_train, y_test = parts
    model = MLPClassifier((20,), alpha=1e-6, max_iter=1000, random_state=0)
    scores = model.fit(X_train, y_train).decision_function(X_test)
    assert roc_auc_score(y_test, scores) > 0.98
    calibrated = CalibratedClassifierCV(model, method="sigmoid", cv=3)
    calibrated.fit(X_train, y_train)
    assert log_loss(y_test, calibrated.predict_proba(X_test)) < 0.2
    tuned = TunedThresholdClassifierCV(model, scoring="balanced_accuracy", cv=3)
    assert tuned.fit(X_train, y_train).score(X_test, y_test) > 0.9


def test_permutation_importance_and_gradients_find_the_same_features():
    y = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int)
    model = MLPClassifier((8,), alpha=1, solver="lbfgs", random_state=0).fit(X, y)
    importance = permutation_importance(
        model, X, y, scoring="neg_log_loss", n_repeats=5, random_state=0
    ).importances_mean
    steepness = np.abs(model.input_gradients(X)).mean(axis=0)
    for found in (importance, steepness):
        np.testing.assert_array_equal(np.argsort(found)[:1:-1], [0, 1])
