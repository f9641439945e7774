"""The part of docs/tabular_benchmarks.md about larger tables."""

from benchmarks.report.tables import table

from . import statistics
from .large import BY_CAP, LIBRARIES, bayes_loss
from .libraries import Entry

LARGER = """\
## Larger tables

At most 30,000, 100,000 or 300,000 training rows; each table is listed where it has at least
60 % of them. `python -m benchmarks.tabular --large` measures these fits, and leaves out the
networks of other libraries. LightGBM with 500 trees has five times as many as its default.
`drawn` is made from a seed: its labels are as frequent as 1, 1/2, 1/3, ...; the log-loss
of its true probabilities is {bayes:.3f}."""

COLUMNS = """\
`worst` is the largest ratio to HistGradientBoosting. CPU seconds are medians over the
tables."""


def name_of(entry: str, names: dict[str, str]) -> str:
    """The name of a library, with the settings that are not its defaults."""
    settings = ", ".join(
        f"{key}={value}" for key, value in Entry(entry).settings.items()
    )
    return names[Entry(entry).library] + (f", {settings}" if settings else "")


def larger(rows, names: dict[str, str]):
    """The parts about larger tables; none if they were not measured."""
    parts = list(by_size(rows, names))
    if parts:
        yield LARGER.format(bayes=bayes_loss())
        yield COLUMNS
        yield from parts
        yield sources(row for row in rows if not row["error"])


def by_size(rows, names):
    """A summary and the losses for each number of rows."""
    for cap, tables in BY_CAP.items():
        own = [
            row
            for row in rows
            if row["cap"] == str(cap)
            and row["table"] in tables
            and not row["error"]
            and int(row["train_rows"]) > 0.6 * cap
        ]
        libraries = [one for one in LIBRARIES if any(r["library"] == one for r in own)]
        compared = statistics.shared(own, libraries)
        if not compared or statistics.REFERENCE not in libraries:
            continue
        yield f"### {cap:,} rows: {len(statistics.medians(compared))} tables"
        yield summary(statistics.summaries(compared, libraries), names)
        yield losses(compared, libraries, names)


def sources(rows) -> str:
    """The source, the task and the columns of each table."""
    found = {
        row["table"]: [row[key] for key in ("source", "task", "columns", "texts")]
        for row in rows
        if row["table"] in BY_CAP.get(int(row["cap"]), {})
    }
    lines = [[name, *facts] for name, facts in found.items()]
    return table(["", "source", "task", "columns", "text columns"], lines, 3)


def summary(found, names) -> str:
    """One line for each library, the lowest mean loss first."""
    lines = [
        [
            name_of(entry, names),
            *[f"{one.ratios[kind]:.3f}" for kind in one.ratios],
            f"{one.rank:.2f}",
            one.wins,
            f"{one.worst:.2f}",
            f"{one.fit_cpu:.3g}",
        ]
        for entry, one in sorted(found.items(), key=lambda each: each[1].ratios["all"])
    ]
    what = {"all": "loss", "classification": "log-loss", "regression": "RMSE"}
    kinds = [what[kind] for kind in next(iter(found.values())).ratios]
    return table(["", *kinds, "mean rank", "wins", "worst", "CPU seconds"], lines)


def losses(rows, libraries, names) -> str:
    """The loss on each table, the lowest in bold, and the CPU seconds of skmlp."""
    seconds = statistics.medians(rows, lambda row: float(row["fit_cpu"]))
    lines = []
    for name, by in statistics.medians(rows).items():
        best = min(by.values())
        cells = [
            f"**{by[one]:.4g}**" if by[one] == best else f"{by[one]:.4g}"
            for one in libraries
        ]
        lines.append([name, *cells, f"{seconds[name]['skmlp']:.3g}"])
    header = [name_of(one, names) for one in libraries]
    return table(["", *header, "CPU seconds of skmlp"], lines)
