"""Worker threads or processes, which train the members of an ensemble."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from joblib import Parallel, delayed

from ..core.training import TrainingConfig
from .members import Member, TrainedEpoch

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A function, its arguments and those with a name, as `delayed` makes it."""


class Waiting:
    """Threads that wait for other machines, called as joblib's Parallel.

    joblib looks 100 times a second whether its threads have ended.
    """

    def __init__(self, n_threads: int):
        self._pool = ThreadPool(n_threads)

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *error: object) -> None:
        # Does not wait for the threads.
        self._pool.terminate()

    def __call__(self, calls: Iterable[Call]) -> list[Any]:
        """The values of calls; raises the first error."""
        found = dict(self._pool.imap_unordered(_called, enumerate(calls)))
        return [found[i] for i in range(len(found))]


def _called(numbered: tuple[int, Call]) -> tuple[int, Any]:
    """The number of a call, and its value."""
    number, (function, args, named) = numbered
    return number, function(*args, **named)


class Workers(NamedTuple):
    """Worker threads or processes, and a folder for what processes trained.

    All processes answer through one pipe. A worker that is killed while it writes a long
    answer would leave the others and this process waiting for the rest. So an answer is a
    file, and nothing but a short message goes through the pipe. Workers on other machines,
    which do not have the folder, answer themselves.

    Threads train copies too: after an interrupt, they go on to the end of their epoch.
    """

    parallel: Parallel | Waiting
    folder: Path
    process: int

    @classmethod
    @contextmanager
    def started(cls, parallel: Parallel | Waiting) -> "Iterator[Workers]":
        """Workers and their folder, while the block runs."""
        with parallel, TemporaryDirectory(prefix="skmlp-") as folder:
            yield cls(parallel, Path(folder), os.getpid())

    def train_epoch(
        self, members: list[Member], config: TrainingConfig
    ) -> list[TrainedEpoch]:
        """Train copies of the members for an epoch."""
        files = [self.folder / str(i) for i in range(len(members))]
        train = delayed(_train_epoch_into)
        answers = self.parallel(
            train(file, member, config, self.process)
            for file, member in zip(files, members, strict=True)
        )
        return [
            pickle.loads(file.read_bytes()) if answer is None else answer
            for file, answer in zip(files, answers, strict=True)
        ]


def _train_epoch_into(
    file: Path, member: Member, config: TrainingConfig, parent: int
) -> TrainedEpoch | None:
    """Train an epoch in a worker; a process writes it to the file if it can."""
    if os.getpid() == parent:
        return member.copy().train_epoch(config)
    epoch = member.train_epoch(config)
    if not file.parent.is_dir():
        return epoch
    file.write_bytes(pickle.dumps(epoch))
    return None


@contextmanager
def worker_errors(n_jobs: int) -> Iterator[None]:
    """Raise RuntimeError with advice if a worker process has ended."""
    try:
        yield
    except BrokenExecutor as error:
        raise RuntimeError(
            f"A worker process of n_jobs={n_jobs} has ended before its epoch, perhaps "
            "because memory was short. Set n_jobs=1 to train in this process, or lower "
            "n_jobs."
        ) from error


def warm_up() -> None:
    """Do nothing: to call it, a worker process imports this module."""
