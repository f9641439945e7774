"""Columns of values and frames have the same predictions, to the bit."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier, TabularMLPClassifier, TabularMLPRegressor
from skmlp.command.kinds import as_kinds
from skmlp.command.models import SavedModel
from skmlp.command.predictor import Predictor, is_plain, labels_of

pandas = pytest.importorskip("pandas")

N = 120
RNG = np.random.RandomState(0)
SMALL = {"n_estimators": 3, "max_iter": 2, "random_state": 0}
COLUMNS = {
    "number": ("number", RNG.randn(N)),
    "gaps": ("number", np.where(RNG.rand(N) < 0.2, np.nan, RNG.randn(N))),
    "integers": ("number", RNG.randint(0, 40, N)),
    "code": ("number", RNG.randint(0, 5, N)),
    "constant": ("number", np.ones(N)),
    "two": ("text", RNG.choice(["a", "b"], N)),
    "few": ("text", RNG.choice([*"abcd"], N)),
    "many": ("text", RNG.choice([f"city {i}" for i in range(30)], N)),
    "holes": ("text", np.where(RNG.rand(N) < 0.3, None, RNG.choice([*"xyz"], N))),
    "label": ("label", RNG.choice(["1", "2", "3"], N)),
    "words": (
        "text",
        [" ".join(RNG.choice([*"abcdefgh"], 6)) + f" {i}" for i in range(N)],
    ),
    "day": ("date", [f"2024-05-{1 + i % 28:02}" for i in range(N)]),
}
"""Columns of all kinds, with the kind that the command gives them."""

TABLES = {
    **{name: [name] for name in COLUMNS},
    "plain": [name for name in COLUMNS if name != "day"],
    "all": [*COLUMNS],
    "rows that repeat": ["two", "code"],
}


def saved_model(names, Kind=TabularMLPRegressor, **options):
    """A model of these columns, and the table as it has it."""
    kinds = {name: COLUMNS[name][0] for name in names}
    frame = pandas.DataFrame({name: COLUMNS[name][1] for name in names})
    X = as_kinds(frame, kinds)
    y = np.arange(N) % 3 if Kind is TabularMLPClassifier else RNG.randn(N)
    if "words" in names:
        options["column_kinds"] = {"words": "text"}
    model = Kind(**SMALL, **options).fit(X, y)
    return SavedModel(model, "y", kinds), X


def columns_in(X, kinds):
    return {
        name: X[name].to_numpy(float)
        if kinds[name] == "number"
        else [None if pandas.isna(one) else one for one in X[name]]
        for name in kinds
    }


@pytest.mark.parametrize("Kind", [TabularMLPClassifier, TabularMLPRegressor])
@pytest.mark.parametrize("table", TABLES)
def test_predictions_are_those_of_the_frame(Kind, table):
    saved, X = saved_model(TABLES[table], Kind)
    method = "predict_proba" if Kind is TabularMLPClassifier else "predict_interval"
    wanted = saved.model.predict(X), getattr(saved.model, method)(X)
    predictor, columns = Predictor(saved), columns_in(X, saved.columns)
    assert predictor._is_plain == ("day" not in TABLES[table])
    found = predictor(columns)
    np.testing.assert_array_equal(found.predict(), wanted[0])
    np.testing.assert_array_equal(found.call(method), wanted[1])
    for i in (0, 7, 0, N - 1):
        row = predictor({name: values[i : i + 1] for name, values in columns.items()})
        np.testing.assert_array_equal(row.predict(), wanted[0][i : i + 1])
        np.testing.assert_array_equal(row.call(method), wanted[1][i : i + 1])


@pytest.mark.parametrize("kind", ["code", "number"])
def test_numbers_that_are_categories_go_through_a_frame(kind):
    saved, X = saved_model(["integers", "few"], column_kinds={"integers": kind})
    columns = columns_in(X, saved.columns)
    found = Predictor(saved)(columns)
    np.testing.assert_array_equal(found.predict(), saved.model.predict(X))
    saved, X = saved_model(
        ["integers", "few"], categorical_features=["integers", "few"]
    )
    assert not is_plain(saved)
    found = Predictor(saved)(columns)
    np.testing.assert_array_equal(found.predict(), saved.model.predict(X))


def test_labels_of():
    saved, _ = saved_model(["few", "label", "number", "words"])
    found = labels_of(saved)
    assert found == {"few": (*"abcd",), "label": ("1", "2", "3")}


def test_a_model_without_an_encoder_gets_a_frame():
    X = pandas.DataFrame({"a": RNG.randn(N)})
    model = MLPClassifier(max_iter=2, batch_size=10)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, np.arange(N) % 2)
    saved = SavedModel(model, "y", {"a": "number"})
    found = Predictor(saved)({"a": X["a"].to_numpy()})
    np.testing.assert_array_equal(found.predict(), model.predict(X))
    assert labels_of(saved) == {}
