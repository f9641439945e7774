"""
A cluster of which workers die
==============================

A network trains on a cluster of Dask. While it trains, a worker is killed, as by a cloud
that takes a machine back. The model has the same bits as without.

The cluster is on this machine, so that the example runs anywhere. On other machines only
the line with `LocalCluster` is another one.
"""

import os
import signal
from threading import Timer

import dask.dataframe as dd
import numpy as np
from distributed import Client, LocalCluster
from sklearn.datasets import load_breast_cancer

from skmlp.dask import DaskTabularMLPClassifier

N_PARTITIONS, N_ROWS = 6, 20_000

# %%
# A table in partitions. Each worker makes its own: rows of a small table, drawn with
# replacement and with noise.


def partition(number):
    """Rows of a partition; the same ones each time."""
    table = load_breast_cancer(as_frame=True).frame
    rng = np.random.RandomState(number)
    rows = table.iloc[rng.randint(len(table), size=N_ROWS)].reset_index(drop=True)
    noise = rng.uniform(0.9, 1.1, size=(N_ROWS, 1))
    return rows.assign(**rows.drop(columns="target") * noise)


# %%
# A thread kills a worker some seconds after the fit begins. The cluster starts another one.


def kill_a_worker(client):
    """End a process at once."""
    address, process = next(iter(client.run(os.getpid).items()))
    os.kill(process, signal.SIGKILL)
    print(f"killed the worker {address}")


def trained(client, seconds_to_kill=None):
    """The parameters of a model, and its accuracy."""
    table = dd.from_map(partition, range(N_PARTITIONS))
    X, y = table.drop(columns="target"), table["target"]
    timer = Timer(seconds_to_kill or 0, kill_a_worker, [client])
    if seconds_to_kill:
        timer.start()
    model = DaskTabularMLPClassifier(n_estimators=2, max_iter=3, random_state=0)
    model.fit(X, y)
    timer.cancel()
    return model.to_local()


def main():
    """Train twice, once with a worker that dies."""
    local = LocalCluster(n_workers=2, threads_per_worker=1)
    with local as cluster, Client(cluster) as client:
        plain = trained(client)
        other = trained(client, seconds_to_kill=3)
    rows = partition(N_PARTITIONS)
    X, y = rows.drop(columns="target"), rows["target"]
    print(f"accuracy on new rows: {other.score(X, y):.3f}")
    same = plain.predict_proba(X) == other.predict_proba(X)
    print(f"the same probabilities to the last bit: {same.all()}")


if __name__ == "__main__":
    main()
