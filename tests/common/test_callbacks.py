import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.preprocessing import scale

from skmlp import MLPClassifier, MLPRegressor
from skmlp.common.callbacks import CallbackSupport, callback_context, with_callbacks

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DATA = {
    MLPClassifier: load_iris(return_X_y=True),
    MLPRegressor: [scale(part) for part in load_diabetes(return_X_y=True)],
}
BOTH = pytest.mark.parametrize("kind", list(DATA))
SOLVERS = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
SUPPORTED = hasattr(CallbackSupport, "set_callbacks")
needs_callbacks = pytest.mark.skipif(not SUPPORTED, reason="scikit-learn is too old")


def make(kind, **parameters):
    return kind(
        **{"hidden_layer_sizes": 4, "max_iter": 5, "random_state": 0, **parameters}
    )


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


@BOTH
def test_without_callbacks_nothing_is_set_up(kind):
    model = make(kind).fit(*DATA[kind])
    assert callback_context(model, 5) is None
    assert not any("callback" in name for name in vars(model))


def test_a_fit_keeps_its_name_and_signature():
    def fit(self, X, y):
        """Fit."""

    assert with_callbacks(fit).__name__ == "fit"
    assert with_callbacks(fit).__doc__ == "Fit."


@needs_callbacks
@BOTH
@SOLVERS
def test_each_iteration_is_a_task(kind, solver):
    recorder = Recorder()
    model = make(kind, solver=solver).set_callbacks(recorder)
    plain = make(kind, solver=solver).fit(*DATA[kind])
    model.fit(*DATA[kind])
    one = [("begin", "iteration"), ("end", "iteration")]
    assert recorder.names() == [
        ("setup", "fit"),
        ("begin", "fit"),
        *(one * 5),
        ("end", "fit"),
        ("teardown", "fit"),
    ]
    np.testing.assert_array_equal(model._theta, plain._theta)
    assert recorder.seen[0] is DATA[kind][0]
    assert recorder.seen[2] == {}
    scores = [call[2] for call in recorder.calls if call[:2] == ("end", "iteration")]
    if solver == "lbfgs":
        assert scores[-1] == model.score(*DATA[kind])
    for n in range(1, 6):
        there = make(kind, solver=solver, max_iter=n).fit(*DATA[kind])
        assert scores[n - 1] == pytest.approx(there.score(*DATA[kind]), rel=1e-9)


@needs_callbacks
@BOTH
@SOLVERS
@pytest.mark.filterwarnings("error")
def test_a_callback_that_asks_to_stop_is_obeyed(kind, solver):
    recorder = Recorder(stop_at=3)
    model = make(kind, solver=solver).set_callbacks(recorder).fit(*DATA[kind])
    assert model.n_iter_ == 3
    assert len(model.history_["loss"]) == 3
    assert recorder.names()[-2:] == [("end", "fit"), ("teardown", "fit")]
    with pytest.warns(UserWarning, match=r"iteration"):
        there = make(kind, solver=solver, max_iter=3).fit(*DATA[kind])
    np.testing.assert_array_equal(model._theta, there._theta)


@needs_callbacks
@BOTH
def test_stopping_with_early_stopping_keeps_the_best_weights(kind):
    recorder = Recorder(stop_at=3)
    model = make(kind, early_stopping=True).set_callbacks(recorder).fit(*DATA[kind])
    assert len(model.validation_scores_) == 3
    assert model.best_validation_score_ == max(model.validation_scores_)


@needs_callbacks
@BOTH
@SOLVERS
def test_a_callback_that_fails_leaves_the_estimator_as_it_was(kind, solver):
    recorder = Recorder(fail_at=2)
    model = make(kind, solver=solver).fit(*DATA[kind])
    before = pickle.dumps(model)
    model.set_callbacks(recorder)
    with pytest.raises(RuntimeError, match="the callback fails"):
        model.fit(*DATA[kind])
    assert recorder.names()[-1] == ("teardown", "fit")
    assert pickle.dumps(model.set_callbacks()) == before


@needs_callbacks
@BOTH
def test_bad_data_still_tears_down(kind):
    recorder = Recorder()
    X, y = DATA[kind]
    with pytest.raises(ValueError, match="inconsistent"):
        make(kind).set_callbacks(recorder).fit(X[:-1], y)
    assert recorder.names() == [("setup", "fit"), ("teardown", "fit")]


@needs_callbacks
@BOTH
def test_weights_are_passed_on(kind):
    recorder, (X, y) = Recorder(), DATA[kind]
    w = np.ones(len(y))
    make(kind).set_callbacks(recorder).fit(X, y, w)
    assert recorder.seen[2] == {"sample_weight": w}


@needs_callbacks
@BOTH
def test_an_interrupted_iteration_is_ended(kind, monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(
        "skmlp.core.objective.Objective.evaluate",
        lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt),
    )
    model = make(kind).set_callbacks(recorder)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*DATA[kind])
    assert recorder.names()[-3:] == [
        ("end", "iteration"),
        ("end", "fit"),
        ("teardown", "fit"),
    ]


@needs_callbacks
@BOTH
def test_copies_and_pickles_keep_working_with_callbacks(kind):
    model = make(kind).set_callbacks(Recorder()).fit(*DATA[kind])
    for other in (
        copy.copy(model),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ):
        np.testing.assert_array_equal(
            other.predict(DATA[kind][0]), model.predict(DATA[kind][0])
        )
    assert len(clone(model)._skl_callbacks) == 1


@needs_callbacks
@BOTH
def test_partial_fit_is_no_fit_and_has_no_tasks(kind):
    recorder, (X, y) = Recorder(), DATA[kind]
    model = make(kind).set_callbacks(recorder)
    if kind is MLPClassifier:
        model.partial_fit(X, y, classes=[0, 1, 2])
    else:
        model.partial_fit(X, y)
    assert recorder.calls == []


class Meddler(Recorder):
    """A callback that changes the models it gets."""

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator):
        fitted_estimator.set_callbacks().set_params(solver="adam").partial_fit(X, y)
        fitted_estimator.coefs_[0][:] = 0


@needs_callbacks
@BOTH
@SOLVERS
def test_what_a_callback_does_to_its_models_does_not_reach_the_estimator(kind, solver):
    model = make(kind, solver=solver).set_callbacks(Meddler()).fit(*DATA[kind])
    plain = make(kind, solver=solver).fit(*DATA[kind])
    np.testing.assert_array_equal(model._theta, plain._theta)
    assert model.loss_curve_ == model.history_["loss"] == plain.loss_curve_
    assert model.n_iter_ == 5


@needs_callbacks
@BOTH
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_that_fails_at_the_end_of_a_warm_start(kind, solver):
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context):
            if context.task_name == "fit":
                raise RuntimeError("the callback fails")

    model = make(kind, solver=solver, warm_start=True).fit(*DATA[kind])
    before = pickle.dumps(model)
    with pytest.raises(RuntimeError, match="the callback fails"):
        model.set_callbacks(Failing()).fit(*DATA[kind])
    assert pickle.dumps(model.set_callbacks()) == before


@needs_callbacks
@pytest.mark.parametrize("early_stopping", [False, True])
def test_divergence_is_told_as_such_and_not_by_the_callback_s_scorer(early_stopping):
    X, y = DATA[MLPRegressor]
    recorder = Recorder()
    model = make(MLPRegressor, solver="sgd", learning_rate_init=1e4, max_iter=50)
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
