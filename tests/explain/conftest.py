"""Fitted models on tables with columns of each kind."""

import numpy as np
import pandas as pd
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from tests.tabular.test_repeated_rows import drawn

N = 300
RNG = np.random.RandomState(0)
CITIES = np.array([f"city{i}" for i in range(20)])
TABLE = pd.DataFrame(
    {
        "number": RNG.randn(N),
        "city": RNG.choice(CITIES, N),
        "day": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(RNG.randint(400, size=N), "D"),
        "gap": np.where(RNG.rand(N) < 0.2, np.nan, RNG.randn(N)),
        "flag": RNG.rand(N) < 0.5,
        "noise": RNG.randn(N),
    }
)
Y = (
    2 * TABLE["number"]
    + 3 * TABLE["flag"]
    + (TABLE["city"] < "city15") * TABLE["gap"].fillna(0)
).to_numpy()
LABEL = np.array(["low", "mid", "high"])[np.digitize(Y, [0, 2])]
TARGETS = {
    "regression": (TabularMLPRegressor, Y),
    "several": (TabularMLPRegressor, np.column_stack([Y, -Y])),
    "classes": (TabularMLPClassifier, LABEL),
    "two classes": (TabularMLPClassifier, LABEL == "mid"),
}
"""The estimators and the targets of tasks."""


@pytest.fixture(scope="session")
def models():
    return {
        task: kind(
            n_estimators=2, hidden_layer_sizes=(16,), max_iter=6, random_state=0
        ).fit(TABLE, y)
        for task, (kind, y) in TARGETS.items()
    }


@pytest.fixture(scope="session")
def repeated():
    """A model that knows whole rows, which repeat, and the table."""
    X, target, _ = drawn()
    table = pd.DataFrame(X, columns=[*"abc"])
    model = TabularMLPRegressor(
        n_estimators=2, hidden_layer_sizes=(8,), max_iter=3, random_state=0
    ).fit(table, target)
    assert model.encoder_._repeated
    return model, table, target
