"""Fitted models and test rows of each kind of report."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import is_classifier
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skmlp import MLPClassifier, TabularMLPClassifier, TabularMLPRegressor
from skmlp.reporting import sections
from skmlp.reporting.evidence import Evidence

QUICK = {"n_estimators": 5, "hidden_layer_sizes": (8,), "max_iter": 4}
QUICK |= {"random_state": 0}


def table(n_rows=160):
    """Columns of many kinds, and a number."""
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "size": rng.randn(n_rows),
            "<b>town</b>": rng.choice(["Bonn", "Ulm", "a & b", "<i>"], n_rows),
            "day": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(400, size=n_rows), "D"),
            "gap": np.where(rng.rand(n_rows) < 0.3, np.nan, rng.randn(n_rows)),
        }
    )
    y = 3 * frame["size"] + (frame["<b>town</b>"] == "Bonn") + 0.1 * rng.randn(n_rows)
    return frame, y.rename("rent <$>")


def two(y):
    """Two classes with names that HTML and matplotlib could take for something else."""
    return pd.Series(np.where(y > 0, "<b>$high$</b>", "low & little"), name="level")


def cases():
    """Name, model and rows of each case; the last rows are test rows."""
    frame, y = table()
    yield "regression", TabularMLPRegressor(**QUICK), frame, y
    yield "two classes", TabularMLPClassifier(**QUICK), frame, two(y)
    iris = load_iris()
    order = np.random.RandomState(0).permutation(150)
    yield "array", MLPClassifier((5,), max_iter=9), iris.data[order], iris.target[order]
    X, y = load_diabetes(return_X_y=True)
    yield "line", make_pipeline(StandardScaler(), LinearRegression()), X[:160], y[:160]
    X, y = load_iris(return_X_y=True, as_frame=True)
    frame = X.iloc[order].reset_index(drop=True)
    y = y.iloc[order].reset_index(drop=True)
    trees = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5)
    yield "trees", trees, frame, y
    yield "no probability", LinearSVC(), frame, y


CASES = {name: rest for name, *rest in cases()}


@pytest.fixture(scope="session")
def fitted():
    """The fitted models, and their test rows and targets."""
    found = {}
    for name, (model, X, y) in CASES.items():
        n = len(y) * 2 // 3
        with np.errstate(all="ignore"), pytest.warns() if name == "array" else ANY:
            model.fit(X[:n], y[:n])
        found[name] = model, X[n:], y[n:]
    return found


class Nothing:
    """A context without effect."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


ANY = Nothing()


@pytest.fixture(autouse=True)
def _one_curve(monkeypatch, request):
    """One column with partial dependence, to save time."""
    if "columns_that_matter" not in request.node.name:
        monkeypatch.setattr(sections, "N_CURVES", 1)


@pytest.fixture
def evidence(fitted):
    """The evidence of a case by its name."""

    def of(name, **more):
        model, X, y = fitted[name]
        y = np.asarray(y)
        return Evidence(model, X, y, target="rent <$>", max_time=2.0, **more)

    return of


def kinds():
    """The names of cases, with whether they are of classes."""
    return {name: is_classifier(model) for name, (model, *_) in CASES.items()}
