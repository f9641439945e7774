"""Models in files, and the messages about those that cannot be read."""

import io
import pickle
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skmlp import MLPClassifier, TabularMLPClassifier, TabularMLPRegressor
from skmlp.__main__ import main
from skmlp.command.models import SavedModel, as_saved, load_model, save_model
from skmlp.command.text import UserError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X = np.arange(20.0).reshape(-1, 1)


@pytest.fixture(scope="module")
def saved():
    model = MLPClassifier((3,), solver="lbfgs", random_state=0, max_iter=50)
    model.fit(X, np.where(X[:, 0] > 9, "high", "low"))
    return SavedModel(model, "level", {"x": "number"})


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "a.pickle", "a.skops"])
def test_models(name, saved, tmp_path):
    if name.endswith("skops"):
        pytest.importorskip("skops.io")
    save_model(tmp_path / name, saved)
    again = load_model(tmp_path / name, trust_pickle=not name.endswith("skops"))
    assert (again.target, again.columns) == (saved.target, saved.columns)
    rows = np.array([[3.0], [15.0]])
    np.testing.assert_array_equal(
        again.model.predict_proba(rows), saved.model.predict_proba(rows)
    )


DATES = pd.DataFrame({"at": pd.date_range("2024", periods=20, freq="D")})


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_dates_come_as_in_fit(zone):
    given = DATES.assign(at=DATES["at"].dt.tz_localize(zone))
    quick = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    dated = SavedModel(quick.fit(given, X[:, 0]), "y", {"at": "date"})
    for frame in (given, DATES, DATES.assign(at=DATES["at"].dt.tz_localize("UTC"))):
        found = dated.dates_of_fit(frame)
        assert (found["at"].dt.tz is None) == (zone is None)
        assert len(dated.model.predict(found)) == 20
    by_days = SavedModel(clone(quick).fit(X, X[:, 0]), "y", {"at": "date"})
    days = 19_723.0 + np.arange(20)
    assert by_days.dates_of_fit(DATES)["at"].tolist() == days.tolist()


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".joblib", ".PKL"])
def test_pickles_need_trust(suffix, saved, tmp_path):
    path = tmp_path / f"a{suffix}"

    class Sentinel:
        def __reduce__(self):
            return pytest.fail, ("The pickle was loaded.",)

    path.write_bytes(pickle.dumps(Sentinel()))
    with pytest.raises(UserError, match=r"can run any code .* set --trust-pickle\.$"):
        load_model(path)


def test_a_file_of_0_3_has_no_decimal_mark(saved):
    content = vars(saved) | {"decimal": ","}
    assert as_saved(content).decimal == ","
    del content["decimal"]
    assert as_saved(content).decimal == "."
    with pytest.raises(ValueError, match="are not as python -m skmlp saves them"):
        as_saved(content | {"decimal": "x"})


def test_ids_are_stored_only_where_there_are_some(saved, tmp_path):
    path = tmp_path / "a.pkl"
    for ids in ((), ("ring", "nest")):
        save_model(path, replace(saved, ids=ids))
        assert ("ids" in pickle.loads(path.read_bytes())) == bool(ids)
        assert load_model(path, trust_pickle=True).ids == ids
    if find_spec("skops"):
        save_model(tmp_path / "a.skops", replace(saved, ids=("ring",)))
        assert load_model(tmp_path / "a.skops").ids == ("ring",)
    for wrong in (["ring"], (3,), "ring"):
        with pytest.raises(ValueError, match="are not as python -m skmlp saves them"):
            as_saved(vars(saved) | {"ids": wrong})


def test_a_file_that_joblib_wrote(saved, tmp_path):
    joblib.dump(vars(saved), tmp_path / "a.joblib", compress=3)
    again = load_model(tmp_path / "a.joblib", trust_pickle=True)
    np.testing.assert_array_equal(again.model._theta, saved.model._theta)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.h5", b"x", "a model must end in one of .skops, .pkl, .pickle, .joblib."),
        ("a.pkl", b"", "the file is empty."),
        ("a.pkl", b"nonsense", "this is not a model that can be loaded ("),
        ("a.pkl", pickle.dumps([1]), "this is not a model that can be loaded (python"),
        ("a.pkl", pickle.dumps({"model": 1}), "this is not a model that can be loaded"),
        ("a.skops", b"nonsense", "this is not a model that can be loaded ("),
    ],
)
def test_files_that_are_no_model(name, content, message, write):
    if name.endswith("skops"):
        pytest.importorskip("skops.io")
    path = write(name, content)
    with pytest.raises(UserError, match=re.escape(f"{path}: {message}")):
        load_model(path, trust_pickle=True)


WRONG = {
    "content": [1],
    "keys": {"model": None, "target": "t"},
    "model": {"model": 3},
    "class": {"model": MLPClassifier},
    "not fitted": {"model": MLPClassifier()},
    "target": {"target": 3},
    "columns": {"columns": 3},
    "kinds": {"columns": {"x": "evil"}},
    "kinds of no type": {"columns": {"x": ["number"]}},
    "number of columns": {"columns": {"x": "number", "z": "text"}},
    "no columns": {"columns": {}},
}


@pytest.mark.parametrize("case", WRONG)
def test_contents_that_are_no_saved_model(case, saved):
    content = WRONG[case]
    if case not in ("content", "keys"):
        content = {**vars(saved), **content}
    with pytest.raises((ValueError, TypeError)):
        as_saved(content)


def test_a_model_that_cannot_be_written(saved, tmp_path):
    (tmp_path / "a.pkl").mkdir()
    with pytest.raises(UserError, match=r"a\.pkl: .*Is a directory"):
        save_model(tmp_path / "a.pkl", saved)


@pytest.mark.parametrize("kind", [TabularMLPClassifier, TabularMLPRegressor])
def test_models_of_tables(kind, tmp_path):
    pytest.importorskip("skops.io")
    rng = np.random.RandomState(0)
    table = pd.DataFrame({"a": rng.randn(40), "b": rng.choice(["x", "y"], 40)})
    y = table["b"] if kind is TabularMLPClassifier else table["a"]
    model = (
        kind(1, (3,), max_iter=2)
        if kind is TabularMLPClassifier
        else kind(n_estimators=1, hidden_layer_sizes=(3,), max_iter=2)
    )
    columns = {"a": "number", "b": "text"}
    save_model(tmp_path / "m.skops", SavedModel(model.fit(table, y), "y", columns))
    again = load_model(tmp_path / "m.skops")
    np.testing.assert_array_equal(again.model.predict(table), model.predict(table))


DATA = Path(__file__).parents[1] / "data"
RELEASES = sorted(one.parent.name for one in DATA.glob("*/command"))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["rent.skops", "level.skops", "rent.pkl"])
def test_files_of_the_command_of_a_release_predict_as_then(name, release, capsys):
    folder = DATA / release / "command"
    if name.endswith("skops"):
        pytest.importorskip("skops.io")
    trust = ["--trust-pickle"] if name.endswith("pkl") else []
    table = str(folder / "table.csv")
    assert main(["predict", str(folder / name), table, *trust]) == 0
    found = pd.read_csv(io.StringIO(capsys.readouterr().out))
    expected = pd.read_csv(folder / f"{name.partition('.')[0]}.csv")
    # In single precision, which rounds as the BLAS likes.
    pd.testing.assert_frame_equal(found, expected, rtol=1e-4)


def test_an_estimator_alone_is_told(tmp_path):
    model = TabularMLPClassifier(n_estimators=1, hidden_layer_sizes=(3,), max_iter=2)
    with pytest.raises(ValueError, match="has a TabularMLPClassifier alone"):
        as_saved(model.fit([[0.0], [1.0]] * 30, [0, 1] * 30))
