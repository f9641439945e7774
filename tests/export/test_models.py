"""All estimators in onnxruntime, against predict and predict_proba."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.core.heads import REGRESSION_HEADS
from skmlp.export.models import members
from tests.data import make as releases
from tests.package.test_releases import DATA, FILES

from .runs import check, fitted, table, target

SMALL = {"hidden_layer_sizes": (5,), "max_iter": 4, "random_state": 0}
TABULAR = {**SMALL, "n_estimators": 2}
TABLE = table(300)
NEW = table(150, seed=1)
Y = target(TABLE)
POSITIVE = np.exp(Y / 4)
THREE = np.array(["low", "middle", "high"])[np.digitize(Y, [2, 4])]
RNG = np.random.RandomState(0)
X = RNG.randn(60, 4)
TARGETS = {
    "two texts": np.where(X[:, 0] > 0, "yes", "no"),
    "two integers": (X[:, 0] > 0).astype(int) * 7 - 3,
    "booleans": X[:, 0] > 0,
    "whole floats": (X[:, 0] > 0) * 1.0,
    "three": np.array(["é", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])],
    "objects": np.where(X[:, 0] > 0, "yes", "no").astype(object),
    "several labels": (X[:, :3] > 0).astype(int),
    "one label": (X[:, :1] > 0).astype(int)[:, [0, 0]],
    "one class": np.full(60, "only"),
    "soft": np.exp(X[:, :3]) / np.exp(X[:, :3]).sum(axis=1, keepdims=True),
    "two soft": np.column_stack([X[:, 0] ** 2, np.ones(60)]) / (X[:, :1] ** 2 + 1),
}


@pytest.mark.parametrize("kind", [MLPClassifier, TabularMLPClassifier])
@pytest.mark.parametrize("name", TARGETS)
def test_targets_of_classifiers(kind, name):
    settings = SMALL if kind is MLPClassifier else TABULAR
    check(fitted(kind(**settings), X, TARGETS[name]), X)


@pytest.mark.parametrize("loss", REGRESSION_HEADS)
@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses_of_networks(loss, several, dtype):
    y = np.exp(X[:, [0, 1]] if several else X[:, 0])
    model = fitted(MLPRegressor(**SMALL, loss=loss), X.astype(dtype), y)
    check(model, X, 1e-13 if dtype is np.float64 else 5e-6)


@pytest.mark.parametrize("loss", [one for one in REGRESSION_HEADS if one != "huber"])
@pytest.mark.parametrize("several", [False, True])
def test_losses_of_ensembles(loss, several):
    y = np.column_stack([POSITIVE, 1e6 * POSITIVE]) if several else POSITIVE
    check(fitted(TabularMLPRegressor(**TABULAR, loss=loss), TABLE, y), NEW)


@pytest.mark.parametrize("kind", [MLPRegressor, TabularMLPRegressor])
@pytest.mark.parametrize("several", [False, True])
def test_several_quantiles(kind, several):
    y = X[:, :2] if several else X[:, 0]
    settings = SMALL if kind is MLPRegressor else TABULAR
    model = kind(**settings, loss="quantile", quantile=(0.1, 0.5, 0.9))
    check(fitted(model, X, y), X)


@pytest.mark.parametrize("factor", [1e300, 1e-300, 1e-310])
def test_targets_of_extreme_sizes(factor):
    y = np.column_stack([X[:, 0] * factor, X[:, 1]])
    model = fitted(TabularMLPRegressor(**TABULAR), X, y)
    check(model, X)
    check(fitted(TabularMLPRegressor(**TABULAR), X, y[:, 0]), X)


@pytest.mark.parametrize("y", [Y, THREE], ids=["numbers", "classes"])
@pytest.mark.parametrize("preset", ["fast", "default", "best", None])
def test_presets(preset, y):
    kind = TabularMLPRegressor if y is Y else TabularMLPClassifier
    settings = {"n_estimators": 2 if preset != "best" else 4, "max_iter": 3}
    check(fitted(kind(preset=preset, random_state=0, **settings), TABLE, y), NEW)


def test_networks_of_three_kinds_and_weights():
    model = TabularMLPRegressor(**{**TABULAR, "n_estimators": 6, "cv": None})
    model = fitted(model, TABLE, Y)
    model._weights = (1.0, 2.0, 0.5, 1.0, 1.0, 3.0)
    groups = list(members(model))
    assert sum(len(one.thetas) for one in groups) == 6
    assert 1 < len(groups) < 6
    check(model, NEW)


def test_features_of_numbers():
    for settings in ({"n_bins": 5}, {"n_bins": 0}, {"n_bins": 0, "n_frequencies": 0}):
        model = TabularMLPClassifier(**TABULAR, preset=None, **settings)
        check(fitted(model, TABLE, THREE), NEW)


def test_networks_without_hidden_layers():
    check(fitted(MLPClassifier((), max_iter=4), X, TARGETS["three"]), X)


def test_rows_that_repeat():
    places = np.r_[np.repeat(np.arange(180), 3), np.arange(180, 300)]
    y = np.random.RandomState(1).randn(300)
    model = fitted(TabularMLPRegressor(**TABULAR), TABLE.iloc[places], y[places])
    assert model.encoder_._repeated
    check(model, NEW)
    check(model, TABLE)


@pytest.mark.parametrize("y", [Y, THREE], ids=["numbers", "classes"])
def test_a_model_of_partial_fit(y):
    kind = TabularMLPRegressor if y is Y else TabularMLPClassifier
    declared = {} if y is Y else {"classes": np.unique(y)}
    check(kind(**TABULAR).partial_fit(TABLE, y, **declared), NEW)


def test_distilled_networks():
    teacher = fitted(TabularMLPClassifier(**TABULAR), TABLE, THREE)
    Z = teacher.encoder_.transform(TABLE)
    student = MLPClassifier(**SMALL)
    check(fitted(student, Z, teacher.predict_proba(TABLE)), Z)
    check(fitted(MLPRegressor(**SMALL), Z, teacher.predict_proba(TABLE)), Z)


@pytest.mark.filterwarnings("ignore:Trying to unpickle estimator LabelBinarizer")
@pytest.mark.parametrize("file", [one for one in FILES if one.endswith("pickle")])
def test_models_of_earlier_releases(file):
    from skmlp.export import to_onnx

    model = pickle.loads((DATA / file).read_bytes())
    name = Path(file).stem
    if name.startswith("table"):
        with pytest.raises(NotImplementedError, match="text"):
            to_onnx(model)
    else:
        check(model, releases.rows_of(name))


@pytest.mark.parametrize("classes", [[0.5, 1.5], [2**63, 1]])
def test_labels_that_no_type_has_are_refused(classes):
    from skmlp.export import to_onnx

    model = fitted(MLPClassifier(**SMALL), X, TARGETS["two integers"])
    model.classes_ = np.array(classes, object)
    with pytest.raises(NotImplementedError, match="class labels that are text or"):
        to_onnx(model)
