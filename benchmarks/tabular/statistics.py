"""From rows to what is reported: losses, ratios, ranks."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import mean, median

from benchmarks.report.statistics import geometric_mean, grouped

REFERENCE, OWN_KIND = "hgb", "sklearn_mlp"
"""Whose losses are the unit, and the network that most people have already."""

Losses = dict[str, dict[str, float]]
"""table -> library -> loss."""


def loss_of(row) -> float:
    """The log-loss, or for a regression the RMSE in standard deviations of the targets."""
    return float(row["log_loss"] or row["rmse_over_std"])


def is_regression(row) -> bool:
    return row["task"] == "regression"


def shared(rows, libraries):
    """Rows of these libraries, of tables and seeds that all of them have learned."""
    wanted = [row for row in rows if row["library"] in libraries and not row["error"]]
    groups = grouped(wanted, "table", "seed")
    return [
        row
        for group in groups.values()
        if {row["library"] for row in group} == set(libraries)
        for row in group
    ]


def medians(rows, value=loss_of) -> Losses:
    """For each table and library the median over the seeds."""
    found: Losses = {}
    for (table, library), group in grouped(rows, "table", "library").items():
        found.setdefault(table, {})[library] = median(map(value, group))
    return found


def ratios(losses: Losses, library: str, reference: str) -> list[float]:
    """Loss over loss of the reference, of the tables that both have learned."""
    return [
        by[library] / by[reference]
        for by in losses.values()
        if library in by and reference in by
    ]


def mean_rank(losses: Losses, library: str) -> float:
    """The mean place, 1 the best; equal losses share a place."""
    return mean(
        1
        + sum(loss < by[library] for loss in by.values())
        + (sum(loss == by[library] for loss in by.values()) - 1) / 2
        for by in losses.values()
    )


def winners(losses: Losses) -> Counter:
    """How many tables each library is best on."""
    return Counter(min(by, key=by.__getitem__) for by in losses.values())


@dataclass(frozen=True)
class Summary:
    """A library over all tables that are compared; ratios are to the reference."""

    ratios: dict[str, float] = field(default_factory=dict)
    """All, and apart for classification (log-loss) and regression (RMSE)."""
    rank: float = 0.0
    wins: int = 0
    worst: float = 0.0
    over_own_kind: float | None = None
    """Share of the tables with less loss than scikit-learn's MLP."""
    fit_cpu: float = 0.0
    growth_bytes: float = 0.0


def kinds(rows) -> dict[str, list]:
    """Rows by kind of target, without the kinds that have none."""
    parts = {
        "classification": [row for row in rows if not is_regression(row)],
        "regression": [row for row in rows if is_regression(row)],
    }
    return {name: part for name, part in parts.items() if part}


def summaries(rows, libraries) -> dict[str, Summary]:
    """One for each library, from rows that are shared by all."""
    losses, wins = medians(rows), winners(medians(rows))
    parts = {name: medians(part) for name, part in kinds(rows).items()}
    found = {}
    for library in libraries:
        own = [row for row in rows if row["library"] == library]
        beaten = None
        if OWN_KIND in libraries and library != OWN_KIND:
            beaten = mean(ratio < 1 for ratio in ratios(losses, library, OWN_KIND))
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
    """Names of the points (cost, loss) that no other one beats in both, by cost."""
    best, found = float("inf"), []
    for name, (_, loss) in sorted(points.items(), key=lambda point: point[1]):
        if loss < best:
            best = loss
            found.append(name)
    return found


@dataclass(frozen=True)
class Change:
    """An entry with settings against the same library without, on some tables."""

    entry: str
    kind: str
    ratio: float
    wins: int
    n_tables: int
    fit_cpu: float


def changes(rows) -> list[Change]:
    """All entries with settings, by kind of target; below 1 the settings are better."""
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
