"""Measure, and add rows to a CSV file; combinations already there are skipped.

python -m benchmarks.tabular [--data DIR] [--tables a,b] [--libraries a,b]
    [--seeds 0,1] [--cap 8000] [--limit SECONDS] [--out DIR] [--quick] [--again]
    [--suite large|mixed|tuned]
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import machine
from benchmarks.run import QUICK_RESULTS, RESULTS, read

from .libraries import LIBRARIES, TUNED, entries
from .registry import SUITES, by_cap, file_of
from .suites import LIBRARIES as OF_SUITES

FILE, MACHINE = "tabular.csv", "tabular_machine.json"
PACKAGES = ("lightgbm", "xgboost", "catboost", "pytabkit", "pandas")
KEY = ("table", "task", "library", "seed", "cap")
COLUMNS = (
    *KEY,
    *("train_rows", "test_rows", "columns", "texts", "gaps", "classes", "source"),
    *("log_loss", "error_rate", "auc", "rmse", "rmse_over_std", "mae", "r2"),
    *("fit_cpu", "fit_wall", "predict_wall", "peak_bytes", "growth_bytes", "error"),
)
QUICK_CAP = 500
QUICK_TABLES = {
    "": ("attrition", "splice", "diabetes"),
    "large": ("pets", "wages"),
    "mixed": ("riders", "meals"),
    "tuned": ("attrition", "diabetes"),
}


def measured(key: dict, data: Path | None, limit: float) -> dict:
    """The row of a combination, from a process with one thread; or its error."""
    with TemporaryDirectory() as directory:
        result = Path(directory) / "result.json"
        arguments = [str(key[name]) for name in KEY if name != "task"]
        command = [
            sys.executable,
            "-m",
            "benchmarks.tabular.worker",
            *arguments,
            result,
        ]
        try:
            done = subprocess.run(
                [*command, data] if data else command,
                env=os.environ | {"BENCHMARK_THREADS": "1"},
                capture_output=True,
                text=True,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            return key | {"error": f"not finished within {limit:g} seconds"}
        if done.returncode == 0:
            found = json.loads(result.read_text())
            return key | {name: short(value) for name, value in found.items()}
    lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
    return key | {"error": lines[-1][:300]}


def short(value):
    """Six digits, more than the differences between seeds need."""
    return f"{value:.6g}" if isinstance(value, float) else value


def combinations(arguments) -> list[dict]:
    """The requested combinations, ordered by seed, so that all tables come early."""
    tables = by_cap(arguments.data, arguments.cap, arguments.suite)
    wanted = arguments.tables.split(",") if arguments.tables else None
    if arguments.quick:
        first = next(iter(tables.values()))
        if wanted is None and not arguments.data:
            wanted = list(QUICK_TABLES[arguments.suite])
        tables = {QUICK_CAP: first}
    libraries = arguments.libraries or ",".join(
        OF_SUITES.get(arguments.suite) or [one for one in LIBRARIES if one not in TUNED]
    )
    names = [entry.name for entry in entries(libraries)]
    if wanted:
        known = {name for group in tables.values() for name in group}
        if unknown := [name for name in wanted if name not in known]:
            raise LookupError(", ".join(unknown))
    each = [
        (name, group[name].task, cap)
        for cap, group in tables.items()
        for name in wanted or group
        if name in group
    ]
    return [
        dict(zip(KEY, (table, task, name, seed, cap), strict=True))
        for seed, (table, task, cap), name in product(
            arguments.seeds.split(","), each, names
        )
    ]


def identity(row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in KEY)


def run(wanted: list[dict], path: Path, arguments) -> None:
    """Add the rows of combinations missing in the file, each as soon as it is measured."""
    there = {
        identity(row) for row in read(path) if not (arguments.again and row["error"])
    }
    wanted = [key for key in wanted if identity(key) not in there]
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        for number, key in enumerate(wanted, 1):
            row = measured(key, arguments.data, arguments.limit)
            writer.writerow(row)
            file.flush()
            loss = row.get("log_loss") or row.get("rmse_over_std")
            end = row.get("error") or f"{loss:>9} {row['fit_cpu']:>9} s"
            label = f"{key['table']}, {key['library']}, seed {key['seed']}"
            print(f"{number:4} of {len(wanted)}  {label:50} {end}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tabular", description=__doc__.splitlines()[0]
    )
    folder = os.environ.get("SKMLP_TABLES")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(folder) if folder else None,
        metavar="DIR",
        help="use the tables of this folder; default: $SKMLP_TABLES",
    )
    parser.add_argument("--tables", metavar="a,b", help="default: all")
    parser.add_argument(
        "--libraries",
        metavar="a,b",
        help="settings are optional: skmlp:n_estimators=4,dropout=0.2; default: all, or "
        "those of --suite",
    )
    parser.add_argument("--seeds", default="0", metavar="0,1")
    parser.add_argument(
        "--cap", type=int, default=8000, help="maximal number of training rows"
    )
    parser.add_argument("--limit", type=float, default=3600, help="seconds per fit")
    parser.add_argument("--out", type=Path, metavar="DIR")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run, not a measurement"
    )
    parser.add_argument(
        "--suite",
        choices=[name for name in SUITES if name],
        default="",
        help="large: tables of up to 300,000 training rows; mixed: tables with dates, "
        "texts and codes; tuned: presets, and tuned trees",
    )
    parser.add_argument(
        "--again", action="store_true", help="repeat combinations that failed"
    )
    arguments = parser.parse_args()
    out = arguments.out or (QUICK_RESULTS if arguments.quick else RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    try:
        wanted = combinations(arguments)
    except (LookupError, ValueError, SyntaxError) as error:
        parser.error(f"invalid tables or libraries: {error}")
    facts = machine.describe((*machine.PACKAGES, *PACKAGES))
    (out / file_of(MACHINE, arguments.suite)).write_text(
        json.dumps(facts, indent=1) + "\n"
    )
    run(wanted, out / file_of(FILE, arguments.suite), arguments)


if __name__ == "__main__":
    main()
