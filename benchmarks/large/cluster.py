"""Measure fits on a cluster of this machine, with workers that are killed and without.

    python -m benchmarks.large.cluster --workers 1 2
    python -m benchmarks.large.cluster --workers 2 --fits 4 --kills 5 --ways skmlp lightgbm
    python -m benchmarks.large.cluster --workers 2 --fits 1 --stages describe stats block

The table is made first: files of parquet, each a partition. Workers are killed at random
times, or when a task of a stage begins; the stages of skmlp are describe, stats,
block, piece, size, sample, effects, member0 for the first network, and validate. A fit
with kills is compared with one without: do its predictions have the same bits? CPU time is
that of this process, with the client and the scheduler, and that of the workers that live
at the end. "share at rest" is what this process would have used in that time without a
fit: Dask looks at its event loops and at the memory of the workers many times a second.
"""

import argparse
import os
import random
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, process_time, sleep
from types import SimpleNamespace
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import psutil
from distributed import Client, LocalCluster, WorkerPlugin

from .__main__ import append
from .made import write

RESULTS = Path(__file__).parents[1] / "results" / "cluster.csv"


def skmlp(client: Any, X: Any, y: Any) -> Any:
    """Our default."""
    from skmlp.dask import DaskTabularMLPClassifier

    model = DaskTabularMLPClassifier(random_state=0)
    model.client = client
    return model.fit(X, y).to_local()


def lightgbm(client: Any, X: Any, y: Any) -> Any:
    """LightGBM on the numbers, as its estimator for Dask takes no text."""
    from lightgbm import DaskLGBMClassifier

    model = DaskLGBMClassifier(client=client, random_state=0, verbose=-1)
    return model.fit(X.select_dtypes("number"), y == "yes").to_local()


def xgboost(client: Any, X: Any, y: Any) -> Any:
    """XGBoost on the numbers."""
    from xgboost.dask import DaskXGBClassifier

    model = DaskXGBClassifier(random_state=0)
    model.client = client
    model.fit(X.select_dtypes("number"), (y == "yes").astype(int))
    # Its predict_proba takes collections of Dask only.
    return SimpleNamespace(predict_proba=model.get_booster().inplace_predict)


WAYS = {"skmlp": skmlp, "lightgbm": lightgbm, "xgboost": xgboost}


def main() -> None:
    """Make the table, and measure each way with each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--numbers", type=int, default=16)
    parser.add_argument("--labels", type=int, default=2)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--memory", default="2GB", help="of a worker")
    parser.add_argument("--fits", type=int, default=0, help="the fits with kills")
    parser.add_argument("--kills", type=int, default=5, help="those of a fit")
    parser.add_argument(
        "--stages", nargs="+", default=[], help="kills in these instead"
    )
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=["skmlp"])
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        for i in range(given.files):
            path = Path(folder) / f"{i:03}.parquet"
            write(path, given.rows // given.files, given.numbers, given.labels, seed=i)
        for way in given.ways:
            for n_workers in given.workers:
                measure(way, n_workers, folder, given)


def measure(way: str, n_workers: int, folder: str, given: Any) -> None:
    """Fit without kills, then with kills, in the time of the first fit or in stages."""
    plain, found = fitted(way, n_workers, folder, given.memory, unharmed, 3600)
    if isinstance(plain, Exception):
        raise plain
    size = {"way": way, "rows": given.rows, "workers": n_workers}
    append(given.out, {**size, **found, "result": "first"})
    rng, limit = random.Random(0), 60 + 5 * found["seconds"]
    for _ in range(given.fits):
        times = sorted(rng.uniform(0, found["seconds"]) for _ in range(given.kills))
        harm = partial(killing, times=times)
        if given.stages:
            harm = partial(killing_in, stages=given.stages)
        other, each = fitted(way, n_workers, folder, given.memory, harm, limit)
        result = "error" if isinstance(other, Exception) else "other bits"
        if isinstance(other, TimeoutError):
            result = str(other)
        if isinstance(other, np.ndarray) and np.array_equal(plain, other):
            result = "same bits"
        row = {**size, **each, "result": result}
        print(row, other if isinstance(other, Exception) else "", flush=True)
        append(given.out, row)


def fitted(
    way: str, n_workers: int, folder: str, memory: str, harm: Any, limit: float
) -> tuple[Any, dict[str, Any]]:
    """Predictions of a fit, or its error; kills, seconds and shares of CPU.

    `harm` kills workers of a client while the fit runs. A fit that does not end in `limit`
    seconds is an error.
    """
    # Dask would join small files of which one column is read, for which other libraries are
    # not prepared.
    table = dd.from_map(read, sorted(Path(folder).iterdir()))
    X, y = table.drop(columns="y"), table["y"]
    rows = pd.read_parquet(next(iter(sorted(Path(folder).iterdir()))))[:20_000]
    cluster = LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        memory_limit=memory,
        dashboard_address=None,
    )
    with warnings.catch_warnings(), cluster, Client(cluster) as client:
        warnings.simplefilter("ignore")
        rest = at_rest()
        start, here = perf_counter(), process_time()
        with harm(client) as killed:
            model = ended(lambda: WAYS[way](client, X, y), limit)
        here, seconds = process_time() - here, perf_counter() - start
        there = cpu_of_workers()
        found: dict[str, Any] = {
            "kills": len(killed),
            "seconds": round(seconds, 1),
            "share of client": round(here / (here + there), 4),
            "share at rest": round(rest * seconds / (here + there), 4),
        }
        if isinstance(model, Exception):
            return model, found
        features = rows.drop(columns="y")
        if way != "skmlp":
            features = features.select_dtypes("number")
        return np.asarray(model.predict_proba(features)), found


def at_rest(seconds: float = 5.0) -> float:
    """The CPU seconds that this process needs in a second in which it does nothing."""
    before = process_time()
    sleep(seconds)
    return (process_time() - before) / seconds


def ended(work: Callable[[], Any], limit: float) -> Any:
    """The value of work, or its error."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit)
    return found[0] if found else TimeoutError(f"no end after {limit:.0f} seconds")


def read(path: Path) -> Any:
    """A partition."""
    return pd.read_parquet(path)


@contextmanager
def unharmed(client: Any) -> Iterator[list[int]]:
    """Kill no worker."""
    yield []


class KillIn(WorkerPlugin):
    """A task of each of these stages kills its worker, once.

    Dask does not start a worker again that dies while it starts, so it lives for a second.
    """

    def __init__(self, stages: list[str], folder: Path):
        self.stages, self.folder = stages, folder

    def setup(self, worker: Any) -> None:
        self.since = perf_counter()

    def transition(self, key: Any, start: str, finish: str, **_: Any) -> None:
        stage = str(key).partition("-")[2].partition("-")[0]
        if finish != "executing" or stage not in self.stages:
            return
        if perf_counter() < self.since + 1:
            return
        with suppress(FileExistsError):
            (self.folder / stage).touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def killing_in(client: Any, stages: list[str]) -> Iterator[list[str]]:
    """Kill a worker in each of these stages, while the block runs."""
    killed: list[str] = []
    with TemporaryDirectory() as folder:
        client.register_plugin(KillIn(stages, Path(folder)))
        try:
            yield killed
        finally:
            killed += os.listdir(folder)


@contextmanager
def killing(client: Any, times: list[float]) -> Iterator[list[int]]:
    """Kill a worker after each of these seconds, while the block runs."""
    over, killed, rng = Event(), list[int](), random.Random(len(times))
    start = perf_counter()

    def kill() -> None:
        for time in times:
            if over.wait(max(start + time - perf_counter(), 0)):
                return
            # All workers may be dead at that time.
            with suppress(Exception):
                process = rng.choice(sorted(client.run(os.getpid).values()))
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    thread = Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def cpu_of_workers() -> float:
    """The CPU seconds of the processes that this one started."""
    total = 0.0
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            total += sum(one.cpu_times()[:2])
    return total


if __name__ == "__main__":
    main()
