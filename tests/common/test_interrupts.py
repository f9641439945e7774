"""An interrupt in fit ends the training alone, or passes to the loop that calls fit."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from skmlp import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from skmlp.core.history import Progress
from tests.helpers import LABELS, X, Y, interrupt_at, partial_fit, snapshot

SMALL = {"hidden_layer_sizes": (3,), "max_iter": 4, "random_state": 0}
TABULAR = {**SMALL, "n_estimators": 2}
MODELS = {
    "MLPClassifier": MLPClassifier(**SMALL),
    "MLPRegressor": MLPRegressor(**SMALL),
    "lbfgs": MLPRegressor(**SMALL, solver="lbfgs"),
    "early stopping": MLPRegressor(**SMALL, early_stopping=True),
    "TabularMLPClassifier": TabularMLPClassifier(**TABULAR),
    "TabularMLPRegressor": TabularMLPRegressor(**TABULAR),
}
EACH = pytest.mark.parametrize("name", MODELS)
y = Y[MLPRegressor]


def target(name):
    return Y[MLPClassifier if "Classifier" in name else MLPRegressor]


@pytest.fixture
def interrupted(monkeypatch):
    """Each training is interrupted in its second iteration."""

    def report(self, n, record):
        calls.append(n)
        if n == 2:
            raise KeyboardInterrupt

    calls = []
    monkeypatch.setattr(Progress, "report", report)
    return calls


def fit(model, X, y):
    return model.fit(X, y)


LOOPS = {
    "grid search": lambda m: GridSearchCV(m, {"alpha": [0.1, 0.2]}, cv=2).fit(X, y),
    "random search": lambda m: RandomizedSearchCV(
        m, {"alpha": [0.1, 0.2]}, n_iter=2, cv=2
    ).fit(X, y),
    "cross_val_score": lambda m: cross_val_score(m, X, y, cv=2),
    "cross_validate": lambda m: cross_validate(m, X, y, cv=2),
    "cross_val_predict": lambda m: cross_val_predict(m, X, y, cv=2),
    "learning_curve": lambda m: learning_curve(m, X, y, cv=2),
    "validation_curve": lambda m: validation_curve(
        m, X, y, param_name="alpha", param_range=[0.1, 0.2], cv=2
    ),
    "permutation test": lambda m: permutation_test_score(m, X, y, cv=2),
    "selection": lambda m: SequentialFeatureSelector(m, cv=2).fit(X, y),
    "bagging": lambda m: BaggingRegressor(m).fit(X, y),
    "voting": lambda m: VotingRegressor([("a", m), ("b", m)]).fit(X, y),
    "stacking": lambda m: StackingRegressor([("a", m)]).fit(X, y),
    "several outputs": lambda m: MultiOutputRegressor(m).fit(X, X[:, :2]),
    "chain": lambda m: RegressorChain(m).fit(X, X[:, :2]),
    "joblib": lambda m: Parallel(1)(delayed(fit)(m, X, y) for _ in range(2)),
    "joblib, threads": lambda m: Parallel(2, "threading")(
        delayed(fit)(clone(m), X, y) for _ in range(2)
    ),
    "search of a pipeline": lambda m: cross_val_score(
        make_pipeline(StandardScaler(), m), X, y, cv=2
    ),
    "a thread": lambda m: ThreadPoolExecutor(1).submit(m.fit, X, y).result(),
}
"""Loops of other packages, and threads, that fit a regressor."""

CODES = Y[MLPClassifier]
OF_CLASSIFIERS = {
    "calibration": lambda m: CalibratedClassifierCV(m, cv=2).fit(X, CODES),
    "one versus rest": lambda m: OneVsRestClassifier(m).fit(X, CODES),
    "one versus one": lambda m: OneVsOneClassifier(m).fit(X, CODES),
    "chain": lambda m: ClassifierChain(m).fit(X, LABELS["multilabel"]),
    "self-training": lambda m: SelfTrainingClassifier(m).fit(
        X, np.where(np.arange(60) % 2, CODES, -1)
    ),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_of_another_package_ends(loop, interrupted):
    with pytest.raises(KeyboardInterrupt):
        LOOPS[loop](clone(MODELS["MLPRegressor"]))
    # Two threads begin a fit each, in any order.
    n_fits = 2 if loop == "joblib, threads" else 1
    assert set(interrupted) == {1, 2}
    assert max(interrupted.count(1), interrupted.count(2)) <= n_fits


@pytest.mark.parametrize("loop", OF_CLASSIFIERS)
def test_a_loop_around_a_classifier_ends(loop, interrupted):
    with pytest.raises(KeyboardInterrupt):
        OF_CLASSIFIERS[loop](clone(MODELS["MLPClassifier"]))
    assert interrupted == [1, 2]


@EACH
def test_a_loop_around_each_estimator_ends(name, interrupted):
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(clone(MODELS[name]), X, target(name), cv=2)
    assert interrupted == [1, 2]


@EACH
@pytest.mark.parametrize("fitted", [False, True])
def test_in_a_thread_the_state_is_restored(name, fitted, interrupted, monkeypatch):
    model = clone(MODELS[name])
    if fitted:
        with monkeypatch.context() as patch:
            patch.setattr(Progress, "report", lambda *_: None)
            model.set_params(max_iter=2)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(X, target(name))
    before = snapshot(model)
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        pool.submit(model.fit, X, target(name)).result()
    assert snapshot(model) == before


ONCE = {
    "fit": lambda m, y: m.fit(X, y),
    "pipeline": lambda m, y: make_pipeline(StandardScaler(), m).fit(X, y)[-1],
    "nested": lambda m, y: make_pipeline(make_pipeline(m)).fit(X, y)[-1][-1],
}


@EACH
@pytest.mark.parametrize("way", ONCE)
def test_a_single_fit_keeps_what_it_has(name, way, interrupted):
    with pytest.warns(UserWarning, match="interrupted"):
        model = ONCE[way](clone(MODELS[name]), target(name))
    assert model.n_iter_ == 2
    assert np.isfinite(model.loss_curve_).all()
    assert len(model.predict(X)) == 60


def test_a_transformed_target_is_a_single_fit(interrupted):
    model = TransformedTargetRegressor(MODELS["MLPRegressor"], func=abs)
    with pytest.warns(UserWarning, match="interrupted"):
        model.set_params(check_inverse=False, inverse_func=abs).fit(X, y)
    assert model.regressor_.n_iter_ == 2


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("n_before", [0, 1, 2])
def test_partial_fit_lets_it_through_and_restores_the_state(
    kind, solver, n_before, monkeypatch
):
    model = kind(**SMALL, solver=solver, batch_size=16)
    for _ in range(n_before):
        partial_fit(model, X, Y[kind])
    before = snapshot(model)
    interrupt_at(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        partial_fit(model, X, Y[kind])
    assert snapshot(model) == before
    monkeypatch.undo()
    expected = kind(**SMALL, solver=solver, batch_size=16)
    for _ in range(n_before + 1):
        partial_fit(expected, X, Y[kind])
    partial_fit(model, X, Y[kind])
    np.testing.assert_array_equal(model._theta, expected._theta)
