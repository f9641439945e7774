"""Measurements by table and seed in a CSV file, and a page of docs/ written from them."""

import argparse
import csv
import os
import warnings
from itertools import product
from pathlib import Path

from benchmarks.report.__main__ import DOCS
from benchmarks.run import QUICK_RESULTS, RESULTS, read

from .__main__ import short
from .registry import by_cap

KEY = ("table", "task", "seed", "cap")
"""The first columns of the file."""


def run(description, file_name, page_name, columns, measure, page) -> None:
    """Read the command line, add rows that the file lacks, and write the page.

    `measure` gets a table, a seed and the largest number of training rows, and `page` all
    rows and this number.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    folder = os.environ.get("SKMLP_TABLES")
    parser.add_argument(
        "--data", type=Path, default=Path(folder) if folder else None, metavar="DIR"
    )
    parser.add_argument("--tables", metavar="a,b", help="default: all")
    parser.add_argument("--seeds", default="0", metavar="0,1")
    parser.add_argument("--cap", type=int, default=3000)
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="one table, 300 rows")
    arguments = parser.parse_args()
    tables = by_cap(arguments.data, arguments.cap, "")[arguments.cap]
    names = arguments.tables.split(",") if arguments.tables else list(tables)
    if arguments.quick:
        names, arguments.cap = names[:1], 300
    out = QUICK_RESULTS if arguments.quick else RESULTS
    out.mkdir(parents=True, exist_ok=True)
    path = out / file_name
    warnings.simplefilter("ignore")
    done = {tuple(row[name] for name in KEY) for row in read(path)}
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        if fresh:
            writer.writeheader()
        for seed, name in product(arguments.seeds.split(","), names):
            key = (name, tables[name].task, seed, str(arguments.cap))
            if key not in done:
                found = measure(tables[name], int(seed), arguments.cap)
                row = {k: short(v) for k, v in found.items()}
                writer.writerow(dict(zip(KEY, key, strict=True)) | row)
                file.flush()
                print(*key, row, flush=True)
    rows = [row for row in read(path) if row["cap"] == str(arguments.cap)]
    if not arguments.quick:
        rows.sort(key=lambda row: (row["task"], row["table"], row["seed"]))
        (arguments.docs / page_name).write_text(page(rows, arguments.cap))
