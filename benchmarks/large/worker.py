"""One fit in a process of its own: CPU seconds, peak memory and log-loss."""

import json
import re
import sys
from pathlib import Path
from time import process_time
from typing import Any

import pandas as pd
from sklearn.metrics import log_loss


def fit(way: str, path: str) -> tuple[Any, dict[str, float]]:
    """The model, and the seconds of its stages."""
    if way == "lightgbm":
        from lightgbm import LGBMClassifier

        table = read(path)
        X, y = table.drop(columns="y"), table["y"]
        text = X.select_dtypes(exclude="number").columns
        X = X.astype(dict.fromkeys(text, "category"))
        return LGBMClassifier(n_jobs=1, verbose=-1).fit(X, y), {}
    from skmlp import TabularMLPClassifier

    model = TabularMLPClassifier(random_state=0)
    if way == "in memory":
        table = read(path)
        model.fit(table.drop(columns="y"), table["y"])
    else:
        model.fit(path, y="y")
    return model, model.seconds_


def read(path: str) -> Any:
    """The whole table."""
    return pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)


def peak_bytes() -> int:
    """The peak of the memory of this process; Linux counts that before exec elsewhere."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024


def main(way: str, path: str, test: str) -> None:
    """Print one line of JSON."""
    start = process_time()
    model, seconds = fit(way, path)
    cpu = process_time() - start
    peak = peak_bytes()
    table = read(test)
    X = table.drop(columns="y")
    if way == "lightgbm":
        known = model.booster_.pandas_categorical
        text = X.select_dtypes(exclude="number").columns
        for name, labels in zip(text, known, strict=True):
            known_labels = X[name].where(X[name].isin(labels))
            X[name] = pd.Categorical(known_labels, labels)
    loss = log_loss(table["y"], model.predict_proba(X), labels=model.classes_)
    found = {
        "cpu": cpu,
        "encode": seconds.get("encode", 0.0),
        "peak": peak,
        "loss": loss,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
