"""The cluster of a client: tasks with names, and what to do if there is no worker."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from time import perf_counter
from typing import Any
from uuid import uuid4

import dask
from distributed import Client, Future, KilledWorker, get_worker

from ..common.checkpoints import Facts, environment
from ..common.errors import warn

RETRIES = 3
"""How often a task is run again after an error, such as one of the storage."""

POLL, PATIENCE = 5.0, 300.0
"""The seconds between looks for workers, and those without a worker that are an error."""

SHARE, COPIES = 0.6, 4
"""The part of its memory of which a worker is full, and how often fit has a partition."""


class Cluster:
    """A client, and a name for the tasks of one fit; `say` gets lines of progress."""

    def __init__(self, client: Client, say: Callable[[str], None]):
        self.client, self.say = client, say
        self.run = uuid4().hex[:8]

    def key(self, what: str, name: object) -> str:
        """The key of a task, such as skmlp-block-1f0a-3; the dashboard groups by it."""
        return f"skmlp-{what}-{self.run}-{name}"

    def delayed(self, what: str, name: object, function: Any, *args: Any) -> Any:
        """A delayed call, which must be a function of its arguments only."""
        call = dask.delayed(on_like_worker, pure=False)
        return call(
            environment_here(), function, *args, dask_key_name=self.key(what, name)
        )

    def compute(self, tasks: Sequence[Any]) -> list[Future]:
        """The futures of delayed tasks."""
        found: list[Future] = self.client.compute([*tasks], retries=RETRIES)
        return found

    def submit(self, what: str, name: object, function: Any, *args: Any) -> Future:
        """The future of a call, which must be a function of its arguments only."""
        call, key = self.client.submit, self.key(what, name)
        here = environment_here()
        return call(on_like_worker, here, function, *args, key=key, retries=RETRIES)

    def value(self, delayed: Any) -> Any:
        """The value of a delayed object."""
        return self.result(self.compute([delayed])[0])

    def results(self, futures: Sequence[Future]) -> list[Any]:
        """The results of futures."""
        return [self.result(one) for one in futures]

    def kept(self, what: str, name: object, value: Any) -> Future:
        """A value on the workers; if it is lost, it comes again from the scheduler."""
        with warnings.catch_warnings():
            # A value that is scattered would be lost with its worker.
            warnings.filterwarnings("ignore", "Sending large graph")
            return self.submit(what, name, unchanged, value)

    def result(self, future: Future) -> Any:
        """The result of a future; says where it waits for workers.

        Raises RuntimeError if workers die of it, or there is none for a long time.
        """
        since: float | None = None
        while True:
            try:
                return future.result(timeout=POLL)
            except KilledWorker as error:
                raise RuntimeError(
                    "Workers of the cluster have died while they ran a task, "
                    f"{error.task}, more often than the setting "
                    "distributed.scheduler.allowed-failures. Perhaps their memory was "
                    "short: give them more, or X smaller partitions."
                ) from error
            except TimeoutError:
                since = self._waiting(since)

    def _waiting(self, since: float | None) -> float | None:
        """The time since when there is no worker; None if there is one."""
        if self.n_workers():
            return None
        if since is None:
            self.say("The cluster has no worker; waiting for one.")
            return perf_counter()
        if perf_counter() - since > PATIENCE:
            raise RuntimeError(
                f"The cluster has had no worker for {PATIENCE:.0f} seconds. Start "
                "workers; with a checkpoint the fit goes on where it was."
            )
        return since

    def n_workers(self) -> int:
        """The number of workers."""
        return len(self.client.scheduler_info(-1)["workers"])

    def check(self) -> None:
        """Raise RuntimeError if there is no worker, or one that rounds differently."""
        if not self.n_workers():
            raise RuntimeError("The cluster must have a worker. Got none; start one.")
        for address, there in self.client.run(environment).items():
            check_like(environment(), there, address)

    def check_memory(self, n_bytes: int, largest: int) -> None:
        """Warn if the workers have little memory.

        Their encoded rows have `n_bytes`, and the largest partition has `largest`.
        """
        workers = self.client.scheduler_info(-1)["workers"].values()
        limits = [one["memory_limit"] for one in workers if one.get("memory_limit")]
        if not limits or len(limits) < len(workers):
            # A worker may start again.
            return
        if n_bytes > SHARE * sum(limits):
            warn(
                f"The encoded rows need {n_bytes / 1e9:.1f} GB, and the workers have "
                f"{sum(limits) / 1e9:.1f} GB of memory: Dask writes rows to the disks of "
                "the workers, which is slow. Start more workers, or with more memory."
            )
        if COPIES * largest > SHARE * min(limits):
            warn(
                f"A partition of X has {largest / 1e9:.2f} GB, and fit needs about "
                f"{COPIES} times its size on a worker, of which one has "
                f"{min(limits) / 1e9:.1f} GB of memory. Use smaller partitions: "
                "repartition, or rechunk."
            )


@lru_cache(1)
def environment_here() -> Facts:
    """The environment of this process, found once."""
    return environment()


def on_like_worker(expected: Facts, function: Callable[..., Any], *args: Any) -> Any:
    """The value of a function, on a worker that rounds as this process.

    A worker may have joined after the others were checked.
    """
    there = environment_here()
    if there != expected:
        check_like(expected, there, get_worker().address)
    return function(*args)


def unchanged(value: Any) -> Any:
    """The value."""
    return value


def check_like(here: Facts, there: Facts, address: str) -> None:
    """Raise RuntimeError if a worker rounds differently."""
    other = {
        name: f"{there.get(name)} instead of {value}"
        for name, value in here.items()
        if there.get(name) != value
    }
    if other:
        what = ", ".join(f"{name} {values}" for name, values in other.items())
        raise RuntimeError(
            f"All workers must have the versions of this process. Got {address} "
            f"with {what}."
        )
