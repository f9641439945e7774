"""How often intervals and sets contain the target, and how large they are.

    python -m benchmarks.tabular.intervals [--data DIR] [--tables a,b] [--seeds 0,1]
        [--cap 3000] [--quick]

adds rows to a CSV file, skips those that it has, and writes a page from them. It needs
MAPIE, for cross-conformal prediction with HistGradientBoosting.
"""

from time import process_time

import numpy as np

from benchmarks.report.tables import table

from .libraries import Entry
from .paged import KEY, run
from .tables import split

FILE, PAGE = "intervals.csv", "interval_benchmarks.md"
COVERAGES = (0.8, 0.9)
MEASURES = ("covered", "size")
COLUMNS = (
    *KEY,
    *("train_rows", "test_rows"),
    *(
        f"{name} {measure} {coverage}"
        for coverage in COVERAGES
        for name in ("skmlp", "mapie")
        for measure in MEASURES
    ),
    *("fit_cpu", "predict_cpu", "interval_cpu"),
)
FOLDS = 5

TEXT = """# Intervals and sets, measured

This page shows how often [intervals and sets of classes](how_to/intervals.md) contain the
target in new rows, and how large they are. `python -m benchmarks.tabular.intervals`
measures and writes it.

The tables are those of the [benchmarks on tables](tabular_benchmarks.md), cut at {cap:,}
training rows; the test rows are other rows. skmlp has its default settings. MAPIE is
cross-conformal prediction around scikit-learn's HistGradientBoosting with its default
settings: for regression `CrossConformalRegressor`, which is CV+, for classification
`CrossConformalClassifier` with the score of the least ambiguous sets, both with {folds}
folds. Widths are in standard deviations of the test targets, sets in classes.

## Summary

{summary}

Means over {n} fits, and the smallest coverage. Sets of tables with a high accuracy cannot
have a small coverage: the most probable class is always in the set.

Intervals need no further training: `predict_interval` took {times:.2f} of the CPU time of
`predict`, the median over the fits.

## By table

{rows}
"""


def covered_and_size(regression, y, found) -> tuple[float, float]:
    """The part of the rows whose target is inside, and the mean size."""
    if regression:
        low, high = found.T
        return np.mean((low <= y) & (y <= high)), np.mean(high - low) / y.std()
    return np.mean(found[np.arange(len(y)), y]), found.sum(axis=1).mean()


def by_mapie(source, data, seed, coverage):
    """Intervals or sets of cross-conformal prediction."""
    from mapie.classification import CrossConformalClassifier
    from mapie.regression import CrossConformalRegressor

    trees = Entry("hgb").build(source.regression, data.X, seed)
    common = {"confidence_level": coverage, "cv": FOLDS, "random_state": seed}
    if source.regression:
        model = CrossConformalRegressor(trees, method="plus", **common)
        _, found = model.fit_conformalize(data.X, data.y).predict_interval(data.X_test)
        return found[:, :, 0]
    model = CrossConformalClassifier(trees, conformity_score="lac", **common)
    _, found = model.fit_conformalize(data.X, data.y).predict_set(data.X_test)
    return found[:, :, 0]


def measure(source, seed, cap) -> dict[str, float]:
    """Coverages and sizes of both on the test rows."""
    data = split(source, seed, cap)
    start = process_time()
    model = Entry("skmlp").build(source.regression, data.X, seed).fit(data.X, data.y)
    found = {"train_rows": len(data.X), "test_rows": len(data.X_test)}
    times = {"fit_cpu": process_time() - start}
    start = process_time()
    model.predict(data.X_test)
    times["predict_cpu"] = process_time() - start
    for coverage in COVERAGES:
        start = process_time()
        method = model.predict_interval if source.regression else model.predict_set
        ours = method(data.X_test, coverage)
        times["interval_cpu"] = process_time() - start
        theirs = by_mapie(source, data, seed, coverage)
        for name, one in (("skmlp", ours), ("mapie", theirs)):
            values = covered_and_size(source.regression, data.y_test, one)
            for measure, value in zip(MEASURES, values, strict=True):
                found[f"{name} {measure} {coverage}"] = value
    return found | times


def page(rows, cap) -> str:
    parts = {
        "regression": [row for row in rows if row["task"] == "regression"],
        "classification": [row for row in rows if row["task"] != "regression"],
    }
    lines = []
    for task, part in parts.items():
        for coverage in COVERAGES:
            for name in ("skmlp", "mapie"):
                covered, size = (
                    np.array([float(row[f"{name} {one} {coverage}"]) for row in part])
                    for one in MEASURES
                )
                if len(covered):
                    numbers = [f"{covered.mean():.3f}", f"{covered.min():.3f}"]
                    lines.append([task, coverage, name, *numbers, f"{size.mean():.3f}"])
    names = [name for name in COLUMNS if name.endswith("0.9")]
    by_table = [
        [row["table"], row["seed"], *(f"{float(row[name]):.3f}" for name in names)]
        for row in rows
    ]
    times = [float(row["interval_cpu"]) / float(row["predict_cpu"]) for row in rows]
    header = ["table", "seed", *(name.removesuffix(" 0.9") for name in names)]
    heads = ("task", "coverage asked", "", "mean coverage", "smallest", "mean size")
    return TEXT.format(
        cap=cap,
        folds=FOLDS,
        n=len(rows),
        summary=table(heads, lines, 3),
        times=np.median(times),
        rows=table(header, by_table),
    )


if __name__ == "__main__":
    run(__doc__, FILE, PAGE, COLUMNS, measure, page)
