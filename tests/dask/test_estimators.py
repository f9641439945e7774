import doctest
import inspect
import os
import pickle
import runpy
import signal
import time
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

pytest.importorskip("distributed")

import dask
import dask.array as da
import dask.dataframe as dd
from distributed import Client, LocalCluster, WorkerPlugin

import skmlp
from skmlp import dask as skmlp_dask
from skmlp.common import checkpoints
from skmlp.dask import (
    DaskTabularMLPClassifier,
    DaskTabularMLPRegressor,
    estimators,
)
from skmlp.dask.cluster import Cluster

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

KINDS = [getattr(skmlp_dask, name) for name in skmlp_dask.__all__]
TABULAR = [DaskTabularMLPClassifier, DaskTabularMLPRegressor]
MATRICES = [kind for kind in KINDS if kind not in TABULAR]
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
N, PARTS = 300, 7
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "cluster.py"


def table(n_rows=N):
    """Numbers and labels; a class or a number to predict."""
    rng = np.random.RandomState(0)
    word = rng.choice([*"abc"], n_rows)
    frame = pd.DataFrame({"x": rng.randn(n_rows), "n": rng.randint(9, size=n_rows)})
    y = 2 * frame["x"] + (word == "a")
    frame.index = 1000 + np.arange(n_rows)
    return frame.assign(word=word), y.to_numpy()


def problem(kind, as_array=False):
    """X and y as collections, and X in memory."""
    frame, y = table()
    if kind not in TABULAR:
        frame = frame.drop(columns="word")
    y = y if "Regressor" in kind.__name__ else np.where(y > 0, "yes", "no")
    if not as_array:
        series = pd.Series(y, index=frame.index)
        parts = (dd.from_pandas(one, npartitions=PARTS) for one in (frame, series))
        return (*parts, frame, y)
    X = frame.select_dtypes("number").to_numpy(float)
    chunks = (N // PARTS, X.shape[1])
    y = y if y.dtype.kind == "f" else (y == "yes").astype(int)
    return da.from_array(X, chunks), da.from_array(y, chunks[:1]), X, y


def made(kind, client, **params):
    few = {"n_estimators": 2} if kind in TABULAR else {}
    model = kind(**QUICK | few | params)
    model.client = client
    return model


@pytest.mark.parametrize("as_array", [False, True], ids=["frame", "array"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_fit_and_predictions_by_partition(kind, as_array, client):
    X, y, whole, values = problem(kind, as_array)
    model = made(kind, client).fit(X, y)
    local = model.to_local()
    assert type(local) is getattr(skmlp, kind.__name__.removeprefix("Dask"))
    assert hasattr(local, "feature_names_in_") == (not as_array)
    methods = ["predict", "predict_proba"][: 1 + hasattr(model, "classes_")]
    for method in methods:
        lazy = getattr(model, method)(X)
        assert lazy.npartitions == X.npartitions
        found = lazy.compute(scheduler="sync")
        expected = getattr(local, method)(whole)
        if kind in TABULAR or expected.dtype.kind != "f":
            np.testing.assert_array_equal(np.asarray(found), expected)
        else:
            # Products of a BLAS in single precision can depend on the number of rows.
            np.testing.assert_allclose(np.asarray(found), expected, rtol=2e-6)
        np.testing.assert_array_equal(getattr(model, method)(whole), expected)
        if not as_array:
            assert found.index.tolist() == whole.index.tolist()
    assert model.score(X, y) == local.score(whole, values)
    assert model.n_iter_ == local.n_iter_
    # Nothing of Dask is in what is stored, and no client in the estimator for clusters.
    assert b"distributed" not in pickle.dumps(local)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(whole), local.predict(whole))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_parameters_are_those_of_the_local_estimator(kind):
    local = getattr(skmlp, kind.__name__.removeprefix("Dask"))
    known = local().get_params()
    known.pop("n_jobs", None)
    assert kind().get_params() == known
    assert "self" not in inspect.signature(kind).parameters
    model = clone(kind(random_state=3))
    assert model.random_state == 3
    with pytest.raises(TypeError, match="unexpected keyword"):
        kind(n_job=1)
    with pytest.raises(AttributeError, match="no attribute 'classes_'"):
        _ = model.classes_


@pytest.mark.parametrize("kind", TABULAR, ids=lambda kind: kind.__name__)
def test_partitions_do_not_change_the_encoder(kind, client):
    X, y, _, _ = problem(kind)
    parts = [made(kind, client).fit(X, y), made(kind, client)]
    parts[1].fit(X.repartition(npartitions=3), y.repartition(npartitions=3))
    one, other = (part.to_local().encoder_ for part in parts)
    frame = table()[0]
    np.testing.assert_array_equal(one.transform(frame), other.transform(frame))


def test_weights_and_odd_partitions(client):
    frame, y = table()
    empty = frame[:0]
    parts = [empty, frame[:1], frame[1:200], empty, frame[200:]]
    X = dd.from_map(lambda one: one, parts, meta=frame[:0])
    labels = [
        np.where(y[frame.index.get_indexer(one.index)] > 0, 1, 0) for one in parts
    ]
    series = [pd.Series(a, index=b.index) for a, b in zip(labels, parts, strict=True)]
    target = dd.from_map(lambda one: one, series, meta=series[1][:0])
    weights = dd.from_map(lambda one: 0.0 * one + 1, series, meta=series[1][:0] * 1.0)
    model = made(DaskTabularMLPClassifier, client).fit(X, target, weights)
    assert model.score(X, target) > 0.7
    assert len(model.predict(X).compute(scheduler="sync")) == N


def test_a_table_in_memory_is_one_partition(client):
    frame, y = table()
    model = made(DaskTabularMLPRegressor, client).fit(frame, y)
    assert model.predict(frame).shape == (N,)
    small = made(DaskTabularMLPRegressor, client).fit(frame[:60], y[:60])
    local = skmlp.TabularMLPRegressor(**QUICK, n_estimators=2).fit(frame[:60], y[:60])
    np.testing.assert_array_equal(small.predict(frame), local.predict(frame))


@pytest.mark.parametrize("as_array", [False, True])
def test_lists_of_delayed(as_array, client):
    frame, y = table()
    X = frame.select_dtypes("number").to_numpy() if as_array else frame
    X_list, y_list = (
        [dask.delayed(one[i : i + 100]) for i in range(0, N, 100)] for one in (X, y)
    )
    model = made(DaskTabularMLPRegressor, client).fit(X_list, y_list)
    found = model.predict(X_list)
    assert len(found) == len(X_list)
    local = model.to_local()
    whole = np.concatenate(dask.compute(*found, scheduler="sync"))
    np.testing.assert_array_equal(whole, local.predict(X))
    assert model.score(X_list, y_list) == local.score(X, y)


@pytest.mark.parametrize("kind", MATRICES, ids=lambda kind: kind.__name__)
def test_lbfgs_finds_the_minimum_of_all_rows(kind, client):
    X, y, whole, values = problem(kind, as_array=True)
    params = {"solver": "lbfgs", "alpha": 1.0, "hidden_layer_sizes": (), "tol": 1e-6}
    first, again = (
        made(kind, client, **params, max_iter=99).fit(X, y) for _ in range(2)
    )
    np.testing.assert_array_equal(first.local_._theta, again.local_._theta)
    local = type(first.local_)(**params, random_state=0).fit(whole, values)
    np.testing.assert_allclose(first.local_._theta, local._theta, rtol=2e-3, atol=2e-3)
    assert first.loss_ == pytest.approx(local.loss_, rel=1e-4)


def test_labels_with_effects(client):
    rng = np.random.RandomState(0)
    town = rng.randint(150, size=900)
    frame = pd.DataFrame(
        {"x": rng.randn(900), "town": np.char.add("t", town.astype(str))}
    )
    y = pd.Series(rng.randn(150)[town] + frame["x"])
    X, target = (dd.from_pandas(one, npartitions=4) for one in (frame, y))
    first, again = (
        made(DaskTabularMLPRegressor, client, max_iter=8).fit(X, target)
        for _ in range(2)
    )
    assert first.to_local().encoder_.layout.n_columns > 3
    assert first.score(X, target) > 0.5
    np.testing.assert_array_equal(first.local_._theta, again.local_._theta)


def test_a_checkpoint_goes_on(client, tmp_path, monkeypatch):
    X, y, whole, _ = problem(DaskTabularMLPRegressor)
    plain = made(DaskTabularMLPRegressor, client).fit(X, y)
    path = tmp_path / "fit.checkpoint"
    real, seen = Cluster.submit, []

    def submit(self, what, *args):
        seen.append(what)
        if what == "member0" and seen.count(what) == 3:
            raise OSError("the cluster is gone")
        return real(self, what, *args)

    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", 0.0)
    monkeypatch.setattr(Cluster, "submit", submit)
    with pytest.raises(OSError, match="the cluster is gone"):
        made(DaskTabularMLPRegressor, client).fit(X, y, checkpoint=path)
    before = len(seen)
    assert path.exists()
    model = made(DaskTabularMLPRegressor, client).fit(X, y, checkpoint=path)
    np.testing.assert_array_equal(model.predict(whole), plain.predict(whole))
    assert seen[before:].count("member0") < seen[:before].count("member0") * 3


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
def test_the_example_of_a_cluster(client, monkeypatch):
    example = runpy.run_path(str(EXAMPLE))
    trained = example["trained"]
    monkeypatch.setitem(trained.__globals__, "N_PARTITIONS", 3)
    monkeypatch.setitem(trained.__globals__, "N_ROWS", 100)
    monkeypatch.setattr(DaskTabularMLPClassifier, "client", client)
    killed = []
    monkeypatch.setitem(trained.__globals__, "kill_a_worker", killed.append)
    one, other = trained(client), trained(client, seconds_to_kill=1e-3)
    assert killed == [client]
    rows = example["partition"](7).drop(columns="target")
    np.testing.assert_array_equal(one.predict_proba(rows), other.predict_proba(rows))


def test_examples_run():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = doctest.testmod(estimators)
    assert found.attempted > 20
    assert not found.failed


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_callbacks_are_those_of_the_local_fit(kind, client):
    monitor = pytest.importorskip("sklearn.callback").ScoringMonitor(scoring="r2")
    X, y, *_ = problem(kind, as_array=True)
    model = made(kind, client).set_callbacks(monitor)
    n_iter = model.fit(X, y).n_iter_
    tasks = [row["task_name"] for row in monitor.get_logs().data]
    assert tasks.count("iteration") == n_iter


def test_storage_that_fails_now_and_then(client, tmp_path):
    frame, y = table()
    whole = frame.assign(y=y)

    def read(i):
        """A partition, at the second time; each pass reads again."""
        failed = tmp_path / str(i)
        if not failed.exists():
            failed.touch()
            raise OSError("the storage is busy")
        failed.unlink()
        return whole[i::3]

    read_all = dd.from_map(read, range(3), meta=whole)
    steady = dd.from_map(lambda i: whole[i::3], range(3), meta=whole)
    one, other = (
        made(DaskTabularMLPRegressor, client).fit(X[["x", "n", "word"]], X["y"])
        for X in (read_all, steady)
    )
    np.testing.assert_array_equal(one.local_._theta, other.local_._theta)


class HarmIn(WorkerPlugin):
    """A task of each of these stages harms its worker, once.

    Dask does not start a worker again that dies while it starts, so it lives for a second.
    """

    def __init__(self, stages, folder, harm):
        self.stages, self.folder, self.harm = stages, folder, harm

    def setup(self, worker):
        self.since = time.monotonic()

    def transition(self, key, start, finish, **_):
        stage = str(key).partition("-")[2].partition("-")[0]
        if finish != "executing" or stage not in self.stages:
            return
        with suppress(FileExistsError):
            (self.folder / stage).touch(exist_ok=False)
            time.sleep(max(0, self.since + 1 - time.monotonic()))
            self.harm()


def kill():
    """End the worker at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill_memory():
    """Take more memory than the worker may have; its nanny ends it."""
    taken = np.ones(int(MEMORY_LIMIT / 8))
    time.sleep(30)
    raise RuntimeError(f"a worker has {taken.nbytes:,} bytes more than its limit")


MEMORY_LIMIT = 1e9


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
@pytest.mark.parametrize("harm", [kill, fill_memory])
def test_workers_that_die_do_not_change_a_bit(session_client, harm, tmp_path):
    # A few rows more than the sample.
    frame, y = table(104_000)
    X = dd.from_pandas(frame, npartitions=6)
    target = dd.from_pandas(pd.Series(y, index=frame.index), npartitions=6)
    params = {"n_estimators": 2, "max_iter": 2, "preset": None}
    plain = made(DaskTabularMLPRegressor, session_client, **params).fit(X, target)
    stages = ["block", "member1", "validate"]
    limits = {"memory_limit": MEMORY_LIMIT, "dashboard_address": ":0"}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **limits) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(HarmIn(stages, tmp_path, harm))
        time.sleep(1)
        model = made(DaskTabularMLPRegressor, client, **params).fit(X, target)
    np.testing.assert_array_equal(plain.local_._theta, model.local_._theta)
    assert {*stages} == {one.name for one in tmp_path.iterdir()}
