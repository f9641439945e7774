"""The columns of predictions: their names, intervals and sets."""

import csv

import numpy as np
import pytest

from skmlp import MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.command.models import SavedModel
from skmlp.command.outputs import Outputs, as_text, free, probability_names
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")

X = pandas.DataFrame({"x": np.linspace(-1, 1, 80)})
FRAME = X.assign(key=[f"{i:03}" for i in range(80)])
QUICK = {"n_estimators": 2, "max_iter": 2, "random_state": 0}


@pytest.fixture(scope="module")
def regressor():
    model = TabularMLPRegressor(**QUICK).fit(X, 3 * X["x"])
    return SavedModel(model, "y", {"x": "number"})


@pytest.fixture(scope="module")
def classifier():
    model = TabularMLPClassifier(**QUICK).fit(X, np.where(X["x"] > 0, "up", "down"))
    return SavedModel(model, "y", {"x": "number"})


def test_names_of_probabilities():
    names = probability_names("probability_a", ["a", "a_", "b"])
    assert names == ["probability_a__", "probability_a_", "probability_b"]
    assert probability_names("y", [1, 2]) == ["probability_1", "probability_2"]
    assert probability_names("y", [1], ["probability_1"]) == ["probability_1_"]
    assert free("y_low", ["y_low", "y_low_"]) == "y_low__"


def test_ids_come_first_and_nothing_has_their_names(classifier):
    names = ["key", "probability_up", "y_set"]
    frame = FRAME.assign(probability_up=1, y_set=2)
    found = Outputs(classifier, names, 0.9).columns(frame, X)
    probabilities = ["probability_down", "probability_up_"]
    assert list(found) == [*names, "y", *probabilities, "y_set_"]
    assert found["key"].tolist() == FRAME["key"].tolist()
    assert found["probability_up"].tolist() == [1] * 80


@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_intervals_and_sets_are_those_of_the_model(coverage, regressor, classifier):
    found = Outputs(regressor, [], coverage).columns(FRAME, X)
    assert list(found) == ["y", "y_low", "y_high"]
    expected = regressor.model.predict_interval(X, coverage=coverage)
    np.testing.assert_array_equal(found["y_low"], expected[:, 0])
    np.testing.assert_array_equal(found["y_high"], expected[:, 1])
    found = Outputs(classifier, [], coverage).columns(FRAME, X)
    expected = classifier.model.predict_set(X, coverage=coverage)
    sets = [[["down", "up"][i] for i in np.flatnonzero(one)] for one in expected]
    assert list(found["y_set"]) == sets
    assert all(one in some for one, some in zip(found["y"], sets, strict=True))


def test_models_without_intervals(regressor):
    bare = MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs").fit(X, X["x"])
    with pytest.raises(UserError, match="^--intervals: a MLPRegressor has none"):
        Outputs(SavedModel(bare, "y", {"x": "number"}), [], 0.9).columns(X, X)
    with pytest.raises(UserError, match=r"^--intervals: .*coverage.*\.$"):
        Outputs(regressor, [], 0.9999).columns(X, X)


@pytest.mark.parametrize(
    "labels",
    [
        ["a"],
        ["a", "b|c"],
        ['say "x"', "y"],
        [""],
        ["a\nb", "c"],
        [1, True, 2.5],
        [" a"],
    ],
)
def test_sets_as_texts_can_be_read(labels):
    text = as_text(labels)
    assert next(csv.reader([text], delimiter="|")) == [str(one) for one in labels]
    if labels[0] == "a" and len(labels) == 1:
        assert text == "a"
