"""How honest out-of-fold losses are, and what a blend chosen by them gains.

    python -m benchmarks.tabular.out_of_fold [--data DIR] [--tables a,b] [--seeds 0,1]
        [--cap 3000] [--quick]

adds rows to a CSV file, skips those that it has, and writes a page from them.
"""

from time import process_time

import numpy as np
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold

from benchmarks.report.tables import table

from .libraries import Entry
from .paged import KEY, run
from .tables import split

FILE, PAGE = "out_of_fold.csv", "out_of_fold_benchmarks.md"
COLUMNS = (
    *KEY,
    *("train_rows", "test_rows", "oof", "test", "shuffled_oof", "guess"),
    *("hgb_oof", "hgb_test", "weight", "blend_oof", "blend_test"),
    *("cpu", "hgb_cpu"),
)
FOLDS = 8
WEIGHTS = np.linspace(0, 1, 21)

TEXT = """# Out of fold: honesty and blends, measured

This page shows how near [out-of-fold losses](how_to/folds.md#out-of-fold-predictions) of
the tabular estimators are to losses of new rows, and what a
[blend with gradient boosting](how_to/blending.md) gains.
`python -m benchmarks.tabular.out_of_fold` measures and writes it.

The tables are those of the [benchmarks on tables](tabular_benchmarks.md), cut at {cap:,}
training rows; test rows are other rows. Losses are log-losses for classification, and
RMSEs in standard deviations of the test targets for regression. Both models have their
default settings and the same eight folds. "shuffled" is the out-of-fold loss with
shuffled targets, over the loss of the frequencies of the classes or of the mean: a value
of 1 or more is no better than a guess. The weight is the one of skmlp in the blend, of
{weights} values the one with the smallest out-of-fold loss.

## Summary

{summary}

Geometric means over {n} fits. A ratio below 1 means a smaller loss. Out of fold most rows
have the prediction of one network, and new rows that of all eight: that is why these
ratios of skmlp are above 1.

## By table

{rows}
"""


def loss(y, predicted, regression):
    """Log-loss, or RMSE in standard deviations."""
    if regression:
        return root_mean_squared_error(y, predicted) / y.std()
    return log_loss(y, predicted, labels=np.arange(predicted.shape[1]))


def predictions(model, X, regression):
    return model.predict(X) if regression else model.predict_proba(X)


def measure(source, seed, cap) -> dict[str, float]:
    """Losses out of fold and on the test rows, of both models and their blend."""
    data, regression = split(source, seed, cap), source.regression
    X, y = data.X, data.y
    kind = KFold if regression else StratifiedKFold
    folds = list(kind(FOLDS, shuffle=True, random_state=seed).split(X, y))
    start = process_time()
    ours = Entry("skmlp").build(regression, X, seed).set_params(cv=folds).fit(X, y)
    cpu, start = process_time() - start, process_time()
    trees = Entry("hgb").build(regression, X, seed).fit(X, y)
    out = np.empty_like(ours.oof_prediction_, float)
    for training, held in folds:
        one = Entry("hgb").build(regression, X, seed).fit(X.iloc[training], y[training])
        out[held] = predictions(one, X.iloc[held], regression)
    hgb_cpu = process_time() - start
    pairs = {
        "oof": (y, ours.oof_prediction_.astype(float), out),
        "test": (
            data.y_test,
            *(predictions(model, data.X_test, regression) for model in (ours, trees)),
        ),
    }
    blends = {
        name: [loss(t, w * a + (1 - w) * b, regression) for w in WEIGHTS]
        for name, (t, a, b) in pairs.items()
    }
    best = int(np.argmin(blends["oof"]))
    mixed = np.random.RandomState(seed).permutation(y)
    shuffled = Entry("skmlp").build(regression, X, seed).fit(X, mixed)
    constant = (
        np.full(len(y), y.mean())
        if regression
        else np.tile(np.bincount(y) / len(y), (len(y), 1))
    )
    return {
        "train_rows": len(X),
        "test_rows": len(data.X_test),
        "oof": blends["oof"][-1],
        "test": blends["test"][-1],
        "shuffled_oof": loss(mixed, shuffled.oof_prediction_.astype(float), regression),
        "guess": loss(y, constant, regression),
        "hgb_oof": blends["oof"][0],
        "hgb_test": blends["test"][0],
        "weight": WEIGHTS[best],
        "blend_oof": blends["oof"][best],
        "blend_test": blends["test"][best],
        "cpu": cpu,
        "hgb_cpu": hgb_cpu,
    }


def ratio(rows, above, below):
    """The geometric mean of the ratios of two columns."""
    return np.exp(np.mean([np.log(float(r[above]) / float(r[below])) for r in rows]))


def page(rows, cap) -> str:
    ratios = {
        "skmlp, out of fold / new rows": ("oof", "test"),
        "HistGradientBoosting, out of fold / new rows": ("hgb_oof", "hgb_test"),
        "skmlp with shuffled targets, out of fold / guess": ("shuffled_oof", "guess"),
        "blend / skmlp, new rows": ("blend_test", "test"),
        "blend / HistGradientBoosting, new rows": ("blend_test", "hgb_test"),
    }
    parts = {
        "classification": [row for row in rows if row["task"] != "regression"],
        "regression": [row for row in rows if row["task"] == "regression"],
    }
    parts = {name: part for name, part in parts.items() if part}
    lines = [
        [name, *(f"{ratio(part, *pair):.3f}" for part in parts.values())]
        for name, pair in ratios.items()
    ]
    better = [
        sum(
            float(r["blend_test"]) < min(float(r["test"]), float(r["hgb_test"]))
            for r in p
        )
        for p in parts.values()
    ]
    counts = [f"{n} of {len(p)}" for n, p in zip(better, parts.values(), strict=True)]
    lines.append(["fits whose blend is better than both", *counts])
    names = ("oof", "test", "hgb_oof", "hgb_test", "weight", "blend_test")
    by_table = [
        [
            row["table"],
            row["seed"],
            *(f"{float(row[name]):.4g}" for name in names),
            f"{float(row['shuffled_oof']) / float(row['guess']):.3f}",
        ]
        for row in rows
    ]
    header = (
        *("table", "seed", "out of fold", "new rows", "HGB, out of fold"),
        *("HGB, new rows", "weight", "blend, new rows", "shuffled"),
    )
    return TEXT.format(
        cap=cap,
        weights=len(WEIGHTS),
        n=len(rows),
        summary=table(["", *parts], lines),
        rows=table(header, by_table),
    )


if __name__ == "__main__":
    run(__doc__, FILE, PAGE, COLUMNS, measure, page)
