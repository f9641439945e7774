"""Write docs/tabular_benchmarks.md and its pictures from the CSV file.

python -m benchmarks.tabular.report [--out DIR] [--docs DIR] [--libraries a,b]
    [--cap 8000]
"""

import argparse
import json
from pathlib import Path

from benchmarks.report.__main__ import DOCS
from benchmarks.report.statistics import grouped
from benchmarks.report.tables import machine, table
from benchmarks.run import RESULTS, read

from . import plots, statistics
from .__main__ import FILE, MACHINE
from .libraries import LIBRARIES
from .tables import HELD_OUT, MOST_TEST_ROWS, PACKAGED

NAMES = dict(zip(LIBRARIES, LIBRARIES, strict=True)) | {
    "sklearn_mlp": "scikit-learn's MLP",
    "hgb": "HistGradientBoosting",
    "lightgbm": "LightGBM",
    "xgboost": "XGBoost",
    "catboost": "CatBoost",
    "realmlp_td": "RealMLP-TD",
    "realmlp_td_s": "RealMLP-TD-S",
}

INTRODUCTION = """\
# Benchmarks on tables

`TabularMLPClassifier` and `TabularMLPRegressor` beside boosted trees and other networks,
each as it ships, on real tables: loss, time and memory. This page is written by
`python -m benchmarks.tabular.report` from what `python -m benchmarks.tabular` measured.

## The machine"""

RERUN = """\
## How to run them

The libraries have an environment of their own:

```sh
python3 -m venv .venv-tabular && .venv-tabular/bin/pip install -e '.[bench-tabular]' &&
  .venv-tabular/bin/python -m benchmarks.tabular --seeds 0,1,2
.venv-tabular/bin/python -m benchmarks.tabular.report
```

Rows are added to a CSV file one by one, and a run that was broken off goes on where it
was. `--tables`, `--libraries` and `--seeds` choose what is run; an entry such as
`skmlp:n_estimators=4,dropout=0.2` has other settings than the defaults. The tables are
from packages. `--data DIR`, or the variable `SKMLP_TABLES`, takes those of a folder
instead: files `NAME.parquet` with a column `target`, and a JSON file with a list of
objects that have a `name` and a `task`: `binary`, `multiclass` or `regression`. `--quick`
covers three small tables in little time, too little to mean much."""

METHOD = """\
## What is compared, and how

- A quarter of the rows is to test on, at most {most:,} of them, and of the others at most
  {cap:,} are to learn from; the classes are in proportion. The seed decides on the
  rows and is the library's `random_state`.
- The defaults of skmlp were chosen on the tables of the folder that this page is from,
  with a look at those of packages. The tables held out, which are of packages too, were
  looked at for the first time when the defaults were fixed.
- Every library has its defaults, and what it needs to take the table at all: categories
  as pandas has them for the trees, the mean and a mark for gaps of numbers for RealMLP,
  and for scikit-learn's MLP `early_stopping=True`, medians, scaled columns and targets,
  and one-hot codes. That is part of the time of its fit. Nothing is tuned.
- Each fit has a process of its own, with one thread. Seconds are CPU time of the fit.
  Memory is the most that is held in it beyond what was held before: libraries, table.
- The loss is the log-loss, or the RMSE of a regression in standard deviations of the test
  targets, and the median over the seeds. A ratio is to the loss of scikit-learn's
  HistGradientBoosting: **below 1 is better**. Means of ratios are geometric."""

CHANGES = """\
## One change at a time

Entries with settings against the same library without, on the tables and seeds that both
have: the mean ratio of the losses, below 1 if the change is better, on how many tables it
is, and the mean ratio of the CPU seconds."""


TABLES = """\
## The tables

Rows are those to learn from, texts the columns of text or categories."""


def overview(found) -> str:
    """One line for each library, the least loss first."""
    kinds = [kind for kind in next(iter(found.values())).ratios if kind != "all"]
    what = {"classification": "log-loss", "regression": "RMSE"}
    lines = []
    for library, summary in sorted(
        found.items(), key=lambda each: each[1].ratios["all"]
    ):
        beaten = summary.over_own_kind
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
    better = f"better than {NAMES[statistics.OWN_KIND]}"
    header = ["", *[what[kind] for kind in kinds], "mean rank", "wins", "worst", better]
    return table([*header, "CPU seconds", "MB"], lines)


def losses(rows, libraries) -> str:
    """Table by table, the least loss in bold; none where a library has no result."""
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


def contents(rows) -> str:
    """What the tables are, and where they are from."""
    keys = ("task", "train_rows", "test_rows", "columns", "texts")
    lines = []
    for (name,), group in grouped(rows, "table").items():
        if facts := next((row for row in group if not row["error"]), None):
            source, gaps = facts["source"], f"{float(facts['gaps']):.1%}"
            classes = "" if facts["classes"] == "0" else facts["classes"]
            lines.append([name, source, *[facts[key] for key in keys], gaps, classes])
    header = ["", "from", "task", "rows", "test rows", "columns", "texts", "gaps"]
    return table([*header, "classes"], lines, 3)


def failures(rows) -> str:
    lines = [
        [row["table"], row["library"], row["seed"], row["error"].replace("|", "\\|")]
        for row in rows
        if row["error"]
    ]
    return table(["table", "library", "seed", "why"], lines, 4) if lines else ""


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
    """The rows by what part their tables had in choosing the defaults."""
    of_packages = PACKAGED | HELD_OUT
    parts = {
        "Tables of a folder": [row for row in rows if row["table"] not in of_packages],
        "Tables of packages": [row for row in rows if row["table"] in PACKAGED],
        "Tables held out": [row for row in rows if row["table"] in HELD_OUT],
    }
    return {title: part for title, part in parts.items() if part}


def page(rows, libraries, facts, cap, images: Path):
    """All parts of the page; draws the pictures on the way."""
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
        plots.cost(found, names, images / "tabular_cost.png")
        plots.by_table(by_table, names, images / "tabular_ratios.png")
        yield "## Summary"
        for title, part in groups(compared).items():
            yield f"### {title}: {len(statistics.medians(part))}"
            yield overview(statistics.summaries(part, libraries))
        yield (
            f"The pictures are of the {len(by_table)} of {n_tables} tables that all "
            "libraries have learned."
        )
        yield "![Loss against seconds](images/tabular_cost.png)"
        yield "![Ratios of the losses, by table](images/tabular_ratios.png)"
    yield "## Losses"
    yield losses(plain, libraries)
    if found := statistics.changes(rows):
        yield CHANGES
        yield changes(found)
    yield TABLES
    yield contents(rows)
    if text := failures(rows):
        yield f"## What failed\n\n{text}"


def latest(rows, cap: str):
    """The last row of each combination, those of a cap, classification first."""
    last = {
        key: group[-1]
        for key, group in grouped(rows, "table", "library", "seed", "cap").items()
    }
    chosen = [row for row in last.values() if row["cap"] == cap]
    return sorted(chosen, key=lambda row: (row["task"], row["table"]))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular.report", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR")
    parser.add_argument("--libraries", metavar="a,b", help="default: all that were run")
    parser.add_argument("--cap", default="8000", help="of the training rows")
    arguments = parser.parse_args()
    rows = latest(read(arguments.out / FILE), arguments.cap)
    run = {row["library"] for row in rows if not row["error"]}
    wanted = arguments.libraries.split(",") if arguments.libraries else list(LIBRARIES)
    libraries = [library for library in wanted if library in run]
    if statistics.REFERENCE not in libraries:
        parser.error(
            f"there are no results of {statistics.REFERENCE}, the unit of the ratios"
        )
    facts = json.loads((arguments.out / MACHINE).read_text())
    images = arguments.docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    parts = page(rows, libraries, facts, int(arguments.cap), images)
    text = "\n\n".join(parts)
    (arguments.docs / "tabular_benchmarks.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
