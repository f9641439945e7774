"""One measurement: a library on a split of a table, in its own process.

    python -m benchmarks.tabular.worker TABLE ENTRY SEED CAP RESULT [DATA]

writes the measurement into the file RESULT.
"""

import contextlib
import json
import resource
import sys
import warnings
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from .libraries import Entry, texts
from .registry import table_of
from .tables import split


def classification(y, P) -> dict[str, float]:
    """Losses of the probabilities P; AUC is the mean of one class against the rest."""
    classes = np.arange(P.shape[1])
    areas = [
        roc_auc_score(y == k, P[:, k]) for k in classes if 0 < np.sum(y == k) < len(y)
    ]
    return {
        "log_loss": log_loss(y, P, labels=classes),
        "error_rate": np.mean(P.argmax(axis=1) != y),
        "auc": np.mean(areas),
    }


def regression(y, predicted) -> dict[str, float]:
    rmse = root_mean_squared_error(y, predicted)
    return {
        "rmse": rmse,
        "rmse_over_std": rmse / y.std(),
        "mae": mean_absolute_error(y, predicted),
        "r2": r2_score(y, predicted),
    }


def begin_peak() -> int:
    """The bytes in use now. Resets the peak, where the system allows it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak()
    return pages * resource.getpagesize()


def peak() -> int:
    """The peak memory of this process in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def measure(table, entry: Entry, seed: int, cap: int) -> dict[str, float]:
    """Losses, seconds and bytes, from the raw table."""
    data = split(table, seed, cap)
    model = entry.build(table.regression, data.X, seed)
    held = begin_peak()
    wall, cpu = perf_counter(), process_time()
    model.fit(data.X, data.y)
    times = {"fit_cpu": process_time() - cpu, "fit_wall": perf_counter() - wall}
    most = peak()
    predict = model.predict if table.regression else model.predict_proba
    score = regression if table.regression else classification
    start = perf_counter()
    predicted = predict(data.X_test)
    times["predict_wall"] = perf_counter() - start
    return {
        "train_rows": len(data.X),
        "test_rows": len(data.X_test),
        "columns": data.X.shape[1],
        "texts": len(texts(data.X)),
        "gaps": data.X.isna().to_numpy().mean(),
        "classes": data.n_classes,
        "source": table.source,
        **score(data.y_test, np.asarray(predicted)),
        **times,
        "peak_bytes": most,
        "growth_bytes": most - held,
    }


def main(name, entry, seed, cap, result, *directory) -> None:
    warnings.simplefilter("ignore")
    table = table_of(name, Path(directory[0]) if directory else None, int(cap))
    measured = measure(table, Entry(entry), int(seed), int(cap))
    plain = {key: np.asarray(value).item() for key, value in measured.items()}
    Path(result).write_text(json.dumps(plain))


if __name__ == "__main__":
    main(*sys.argv[1:])
