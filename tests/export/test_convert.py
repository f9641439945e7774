"""to_onnx: what it takes, what it says, and what it refuses."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpydoc.validate import validate
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

import skmlp
from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.core.activations import Relu
from skmlp.core.heads import SquaredError
from skmlp.export import convert, to_onnx
from skmlp.stored import read_skops
from tests.package.test_docs import CONFIG
from tests.package.test_releases import DATA

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
X = np.random.RandomState(0).randn(40, 3)
Y = X[:, 0] > 0


def model_of_columns(**columns):
    from .runs import fitted

    frame = pd.DataFrame(columns)
    model = TabularMLPClassifier(n_estimators=2, **SMALL)
    return fitted(model, frame, np.arange(len(frame)) % 2), frame


def test_inputs_and_outputs():
    from .runs import fitted, onnx

    proto = to_onnx(fitted(MLPClassifier(**SMALL), X, Y))
    shown = [
        (one.name, one.type.tensor_type.elem_type, len(one.type.tensor_type.shape.dim))
        for one in (*proto.graph.input, *proto.graph.output)
    ]
    types = onnx.TensorProto
    assert shown == [
        ("X", types.DOUBLE, 2),
        ("label", types.INT64, 1),
        ("probabilities", types.DOUBLE, 2),
    ]
    opsets = {one.domain: one.version for one in proto.opset_import}
    assert opsets == {"": 18, "ai.onnx.ml": 3}
    assert proto.producer_name == "skmlp"
    assert proto.producer_version == skmlp.__version__
    assert "MLPClassifier.predict_proba" in proto.doc_string


def test_metadata():
    from .runs import columns_of

    model, _ = model_of_columns(
        number=np.arange(40.0),
        text=list("ab") * 20,
        empty=["", "c"] * 20,
        date=pd.date_range("2020", periods=40),
    )
    proto = to_onnx(model)
    facts = {one.key: one.value for one in proto.metadata_props}
    assert facts["skmlp_version"] == skmlp.__version__
    assert facts["estimator"] == "TabularMLPClassifier"
    found = {one["name"]: one for one in columns_of(proto)}
    kinds = [one["kind"] for one in found.values()]
    assert kinds == ["number", "category", "category", "date"]
    types = [one["type"] for one in found.values()]
    assert types == ["float64", "string", "string", "int64"]
    missing = [one["missing"] for one in found.values()]
    assert missing == [None, "", "<missing>", -(2**63)]


def test_the_names_of_a_frame_are_in_the_metadata():
    from .runs import columns_of, fitted

    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    proto = to_onnx(fitted(MLPClassifier(**SMALL), frame, Y))
    assert [one["name"] for one in columns_of(proto)] == ["a", "b", "c"]


def test_columns_with_the_names_of_outputs():
    from .runs import feeds_of, session

    model, frame = model_of_columns(
        label=np.arange(40.0), probabilities=list("ab") * 20, skmlp_array_1=1.0
    )
    proto = to_onnx(model)
    found = session(proto)
    assert [one.name for one in found.get_outputs()] == ["label_0", "probabilities_0"]
    _, probability = found.run(None, feeds_of(proto, frame))
    np.testing.assert_allclose(probability, model.predict_proba(frame), atol=5e-6)


def test_what_the_command_saves():
    from .runs import columns_of, compare, feeds_of, session

    model, frame = model_of_columns(a=np.arange(40.0), b=list("xy") * 20)
    kinds = {"a": "number", "b": "label"}
    content = {"model": model, "target": "price", "columns": kinds, "decimal": "."}
    proto = to_onnx(content)
    again = to_onnx(SimpleNamespace(**content))
    assert again.SerializeToString() == proto.SerializeToString()
    facts = {one.key: one.value for one in proto.metadata_props}
    assert facts["target"] == "price"
    assert {one["name"]: one["in_files"] for one in columns_of(proto)} == kinds
    outputs = session(proto).run(None, feeds_of(proto, frame))
    compare(model, frame, dict(zip(["label", "probabilities"], outputs, strict=True)))


@pytest.mark.parametrize("name", ["level", "rent"])
def test_a_file_of_the_command(name):
    """Models of 0.3 have dates as days since 1970."""
    from .runs import columns_of, compare, feeds_of, session

    pytest.importorskip("skops.io")
    folder = DATA / "0.3.0" / "command"
    content = read_skops((folder / f"{name}.skops").read_bytes())
    frame = pd.read_csv(folder / "table.csv")[list(content["columns"])]
    days = pd.to_datetime(frame["built"]) - pd.Timestamp(0)
    frame["built"] = days / pd.Timedelta(days=1)
    proto = to_onnx(content)
    assert [one["in_files"] for one in columns_of(proto)] == ["number", "text", "date"]
    found = session(proto)
    names = [one.name for one in found.get_outputs()]
    outputs = found.run(None, feeds_of(proto, frame))
    compare(content["model"], frame, dict(zip(names, outputs, strict=True)))


@pytest.mark.parametrize("kind", [MLPClassifier, TabularMLPClassifier])
def test_single_precision(kind):
    from .runs import fitted, outputs

    few = {} if kind is MLPClassifier else {"n_estimators": 2}
    rounded = X.astype(np.float32)
    model = fitted(kind(**SMALL, **few), rounded, Y)
    found = outputs(model, rounded, dtype="float32")["probabilities"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, model.predict_proba(rounded), atol=5e-6)


def test_a_model_stays_as_it_is():
    from .runs import fitted

    model = fitted(TabularMLPRegressor(n_estimators=2, **SMALL), X, X[:, 0])
    before = model.predict(X)
    keys = set(vars(model))
    to_onnx(model)
    np.testing.assert_array_equal(model.predict(X), before)
    assert set(vars(model)) == keys


@pytest.mark.parametrize("given", [LogisticRegression(), None, MLPClassifier, "model"])
def test_other_models_are_refused(given):
    with pytest.raises(TypeError, match="model must be one of MLPClassifier, "):
        to_onnx(given)


def test_a_model_must_be_fitted():
    with pytest.raises(NotFittedError):
        to_onnx(MLPClassifier())


def test_types_of_numbers():
    with pytest.raises(ValueError, match="'dtype' parameter of to_onnx must be"):
        to_onnx(MLPClassifier(), dtype="float16")


class OwnActivation(Relu):
    """A user's own activation."""


class OwnLoss(SquaredError):
    """A user's own loss."""


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"activation": OwnActivation()}, "OwnActivation"),
        ({"loss": OwnLoss()}, "OwnLoss"),
    ],
)
def test_users_own_objects_are_refused_by_name(settings, name):
    from .runs import fitted

    model = fitted(MLPRegressor(**SMALL, **settings), X, X[:, 0])
    with pytest.raises(NotImplementedError, match=name):
        to_onnx(model)


def test_texts_are_refused_by_the_name_of_their_column():
    from .runs import fitted

    words = np.random.RandomState(0).randint(0, 99, (150, 3)).astype(str)
    frame = pd.DataFrame({"remark": [" ".join(row) for row in words]})
    model = TabularMLPClassifier(
        n_estimators=2, column_kinds={"remark": "text"}, **SMALL
    )
    model = fitted(model, frame, np.arange(150) % 2)
    with pytest.raises(NotImplementedError, match="cannot export column 'remark'"):
        to_onnx(model)


@pytest.mark.parametrize("package", ["onnx", "skl2onnx"])
def test_without_the_package(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"needs {package}.*'skmlp\[onnx\]'"):
        convert.check_installed(package)


def test_importing_the_package_does_not_import_onnx():
    code = "import skmlp.export, sys; print('onnx' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True
    )
    assert found.stdout.split() == [b"False"]


def test_the_description_of_columns_is_json():
    from .runs import onnx

    model, _ = model_of_columns(a=list("xy") * 20)
    again = onnx.load_from_string(to_onnx(model).SerializeToString())
    facts = {one.key: one.value for one in again.metadata_props}
    assert json.loads(facts["columns"])[0]["name"] == "a"


@pytest.mark.parametrize("name", skmlp.export.__all__)
def test_docstrings_follow_numpydoc(name):
    checks = CONFIG["tool"]["numpydoc_validation"]["checks"]
    found = validate(f"skmlp.export.{name}")["errors"]
    assert [error for error in found if error[0] not in checks] == []
