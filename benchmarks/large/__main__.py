"""Measure fits on made tables of several sizes, and append the results to a CSV file.

    python -m benchmarks.large --rows 1000000 --numbers 16 --labels 4 --format parquet

Each fit has a process of its own, with one thread. The file is made first, and removed.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .made import write

WAYS = ("file", "in memory", "lightgbm")
TEST_ROWS = 100_000
RESULTS = Path(__file__).parents[1] / "results" / "large.csv"


def main() -> None:
    """Make the tables, and measure each way in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--numbers", type=int, default=16)
    parser.add_argument("--labels", type=int, default=4)
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS[:1])
    parser.add_argument("--folder", help="where the table is made")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    with TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / f"table.{given.format}"
        test = Path(folder) / "test.parquet"
        write(path, given.rows, given.numbers, given.labels, seed=0)
        write(test, TEST_ROWS, given.numbers, given.labels, seed=1)
        for way in given.ways:
            found = measured(way, path, test)
            columns = given.numbers + given.labels
            size = {"rows": given.rows, "columns": columns, "format": given.format}
            size["bytes"] = path.stat().st_size
            append(given.out, {"way": way, **size, **found})


def measured(way: str, path: Path, test: Path) -> dict[str, float]:
    """The results of one fit, rounded."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.large.worker", way, str(path), str(test)],
        env={**os.environ, **threads},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    print(way, found, flush=True)
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def append(path: Path, row: dict[str, object]) -> None:
    """Add a row to a CSV file, which begins with the names of the columns."""
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
