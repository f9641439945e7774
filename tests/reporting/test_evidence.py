"""What a report knows of models and of test rows of any container."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp.reporting.evidence import GUESSING, Evidence

from .conftest import CASES, kinds

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0.0, 1, 2, 3, 4, 9])


def test_guessing_is_the_best_constant(evidence):
    for name, of_classes in kinds().items():
        one = evidence(name)
        guess = one.judged[-1]
        assert (guess.name, one.constant) == (GUESSING, GUESSING)
        if of_classes:
            frequent = pd.Series(one.y).value_counts().max() / len(one.y)
            assert guess.scores()["accuracy"] == pytest.approx(frequent)
        else:
            np.testing.assert_allclose(guess.predicted, np.mean(one.y))


def test_a_constant_of_others_takes_its_place():
    model = LinearRegression().fit(X, Y)
    others = {"ridge": Ridge().fit(X, Y), "mean": DummyRegressor().fit(X[:2], Y[:2])}
    one = Evidence(model, X, Y, others=others)
    assert one.constant == "mean"
    assert [each.name for each in one.judged] == ["LinearRegression", "ridge", "mean"]
    assert len(one.intervals) == 3


def test_the_last_step_has_the_name():
    pipeline = make_pipeline(StandardScaler(), Ridge())
    search = GridSearchCV(pipeline, {"ridge__alpha": [1, 2]}, cv=2).fit(X, Y)
    for model in (pipeline.fit(X, Y), search):
        assert Evidence(model, X, Y).name == "Ridge"


def test_the_event(evidence):
    name, occurred, probability = evidence("two classes").event
    one = evidence("two classes")
    assert name == f"rent <$> is {one.ours.classes[1]}"
    np.testing.assert_array_equal(occurred, one.y == one.ours.classes[1])
    np.testing.assert_array_equal(probability, one.ours.probability[:, 1])
    name, occurred, probability = evidence("trees").event
    assert name == "the most probable class is right"
    assert occurred.mean() == evidence("trees").ours.scores()["accuracy"]
    assert probability.min() >= 1 / 3
    assert evidence("no probability").event is None


@pytest.mark.parametrize("container", ["pandas", "polars", "arrow", "array", "sparse"])
def test_values_and_names_of_any_table(container):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]})
    names = ["a", "b"]
    if container == "polars":
        table = pytest.importorskip("polars").from_pandas(frame)
    elif container == "arrow":
        table = pytest.importorskip("pyarrow").Table.from_pandas(frame)
    elif container == "pandas":
        table = frame
    else:
        names = [0, 1]
        table = frame.to_numpy()
        table = csr_matrix(table) if container == "sparse" else table
    one = Evidence(DummyClassifier(), table, np.array([0, 1, 1]))
    assert one.columns == names
    values = [[float(str(value)) for value in column] for column in one.values([2, 0])]
    assert values == [[3, 1], [6, 4]]


def test_cases_are_of_both_kinds():
    assert set(kinds().values()) == {False, True}
    assert len(CASES) == 6
