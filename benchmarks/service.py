"""The example of a service under load: 16 clients, good and bad rows, huge bodies.

`python -m benchmarks.service --seconds 180` writes results/service.csv. It fails if an
answer is wrong.
"""

import argparse
import csv
import http.client
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas

import skmlp
from skmlp.__main__ import main as command

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "service.csv"
N_CLIENTS, N_ROWS, PORT = 16, 3000, 8765
N_NUMBERS, N_LABELS = 14, 6


def table():
    """A table of 20 columns, some labels and gaps."""
    rng = np.random.RandomState(0)
    numbers = {f"x{i}": rng.randn(N_ROWS).round(4) for i in range(N_NUMBERS)}
    labels = {f"c{i}": rng.choice([*"abcdef"], N_ROWS) for i in range(N_LABELS)}
    frame = pandas.DataFrame({**numbers, **labels})
    score = frame["x0"] + (frame["c0"] == "a") + rng.randn(N_ROWS)
    frame["x1"] = frame["x1"].where(rng.rand(N_ROWS) > 0.1)
    return frame.assign(y=np.where(score > 0, "yes", "no"))


class Client(threading.Thread):
    """Sends requests until the end, and compares each answer with the wanted one."""

    def __init__(self, seed, bodies, end):
        super().__init__()
        self.rng, self.bodies, self.end = random.Random(seed), bodies, end
        self.seconds, self.wrong = [], []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        while time.monotonic() < self.end:
            body, status, wanted = self.rng.choice(self.bodies)
            began = time.perf_counter()
            try:
                connection.request("POST", "/predict", body)
                reply = connection.getresponse()
                found = reply.status, reply.read()
            except (ConnectionError, http.client.HTTPException):
                # The service may close the connection of a body that is too large.
                connection.close()
                if status == 413:
                    continue
                raise
            if len(body) < 10_000:
                self.seconds.append(time.perf_counter() - began)
            if found[0] != status or (wanted and json.loads(found[1]) != wanted):
                self.wrong.append((body[:100], found[0], found[1][:200]))
            if status == 413:
                connection.close()


def bodies_of(model, rows):
    """Bodies, with the status and the answer that each must get."""
    found = []
    for row in rows:
        odd = [row, 5, {**row, "x2": "long"}, {**row, "other": 1}, {"x0": 1}, row]
        for one in (row, odd, {**row, "c1": ["a"]}):
            answer = model.answers(one if isinstance(one, list) else [one])
            wanted = json.loads(json.dumps(list(answer)))
            wanted = wanted if isinstance(one, list) else wanted[0]
            found.append((json.dumps(one).encode(), 200, wanted))
    found += [(b"{", 422, None), (b"5", 422, None), (b"\xff", 422, None)]
    return [*found, (b" " * 6_000_000, 413, None)]


def megabytes(pid):
    """The memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(one.split()[1]) / 1024 for one in lines if one.startswith("VmRSS"))


def measure(folder, seconds):
    """Train, serve, ask; the row of the result."""
    frame, path = table(), folder / "model.skops"
    frame.to_csv(folder / "table.csv", index=False)
    arguments = [folder / "table.csv", "--target", "y", "--save", path, "--no-refit"]
    command([str(one) for one in arguments])
    model = skmlp.load(path)
    features = frame.drop(columns="y").head(30)
    rows = json.loads(features.to_json(orient="records"))
    bodies = bodies_of(model, rows)
    times = []
    for row in rows * 20:
        began = time.perf_counter()
        model.answer(row)
        times.append(time.perf_counter() - began)
    example = ROOT / "docs" / "examples" / "service.py"
    server = subprocess.Popen(
        [sys.executable, str(example), str(path), "--port", str(PORT)]
    )
    try:
        wait_for_health()
        warm = load(bodies, 10)
        before = megabytes(server.pid)
        clients = load(bodies, seconds)
        after = megabytes(server.pid)
    finally:
        server.terminate()
        server.wait()
    wrong = [one for client in [*warm, *clients] for one in client.wrong]
    assert not wrong, wrong[:3]
    took = np.concatenate([client.seconds for client in clients])
    return {
        "row_ms": 1e3 * np.median(times),
        "clients": N_CLIENTS,
        "seconds": seconds,
        "requests": len(took),
        "wrong": len(wrong),
        "per_second": len(took) / seconds,
        "median_ms": 1e3 * np.median(took),
        "p99_ms": 1e3 * np.quantile(took, 0.99),
        "mb_before": before,
        "mb_after": after,
    }


def load(bodies, seconds):
    """Clients that have asked for this long."""
    end = time.monotonic() + seconds
    clients = [Client(seed, bodies, end) for seed in range(N_CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return clients


def wait_for_health():
    """Return when the service answers."""
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service does not answer")


def main():
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=180)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        row = measure(Path(folder), seconds)
    row = {name: round(float(value), 3) for name, value in row.items()}
    print(row)
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
