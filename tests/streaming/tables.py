"""A table of all kinds of columns, and what makes small files stream."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pyarrow")

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.common.checks import GivenRows
from skmlp.streaming import large, rows_file, sources, summary
from skmlp.streaming.fitting import opened
from skmlp.tabular import sizes

QUICK = {"n_estimators": 2, "max_iter": 2, "hidden_layer_sizes": (8,)}
QUICK |= {"random_state": 0}


EFFECTS = np.random.RandomState(99).randn(120)
"""The effects of towns on y."""


def table(n_rows=600, seed=0):
    """Numbers with gaps, labels, many labels, dates and booleans; a number, a class."""
    rng = np.random.RandomState(seed)
    x, town = rng.randn(n_rows), rng.randint(120, size=n_rows)
    y = 3 + 2 * x + EFFECTS[town] + 0.1 * rng.randn(n_rows)
    days = np.datetime64("2020-01-01") + rng.randint(1000, size=n_rows)
    return pd.DataFrame(
        {
            "x": np.where(rng.uniform(size=n_rows) < 0.1, np.nan, x),
            "n": rng.randint(1000, size=n_rows),
            "word": rng.choice(["one", "two", "three"], n_rows),
            "town": np.array([f"t{i}" for i in range(120)])[town],
            "day": days.astype("datetime64[s]"),
            "flag": rng.uniform(size=n_rows) < 0.5,
            "w": rng.randint(3, size=n_rows),
            "kind": np.array(["low", "middle", "high"])[np.digitize(y, [2, 5])],
            "y": y,
        }
    )


FEATURES = ["x", "n", "word", "town", "day", "flag"]
TARGETS = {TabularMLPRegressor: "y", TabularMLPClassifier: "kind"}
KINDS = pytest.mark.parametrize("kind", TARGETS, ids=lambda kind: kind.__name__)


def stored(frame, path):
    """The path of a file with a frame, in the format of its name."""
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    return path


def stream(monkeypatch, sample=150, block=64, piece=50, epoch=10**6):
    """Make tables of more rows than `sample` larger than memory."""
    monkeypatch.setattr(large, "SMALL_BYTES", 0)
    monkeypatch.setattr(summary, "SAMPLE_ROWS", sample)
    monkeypatch.setattr(sources, "BLOCK_ROWS", block)
    monkeypatch.setattr(rows_file, "PIECE_ROWS", piece)
    monkeypatch.setattr(sizes, "EPOCH_ROWS", epoch)


def state_of(model):
    """What fit found, without the seconds."""
    history = {k: v for k, v in model.history_.items() if k != "seconds"}
    return model._theta.tobytes(), model.n_iter_, history


def path_of(frame, tmp_path, target, *more, name="a.parquet"):
    """The path of a file with the features and these columns of a frame."""
    return stored(frame[[*FEATURES, target, *more]], tmp_path / name)


def fitted(kind, path, y=None, **arguments):
    names = {"sample_weight", "checkpoint", "temp_folder"}
    given = {name: arguments.pop(name) for name in names & arguments.keys()}
    return kind(**{**QUICK, **arguments}).fit(path, y or TARGETS[kind], **given)


def fitted_sample(path, kind=TabularMLPRegressor):
    """The numbers of the rows of the sample of a file."""
    table = opened(GivenRows(path, TARGETS[kind], None), False, None)
    return table.read([], numeric=kind is TabularMLPRegressor).numbers
