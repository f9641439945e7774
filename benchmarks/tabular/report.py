"""Write docs/tabular_benchmarks.md and its plots from the CSV file.

python -m benchmarks.tabular.report [--out DIR] [--docs DIR] [--libraries a,b]
    [--cap 8000]
"""

import argparse
import json
from pathlib import Path

from benchmarks.drawing import save
from benchmarks.report.__main__ import DOCS
from benchmarks.report.statistics import grouped
from benchmarks.report.tables import machine, table
from benchmarks.run import RESULTS, read

from . import plots, statistics
from .__main__ import FILE, MACHINE
from .libraries import LIBRARIES, SLOW, TUNED
from .registry import SUITES, file_of
from .suites import section
from .tables import FURTHER, MOST_TEST_ROWS, PACKAGED

NAMES = dict(zip(LIBRARIES, LIBRARIES, strict=True)) | {
    "sklearn_mlp": "scikit-learn's MLP",
    "hgb": "HistGradientBoosting",
    "lightgbm": "LightGBM",
    "lightgbm_tuned": "LightGBM, tuned, in a bag",
    "xgboost": "XGBoost",
    "catboost": "CatBoost",
    "realmlp_td": "RealMLP-TD, defaults",
    "realmlp_td_s": "RealMLP-TD-S, defaults",
    "realmlp_bag": "RealMLP-TD, bag for log-loss",
    "tabm": "TabM, defaults",
}

INTRODUCTION = """\
# Benchmarks on tables

This page compares `TabularMLPClassifier` and `TabularMLPRegressor` with boosted trees and
other networks on real tables, all with their default settings: loss, time and memory.
`python -m benchmarks.tabular.report` writes it from the results of
`python -m benchmarks.tabular`.

## The machine"""

RERUN = """\
## How to run them

The libraries need an environment of their own:

```sh
python3 -m venv .venv-tabular && .venv-tabular/bin/pip install -e '.[bench-tabular]' &&
  .venv-tabular/bin/python -m benchmarks.tabular --seeds 0,1,2
.venv-tabular/bin/python -m benchmarks.tabular.report
```

Rows are added to a CSV file one by one, and an interrupted run continues where it stopped.
`--tables`, `--libraries` and `--seeds` select what to run; an entry such as
`skmlp:n_estimators=4,dropout=0.2` changes the default settings. The tables come from
packages. `--data DIR`, or the variable `SKMLP_TABLES`, uses the tables of a folder instead:
files `NAME.parquet` with a column `target`, and a JSON file with a list of objects that
have a `name` and a `task`: `binary`, `multiclass` or `regression`. `--quick` runs three
small tables in a short time; its results are not reliable. `--suite large` runs tables with
up to 300,000 training rows, and `--suite mixed` tables with dates, texts and codes."""

METHOD = """\
## What is compared, and how

- A quarter of the rows are test rows, at most {most:,}. At most {cap:,} of the other rows
  are training rows. Splits are stratified by class. The seed chooses the rows and is the
  `random_state` of the library.
- **All these tables are development tables.** The defaults of skmlp were chosen on the
  tables of a folder, also in view of the tables of packages. The further tables of packages
  were first used after the defaults of 0.3 were fixed; choices made since then used them
  too. No table of this page is new to skmlp.
- Every library has its default settings and the preprocessing it needs to accept the table:
  pandas categories for the trees; the mean and an indicator of missing values for RealMLP;
  `early_stopping=True`, medians, scaled columns and targets, and one-hot codes for
  scikit-learn's MLP. Preprocessing is part of the time of the fit. Nothing is tuned.
- RealMLP-TD with its defaults is one network with label smoothing. It keeps the epoch with
  the smallest classification error, not the smallest log-loss, on a fifth of the training
  rows; in regression, with the smallest RMSE.
- Each fit runs in its own process, with one thread. Seconds are CPU seconds of the fit.
  Memory is the peak during the fit minus the memory in use before it, which includes the
  libraries and the table.
- The loss is the log-loss for classification and the RMSE in standard deviations of the
  test targets for regression; the tables show the median over the seeds. Ratios are
  relative to the loss of scikit-learn's HistGradientBoosting: **below 1 is better**. Means
  of ratios are geometric."""

SUMMARY = """\
## Summary

`wins` is the number of tables on which the library has the lowest loss, `worst` its largest
ratio. CPU seconds and MB are medians."""

SLOWER = """\
### {name}: {n_tables}

RealMLP-TD as its authors recommend it for the log-loss: no label smoothing, the epoch
chosen by the cross-entropy, and the mean of eight networks, each trained without another
eighth of the rows. In regression only the bag of eight networks differs from the defaults.
The table compares all libraries on the tables and seeds on which this one has a result. Its
rows were measured later than the others, on the tables on which RealMLP-TD is fastest. Fits
of more than 10 minutes are left out:
{left_out}."""

CHANGES = """\
## One change at a time

A library with changed settings compared with its defaults, on the tables and seeds that
both have: the mean ratio of the losses (below 1 the change is better), the number of tables
on which the change is better, and the mean ratio of the CPU seconds."""


COST = (
    "![Loss relative to HistGradientBoosting by CPU seconds of a fit, for classification "
    "and regression: a line joins the libraries that no other beats in both]"
    "(images/tabular_cost.svg)"
)
RATIOS = (
    "![A dot for each table and library: the loss divided by that of HistGradientBoosting, "
    "left of the line where it is lower](images/tabular_ratios.svg)"
)

TABLES = """\
## The tables

Rows are training rows. Text columns include categories. Missing is the fraction of missing
values."""


def overview(found) -> str:
    """One line for each library, the lowest mean loss first."""
    kinds = [kind for kind in next(iter(found.values())).ratios if kind != "all"]
    what = {"classification": "log-loss", "regression": "RMSE"}
    lines = []
    for library, summary in sorted(
        found.items(), key=lambda each: each[1].ratios["all"]
    ):
        beaten = summary.better_than_mlp
        lines.append(
            [
                NAMES[library],
                *[f"{summary.ratios[kind]:.3f}" for kind in kinds],
                f"{summary.rank:.2f}",
                summary.wins,
                f"{summary.worst:.2f}",
                "" if beaten is None else f"{beaten:.0%}",
                f"{summary.fit_cpu:.3g}",
                f"{summary.growth_bytes / 1e6:.0f}",
            ]
        )
    better = f"better than {NAMES[statistics.BASELINE_MLP]}"
    header = ["", *[what[kind] for kind in kinds], "mean rank", "wins", "worst", better]
    return table([*header, "CPU seconds", "MB"], lines)


def losses(rows, libraries) -> str:
    """The loss on each table, the lowest in bold; empty if a library has no result."""
    lines = []
    for name, by in statistics.medians(
        [row for row in rows if not row["error"]]
    ).items():
        cells = [f"{by[library]:.4g}" if library in by else "" for library in libraries]
        best = min(
            (by[library], i) for i, library in enumerate(libraries) if library in by
        )
        cells[best[1]] = f"**{cells[best[1]]}**"
        lines.append([name, *cells])
    return table(["", *[NAMES[library] for library in libraries]], lines)


def table_list(rows) -> str:
    """Source, task and size of each table."""
    keys = ("task", "train_rows", "test_rows", "columns", "texts")
    lines = []
    for (name,), group in grouped(rows, "table").items():
        if facts := next((row for row in group if not row["error"]), None):
            source, gaps = facts["source"], f"{float(facts['gaps']):.1%}"
            classes = "" if facts["classes"] == "0" else facts["classes"]
            lines.append([name, source, *[facts[key] for key in keys], gaps, classes])
    header = ["", "source", "task", "rows", "test rows", "columns"]
    header += ["text columns", "missing"]
    return table([*header, "classes"], lines, 3)


def failures(rows) -> str:
    lines = [
        [row["table"], row["library"], row["seed"], row["error"].replace("|", "\\|")]
        for row in rows
        if row["error"]
    ]
    return table(["table", "library", "seed", "error"], lines, 4) if lines else ""


def changes(found) -> str:
    lines = [
        [
            f"`{change.entry}`",
            change.kind,
            f"{change.ratio:.3f}",
            f"{change.wins} of {change.n_tables}",
            f"{change.fit_cpu:.2f}",
        ]
        for change in found
    ]
    return table(["", "", "ratio", "better", "time"], lines, 2)


def groups(rows) -> dict[str, list]:
    """The rows by the role of their tables in choosing the defaults."""
    of_packages = PACKAGED | FURTHER
    parts = {
        "Tables of a folder": [row for row in rows if row["table"] not in of_packages],
        "Tables of packages": [row for row in rows if row["table"] in PACKAGED],
        "Further tables of packages": [row for row in rows if row["table"] in FURTHER],
    }
    return {title: part for title, part in parts.items() if part}


def page(rows, libraries, facts, cap, images: Path, suites=()):
    """All parts of the page; also draws the plots."""
    compared = statistics.shared(rows, libraries)
    plain = [row for row in rows if row["library"] in libraries]
    n_tables = len({row["table"] for row in plain})
    yield INTRODUCTION
    yield machine(facts)
    yield RERUN
    yield METHOD.format(cap=cap, most=MOST_TEST_ROWS)
    if compared:
        by_table = statistics.medians(compared)
        names = {library: NAMES[library] for library in libraries}
        found = statistics.summaries(compared, libraries)
        save(images / "tabular_cost.svg", plots.cost, found, names)
        save(images / "tabular_ratios.svg", plots.by_table, by_table, names)
        yield SUMMARY
        for title, part in {"All tables": compared, **groups(compared)}.items():
            yield f"### {title}: {len(statistics.medians(part))}"
            yield overview(statistics.summaries(part, libraries))
        for library in SLOW:
            yield from slower(rows, library, libraries)
        yield (
            f"The plots show the {len(by_table)} of {n_tables} tables on which all "
            "libraries have a result."
        )
        yield COST
        yield RATIOS
    for suite, found, of_machine in suites:
        yield from section(suite, found, of_machine, NAMES, images)
    yield "## Losses"
    yield losses(plain, libraries)
    if found := statistics.changes(rows):
        yield CHANGES
        yield changes(found)
    yield TABLES
    yield table_list(rows)
    if text := failures(rows):
        yield f"## Failed runs\n\n{text}"


def slower(rows, library, libraries):
    """A library that has results on some tables, compared on these with all others."""
    together = [*libraries, library]
    compared = statistics.shared(rows, together)
    if compared:
        own = [row for row in rows if row["library"] == library]
        n_tables = len(statistics.medians(compared))
        late = {row["table"] for row in own if "not finished" in row["error"]}
        left_out = ", ".join(sorted(late)) or "none"
        yield SLOWER.format(name=NAMES[library], n_tables=n_tables, left_out=left_out)
        yield overview(statistics.summaries(compared, together))


def latest(rows):
    """The last row of each combination, classification first."""
    last = [
        group[-1] for group in grouped(rows, "table", "library", "seed", "cap").values()
    ]
    return sorted(last, key=lambda row: (row["task"], row["table"]))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular.report", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR")
    parser.add_argument("--libraries", metavar="a,b", help="default: all with results")
    parser.add_argument("--cap", default="8000", help="maximal number of training rows")
    arguments = parser.parse_args()
    rows = [
        row for row in latest(read(arguments.out / FILE)) if row["cap"] == arguments.cap
    ]
    run = {row["library"] for row in rows if not row["error"]}
    wanted = arguments.libraries.split(",") if arguments.libraries else list(LIBRARIES)
    libraries = [
        library
        for library in wanted
        if library in run and library not in (*SLOW, *TUNED)
    ]
    if statistics.REFERENCE not in libraries:
        parser.error(
            f"no results of {statistics.REFERENCE}, to which the ratios are relative"
        )
    facts = json.loads((arguments.out / MACHINE).read_text())
    images = arguments.docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    cap = int(arguments.cap)
    suites = [
        (
            suite,
            latest(read(arguments.out / file_of(FILE, suite))),
            json.loads((arguments.out / file_of(MACHINE, suite)).read_text()),
        )
        for suite in SUITES
        if suite and (arguments.out / file_of(FILE, suite)).exists()
    ]
    parts = page(rows, libraries, facts, cap, images, suites)
    text = "\n\n".join(parts)
    (arguments.docs / "tabular_benchmarks.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
