"""Statistics of the result rows: losses, ratios, ranks."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import mean, median

import numpy as np

from benchmarks.report.statistics import geometric_mean, grouped

BOOTSTRAPS = 10_000
"""How often tables are drawn for an interval."""

REFERENCE, BASELINE_MLP = "hgb", "sklearn_mlp"
"""The library that the ratios are relative to, and scikit-learn's own network."""

Losses = dict[str, dict[str, float]]
"""table -> library -> loss."""


def loss_of(row) -> float:
    """The log-loss, or for regression the RMSE in standard deviations of the targets."""
    return float(row["log_loss"] or row["rmse_over_std"])


def is_regression(row) -> bool:
    return row["task"] == "regression"


def shared(rows, libraries):
    """The rows of these libraries for tables and seeds on which all have a result."""
    wanted = [row for row in rows if row["library"] in libraries and not row["error"]]
    groups = grouped(wanted, "table", "seed")
    return [
        row
        for group in groups.values()
        if {row["library"] for row in group} == set(libraries)
        for row in group
    ]


def medians(rows, value=loss_of) -> Losses:
    """The median over the seeds, for each table and library."""
    found: Losses = {}
    for (table, library), group in grouped(rows, "table", "library").items():
        found.setdefault(table, {})[library] = median(map(value, group))
    return found


def ratios(losses: Losses, library: str, reference: str) -> list[float]:
    """Loss divided by that of the reference, for tables on which both have a result."""
    return [
        by[library] / by[reference]
        for by in losses.values()
        if library in by and reference in by
    ]


def interval(values: list[float], seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the geometric mean over tables drawn with replacement."""
    rng = np.random.RandomState(seed)
    logarithms = np.log(values)
    drawn = rng.choice(logarithms, (BOOTSTRAPS, len(values)))
    low, high = np.exp(np.quantile(drawn.mean(axis=1), [0.025, 0.975]))
    return float(low), float(high)


@dataclass(frozen=True)
class Comparison:
    """A library compared with another one on the same tables, by one measure."""

    ratio: float
    low: float
    high: float
    wins: float
    """The fraction of tables on which it is better; equal results count half."""
    n_tables: int


def compared(rows, library: str, other: str, measure: str) -> Comparison:
    """By a column of the results; ratios are of tables on which no value is 0."""
    own = [row for row in rows if row[measure]]
    found = medians(own, lambda row: float(row[measure]))
    pairs = [(by[library], by[other]) for by in found.values()]
    over = [a / b for a, b in pairs if a > 0 and b > 0]
    wins = [(a < b) + (a == b) / 2 for a, b in pairs]
    return Comparison(geometric_mean(over), *interval(over), mean(wins), len(pairs))


def mean_rank(losses: Losses, library: str) -> float:
    """The mean rank, 1 the best; equal losses have the same rank."""
    return mean(
        1
        + sum(loss < by[library] for loss in by.values())
        + (sum(loss == by[library] for loss in by.values()) - 1) / 2
        for by in losses.values()
    )


def winners(losses: Losses) -> Counter:
    """The number of tables on which each library is best."""
    return Counter(min(by, key=by.__getitem__) for by in losses.values())


@dataclass(frozen=True)
class Summary:
    """A library over all compared tables; ratios are relative to the reference."""

    ratios: dict[str, float] = field(default_factory=dict)
    """All tables, and separately classification (log-loss) and regression (RMSE)."""
    rank: float = 0.0
    wins: int = 0
    worst: float = 0.0
    better_than_mlp: float | None = None
    """Fraction of the tables with a lower loss than scikit-learn's MLP."""
    fit_cpu: float = 0.0
    growth_bytes: float = 0.0


def kinds(rows) -> dict[str, list]:
    """The rows by kind of target; kinds without rows are omitted."""
    parts = {
        "classification": [row for row in rows if not is_regression(row)],
        "regression": [row for row in rows if is_regression(row)],
    }
    return {name: part for name, part in parts.items() if part}


def summaries(rows, libraries) -> dict[str, Summary]:
    """One for each library, from rows on which all libraries have a result."""
    losses, wins = medians(rows), winners(medians(rows))
    parts = {name: medians(part) for name, part in kinds(rows).items()}
    found = {}
    for library in libraries:
        own = [row for row in rows if row["library"] == library]
        beaten = None
        if BASELINE_MLP in libraries and library != BASELINE_MLP:
            beaten = mean(ratio < 1 for ratio in ratios(losses, library, BASELINE_MLP))
        over = ratios(losses, library, REFERENCE)
        found[library] = Summary(
            {"all": geometric_mean(over)}
            | {
                name: geometric_mean(ratios(part, library, REFERENCE))
                for name, part in parts.items()
            },
            mean_rank(losses, library),
            wins[library],
            max(over),
            beaten,
            median(float(row["fit_cpu"]) for row in own),
            median(float(row["growth_bytes"]) for row in own),
        )
    return found


def frontier(points: dict[str, tuple[float, float]]) -> list[str]:
    """Names of the Pareto-optimal points (cost, loss), by cost."""
    best, found = float("inf"), []
    for name, (_, loss) in sorted(points.items(), key=lambda point: point[1]):
        if loss < best:
            best = loss
            found.append(name)
    return found


@dataclass(frozen=True)
class Change:
    """A library with changed settings compared with its defaults, on some tables."""

    entry: str
    kind: str
    ratio: float
    wins: int
    n_tables: int
    fit_cpu: float


def changes(rows) -> list[Change]:
    """All entries with settings, by kind of target; below 1 the change is better."""
    found = []
    for entry in dict.fromkeys(row["library"] for row in rows):
        plain = entry.partition(":")[0]
        if plain == entry:
            continue
        for kind, part in kinds(shared(rows, (plain, entry))).items():
            over = ratios(medians(part), entry, plain)
            seconds = medians(part, lambda row: float(row["fit_cpu"]))
            found.append(
                Change(
                    entry,
                    kind,
                    geometric_mean(over),
                    sum(ratio < 1 for ratio in over),
                    len(over),
                    geometric_mean(ratios(seconds, entry, plain)),
                )
            )
    return found
