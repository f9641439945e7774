"""Measure, and write CSV files.

    python -m benchmarks.run [--quick] [--only SUBSTRING] [--out DIR]

With --only the files keep the rows of what is not run again.
"""

import argparse
import csv
import gc
import json
from pathlib import Path
from time import perf_counter

from benchmarks import machine, micro
from benchmarks.comparisons import (
    calibration,
    gains,
    growth,
    imports,
    memory,
    prediction,
    selection,
    threads,
    training,
)

KINDS = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        training,
        prediction,
        selection,
        memory,
        imports,
        threads,
        calibration,
        growth,
        micro,
        gains,
    )
}
RESULTS = Path(__file__).parent / "results"
QUICK_RESULTS = Path("build") / "benchmarks"
"""Of a quick run, which is no measurement and shall not replace one."""


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, none if there is no such file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def rounded(value):
    """Four digits; the rest is noise, and makes differences of files hard to read."""
    return f"{value:.4g}" if isinstance(value, float) else value


def measured(case) -> list[dict]:
    """The rows of a case, each with its label; prints how long they took."""
    # What is alive by now, most of it torch, is not to be searched before every timing.
    gc.collect()
    gc.freeze()
    start = perf_counter()
    rows = [
        {"label": case.label} | {name: rounded(value) for name, value in row.items()}
        for row in case.rows()
    ]
    print(f"  {case.label:45} {perf_counter() - start:6.1f} s", flush=True)
    return rows


def run(kind: str, module, out: Path, *, quick: bool, only: str) -> None:
    """Measure the cases of a kind that match and write its file."""
    cases = [case for case in module.cases(quick) if only in f"{kind}/{case.label}"]
    if not cases:
        return
    print(kind, flush=True)
    path = out / f"{kind}.csv"
    labels = {case.label for case in cases}
    kept = [row for row in read(path) if only and row["label"] not in labels]
    for case in cases:
        kept += measured(case)
        write(path, kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="everything, too short to mean much"
    )
    parser.add_argument(
        "--only", default="", metavar="SUBSTRING", help="of KIND/LABEL, as printed"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"default: {RESULTS.name} here"
    )
    arguments = parser.parse_args()
    quick = arguments.quick
    out = arguments.out or (QUICK_RESULTS if quick else RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    start = perf_counter()
    for kind, module in KINDS.items():
        run(kind, module, out, quick=quick, only=arguments.only)
    facts = machine.describe()
    (out / "machine.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(f"{perf_counter() - start:.0f} s; results in {out}")


if __name__ == "__main__":
    main()
