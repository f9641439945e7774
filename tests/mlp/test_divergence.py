"""A fit that diverges in its last step is an error: predictions of its rows are finite.

The reference computes the network again, in double precision, from `coefs_`.
"""

from itertools import product

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core import finite
from skmlp.core.heads import REGRESSION_HEADS, Gaussian, SquaredError
from skmlp.core.lbfgs import LBFGSResult
from skmlp.mlp import fit as fit_module
from tests.helpers import LABELS, fit_quietly, snapshot

RNG = np.random.RandomState(0)
X = RNG.randn(60, 4)
TARGET = np.exp(RNG.randn(60))
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
RATES = {
    np.float32: (1e-3, 1, 1e5, 1e13, 1e30),
    np.float64: (1e-3, 1e2, 1e20, 1e105, 1e250),
}
SMALL = {
    "hidden_layer_sizes": (5, 4),
    "activation": "identity",
    "alpha": 0,
    "random_state": 0,
    "batch_size": 60,
}


def scores_by_hand(model, X):
    """The scores of a linear network, in the longest precision."""
    h = X.astype(np.longdouble)
    for W, b in zip(model.coefs_, model.intercepts_, strict=True):
        h = h @ W.astype(np.longdouble) + b
    return h


def check_predictions(model, X):
    """Check that all that a model predicts is finite, and what the network computes."""
    names = ["predict", "predict_proba", "predict_log_proba", "decision_function"]
    for name in names[1:] if isinstance(model, MLPClassifier) else names[:1]:
        assert np.isfinite(getattr(model, name)(X)).all()
    scores, largest = scores_by_hand(model, X), np.finfo(model.coefs_[0].dtype).max
    assert (np.abs(scores) <= largest).all()
    if model.out_activation_ == "exp":
        assert (np.exp(scores) <= largest).all()
    if hasattr(model._head, "std"):
        assert np.isfinite(model.predict(X, return_std=True)).all()


def error_of(model, X, y):
    """The message if the fit raises; the model is then as before, else it predicts."""
    before = snapshot(model)
    try:
        fit_quietly(model, X, y)
    except ValueError as error:
        assert snapshot(model) == before
        return str(error)
    check_predictions(model, X)
    return ""


def errors(kind, X, y, **settings):
    """The messages of fits of one to three epochs, at low and at high rates."""
    return [
        error_of(
            kind(**{**SMALL, "max_iter": n, "learning_rate_init": rate, **settings}),
            X,
            y,
        )
        for rate, n in product(RATES[X.dtype.type], (1, 2, 3))
    ]


@DTYPES
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("loss", REGRESSION_HEADS)
def test_a_fit_of_any_length_predicts_finite_numbers_or_raises(loss, solver, dtype):
    found = errors(MLPRegressor, X.astype(dtype), TARGET, loss=loss, solver=solver)
    assert any("non-finite predictions" in message for message in found)
    assert "" in found
    assert all(
        "Scale X (and y in regression)" in message for message in found if message
    )


@DTYPES
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("labels", LABELS)
def test_classifiers_too(labels, solver, dtype):
    found = errors(MLPClassifier, X.astype(dtype), LABELS[labels], solver=solver)
    assert any("non-finite predictions" in message for message in found)


@pytest.mark.parametrize("loss", REGRESSION_HEADS)
def test_partial_fit_raises_at_the_step_that_diverges(loss):
    settings = {**SMALL, "solver": "sgd", "learning_rate_init": 1e3, "momentum": 0.99}
    model, rows = MLPRegressor(loss, **settings), X.astype(np.float32)
    with pytest.raises(ValueError, match="Training diverged in epoch"):
        for _ in range(400):
            before = snapshot(model)
            model.partial_fit(rows, TARGET)
            check_predictions(model, rows)
    assert snapshot(model) == before


def test_the_last_step_diverges_without_an_infinite_weight():
    settings = {**SMALL, "solver": "sgd", "max_iter": 1, "learning_rate_init": 1e13}
    model = MLPRegressor(**settings)
    with pytest.raises(
        ValueError, match="non-finite predictions.* diverged in epoch 1"
    ):
        model.fit(X.astype(np.float32), X[:, 0])
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize(
    ("alpha", "w", "advice"),
    [
        (
            1e-4,
            None,
            r"Scale X \(and y in regression\), or lower learning_rate_init\.$",
        ),
        (
            1e-4,
            1e-20,
            r"Or lower alpha=0\.0001: .* weights of a batch, on average 6e-19",
        ),
        (
            1e20,
            None,
            r"Or lower alpha=1e\+20: it is divided by the sum .* on average 60",
        ),
    ],
)
def test_divergence_by_the_penalty_is_named(alpha, w, advice):
    rate = 1e20 if alpha < 1 and w is None else 0.01
    settings = {**SMALL, "alpha": alpha, "learning_rate_init": rate, "max_iter": 200}
    with pytest.raises(ValueError, match=advice):
        MLPRegressor(solver="sgd", **settings).fit(X, X[:, 0], w)


@pytest.mark.parametrize("make_rows", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("scale", [1e30, 3e37])
def test_features_near_the_limit_of_single_precision(scale, make_rows):
    rows = make_rows((scale * np.clip(X, -3, 3)).astype(np.float32))
    for solver in ("sgd", "adam", "lbfgs"):
        model = MLPClassifier((5,), solver=solver, max_iter=3, random_state=0)
        message = error_of(model, rows, X[:, 0] > 0)
        assert not message or "Scale X" in message


def test_lbfgs_is_checked_in_the_precision_of_the_model(monkeypatch):
    def search(config, theta, data, progress, keeper):
        # In the search, in double precision, 1e39 is finite.
        with np.errstate(over="ignore"):
            return LBFGSResult(np.full_like(theta, 1e39), loss=0.5)

    monkeypatch.setattr(fit_module, "minimize_lbfgs", search)
    model = MLPRegressor(solver="lbfgs")
    assert "non-finite predictions" in error_of(model, X.astype(np.float32), X[:, 0])


def test_the_best_epoch_must_predict_the_training_rows():
    # The validation rows are fine. The last row has no weight in the first fit.
    rows, y = np.r_[X, X[:1]].astype(np.float32), np.r_[X[:, 0], 0]
    rows[-1] = 3e38
    settings = {"batch_size": 1, "shuffle": False, "max_iter": 1, "random_state": 0}
    model = MLPRegressor(early_stopping=True, learning_rate_init=1, **settings)
    validation = {"X_val": X[:9], "y_val": X[:9, 0]}
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
        model.fit(rows, y, np.r_[np.ones(60), 0], **validation)
    with np.errstate(all="ignore"):
        assert not np.isfinite(model.predict(rows)).all()
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(rows, y, **validation)


class HalfLine(Gaussian):
    """A head whose prediction is not finite for scores below -1."""

    def prediction(self, s):
        return np.log1p(s[:, :1])


def test_a_head_of_ones_own_must_predict_finite_numbers():
    model = MLPRegressor(HalfLine(), (), solver="sgd", max_iter=1, random_state=0)
    with pytest.raises(ValueError, match="non-finite predictions"):
        model.fit(5 * X, -5 * X[:, 0])


def test_an_ordinary_fit_computes_no_scores_for_the_check(monkeypatch):
    def refuse(*args):
        raise AssertionError("the bound is enough")

    monkeypatch.setattr(finite, "finite_rows", refuse)
    for solver in ("sgd", "adam", "lbfgs"):
        model = MLPRegressor(
            hidden_layer_sizes=(100, 100), solver=solver, max_iter=5, random_state=0
        )
        fit_quietly(model, X, X[:, 0])
        assert model.n_iter_ > 0


def test_the_check_sees_the_rows_and_the_weights_that_are_kept(monkeypatch):
    calls = []

    def record(objective, theta, data):
        calls.append((theta, data))
        return True

    monkeypatch.setattr(fit_module, "predicts_finite", record)
    settings = {**SMALL, "batch_size": 20, "max_iter": 4, "early_stopping": True}
    model = MLPRegressor(SquaredError(), **settings)
    fit_quietly(model, X, X[:, 0])
    ((theta, data),) = calls
    assert theta is model._theta
    np.testing.assert_array_equal(data.X, X)
