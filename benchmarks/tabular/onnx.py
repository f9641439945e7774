"""How close exported models are in onnxruntime, how large they are, and how fast.

    python -m benchmarks.tabular.onnx [--data DIR] [--tables a,b] [--seeds 0,1]
        [--cap 2000] [--quick]

adds rows to a CSV file, skips those that it has, and writes a page from them.
"""

import json
from time import perf_counter

import numpy as np
import onnxruntime
import pandas as pd

from benchmarks.report.tables import table
from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.export import to_onnx

from .paged import KEY, run
from .tables import split

FILE, PAGE = "onnx.csv", "onnx_benchmarks.md"
PRESETS = ("fast", "default")
MEASURES = ("difference", "others", "kilobytes", "row", "onnx_row", "rows", "onnx_rows")
COLUMNS = (
    *(*KEY, "train_rows", "columns", "texts"),
    *(f"{preset}_{name}" for preset in PRESETS for name in MEASURES),
)
ROWS, REPEATS = 1000, 7

TEXT = """# Export to ONNX, measured

This page shows how close models that [`to_onnx`](how_to/onnx.md) exports are to the models
themselves, how large the files are, and how fast onnxruntime predicts with them.
`python -m benchmarks.tabular.onnx` measures and writes it.

The tables are those of the [benchmarks on tables](tabular_benchmarks.md), cut at {cap:,}
training rows. {texts} The presets are "fast" and "default". Predictions are those of up to
{rows:,} other rows.

## Summary

{summary}

The difference is the largest one of any row: of probabilities for classification, and of
predictions divided by the standard deviation of the target for regression. Times and sizes
are medians over {n} tables, with one thread. skmlp gets a frame of pandas, onnxruntime gets
arrays.

## By table

Differences, the size of the file in kB, and milliseconds for {rows:,} rows in skmlp and in
onnxruntime.

{each}
"""


def as_input(column: pd.Series, facts: dict) -> np.ndarray:
    """A column as an input of the exported model."""
    if facts["type"] == "string":
        known = column.notna()
        values = column.astype(object).where(known, facts["missing"])
        return values.to_numpy(object)[:, None]
    if column.dtype.kind == "M":
        return column.to_numpy().astype("M8[us]").astype(np.int64)[:, None]
    return column.to_numpy(np.dtype(facts["type"]), na_value=np.nan)[:, None]


def milliseconds(function) -> float:
    """The median time of a call."""
    function()
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return 1000 * float(np.median(times))


def fitted(kind, preset, data, seed):
    """A model, and the number of columns of texts, which become categories."""
    model = kind(preset=preset, random_state=seed).fit(data.X, data.y)
    kinds = model.column_kinds_.items()
    texts = {name: "category" for name, one in kinds if one.kind == "text"}
    if texts:
        model = kind(preset=preset, random_state=seed, column_kinds=texts)
        model.fit(data.X, data.y)
    return model, len(texts)


def compared(model, X, regression, scale) -> dict[str, float]:
    """The differences and the times of predictions, and the size of the file."""
    exported = to_onnx(model)
    content = exported.SerializeToString()
    facts = {one.key: one.value for one in exported.metadata_props}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )
    columns = json.loads(facts["columns"])
    inputs = {c["input"]: as_input(X.iloc[:, i], c) for i, c in enumerate(columns)}
    first = {name: values[:1] for name, values in inputs.items()}
    row = X[:1]
    predict = model.predict if regression else model.predict_proba
    expected, found = predict(X), session.run(None, inputs)
    difference = np.abs(np.reshape(found[-1], expected.shape) - expected).max() / scale
    others = 0 if regression else int((found[0] != model.predict(X)).sum())
    return {
        "difference": float(difference),
        "others": others,
        "kilobytes": len(content) / 1000,
        "row": milliseconds(lambda: predict(row)),
        "onnx_row": milliseconds(lambda: session.run(None, first)),
        "rows": milliseconds(lambda: predict(X)),
        "onnx_rows": milliseconds(lambda: session.run(None, inputs)),
    }


def measure(source, seed, cap) -> dict[str, float]:
    """The measures of both presets on a table."""
    data, regression = split(source, seed, cap), source.regression
    kind = TabularMLPRegressor if regression else TabularMLPClassifier
    scale = data.y.std() if regression else 1.0
    found = {"train_rows": len(data.X), "columns": data.X.shape[1]}
    for preset in PRESETS:
        model, found["texts"] = fitted(kind, preset, data, seed)
        one = compared(model, data.X_test[:ROWS], regression, scale)
        found |= {f"{preset}_{name}": value for name, value in one.items()}
    return found


def values(rows, preset, name):
    return [float(row[f"{preset}_{name}"]) for row in rows]


def page(rows, cap) -> str:
    tasks = {
        "classification": [row for row in rows if row["task"] != "regression"],
        "regression": [row for row in rows if row["task"] == "regression"],
    }
    lines = []
    for preset in PRESETS:
        for task, some in tasks.items():
            if some:
                largest = max(values(some, preset, "difference"))
                labels = int(sum(values(some, preset, "others")))
                lines.append([f"{preset}, {task}", len(some), f"{largest:.1e}", labels])
    summary = [
        table(["", "tables", "largest difference", "other labels"], lines),
        table(
            [
                *("", "file, kB", "a row: skmlp, ms", "onnxruntime, ms"),
                *(f"{ROWS:,} rows: skmlp, ms", "onnxruntime, ms"),
            ],
            [
                [
                    preset,
                    *(
                        f"{np.median(values(rows, preset, name)):.3g}"
                        for name in MEASURES[2:]
                    ),
                ]
                for preset in PRESETS
            ],
        ),
    ]
    each = [
        [
            row["table"],
            row["columns"],
            *(
                f"{float(row[f'{preset}_{name}']):.3g}"
                for preset in PRESETS
                for name in ("difference", "kilobytes", "rows", "onnx_rows")
            ),
        ]
        for row in rows
    ]
    names = ("difference", "kB", "skmlp", "onnxruntime")
    header = ["table", "columns", *(f"{p}: {name}" for p in PRESETS for name in names)]
    texts = "None of them has columns of texts, which ONNX cannot read."
    named = [f"{row['texts']} in {row['table']}" for row in rows if row["texts"] != "0"]
    return TEXT.format(
        cap=cap,
        rows=ROWS,
        n=len(rows),
        texts=f"Columns of texts are categories: {', '.join(named)}."
        if named
        else texts,
        summary="\n\n".join(summary),
        each=table(header, each),
    )


if __name__ == "__main__":
    run(__doc__, FILE, PAGE, COLUMNS, measure, page)
