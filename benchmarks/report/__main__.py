"""Write docs/benchmarks.md and its plots from the CSV files.

python -m benchmarks.report [--results DIR] [--docs DIR]
"""

import argparse
import json
import statistics
from pathlib import Path
from textwrap import fill

from benchmarks.run import KINDS, RESULTS

from . import plots, prose, tables, verdicts
from .statistics import load, training_ratios

DOCS = Path(__file__).parents[2] / "docs"


def training(rows, found):
    yield prose.TRAINING
    yield tables.shapes()
    for solver in tables.SOLVERS:
        for dtype in tables.DTYPES:
            yield f"### {solver}, {dtype}"
            yield tables.training(rows, found, solver, dtype)
    yield prose.LBFGS
    yield prose.SPARSE
    yield tables.sparse(rows)


def imports(rows) -> str:
    ours = [1e3 * float(row["skmlp"]) for row in rows]
    before = statistics.median(1e3 * float(row["scikit_learn"]) for row in rows)
    text = prose.IMPORTS.format(
        skmlp=statistics.median(ours), low=min(ours), high=max(ours), before=before
    )
    return f"## Import\n\n{fill(text, 88)}"


def summary(results, found):
    yield prose.SUMMARY
    yield tables.means(found)
    yield "![Ratios of training time, by problem](images/benchmark_speedups.png)"
    yield "![Floor as a fraction of skmlp's time](images/benchmark_floor.png)"
    yield prose.AGAINST_TARGETS
    yield verdicts.against_targets(results, found)


def page(results, found, facts):
    """All parts of the page, for the kinds that were run."""
    yield prose.INTRODUCTION
    yield "## The machine"
    yield tables.machine(facts)
    yield prose.RERUN
    yield prose.METHOD
    yield from summary(results, found)
    yield prose.LOSES
    yield verdicts.losses(results, found) or prose.NO_LOSSES
    if rows := results["training"]:
        yield from training(rows, found)
    for kind in (
        "prediction",
        "selection",
        "memory",
        "threads",
        "calibration",
        "micro",
        "gains",
    ):
        if rows := results[kind]:
            yield getattr(prose, kind.upper())
            yield getattr(tables, kind)(rows)
    if rows := results["growth"]:
        yield prose.GROWTH
        yield "![Time of an epoch by size](images/benchmark_growth.png)"
        yield tables.exponents(rows)
    if rows := results["imports"]:
        yield imports(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR")
    arguments = parser.parse_args()
    results = {kind: load(arguments.results, kind) for kind in KINDS}
    facts = json.loads((arguments.results / "machine.json").read_text())
    found = training_ratios(results["training"])
    images = arguments.docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    plots.speedups(found, images / "benchmark_speedups.png")
    plots.floor_fraction(found, images / "benchmark_floor.png")
    if results["growth"]:
        plots.growth_curves(results["growth"], images / "benchmark_growth.png")
    text = "\n\n".join(page(results, found, facts))
    (arguments.docs / "benchmarks.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
