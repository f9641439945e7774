"""Models in files, and the messages about those that cannot be read."""

import pickle
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skmlp import MLPClassifier
from skmlp.command.models import SavedModel, load_model, save_model
from skmlp.command.text import UserError


@pytest.fixture(scope="module")
def saved():
    X = np.arange(20.0).reshape(-1, 1)
    model = MLPClassifier((3,), solver="lbfgs", random_state=0, max_iter=50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, np.where(X[:, 0] > 9, "high", "low"))
    return SavedModel(model, "level", {"x": "number"})


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "a.pickle", "a.skops"])
def test_models(name, saved, tmp_path):
    if name.endswith("skops"):
        pytest.importorskip("skops.io")
    save_model(tmp_path / name, saved)
    again = load_model(tmp_path / name)
    assert (again.target, again.columns) == (saved.target, saved.columns)
    X = np.array([[3.0], [15.0]])
    np.testing.assert_array_equal(
        again.model.predict_proba(X), saved.model.predict_proba(X)
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.h5", b"x", "a model must end in one of .skops, .pkl, .pickle, .joblib."),
        ("a.pkl", b"", "the file is empty."),
        ("a.pkl", b"nonsense", "this is not a model that can be loaded ("),
        ("a.pkl", pickle.dumps([1]), "this is not a model that python -m skmlp"),
        ("a.pkl", pickle.dumps({"model": 1}), "this is not a model that python -m"),
        ("a.skops", b"nonsense", "this is not a model that can be loaded ("),
    ],
)
def test_files_that_are_no_model(name, content, message, write):
    if name.endswith("skops"):
        pytest.importorskip("skops.io")
    path = write(name, content)
    with pytest.raises(UserError, match=re.escape(f"{path}: {message}")):
        load_model(path)


def test_skops_files_with_types_of_other_packages_are_refused(tmp_path):
    skops_io = pytest.importorskip("skops.io")
    path = tmp_path / "a.skops"
    skops_io.dump({"model": Path("x")}, path)
    with pytest.raises(
        UserError,
        match="not loaded, because types of other packages could run any code: ",
    ):
        load_model(path)


def test_a_model_that_cannot_be_written(saved, tmp_path):
    (tmp_path / "a.pkl").mkdir()
    with pytest.raises(UserError, match=r"a\.pkl: .*Is a directory"):
        save_model(tmp_path / "a.pkl", saved)
