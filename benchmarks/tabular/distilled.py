"""What one network keeps of an ensemble from whose predictions it learns.

    python -m benchmarks.tabular.distilled [--data DIR] [--tables a,b] [--seeds 0,1]
        [--cap 3000] [--quick]

adds rows to a CSV file, skips those that it has, and writes a page from them.
"""

from time import process_time

import numpy as np
import pandas as pd

from benchmarks.report.tables import table

from .libraries import Entry
from .out_of_fold import loss, predictions
from .paged import KEY, run
from .tables import split

FILE, PAGE = "distilled.csv", "distillation_benchmarks.md"
COLUMNS = (
    *KEY,
    *("train_rows", "test_rows", "ensemble", "single", "student"),
    *("ensemble_cpu", "student_cpu", "ensemble_predict", "student_predict"),
)
SINGLES, TIMES, PART = 3, 3, 0.3

TEXT = """# One network from an ensemble, measured

This page shows what [one network that learns from an ensemble](how_to/distilling.md)
keeps of its accuracy. `python -m benchmarks.tabular.distilled` measures and writes it.

The tables are those of the [benchmarks on tables](tabular_benchmarks.md), cut at {cap:,}
training rows; the test rows are other rows. The ensemble has the default settings, eight
networks. A single network has `n_estimators=1`; its loss is the mean over {singles} seeds.
The student is a single network that learns from the predictions of the ensemble, for the
training rows and {times} times as many rows with {part:.0%} of their values from other
rows. Losses are log-losses for classification, and RMSEs in standard deviations of the
test targets.

## Summary

{summary}

The gain is that of the ensemble over a single network, in the logarithm of the loss.
"kept" is the gain of the student, the sum over the tables, divided by the sum of the gains
of the ensemble. Times are CPU seconds; `predict` is for the test rows.

## By table

{rows}
"""


def mixed_rows(X, n_rows, rng):
    """Rows with a part of the values from other rows."""
    rows, others = (
        X.iloc[rng.randint(len(X), size=n_rows)].reset_index(drop=True)
        for _ in range(2)
    )
    keep = pd.DataFrame(rng.rand(*rows.shape) >= PART, columns=rows.columns)
    return rows.where(keep, others).astype(X.dtypes.to_dict())


def measure(source, seed, cap) -> dict[str, float]:
    """Losses on the test rows, and times."""
    data, regression = split(source, seed, cap), source.regression
    X = data.X

    def fitted(rows, y, seed, **params):
        model = Entry("skmlp").build(regression, X, seed).set_params(**params)
        start = process_time()
        model.fit(rows, y)
        fit, start = process_time() - start, process_time()
        found = loss(
            data.y_test, predictions(model, data.X_test, regression), regression
        )
        return model, found, fit, process_time() - start

    ensemble, of_ensemble, cpu, seconds = fitted(X, data.y, seed)
    singles = [fitted(X, data.y, 100 + i, n_estimators=1)[1] for i in range(SINGLES)]
    more = mixed_rows(X, TIMES * len(X), np.random.RandomState(seed))
    rows = pd.concat([X, more], ignore_index=True)
    y = predictions(ensemble, rows, regression)
    _, of_student, *times = fitted(rows, y, seed, n_estimators=1)
    return {
        "train_rows": len(X),
        "test_rows": len(data.X_test),
        "ensemble": of_ensemble,
        "single": np.mean(singles),
        "student": of_student,
        "ensemble_cpu": cpu,
        "student_cpu": times[0],
        "ensemble_predict": seconds,
        "student_predict": times[1],
    }


def gain(rows, name):
    """The sum of logarithms of the loss of a single network over that of another model."""
    return sum(np.log(float(row["single"]) / float(row[name])) for row in rows)


def median(rows, above, below):
    return np.median([float(row[above]) / float(row[below]) for row in rows])


def page(rows, cap) -> str:
    parts = {
        "classification": [row for row in rows if row["task"] != "regression"],
        "regression": [row for row in rows if row["task"] == "regression"],
    }
    lines = [
        [
            task,
            len(part),
            *(
                f"{np.exp(-gain(part, name) / len(part)):.3f}"
                for name in ("ensemble", "student")
            ),
            f"{gain(part, 'student') / gain(part, 'ensemble'):.0%}",
            f"{median(part, 'student_cpu', 'ensemble_cpu'):.2f}",
            f"{median(part, 'ensemble_predict', 'student_predict'):.1f}",
        ]
        for task, part in parts.items()
        if part
    ]
    header = (
        *("", "fits", "loss of the ensemble / single", "student / single", "kept"),
        *("time of fit of the student / ensemble", "times as fast in predict"),
    )
    names = ("single", "ensemble", "student")
    by_table = [
        [row["table"], row["seed"], *(f"{float(row[name]):.4g}" for name in names)]
        for row in rows
    ]
    return TEXT.format(
        cap=cap,
        singles=SINGLES,
        times=TIMES,
        part=PART,
        summary=table(header, lines),
        rows=table(("table", "seed", *names), by_table),
    )


if __name__ == "__main__":
    run(__doc__, FILE, PAGE, COLUMNS, measure, page)
