"""The columns that explain predictions: Shapley values, with values as in the table."""

import io
import re

import numpy as np
import pytest

from skmlp import MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.command import reasons
from skmlp.command.models import SavedModel
from skmlp.command.reasons import N_BACKGROUND, Reasons, as_text, signed
from skmlp.command.text import UserError
from skmlp.explain import shapley_values
from tests.command.conftest import command

pandas = pytest.importorskip("pandas")

N = 60
RNG = np.random.RandomState(0)
X = pandas.DataFrame(
    {"area": RNG.uniform(size=N), "city": RNG.choice(["Bonn", "Ulm"], N), "z": 0.5}
)
X.loc[3, "area"] = np.nan
KINDS = {"area": "number", "city": "text", "z": "number"}
QUICK = {"n_estimators": 2, "max_iter": 4, "random_state": 0}


@pytest.fixture(scope="module")
def saved():
    y = X["area"].fillna(0) + (X["city"] == "Ulm")
    return SavedModel(TabularMLPRegressor(**QUICK).fit(X, y), "y", KINDS)


def test_reasons_are_shapley_values(saved):
    found = Reasons(saved, 2, X).columns(X, X)
    chosen = np.random.RandomState(0).permutation(N)[:N_BACKGROUND]
    values = shapley_values(saved.model, X, X.iloc[chosen], random_state=0).values
    assert list(found) == ["because_1", "because_2"]
    form = re.compile(r"(area|city|z)=(\S+) \(([+-]\S+)\)")
    for i in range(N):
        order = np.argsort(-np.abs(values[i]))
        for k in range(2):
            name, value, move = form.fullmatch(found[f"because_{k + 1}"][i]).groups()
            assert name == list(KINDS)[order[k]]
            assert value == as_text(X[name][i])
            assert float(move) == pytest.approx(values[i, order[k]], rel=0.01)


def test_they_do_not_depend_on_the_rows_beside(saved):
    each = Reasons(saved, 1, X)
    whole = each.columns(X, X)["because_1"]
    assert (
        each.columns(X[10:20], X[10:20])["because_1"].tolist() == whole[10:20].tolist()
    )


def test_classes_are_explained_by_the_probability_of_the_predicted_one():
    y = np.array(["low", "mid", "high"])[RNG.randint(3, size=N)]
    model = TabularMLPClassifier(**QUICK).fit(X, y)
    each = Reasons(SavedModel(model, "y", KINDS), 3, X)
    values = shapley_values(model, X, each.background, random_state=0).values
    places = np.searchsorted(model.classes_, model.predict(X))
    expected = values[np.arange(N), :, places]
    np.testing.assert_array_equal(each.values(X), expected)


def test_models_without_reasons_and_more_columns_than_there_are(saved, capsys):
    assert list(Reasons(saved, 9, X).columns(X, X)) == [f"because_{i}" for i in "123"]
    assert capsys.readouterr().err == "skmlp: --explain 9: the model has 3 columns\n"
    bare = MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs").fit(X[["z"]], X["z"])
    with pytest.raises(UserError, match="^--explain: model must be a TabularMLP"):
        Reasons(SavedModel(bare, "y", {"z": "number"}), 1, X).values(X)


def test_long_work_is_announced(saved, capsys, monkeypatch):
    each = Reasons(saved, 1, X)
    each.announce(X)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(reasons, "FEW_CELLS", 0)
    monkeypatch.setattr(reasons, "LONG", 0)
    each.announce(X)
    err = capsys.readouterr().err
    assert re.fullmatch(r"skmlp: explaining 60 rows takes about \d+ seconds?\n", err)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (120, "120"),
        (120.0, "120"),
        (0.1 + 0.2, "0.3"),
        (None, "missing"),
        (np.nan, "missing"),
        (pandas.NaT, "missing"),
        (pandas.NA, "missing"),
        ("x" * 60, "x" * 50 + "..."),
        (True, "True"),
    ],
)
def test_values_in_words(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (35.24, "+35.2"),
        (-0.001234, "-0.00123"),
        (123456.7, "+123457"),
        (0.0, "+0"),
        (1.5e-7, "+1.50e-07"),
        (-2e20, "-2.00e+20"),
    ],
)
def test_moves_in_words(value, text):
    assert signed(value) == text


@pytest.mark.usefixtures("quick")
def test_predict_explains(csv, birds, large, tmp_path, capsys):
    model = tmp_path / "m.pkl"
    options = ["--id", "ring", "--drop", "seen", "--save", model]
    assert command(csv, "--target", "species", *options) == 0
    capsys.readouterr()
    outs = []
    for in_blocks in (False, True):
        with large(in_blocks):
            assert (
                command("predict", "--trust-pickle", model, csv, "--explain", "2") == 0
            )
        outs.append(pandas.read_csv(io.StringIO(capsys.readouterr().out)))
    whole, blocks = outs
    assert list(whole) == list(blocks)
    assert list(whole)[-2:] == ["because_1", "because_2"]
    assert len(whole) == len(blocks) == len(birds)
    for name in ("because_1", "because_2"):
        assert whole[name].str.fullmatch(r"(island|wing|mass)=.+ \([+-].+\)").all()
    assert blocks["species"].tolist() == whole["species"].tolist()
