"""The parts of docs/tabular_benchmarks.md about suites of tables."""

from pathlib import Path

from benchmarks.drawing import save
from benchmarks.report.tables import machine, table

from . import plots, statistics
from .large import bayes_loss
from .libraries import SLOW, Entry
from .registry import SUITES

TREES = (
    "skmlp",
    "hgb",
    "lightgbm",
    "lightgbm:n_estimators=500",
    "xgboost",
    "catboost",
)
PRESETS = (
    "skmlp",
    "skmlp:preset=fast",
    "skmlp:preset=best",
    "hgb",
    "catboost",
    "lightgbm_tuned",
)
LIBRARIES = {"large": TREES, "mixed": TREES, "tuned": PRESETS}
"""The libraries of a suite, if none are named."""

TITLES = {
    "large": "Larger tables",
    "mixed": "Tables with dates, texts and codes",
    "tuned": "Presets, and tuned trees",
}

LARGE = """\
At most 30,000, 100,000 or 300,000 training rows; each table is listed where it has at least
60 % of them. LightGBM with 500 trees has five times as many as its default. `drawn` is made
from a seed: its labels are as frequent as 1, 1/2, 1/3, ...; the log-loss of its true
probabilities is {bayes:.3f}."""

MIXED = """\
At most 8,000 training rows. The other libraries get days, month, day of the month, weekday
and hour of dates as numbers. Texts are categories for them. `cities_as_codes` has cities as
integers in alphabetical order, and no library is told so."""

TUNED = """\
The presets of skmlp, the defaults of HistGradientBoosting and CatBoost, and LightGBM tuned,
which is no default: the best of 30 random settings on a fifth of the rows, in a bag of five
folds (`benchmarks/tabular/tuned.py`). At most 8,000 training rows. Seeds after the first
ran later, on a processor of another model (AMD EPYC, family 25, model 17): compare the
seconds within a table only."""

TUNED_ONE = "lightgbm_tuned"
MEASURES = {"log_loss": "log-loss", "error_rate": "error", "rmse_over_std": "RMSE"}
"""The measures by which libraries are compared with the tuned one."""

WITH_TUNED = """\
Compared with LightGBM tuned: the geometric mean of the ratio, with the 95 % interval over
tables drawn with replacement, and the part of the tables on which the library is better.
Tables on which a value is 0 have no ratio."""

COLUMNS = """\
`python -m benchmarks.tabular --suite {suite}` measures these fits, here with {seeds} and
beside other work on the machine. `worst` is the largest ratio to HistGradientBoosting. CPU
seconds are medians over the tables. The tables were used to choose defaults of skmlp."""


SLOWER = """\
### Slower networks: {n_tables} tables

The same libraries beside TabM with its defaults, and RealMLP-TD as its authors recommend it
for the log-loss, in a bag of eight folds. TabM keeps the epoch with the smallest error, not
the smallest log-loss, or the smallest RMSE. Only small tables were tried, because a fit may
take 10 minutes; the rows of both were measured later than the others, with pytabkit 1.8.0
and torch 2.14.1."""

COST = (
    "![Loss relative to HistGradientBoosting by CPU seconds of a fit, for the presets of "
    "skmlp and for trees: a line joins those that no other beats in both]"
    "(images/tabular_presets.svg)"
)


def counted(n_seeds: int) -> str:
    """The number of seeds in words."""
    return "one seed" if n_seeds == 1 else f"{n_seeds} seeds"


def name_of(entry: str, names: dict[str, str]) -> str:
    """The name of a library, with the settings that are not its defaults."""
    settings = ", ".join(
        f"{key}={value}" for key, value in Entry(entry).settings.items()
    )
    return names[Entry(entry).library] + (f", {settings}" if settings else "")


def section(suite: str, rows, facts, names: dict[str, str], images: Path):
    """The parts about a suite; also draws its plot."""
    yield f"## {TITLES[suite]}"
    yield {"large": LARGE, "mixed": MIXED, "tuned": TUNED}[suite].format(
        bayes=bayes_loss() if suite == "large" else 0
    )
    n_seeds = len({row["seed"] for row in rows})
    yield COLUMNS.format(suite=suite, seeds=counted(n_seeds))
    yield machine(facts)
    yield from by_size(suite, rows, names)
    if suite == "tuned":
        yield from of_presets(rows, names, images)
    yield sources(row for row in rows if not row["error"])
    if late := [row for row in rows if row["error"]]:
        fits = ", ".join(
            f"{name_of(row['library'], names)} on {row['table']} with {int(row['cap']):,} "
            f"rows, seed {row['seed']} ({row['error']})"
            for row in late
        )
        yield f"Failed runs, whose tables are not compared with this seed: {fits}."


def by_size(suite, rows, names):
    """A summary and the losses for each number of rows."""
    for cap, tables in SUITES[suite].items():
        own = [
            row
            for row in rows
            if row["cap"] == str(cap)
            and row["table"] in tables
            and not row["error"]
            and (suite != "large" or int(row["train_rows"]) > 0.6 * cap)
        ]
        run = {row["library"] for row in own}
        libraries = [one for one in LIBRARIES[suite] if one in run]
        compared = statistics.shared(own, libraries)
        if not compared or not {"skmlp", statistics.REFERENCE} <= set(libraries):
            continue
        yield f"### {cap:,} rows: {len(statistics.medians(compared))} tables"
        yield summary(statistics.summaries(compared, libraries), names)
        if suite == "tuned":
            yield WITH_TUNED
            yield with_tuned(compared, libraries, names)
        yield losses(compared, libraries, names)


def of_presets(rows, names, images: Path):
    """The plot of loss by time, and the comparison with networks that are slow."""
    run = {row["library"] for row in rows if not row["error"]}
    libraries = [one for one in PRESETS if one in run]
    if compared := statistics.shared(rows, libraries):
        found = statistics.summaries(compared, libraries)
        labels = {one: name_of(one, names) for one in libraries}
        save(images / "tabular_presets.svg", plots.cost, found, labels)
        yield COST
    slow = [one for one in SLOW if one in run]
    together = [*libraries, *slow]
    if slow and (compared := statistics.shared(rows, together)):
        yield SLOWER.format(n_tables=len(statistics.medians(compared)))
        yield summary(statistics.summaries(compared, together), names)


def with_tuned(rows, libraries, names) -> str:
    """Each library compared with the tuned one, by three measures."""
    lines = []
    for library in libraries:
        if library != TUNED_ONE:
            cells = []
            for measure in MEASURES:
                one = statistics.compared(rows, library, TUNED_ONE, measure)
                cells.append(f"{one.ratio:.3f} ({one.low:.3f} to {one.high:.3f})")
                cells.append(f"{one.wins:.0%} of {one.n_tables}")
            lines.append([name_of(library, names), *cells])
    header = [cell for name in MEASURES.values() for cell in (name, "better")]
    return table(["", *header], lines)


def sources(rows) -> str:
    """The source, the task and the columns of each table."""
    found = {
        row["table"]: [row[key] for key in ("source", "task", "columns", "texts")]
        for row in rows
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
