"""Validation rows and callbacks in scikit-learn's pipelines and searches."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    train_test_split,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skmlp import MLPClassifier
from tests.helpers import ADAM, FOLDS, enough, full_batch, wine_or_diabetes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
STOPPING = {"early_stopping": True, **ADAM}


def rows_to_validate(kind):
    X, y = (load_wine if kind is MLPClassifier else load_diabetes)(return_X_y=True)
    y = y if kind is MLPClassifier else scale(y)
    w = np.random.RandomState(0).uniform(0.5, 2, len(y))
    return train_test_split(X, y, w, random_state=0)


@pytest.mark.parametrize("weighted", [False, True])
def test_validation_rows_pass_through_a_pipeline(kind, weighted):
    X, X_val, y, y_val, w, w_val = rows_to_validate(kind)
    weights = {"sample_weight": w, "sample_weight_val": w_val} if weighted else {}
    names = ["X_val", "y_val", *weights]
    with sklearn.config_context(enable_metadata_routing=True):
        net = full_batch(kind, **STOPPING).set_fit_request(**dict.fromkeys(names, True))
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        model = Pipeline([("scale", scaler), ("net", net)], transform_input=["X_val"])
        model.fit(X, y, X_val=X_val, y_val=y_val, **weights)
    scaler = StandardScaler().fit(X)
    by_hand = full_batch(kind, **STOPPING)
    by_hand.fit(
        scaler.transform(X),
        y,
        X_val=scaler.transform(X_val),
        y_val=y_val,
        **weights,
    )
    assert model["net"].validation_scores_ == by_hand.validation_scores_
    np.testing.assert_array_equal(
        model.predict(X_val), by_hand.predict(scaler.transform(X_val))
    )
    best = model["net"].best_validation_score_
    assert best == pytest.approx(
        model.score(X_val, y_val, *([w_val] if weighted else []))
    )
    assert best > enough(kind)
    as_they_are = full_batch(kind, **STOPPING)
    as_they_are.fit(scaler.transform(X), y, X_val=X_val, y_val=y_val, **weights)
    assert as_they_are.validation_scores_ != by_hand.validation_scores_


def test_validation_rows_pass_through_a_search(kind):
    X, X_val, y, y_val, _, _ = rows_to_validate(kind)
    with sklearn.config_context(enable_metadata_routing=True):
        net = full_batch(kind, **STOPPING).set_fit_request(X_val=True, y_val=True)
        model = Pipeline(
            [("scale", StandardScaler()), ("net", net)], transform_input=["X_val"]
        )
        search = GridSearchCV(model, {"net__alpha": [1e-3, 1.0]}, cv=FOLDS)
        search.fit(X, y, X_val=X_val, y_val=y_val)
    best = search.best_estimator_
    assert best.score(X_val, y_val) == pytest.approx(best["net"].best_validation_score_)
    assert search.best_score_ > enough(kind) - 0.05


def monitor_of(kind):
    callback = pytest.importorskip("sklearn.callback")
    scoring = "neg_log_loss" if kind is MLPClassifier else "r2"
    return callback.ScoringMonitor(scoring=scoring), scoring


def scores_seen(monitor, scoring):
    """The scores of the iterations, in their order, by the fit they are part of."""
    fits = {}
    for row in monitor.get_logs().data:
        if row["task_name"] == "iteration":
            fits.setdefault(row["parent_task_id_path"], []).append(row[scoring])
    return fits


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_monitor_sees_the_model_of_each_iteration(kind, solver):
    X, y = wine_or_diabetes(kind)
    monitor, scoring = monitor_of(kind)
    model = full_batch(kind, solver=solver, max_iter=6).set_callbacks(monitor).fit(X, y)
    ((scores),) = scores_seen(monitor, scoring).values()
    for n_iter in (1, 3, 6):
        there = full_batch(kind, solver=solver, max_iter=n_iter).fit(X, y)
        by_hand = sklearn.metrics.get_scorer(scoring)(there, X, y)
        assert scores[n_iter - 1] == pytest.approx(by_hand, rel=1e-9)
    assert scores[5] > scores[0]
    np.testing.assert_array_equal(model.predict(X), there.predict(X))


def test_a_monitor_in_a_pipeline_sees_transformed_rows(kind):
    X, y = wine_or_diabetes(kind)
    monitor, scoring = monitor_of(kind)
    alone, _ = monitor_of(kind)
    net = full_batch(kind, **ADAM)
    pipe = make_pipeline(StandardScaler(), clone(net).set_callbacks(monitor))
    pipe.fit(X * 7 + 3, y)
    net.set_callbacks(alone).fit(StandardScaler().fit_transform(X * 7 + 3), y)
    (found,) = scores_seen(monitor, scoring).values()
    (by_hand,) = scores_seen(alone, scoring).values()
    assert len(found) == 40
    assert found == by_hand


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_monitor_in_a_search_sees_each_fit(kind, n_jobs):
    X, y = wine_or_diabetes(kind)
    monitor, scoring = monitor_of(kind)
    net = full_batch(kind, max_iter=5).set_callbacks(monitor)
    grid = {"alpha": [0.1, 1.0]}
    search = GridSearchCV(net, grid, cv=FOLDS, n_jobs=n_jobs).fit(X, y)
    fits = scores_seen(monitor, scoring)
    assert [len(scores) for scores in fits.values()] == [5] * (2 * 3 + 1)
    refit = sklearn.metrics.get_scorer(scoring)(search.best_estimator_, X, y)
    assert refit in [scores[-1] for scores in fits.values()]


class Stop:
    """A callback that stops each fit after so many iterations."""

    def __init__(self, after):
        self.after = after

    def setup(self, estimator, context):
        """Nothing to set up."""

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "iteration" and context.task_id + 1 == self.after


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_stops_the_net_in_pipelines_and_searches(kind, solver):
    pytest.importorskip("sklearn.callback")
    X, y = wine_or_diabetes(kind)
    net = full_batch(kind, solver=solver, max_iter=30).set_callbacks(Stop(4))
    pipe = make_pipeline(StandardScaler(), net)
    search = GridSearchCV(pipe, {f"{kind.__name__.lower()}__alpha": [0.1, 1]}, cv=FOLDS)
    search.fit(X, y)
    assert search.best_estimator_[-1].n_iter_ == 4
    there = clone(search.best_estimator_)
    there[-1].set_callbacks().set_params(max_iter=4)
    np.testing.assert_array_equal(search.predict(X), there.fit(X, y).predict(X))
