from types import SimpleNamespace

import pytest

pytest.importorskip("distributed")

from distributed import KilledWorker

from skmlp.common.checkpoints import environment
from skmlp.dask import cluster
from skmlp.dask.cluster import Cluster


class Waits:
    """A future without a result."""

    def __init__(self, *errors):
        self.errors = [*errors]

    def result(self, timeout):
        error = self.errors.pop(0)
        if isinstance(error, Exception):
            raise error
        return error


def of(n_workers, there=None, memory=0):
    """A cluster of a client that does nothing, and what it says."""
    lines = []
    workers = {f"tcp://{i}": {"memory_limit": memory} for i in range(n_workers)}
    client = SimpleNamespace(
        scheduler_info=lambda n: {"workers": workers},
        run=lambda function: dict.fromkeys(workers, there),
    )
    return Cluster(client, lines.append), lines


def test_keys_are_those_of_one_fit():
    one, other = of(1)[0], of(1)[0]
    assert one.key("block", 3).startswith("skmlp-block-")
    assert one.key("block", 3).endswith("-3")
    assert one.key("block", 3) != other.key("block", 3)


def test_a_result_is_waited_for():
    one, lines = of(2)
    assert one.result(Waits(TimeoutError(), TimeoutError(), 5)) == 5
    assert lines == []


def test_a_cluster_without_workers(monkeypatch):
    one, lines = of(0)
    assert one.result(Waits(TimeoutError(), TimeoutError(), 5)) == 5
    assert lines == ["The cluster has no worker; waiting for one."]
    monkeypatch.setattr(cluster, "PATIENCE", -1.0)
    with pytest.raises(RuntimeError, match="no worker for -1 seconds. Start workers"):
        one.result(Waits(TimeoutError(), TimeoutError(), 5))
    with pytest.raises(RuntimeError, match="The cluster must have a worker. Got none"):
        one.check()


def test_workers_that_die_of_a_task():
    error = KilledWorker("skmlp-block-1", SimpleNamespace(address="tcp://0"), 3)
    with pytest.raises(RuntimeError, match="task, skmlp-block-1, more often than"):
        of(1)[0].result(Waits(error))


def test_workers_must_be_like_this_process():
    here = environment()
    of(2, here)[0].check()
    with pytest.raises(RuntimeError, match="Got tcp://0 with numpy 1.0 instead of "):
        of(2, here | {"numpy": "1.0"})[0].check()


def test_a_worker_that_joins_later_must_be_like_this_process(client, monkeypatch):
    one = Cluster(client, print)
    assert one.result(one.submit("size", 0, len, "ab")) == 2
    assert one.value(one.delayed("size", 1, len, "abc")) == 3
    # The workers are in this process.
    there = cluster.environment_here() | {"scipy": "0.1"}
    call = [cluster.on_like_worker, cluster.environment_here(), len, "ab"]
    monkeypatch.setattr(cluster, "environment_here", lambda: there)
    with pytest.raises(RuntimeError, match=r"Got \S+ with scipy 0.1 instead of "):
        client.submit(*call, pure=False).result()


def test_little_memory_is_a_warning(recwarn):
    one = of(2, memory=10**9)[0]
    one.check_memory(1_100_000_000, 10**8)
    of(2, memory=0)[0].check_memory(10**12, 10**12)
    # No worker is there while it starts again.
    of(0)[0].check_memory(10**12, 10**12)
    assert not recwarn
    with pytest.warns(UserWarning, match="need 1.3 GB, and the workers have 2.0 GB"):
        one.check_memory(1_300_000_000, 10**8)
    with pytest.warns(UserWarning, match="has 0.20 GB, and fit needs about 4 times"):
        one.check_memory(10**8, 2 * 10**8)
