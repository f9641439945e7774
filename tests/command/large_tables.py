"""A table of all kinds of columns for the tests of large tables."""

from unittest.mock import patch

import numpy as np
import pytest

from skmlp.command.blocks import way_of
from skmlp.command.choices import Reading
from skmlp.command.large import sample_of
from skmlp.command.task import infer_task

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow", exc_type=ImportError)

N = 200
RNG = np.random.RandomState(0)
CODE = RNG.randint(5, size=N)
FRAME = pandas.DataFrame(
    {
        "row": np.arange(N),
        "n": np.where(RNG.uniform(size=N) < 0.1, np.nan, RNG.randn(N)),
        "code": CODE,
        "word": np.where(RNG.uniform(size=N) < 0.1, None, RNG.choice([*"abc"], N)),
        "day": [f"{1 + i % 28:02}.{1 + i % 12:02}.2024" for i in RNG.permutation(N)],
        "clock": [f"{i % 24}:{i % 60:02}" for i in RNG.permutation(N)],
        "yes": RNG.uniform(size=N) < 0.5,
        "y": np.where(RNG.uniform(size=N) < 0.1, np.nan, CODE + RNG.randn(N)),
    }
)


def stored(frame, path):
    """The path of a file with a frame."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def task_of(frame, path, target, task="auto", categorical=()):
    """A sample of a file with a frame, and its task."""
    source = way_of([stored(frame, path)], Reading()).source
    with patch("skmlp.command.blocks.show_progress"):
        sample, frame = sample_of(source, target, task, [])
    return sample, infer_task(frame, target, task, categorical=categorical)
