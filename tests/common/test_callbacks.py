import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

from skmlp import MLPRegressor
from skmlp.common.callbacks import CallbackSupport, callback_context, with_callbacks
from tests.helpers import interrupt_at, partial_fit

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
SUPPORTED = hasattr(CallbackSupport, "set_callbacks")
needs_callbacks = pytest.mark.skipif(not SUPPORTED, reason="scikit-learn is too old")


class Recorder:
    """A callback that notes what it is told, and may ask to stop or fail."""

    def __init__(self, stop_at=None, fail_at=None):
        self.calls, self.stop_at, self.fail_at = [], stop_at, fail_at

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name))

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.calls.append(("begin", context.task_name))

    def on_fit_task_end(
        self,
        estimator,
        context,
        *,
        X=None,
        y=None,
        metadata=None,
        fitted_estimator=None,
    ):
        self.calls.append(("end", context.task_name))
        self.seen = X, y, metadata
        if context.task_name == "fit":
            return False
        score = fitted_estimator.score(X, y)
        self.calls[-1] += (score,)
        if context.task_id + 1 == self.fail_at:
            raise RuntimeError("the callback fails")
        return context.task_id + 1 == self.stop_at

    def names(self):
        return [call[:2] for call in self.calls]


def test_without_callbacks_nothing_is_set_up(make, data):
    model = make().fit(*data)
    assert callback_context(model, 6) is None
    assert not any("callback" in name for name in vars(model))


def test_a_fit_keeps_its_name_and_signature():
    def fit(self, X, y):
        """Fit."""

    assert with_callbacks(fit).__name__ == "fit"
    assert with_callbacks(fit).__doc__ == "Fit."


@needs_callbacks
@SOLVERS
def test_each_iteration_is_a_task(make, data, solver):
    recorder = Recorder()
    model = make(solver=solver).set_callbacks(recorder)
    plain = make(solver=solver).fit(*data)
    model.fit(*data)
    one = [("begin", "iteration"), ("end", "iteration")]
    assert recorder.names() == [
        ("setup", "fit"),
        ("begin", "fit"),
        *(one * 6),
        ("end", "fit"),
        ("teardown", "fit"),
    ]
    np.testing.assert_array_equal(model._theta, plain._theta)
    assert recorder.seen[0] is data[0]
    assert recorder.seen[2] == {}
    scores = [call[2] for call in recorder.calls if call[:2] == ("end", "iteration")]
    if solver == "lbfgs":
        assert scores[-1] == model.score(*data)
    for n in range(1, 7):
        there = make(solver=solver, max_iter=n).fit(*data)
        assert scores[n - 1] == pytest.approx(there.score(*data), rel=1e-9)


@needs_callbacks
@SOLVERS
@pytest.mark.filterwarnings("error")
def test_a_callback_that_asks_to_stop_is_obeyed(make, data, solver):
    recorder = Recorder(stop_at=3)
    model = make(solver=solver).set_callbacks(recorder).fit(*data)
    assert model.n_iter_ == 3
    assert len(model.history_["loss"]) == 3
    assert recorder.names()[-2:] == [("end", "fit"), ("teardown", "fit")]
    with pytest.warns(UserWarning, match=r"iteration"):
        there = make(solver=solver, max_iter=3).fit(*data)
    np.testing.assert_array_equal(model._theta, there._theta)


@needs_callbacks
def test_stopping_with_early_stopping_keeps_the_best_weights(make, data):
    recorder = Recorder(stop_at=3)
    model = make(early_stopping=True).set_callbacks(recorder).fit(*data)
    assert len(model.validation_scores_) == 3
    assert model.best_validation_score_ == max(model.validation_scores_)


@needs_callbacks
@SOLVERS
def test_a_callback_that_fails_leaves_the_estimator_as_it_was(make, data, solver):
    recorder = Recorder(fail_at=2)
    model = make(solver=solver).fit(*data)
    before = pickle.dumps(model)
    model.set_callbacks(recorder)
    with pytest.raises(RuntimeError, match="the callback fails"):
        model.fit(*data)
    assert recorder.names()[-1] == ("teardown", "fit")
    assert pickle.dumps(model.set_callbacks()) == before


@needs_callbacks
def test_bad_data_still_tears_down(make, data):
    recorder = Recorder()
    X, y = data
    with pytest.raises(ValueError, match="inconsistent"):
        make().set_callbacks(recorder).fit(X[:-1], y)
    assert recorder.names() == [("setup", "fit"), ("teardown", "fit")]


@needs_callbacks
def test_weights_are_passed_on(make, data):
    recorder, (X, y) = Recorder(), data
    w = np.ones(len(y))
    make().set_callbacks(recorder).fit(X, y, w)
    assert recorder.seen[2] == {"sample_weight": w}


@needs_callbacks
def test_an_interrupted_iteration_is_ended(make, data, monkeypatch):
    recorder = Recorder()
    interrupt_at(1, monkeypatch)
    model = make().set_callbacks(recorder)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*data)
    assert recorder.names()[-3:] == [
        ("end", "iteration"),
        ("end", "fit"),
        ("teardown", "fit"),
    ]


@needs_callbacks
def test_copies_and_pickles_keep_working_with_callbacks(make, data):
    model = make().set_callbacks(Recorder()).fit(*data)
    for other in (
        copy.copy(model),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ):
        np.testing.assert_array_equal(other.predict(data[0]), model.predict(data[0]))
    assert len(clone(model)._skl_callbacks) == 1


@needs_callbacks
def test_partial_fit_is_no_fit_and_has_no_tasks(make, data):
    recorder = Recorder()
    partial_fit(make().set_callbacks(recorder), *data)
    assert recorder.calls == []


class Meddler(Recorder):
    """A callback that changes the models it gets."""

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator):
        fitted_estimator.set_callbacks().set_params(solver="adam").partial_fit(X, y)
        fitted_estimator.coefs_[0][:] = 0


@needs_callbacks
@SOLVERS
def test_what_a_callback_does_to_its_models_does_not_reach_the_estimator(
    make, data, solver
):
    model = make(solver=solver).set_callbacks(Meddler()).fit(*data)
    plain = make(solver=solver).fit(*data)
    np.testing.assert_array_equal(model._theta, plain._theta)
    assert model.loss_curve_ == model.history_["loss"] == plain.loss_curve_
    assert model.n_iter_ == 6


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_that_fails_at_the_end_of_a_warm_start(make, data, solver):
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context):
            if context.task_name == "fit":
                raise RuntimeError("the callback fails")

    model = make(solver=solver, warm_start=True).fit(*data)
    before = pickle.dumps(model)
    with pytest.raises(RuntimeError, match="the callback fails"):
        model.set_callbacks(Failing()).fit(*data)
    assert pickle.dumps(model.set_callbacks()) == before


@needs_callbacks
@pytest.mark.parametrize("early_stopping", [False, True])
def test_divergence_is_told_as_such_and_not_by_the_callback_s_scorer(early_stopping):
    X, y = (scale(part) for part in load_diabetes(return_X_y=True))
    recorder = Recorder()
    model = MLPRegressor(
        solver="sgd", learning_rate_init=1e4, max_iter=50, random_state=0
    )
    model.set_params(early_stopping=early_stopping, activation="identity")
    model.set_callbacks(recorder)
    if early_stopping:
        with pytest.warns(UserWarning, match="Training diverged in epoch"):
            model.fit(X, y)
        assert recorder.names()[-3:-1] == [("end", "iteration"), ("end", "fit")]
    else:
        with pytest.raises(ValueError, match="Training diverged in epoch"):
            model.fit(X, y)
    assert recorder.names()[-1] == ("teardown", "fit")
    assert all(np.isfinite(call[2]) for call in recorder.calls if len(call) > 2)
