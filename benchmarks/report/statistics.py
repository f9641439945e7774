"""Statistics of the result rows: paired ratios, medians, exponents."""

import csv
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.comparisons import PATHS
from benchmarks.comparisons.tables import JOBS
from benchmarks.problems import DENSE

OURS, IN_NUMPY = PATHS
SHAPES = {problem.name: problem.shape for problem in DENSE}
OPERATIONS = {problem.name: problem.operations for problem in DENSE}


@dataclass(frozen=True)
class Ratio:
    """The ratios of all rounds: the value of the other library over ours."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def load(directory: Path, kind: str) -> list[dict[str, str]]:
    """The rows of a kind; an empty list if it was not run."""
    path = directory / f"{kind}.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def grouped(rows, *columns):
    """Group the rows by the values of these columns, in order of appearance."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def seconds_per_round(row) -> float:
    return float(row["seconds"]) / float(row["rounds"])


def seconds(row) -> float:
    return float(row["seconds"])


def ratios(rows, value, column="library", ours=OURS) -> dict[str, Ratio]:
    """Each other library -> the ratios of its values to ours, round by round.

    `ours` is a path of skmlp. The result is empty if it was not measured.
    """
    by_repeat = defaultdict(dict)
    for row in rows:
        by_repeat[row["repeat"]][row[column]] = value(row)
    found = defaultdict(list)
    for values in by_repeat.values():
        for peer in sorted(values.keys() - {ours}) if ours in values else ():
            found[peer].append(values[peer] / values[ours])
    return {peer: Ratio(tuple(values)) for peer, values in found.items()}


def median(rows, value) -> float:
    return statistics.median(map(value, rows))


def training_ratios(rows, path) -> dict[tuple[str, str, str], dict[str, Ratio]]:
    """(problem, solver, dtype) -> library -> ratios of the time of an epoch to the path's.

    For L-BFGS, of an evaluation of the objective, because the searches of the libraries
    need different numbers of evaluations.
    """
    return {
        key: ratios(group, seconds_per_round, ours=path)
        for key, group in grouped(rows, "problem", "solver", "dtype").items()
    }


def table_ratios(rows) -> dict[str, dict[str, Ratio]]:
    """Case of the tabular estimators with one job -> library -> ratios of CPU time."""
    return {
        label: ratios(group, seconds)
        for (label,), group in grouped(rows, "label").items()
        if label != JOBS
    }


def job_ratios(rows) -> dict[str, Ratio]:
    """What runs -> how many times as fast it is with two jobs."""
    jobs = [row for row in rows if row["label"] == JOBS]
    return {
        what: ratios(group, seconds, "n_jobs", ours="2")["1"]
        for (what,), group in grouped(jobs, "library").items()
    }


def peak_rates(rows) -> dict[str, float]:
    """dtype -> the highest rate of products, in floating-point operations per second."""
    limits = [row for row in rows if row["library"] == "limit"]
    return {
        dtype: median(
            group, lambda row: OPERATIONS[row["problem"]] / seconds_per_round(row)
        )
        for (dtype,), group in grouped(limits, "dtype").items()
    }


def geometric_mean(values) -> float:
    return float(np.exp(np.mean(np.log(list(values)))))


def of_dense(found, solver, dtype, peer) -> dict[str, float]:
    """The median ratio of each dense problem."""
    return {
        problem: by_peer[peer].median
        for (problem, s, d), by_peer in found.items()
        if (s, d) == (solver, dtype) and problem in SHAPES and peer in by_peer
    }


def growth(rows) -> dict[tuple[str, str], tuple[list[int], list[float]]]:
    """(axis, library) -> sizes and the median time of an epoch."""
    return {
        key: (
            [int(size) for (size,) in grouped(group, "size")],
            [
                median(part, lambda row: float(row["epoch_seconds"]))
                for part in grouped(group, "size").values()
            ],
        )
        for key, group in grouped(rows, "axis", "library").items()
    }


def exponent(sizes, times) -> float:
    """The exponent p in time ~ size^p, by least squares on the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
