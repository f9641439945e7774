"""Threads where C takes the steps, else processes; the same result."""

import signal
import threading
import time

import numpy as np
import pytest
from joblib import delayed

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.core.compiled.library import library
from skmlp.core.history import Progress, StopReason
from skmlp.tabular.ensemble import Ensemble
from skmlp.tabular.members import Member
from skmlp.tabular.presets import NAMES
from skmlp.tabular.workers import Waiting
from tests.tabular.ensembles import make, trained


@pytest.fixture(params=["as it is", "processes"])
def kind(request, monkeypatch):
    """Workers as the path of training wants them, or processes on any path."""
    if request.param == "processes":
        monkeypatch.setattr(Ensemble, "_is_compiled", lambda self: False)


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_any_number_of_jobs_gives_the_same(kind, n_jobs):
    results = []
    for n in (1, n_jobs):
        ensemble, _ = trained(n_jobs=n)
        results.append(ensemble.theta)
        assert len(ensemble.history["loss"]) == 4
    np.testing.assert_array_equal(*results)


def test_networks_too_large_for_a_pipe_train_in_processes(monkeypatch):
    monkeypatch.setattr(Ensemble, "_is_compiled", lambda self: False)
    results = []
    for n_jobs in (1, 2):
        ensemble, _ = trained(
            n_members=2, max_epochs=1, n_jobs=n_jobs, sizes=(512, 512)
        )
        assert ensemble.members[0].theta.nbytes > 2**20
        results.append(ensemble.theta)
    np.testing.assert_array_equal(*results)


@pytest.mark.skipif(library() is None, reason="no library was built")
def test_compiled_members_train_in_threads_of_this_process(monkeypatch):
    threads, plain = set(), Member.train_epoch

    def train_epoch(self, config):
        threads.add(threading.current_thread())
        return plain(self, config)

    monkeypatch.setattr(Member, "train_epoch", train_epoch)
    ensemble, _ = trained(n_jobs=2)
    assert ensemble.in_threads
    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.skipif(library() is None, reason="no library was built")
@pytest.mark.parametrize("kind", [TabularMLPClassifier, TabularMLPRegressor])
@pytest.mark.parametrize("preset", [*NAMES, None])
def test_networks_that_differ_train_in_threads(kind, preset, monkeypatch):
    threads, plain = set(), Member.train_epoch

    def train_epoch(self, config):
        threads.add(threading.current_thread())
        return plain(self, config)

    monkeypatch.setattr(Member, "train_epoch", train_epoch)
    X = np.random.RandomState(0).standard_normal((60, 2))
    model = kind(n_estimators=4, preset=preset, max_iter=1, n_jobs=2, random_state=0)
    model.fit(X, np.arange(60) % 2)
    assert len({network.n_parameters for network in model._networks}) > 1
    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.skipif(library() is None, reason="no library was built")
def test_threads_that_go_on_after_an_interrupt_change_nothing(monkeypatch):
    plain, slow, ended = Member.train_epoch, threading.Event(), threading.Event()

    def train_epoch(self, config):
        if self.result.records and self is not ensemble.members[0]:
            slow.set()
            time.sleep(0.3)
            epoch = plain(self, config)
            ended.set()
            return epoch
        return plain(self, config)

    class Monitor:
        calls = 0

        def on_iteration_begin(self, theta):
            self.calls += 1
            if self.calls == 2:
                threading.Thread(target=interrupt).start()

        def on_iteration_end(self, theta):
            return False

    def interrupt():
        slow.wait()
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Member, "train_epoch", train_epoch)
    ensemble = make(n_jobs=2)
    ensemble.initialize()
    ensemble.train(Progress(monitor=Monitor()))
    assert ensemble.stop_reason is StopReason.INTERRUPTED
    theta, records = ensemble.theta.copy(), [*ensemble.history["loss"]]
    ended.wait(10)
    np.testing.assert_array_equal(ensemble.theta, theta)
    assert len(records) == 1
    assert all(len(member.result.records) == 1 for member in ensemble.members)


def test_threads_that_wait_raise_the_first_error():
    free, gone = threading.Event(), OSError("the cluster is gone")

    def wait(i, error=None):
        if error:
            raise error
        free.wait(10)
        return i

    with Waiting(2) as waiting:
        with pytest.raises(OSError, match="the cluster is gone"):
            waiting([delayed(wait)(0), delayed(wait)(1, error=gone)])
        assert not free.is_set()
        free.set()
        assert waiting(delayed(wait)(i) for i in range(5)) == [0, 1, 2, 3, 4]
