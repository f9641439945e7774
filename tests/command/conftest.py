"""A table of birds for the command, and quick training."""

import functools
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import skmlp
from skmlp.__main__ import main
from skmlp.command import evaluation, importances

N = 120


def command(*arguments):
    """The exit code of the command."""
    return main([str(one) for one in arguments])


@pytest.fixture
def quick(monkeypatch):
    """Few small networks and epochs."""
    small = {"n_estimators": 2, "max_iter": 3, "hidden_layer_sizes": (16,)}
    for name in ("TabularMLPClassifier", "TabularMLPRegressor"):
        quick = functools.partial(getattr(skmlp, name), **small)
        monkeypatch.setattr(skmlp, name, quick)


@pytest.fixture(scope="module")
def birds():
    """A table of birds with missing values, of all kinds of columns."""
    pandas = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    kind = rng.randint(3, size=N)
    table = pandas.DataFrame(
        {
            "ring": [f"R{i:03}" for i in range(N)],
            "species": np.array(["auk", "gull", "tern"])[kind],
            "island": np.where(
                rng.uniform(size=N) < 0.3, None, rng.choice([*"ABC"], N)
            ),
            "seen": [f"2024-05-{1 + i % 28:02}" for i in rng.randint(28, size=N)],
            "wing": 20 + 5.0 * kind + rng.normal(size=N),
            "mass": 100 + 30 * kind + 5 * rng.normal(size=N),
        }
    )
    table.loc[::11, "wing"] = np.nan
    table.loc[:3, "mass"] = np.nan
    return table


@pytest.fixture
def csv(birds, tmp_path):
    birds.to_csv(tmp_path / "birds.csv", index=False)
    return tmp_path / "birds.csv"


@pytest.fixture
def bare(quick, monkeypatch):
    """A report without other models, for which each column is shuffled once."""
    monkeypatch.setattr(evaluation, "peers", lambda task, seed: {})
    monkeypatch.setattr(importances, "REPEATS", 1)


@pytest.fixture
def large(monkeypatch):
    """A context in which files of any size are read in blocks of 40 rows."""
    pytest.importorskip("pyarrow", exc_type=ImportError)

    @contextmanager
    def reading(in_blocks=True, sample=10**6):
        with monkeypatch.context() as patch:
            if in_blocks:
                patch.setattr("skmlp.command.blocks.SMALL_BYTES", 0)
                patch.setattr("skmlp.streaming.large.SMALL_BYTES", 0)
                patch.setattr("skmlp.streaming.sources.BLOCK_ROWS", 40)
                patch.setattr("skmlp.streaming.text_files.BLOCK_BYTES", 4096)
                patch.setattr("skmlp.streaming.summary.SAMPLE_ROWS", sample)
            yield

    return reading


@pytest.fixture
def as_user():
    """A folder of a user whom permissions concern; the superuser becomes nobody."""
    if os.name == "nt":
        pytest.skip("permissions are of POSIX")
    with tempfile.TemporaryDirectory() as folder:
        user = os.geteuid()
        if user == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.seteuid(user)
