"""What the estimators for tables share: raw tables, validation, time, stored models."""

import os
import pickle
import signal
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn.base import clone, is_regressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

import skmlp.tabular.ensemble
import skmlp.tabular.members
from skmlp import LossCurveDisplay, TabularMLPClassifier, TabularMLPRegressor
from skmlp.common.callbacks import CallbackSupport
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.history import NOT_VALIDATED
from skmlp.tabular.sizes import n_epochs
from tests.helpers import as_polars, snapshot

RNG = np.random.RandomState(0)
N = 240
AUTO = {"batch_size": "auto", "max_iter": "auto"}
TABLE = pd.DataFrame(
    {
        "income": np.exp(3 * RNG.randn(N)),
        "age": RNG.randint(18, 90, N),
        "member": RNG.rand(N) < 0.5,
        "city": RNG.choice(["Bonn", "Ulm", "Kiel"], N),
        "street": pd.Categorical(RNG.choice([f"street {i}" for i in range(20)], N)),
        "same": 7.0,
    }
)
TABLE.loc[::7, "income"] = np.nan
TABLE.loc[::11, "city"] = None
AMOUNT = 0.1 * TABLE["age"] + 3 * TABLE["member"] + (TABLE["city"] == "Bonn")
LABEL = np.where(AMOUNT.median() < AMOUNT, "much", "little")
KINDS = (TabularMLPClassifier, TabularMLPRegressor)
BOTH = pytest.mark.parametrize("kind", KINDS)


def target(kind):
    return AMOUNT if kind is TabularMLPRegressor else LABEL


def make(kind, **parameters):
    return kind(
        **{
            "n_estimators": 2,
            "hidden_layer_sizes": (16,),
            "n_frequencies": 4,
            "max_iter": 6,
            "random_state": 0,
            **parameters,
        }
    )


def fitted(kind, X=TABLE, y=None, **parameters):
    return make(kind, **parameters).fit(X, target(kind) if y is None else y)


def outputs(model, X=TABLE):
    return model.predict(X) if is_regressor(model) else model.predict_proba(X)


@BOTH
def test_a_raw_table_in_good_predictions_out(kind):
    model = fitted(kind, max_iter=40, n_iter_no_change=np.inf)
    assert model.score(TABLE, target(kind)) > 0.9
    assert model.n_features_in_ == 6
    assert model.feature_names_in_.tolist() == list(TABLE)
    sizes = [network.n_parameters for network in model._networks]
    assert model.n_parameters_ == sum(sizes)
    assert model.n_iter_ == 40 == len(model.history_["loss"])
    assert len(model.best_iter_) == model.n_estimators_ == 2
    assert set(model.seconds_) == {"encode", "train", "total"}
    assert sum(model.seconds_.values()) == pytest.approx(2 * model.seconds_["total"])
    assert model.loss_curve_[-1] < model.loss_curve_[0]


@BOTH
def test_pandas_polars_and_arrays_are_alike(kind):
    expected = outputs(fitted(kind))
    other = as_polars(TABLE)
    np.testing.assert_array_equal(outputs(fitted(kind, other), other), expected)
    array = TABLE.astype({"street": object}).to_numpy(dtype=object)
    np.testing.assert_array_equal(outputs(fitted(kind, array), array), expected)
    rows = array.tolist()
    np.testing.assert_array_equal(outputs(fitted(kind, rows), rows), expected)


@BOTH
def test_what_fit_has_not_seen(kind):
    model = fitted(kind)
    new = TABLE.astype({"age": float}).assign(city="Rome")
    new.loc[:5, "age"] = np.nan
    new["street"] = "another"
    assert np.isfinite(outputs(model, new)).all()
    with pytest.raises(ValueError, match="Feature names"):
        model.predict(TABLE.rename(columns={"age": "years"}))
    with pytest.raises(ValueError, match="order"):
        model.predict(TABLE[list(TABLE)[::-1]])


@BOTH
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"age": [pd.Timestamp("2020-01-01"), pd.Timedelta(1)] * (N // 2)},
            TypeError,
            "'age' of X must hold either dates",
        ),
        ({"age": np.inf}, ValueError, "'age' of X must hold finite numbers"),
        (
            {"city": [[1]] * N},
            TypeError,
            "'city' of X must hold either text or numbers",
        ),
        ({"city": ["a", 1] * (N // 2)}, TypeError, "'city' of X must hold either text"),
    ],
)
def test_columns_that_are_refused(kind, change, error, message):
    with pytest.raises(error, match=message):
        fitted(kind, TABLE.assign(**change))


@BOTH
def test_tables_that_are_refused(kind):
    for X, message in (
        (TABLE[:0], "at least one row and one column"),
        (TABLE[[]], "at least one row and one column"),
        (TABLE[["age", "age"]], "columns with different names. Got 'age' twice"),
        (TABLE[["age", "city"]].mask(TABLE["age"] > 0), "a column with values"),
        (TABLE[:-1], "inconsistent numbers of samples"),
        (np.zeros(N), "Expected 2D array"),
    ):
        with pytest.raises(ValueError, match=message):
            fitted(kind, X)
    with pytest.raises(ValueError, match="2 rows with a positive weight"):
        make(kind).fit(TABLE, target(kind), sample_weight=np.eye(N)[0])
    with pytest.raises(TypeError, match="X must be a frame or a dense array"):
        fitted(kind, scipy.sparse.csr_matrix(np.eye(N)))
    values = [None, *list(target(kind))[1:]]
    dtype = "string" if kind is TabularMLPClassifier else "Float64"
    for y in (values, pd.Series(values, dtype=dtype), pl.Series(values)):
        with pytest.raises(ValueError, match="Input y contains NaN or None: got 1"):
            fitted(kind, TABLE, y)


@BOTH
def test_columns_of_another_kind_than_in_fit(kind):
    model = fitted(kind)
    for change, message in (
        ({"age": "old"}, "'age' of X must hold numbers, as it did in fit. Got text in"),
        ({"city": 3}, "'city' of X must hold text, as it did in fit. Got numbers in"),
    ):
        with pytest.raises(TypeError, match=message):
            model.predict(TABLE.assign(**change))
        with pytest.raises(TypeError, match="X_val must be rows"):
            make(kind).fit(
                TABLE, target(kind), X_val=TABLE.assign(**change), y_val=target(kind)
            )
    gaps = model.predict(TABLE.assign(age=np.nan, city=None))
    for change in (
        {"age": None, "city": np.nan},
        {"age": pd.Series([None] * N, dtype="string")},
    ):
        changed = TABLE.assign(age=np.nan, city=None).assign(**change)
        np.testing.assert_array_equal(model.predict(changed), gaps)


@BOTH
def test_columns_without_variety_say_nothing(kind):
    model = fitted(kind, TABLE.assign(empty=None))
    expected = outputs(model, TABLE.assign(empty=None))
    for change in ({"same": 8.0}, {"empty": 3.0}, {"empty": "text"}):
        changed = TABLE.assign(empty=None).assign(**change)
        np.testing.assert_array_equal(outputs(model, changed), expected)


@BOTH
def test_categorical_features(kind):
    by_type = fitted(kind)
    assert by_type.encoder_.cardinalities_ == [21]
    model = fitted(kind, categorical_features=["city", "street", "age"])
    assert len(model.encoder_.cardinalities_) == 2
    with pytest.raises(ValueError, match="categorical_features must name columns"):
        fitted(kind, categorical_features=["town"])
    with pytest.raises(ValueError, match="'categorical_features' parameter"):
        fitted(kind, categorical_features="all")


@BOTH
def test_weights_of_zero_are_rows_left_out(kind):
    w = np.arange(N) % 3 > 0
    weighted = make(kind).fit(TABLE, target(kind), sample_weight=w)
    fewer = make(kind).fit(TABLE[w], np.asarray(target(kind))[w])
    np.testing.assert_allclose(outputs(weighted), outputs(fewer), rtol=1e-3)
    same = make(kind).fit(TABLE, target(kind), sample_weight=2.0)
    np.testing.assert_allclose(outputs(same), outputs(fitted(kind)), rtol=1e-3)


@BOTH
def test_given_rows_choose_the_best_epoch(kind):
    y = np.asarray(target(kind))
    model = make(kind)
    model.fit(TABLE[:160], y[:160], X_val=TABLE[160:], y_val=y[160:])
    assert len(model.best_iter_) == 2
    other = make(kind).fit(
        TABLE[:160],
        y[:160],
        X_val=TABLE[160:],
        y_val=y[160:],
        sample_weight_val=np.ones(80),
    )
    np.testing.assert_array_equal(outputs(model), outputs(other))
    for arguments, message in (
        ({"X_val": TABLE}, "X_val and y_val must be given together"),
        ({"X_val": TABLE, "y_val": y[:3]}, "y_val must be the targets of X_val"),
        ({"X_val": TABLE[["age"]], "y_val": y}, "X_val must be rows with the features"),
        (
            {"X_val": TABLE, "y_val": y, "sample_weight_val": np.zeros(N)},
            "sample_weight_val must have at least one positive weight",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            make(kind).fit(TABLE, y, **arguments)


@BOTH
@pytest.mark.parametrize("n_jobs", [2, -1])
def test_n_jobs_makes_no_difference(kind, n_jobs):
    one = fitted(kind, n_estimators=3)
    model = fitted(kind, n_estimators=3, n_jobs=n_jobs)
    np.testing.assert_array_equal(outputs(model), outputs(one))
    np.testing.assert_array_equal(model.oof_prediction_, one.oof_prediction_)


@BOTH
def test_seeds(kind):
    one = outputs(fitted(kind))
    assert not np.array_equal(one, outputs(fitted(kind, random_state=1)))
    state = np.random.RandomState(0)
    assert not np.array_equal(
        outputs(fitted(kind, random_state=state)),
        outputs(fitted(kind, random_state=state)),
    )


@BOTH
def test_max_time_and_the_summary(kind):
    model = fitted(kind, max_time=0.5, max_iter=100_000)
    assert 1 <= model.n_iter_ < 100_000
    assert model.history_["learning_rate"][-1] < model.learning_rate_init / 2
    with pytest.warns(UserWarning, match="max_time=1e-06 was over before training"):
        little = fitted(kind, max_time=1e-6, max_iter=100)
    assert (little.n_estimators_, little.n_iter_) == (1, 1)
    assert np.isfinite(outputs(little)).all()


@BOTH
def test_patience(kind):
    model = fitted(kind, max_iter=300, n_iter_no_change=2, learning_rate_init=0.3)
    assert model.n_iter_ < 300
    assert model.history_["learning_rate"][-1] < 0.01
    assert fitted(kind, max_iter=20, n_iter_no_change=np.inf).n_iter_ == 20


@BOTH
def test_decay_is_checked_against_the_rate(kind):
    with pytest.raises(
        ValueError, match="weight_decay must be below 1 / learning_rate"
    ):
        fitted(kind, learning_rate_init=2.0, weight_decay=0.5)


@BOTH
def test_divergence_is_an_error_and_leaves_the_estimator(kind):
    model = fitted(kind)
    expected = outputs(model)
    model.set_params(learning_rate_init=1e300, weight_decay=0)
    with pytest.raises(ValueError, match="Training diverged for all networks"):
        model.fit(TABLE, target(kind))
    np.testing.assert_array_equal(outputs(model), expected)


@BOTH
def test_divergence_of_some_networks_is_a_warning(kind, monkeypatch):
    plain = skmlp.tabular.members.ValidationLoss.__call__

    def broken(self, theta):
        found = plain(self, theta)
        return NOT_VALIDATED if self.rows.n_rows % 2 else found

    monkeypatch.setattr(skmlp.tabular.members.ValidationLoss, "__call__", broken)
    y = np.asarray(target(kind))[:229]
    with pytest.warns(
        ConvergenceWarning, match=r"\d of 5 networks diverged\. .*; \d networks"
    ):
        model = make(kind, n_estimators=5).fit(TABLE[:229], y)
    assert model.n_estimators_ == len(model.best_iter_) < 5


@BOTH
def test_an_interrupt_keeps_what_there_is(kind, monkeypatch):
    plain, calls = skmlp.tabular.ensemble.Ensemble._record, []

    def record(self, seconds, progress):
        plain(self, seconds, progress)
        calls.append(seconds)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(skmlp.tabular.ensemble.Ensemble, "_record", record)
    with pytest.warns(UserWarning, match="interrupted"):
        model = fitted(kind)
    assert model.n_iter_ == 3
    assert np.isfinite(outputs(model)).all()


@BOTH
def test_an_interrupt_amid_an_epoch(kind, monkeypatch):
    plain, calls = skmlp.tabular.members.Member.train_epoch, []

    def train_epoch(self, config):
        calls.append(self)
        if len(calls) == stop:
            raise KeyboardInterrupt
        return plain(self, config)

    monkeypatch.setattr(skmlp.tabular.members.Member, "train_epoch", train_epoch)
    stop = 2
    with pytest.raises(KeyboardInterrupt):
        fitted(kind)
    calls.clear()
    stop = 4
    with pytest.warns(UserWarning, match="interrupted") as warned:
        model = fitted(kind)
    assert len(warned) == 1
    assert model.n_estimators_ == 2
    assert max(model.best_iter_) <= model.n_iter_ == 2
    assert np.isfinite(model.oof_prediction_).any()


def faulty_activation(error):
    """An activation that fails in every process but this one; None kills the process.

    All of its code is in here: a worker that needs this module imports all that is above.
    """
    here = os.getpid()

    class Faulty(type(ACTIVATIONS["relu"])):
        def value(self, s, out):
            if os.getpid() != here:
                if error is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise error
            return super().value(s, out)

    return Faulty()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize(
    ("kind", "fault", "error", "message"),
    [
        (KINDS[0], None, RuntimeError, "A worker process of n_jobs=2 .* Set n_jobs=1"),
        (KINDS[1], MemoryError("in a worker"), MemoryError, "in a worker"),
    ],
)
def test_a_fault_of_a_worker_process_leaves_no_trace(kind, fault, error, message):
    model = make(kind, n_estimators=2).fit(TABLE, target(kind))
    before, parameters = snapshot(model), model.get_params()
    model.set_params(n_jobs=2, activation=faulty_activation(fault))
    with pytest.raises(error, match=message):
        model.fit(TABLE, target(kind))
    model.set_params(**parameters)
    assert snapshot(model) == before


@BOTH
def test_verbose(kind, capsys):
    fitted(kind, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert "validation loss" in lines[0]


@BOTH
def test_copies_and_stored_models_predict_the_same(kind):
    model = fitted(kind)
    expected = outputs(model)
    np.testing.assert_array_equal(outputs(pickle.loads(pickle.dumps(model))), expected)
    np.testing.assert_array_equal(
        outputs(clone(model).fit(TABLE, target(kind))), expected
    )
    with pytest.raises(NotFittedError):
        clone(model).predict(TABLE)
    new = model.__getstate__() | {"_skmlp_version": "99.0"}
    with pytest.raises(ValueError, match="is from skmlp 99"):
        clone(model).__setstate__(new)


@BOTH
def test_in_pipelines_and_searches(kind):
    y = target(kind)
    scores = cross_val_score(make(kind), TABLE, y, cv=2)
    assert np.isfinite(scores).all()
    grid = {"dropout": [0.0, 0.3], "n_estimators": [1, 2]}
    search = GridSearchCV(make(kind), grid, cv=2, error_score="raise").fit(TABLE, y)
    assert search.best_params_.keys() == grid.keys()
    pipeline = make_pipeline("passthrough", make(kind)).fit(TABLE, y)
    np.testing.assert_array_equal(outputs(pipeline, TABLE), outputs(fitted(kind)))


@BOTH
def test_no_hidden_layers_and_no_periodic_features(kind):
    model = fitted(kind, hidden_layer_sizes=(), n_frequencies=0, dropout=0.0)
    assert np.isfinite(outputs(model)).all()
    only_categories = TABLE[["city", "street"]]
    assert np.isfinite(outputs(fitted(kind, only_categories), only_categories)).all()


@BOTH
def test_the_history_is_shown(kind):
    pytest.importorskip("matplotlib")
    model = fitted(kind)
    display = LossCurveDisplay.from_estimator(model)
    assert len(display.lines_) == 2
    each = LossCurveDisplay.from_estimator(model, networks=True).lines_
    for key, lines in (("loss", each[::2]), ("validation_loss", each[1::2])):
        curves = [line.get_ydata() for line in lines]
        np.testing.assert_array_equal(
            curves, [one[key] for one in model.network_histories_]
        )
        np.testing.assert_allclose(np.mean(curves, axis=0), model.history_[key])


@pytest.mark.skipif(
    not hasattr(CallbackSupport, "set_callbacks"), reason="scikit-learn is too old"
)
@BOTH
def test_callbacks_see_models_that_predict_and_may_stop(kind):
    class Watcher:
        def __init__(self):
            self.scores = []

        def setup(self, estimator, context):
            """Nothing to set up."""

        def teardown(self, estimator, context):
            """Nothing to tear down."""

        def on_fit_task_begin(self, estimator, context):
            """Nothing yet."""

        def on_fit_task_end(
            self, estimator, context, *, X=None, y=None, fitted_estimator=None
        ):
            if context.task_name == "fit":
                return False
            self.scores.append(fitted_estimator.score(X, y))
            return len(self.scores) == 4

    watcher = Watcher()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make(kind).set_callbacks(watcher).fit(TABLE, target(kind))
    assert model.n_iter_ == 4 == len(watcher.scores)
    # As many epochs as announced, for any validation rows and rows without weight.
    watcher.scores = list(range(-100, 0))
    model = make(kind, max_iter="auto", hidden_layer_sizes=(), n_iter_no_change=1000)
    X, y = TABLE.iloc[[*range(N)] * 20], np.tile(target(kind), 20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.set_callbacks(watcher).fit(X, y, sample_weight=np.arange(len(X)) % 4)
    assert model.n_iter_ == n_epochs(AUTO, len(X)) < n_epochs(AUTO, len(X) * 3 / 4)
    assert np.isfinite(watcher.scores).all()
