"""Measure, and write CSV files.

    python -m benchmarks.run [--quick] [--only SUBSTRING] [--out DIR]

With --only, the files keep the rows of all other cases.
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
    kernels,
    memory,
    overhead,
    prediction,
    selection,
    tables,
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
        overhead,
        imports,
        kernels,
        tables,
        threads,
        calibration,
        growth,
        micro,
        gains,
    )
}
RESULTS = Path(__file__).parent / "results"
QUICK_RESULTS = Path("build") / "benchmarks"
"""Where a quick run writes, so that it never replaces real measurements."""


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; an empty list if the file does not exist."""
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
    """Four digits; more would be noise and make diffs of the files hard to read."""
    return f"{value:.4g}" if isinstance(value, float) else value


def measured(case) -> list[dict]:
    """Measure a case, print its time, and return its rows with the label."""
    # Objects alive now, mostly torch's, need not be searched before every timing.
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
    """Measure the matching cases of a kind and write its file."""
    cases = [case for case in module.cases(quick) if only in f"{kind}/{case.label}"]
    path = out / f"{kind}.csv"
    if not cases:
        if not only:
            # What another run measured does not belong to this one.
            path.unlink(missing_ok=True)
        return
    print(kind, flush=True)
    labels = {case.label for case in cases}
    kept = [row for row in read(path) if only and row["label"] not in labels]
    for case in cases:
        kept += measured(case)
        write(path, kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a smoke run of all kinds, not a measurement",
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="SUBSTRING",
        help="run cases with this in KIND/LABEL",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"default: benchmarks/{RESULTS.name}"
    )
    arguments = parser.parse_args()
    quick = arguments.quick
    out = arguments.out or (QUICK_RESULTS if quick else RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    facts = machine.describe()
    print(*(f"{name}: {fact}" for name, fact in facts.items()), sep="\n", flush=True)
    start = perf_counter()
    for kind, module in KINDS.items():
        run(kind, module, out, quick=quick, only=arguments.only)
    (out / "machine.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(f"{perf_counter() - start:.0f} s; results in {out}")


if __name__ == "__main__":
    main()
