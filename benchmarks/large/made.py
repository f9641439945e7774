"""A made table of any size: numbers, labels of up to 20,000 values, two classes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

LABELS, STEP = 20_000, 200_000


def tables(n_rows: int, n_numbers: int, n_labels: int, seed: int) -> Iterator[Any]:
    """The rows in tables of STEP rows; the effects of labels do not depend on the seed."""
    effects = np.random.default_rng(0).normal(size=(n_labels, LABELS))
    rng = np.random.default_rng([1, seed])
    for start in range(0, n_rows, STEP):
        n = min(STEP, n_rows - start)
        codes = (rng.pareto(1.0, (n_labels, n)) * 50).astype(int) % LABELS
        X = rng.normal(size=(n_numbers, n)).astype(np.float32).round(4)
        s = np.sin(2 * X[0]) + X[1] * X[2]
        s = s + 0.7 * np.take_along_axis(effects, codes, axis=1).sum(axis=0)
        y = s + rng.logistic(size=n) > 0
        columns = {
            f"label{i}": np.char.add("v", one.astype(str))
            for i, one in enumerate(codes)
        }
        columns |= {f"number{i}": one for i, one in enumerate(X)}
        yield pa.table({**columns, "y": np.where(y, "yes", "no")})


def write(path: Path, n_rows: int, n_numbers: int, n_labels: int, seed: int) -> None:
    """Write the table to a CSV or parquet file."""
    kind = csv.CSVWriter if path.suffix == ".csv" else parquet.ParquetWriter
    writer = None
    for table in tables(n_rows, n_numbers, n_labels, seed):
        writer = writer or kind(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
