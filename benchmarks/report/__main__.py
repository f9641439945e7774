"""Write docs/benchmarks.md, its plots and a section of the README from the CSV files.

python -m benchmarks.report [--results DIR] [--docs DIR]
"""

import argparse
import json
import re
import statistics
from pathlib import Path

from benchmarks.drawing import save
from benchmarks.run import KINDS, RESULTS

from . import plots, prose, tables, verdicts
from .statistics import (
    IN_NUMPY,
    OURS,
    PATHS,
    geometric_mean,
    job_ratios,
    load,
    peak_rates,
    training_ratios,
)

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


def raw_tables(rows):
    yield prose.TABLES
    yield tables.raw_tables(rows)
    if job_ratios(rows):
        yield prose.JOBS
        yield tables.jobs(rows)


def imports(rows) -> str:
    ours = [1e3 * float(row["skmlp"]) for row in rows]
    before = statistics.median(1e3 * float(row["scikit_learn"]) for row in rows)
    library = statistics.median(1e3 * float(row["library"]) for row in rows)
    text = prose.IMPORTS.format(
        skmlp=statistics.median(ours),
        low=min(ours),
        high=max(ours),
        before=before,
        library=library,
    )
    return f"## Import\n\n{tables.paragraph(text)}"


def kernel(facts, rows):
    """Which kernel was used, and the rate of products with it."""
    known = prose.KERNEL[tables.has_avx512(facts)]
    yield known.format(kernel=facts.get("kernel", "unknown"))
    if rates := peak_rates(rows):
        each = [f"{rate / 1e9:.0f} GFLOPS in {dtype}" for dtype, rate in rates.items()]
        yield tables.paragraph(prose.RATES.format(rates=" and ".join(each)))


def headline(results, found) -> dict[str, float]:
    """The numbers of the README and of the first lines; empty if one was not measured."""
    ours, in_numpy = found[OURS], found[IN_NUMPY]
    parts = {
        "scikit_learn": verdicts.all_of(ours, verdicts.STOCHASTIC, "scikit-learn"),
        "torch": verdicts.all_of(ours, verdicts.STOCHASTIC, "torch"),
        "floor": verdicts.all_of(ours, verdicts.STOCHASTIC, "floor"),
        "numpy": verdicts.all_of(in_numpy, verdicts.STOCHASTIC, "scikit-learn"),
        "torch_numpy": verdicts.all_of(in_numpy, verdicts.STOCHASTIC, "torch"),
        "prediction": verdicts.predictions(results["prediction"]),
        "search": verdicts.grid_searches(results["selection"]),
        "fits": verdicts.of_tables(results["tables"], "fit", IN_NUMPY),
        "predictions": verdicts.of_tables(
            results["tables"], "predict_proba/100000", IN_NUMPY
        ),
        "numpy_search": verdicts.grid_searches(results["selection"], IN_NUMPY),
    }
    if not all(parts.values()):
        return {}
    numbers = {name: geometric_mean(values) for name, values in parts.items()}
    numbers |= {f"{name}_low": min(values) for name, values in parts.items()}
    return numbers | {f"{name}_high": max(values) for name, values in parts.items()}


def readme(numbers, facts):
    """The parts of the section of the README."""
    yield prose.README
    yield prose.README_TABLE.format(**numbers)
    known = prose.KERNEL[tables.has_avx512(facts)].format(**facts)
    yield tables.paragraph(prose.README_NOTES.format(kernel=known, **numbers))


def summary(found):
    yield prose.SUMMARY
    yield tables.means(found)
    yield prose.SPEEDUPS
    yield prose.FLOOR


def page(results, found, facts):
    """All parts of the page, for the kinds that were run."""
    yield prose.INTRODUCTION
    if numbers := headline(results, found):
        yield prose.IN_SHORT.format(**numbers)
    yield "## The machine"
    yield tables.machine(facts)
    yield from kernel(facts, results["training"])
    yield prose.RERUN
    yield prose.METHOD
    yield from summary(found)
    yield prose.LOSES
    yield verdicts.losses(results, found) or prose.NO_LOSSES
    if rows := results["training"]:
        yield from training(rows, found)
    if rows := results["kernels"]:
        yield "## With the kernel that the environment sets"
        text = prose.KERNELS.format(variables=facts["unset for this"])
        yield tables.paragraph(text)
        yield tables.kernels(rows)
    if rows := results["tables"]:
        yield from raw_tables(rows)
    for kind in (
        "prediction",
        "selection",
        "overhead",
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
        yield prose.CURVES
        yield tables.exponents(rows)
    if rows := results["imports"]:
        yield imports(rows)
    yield prose.AGAINST_TARGETS
    yield verdicts.against_targets(results, found, facts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR")
    arguments = parser.parse_args()
    results = {kind: load(arguments.results, kind) for kind in KINDS}
    facts = json.loads((arguments.results / "machine.json").read_text())
    found = {path: training_ratios(results["training"], path) for path in PATHS}
    images = arguments.docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    save(images / "benchmark_speedups.svg", plots.speedups, found)
    save(images / "benchmark_floor.svg", plots.floor_fraction, found)
    if results["growth"]:
        save(images / "benchmark_growth.svg", plots.growth_curves, results["growth"])
    text = "\n\n".join(page(results, found, facts))
    (arguments.docs / "benchmarks.md").write_text(text + "\n")
    numbers, path = headline(results, found), arguments.docs.parent / "README.md"
    if numbers and path.exists():
        section = "\n\n".join(readme(numbers, facts))
        old = re.compile(r"(?<=^## How fast it is\n\n).*?(?=\n\n## )", re.S | re.M)
        path.write_text(old.sub(lambda _: section, path.read_text()))


if __name__ == "__main__":
    main()
