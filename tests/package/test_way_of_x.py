"""The way of X through fit: at most three folders, and none of them twice.

The modules of DOOR do not count: before anything else they say whether X is a file, and
make it a frame that can be read.
"""

import inspect
import sys
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import skmlp
from skmlp.core.batches import Dataset

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

PACKAGE = Path(skmlp.__file__).parent
DOOR = {PACKAGE / "common" / name for name in ("frames.py", "sources.py", "values.py")}
X = np.random.RandomState(0).randn(120, 4)
Y = (X[:, 0] > 0).astype(int)
TABLE = pd.DataFrame(X, columns=list("abcd"))
LINEAR = {"solver": "lbfgs", "max_iter": 2}
STOPPING = {"early_stopping": True, "max_iter": 2}
TABULAR = {"n_estimators": 2, "max_iter": 2}


def is_x(value):
    """Whether a value is X or its rows: as given, as checked, or in a dataset."""
    if isinstance(value, Dataset | pd.DataFrame):
        return True
    if isinstance(value, tuple):
        return any(is_x(one) for one in value)
    return isinstance(value, np.ndarray) and np.shares_memory(value, X)


def way_of_x(model, X):
    """The folder of each function that gets X in fit, in the order of first calls."""
    folders, seen = [], set()

    def watch(frame, event, arg):
        code, file = frame.f_code, Path(frame.f_code.co_filename)
        if event != "call" or code in seen or PACKAGE not in file.parents:
            return
        if file in DOOR:
            return
        arguments = inspect.getargvalues(frame)
        given = [
            arguments.locals.get(name) for name in arguments.args if name != "self"
        ]
        if any(map(is_x, given)):
            seen.add(code)
            folders.append(file.relative_to(PACKAGE).parts[0])

    sys.setprofile(watch)
    try:
        model.fit(X, Y)
    finally:
        sys.setprofile(None)
    return [folder for folder, _ in groupby(folders)]


@pytest.mark.parametrize(
    ("model", "X", "family"),
    [
        (skmlp.MLPClassifier(**LINEAR), X, "mlp"),
        (skmlp.MLPClassifier(**STOPPING, class_weight="balanced"), X, "mlp"),
        (skmlp.MLPRegressor(**STOPPING), X, "mlp"),
        (skmlp.TabularMLPClassifier(**TABULAR), TABLE, "tabular"),
        (skmlp.TabularMLPRegressor(**TABULAR), TABLE, "tabular"),
    ],
    ids=["lbfgs", "classes", "numbers", "tabular classes", "tabular numbers"],
)
def test_x_passes_each_folder_once(model, X, family):
    assert way_of_x(model, X) == [family, "common", "core"]
