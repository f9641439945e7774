"""Pipelines through skl2onnx."""

from contextlib import nullcontext

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.export import register_skl2onnx

from .runs import compare, fitted, session, table, target

skl2onnx = pytest.importorskip("skl2onnx")
types = pytest.importorskip("skl2onnx.common.data_types")

SMALL = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}
TABULAR = {**SMALL, "n_estimators": 2}
X = np.random.RandomState(0).randn(80, 3)
THREE = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])]


@pytest.fixture(autouse=True)
def registered():
    register_skl2onnx()


def convert(model, inputs, **settings):
    classifier = hasattr(model, "predict_proba")
    options = {"options": {"zipmap": False}} if classifier else {}
    with np.errstate(all="ignore"):
        return skl2onnx.convert_sklearn(
            model, initial_types=inputs, **options, **settings
        )


def check(model, X, inputs, feeds, **settings):
    found = session(convert(model, inputs, **settings))
    names = [one.name for one in found.get_outputs()]
    outputs = dict(zip(names, found.run(None, feeds), strict=True))
    compare(model, X, outputs)
    return outputs


@pytest.mark.parametrize("kind", [MLPClassifier, TabularMLPClassifier])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("target_opset", [18, None])
def test_classifiers(kind, dtype, target_opset):
    settings = SMALL if kind is MLPClassifier else TABULAR
    given = X.astype(dtype)
    model = fitted(make_pipeline(StandardScaler(), kind(**settings)), given, THREE)
    tensor = types.DoubleTensorType if dtype is np.float64 else types.FloatTensorType
    inputs = [("X", tensor([None, 3]))]
    rounded = kind is TabularMLPClassifier and dtype is np.float32
    told = (
        pytest.warns(UserWarning, match="single precision")
        if rounded
        else nullcontext()
    )
    with told:
        found = check(model, given, inputs, {"X": given}, target_opset=target_opset)
    assert found["probabilities"].dtype == dtype


@pytest.mark.parametrize("kind", [MLPRegressor, TabularMLPRegressor])
@pytest.mark.parametrize("several", [False, True])
def test_regressors(kind, several):
    settings = SMALL if kind is MLPRegressor else TABULAR
    y = X[:, :2] if several else X[:, 0]
    model = fitted(make_pipeline(StandardScaler(), kind(**settings)), X, y)
    check(model, X, [("X", types.DoubleTensorType([None, 3]))], {"X": X})


def test_several_labels():
    model = make_pipeline(StandardScaler(), MLPClassifier(**SMALL))
    model = fitted(model, X, (X > 0).astype(int))
    check(model, X, [("X", types.DoubleTensorType([None, 3]))], {"X": X})


def table_with_texts():
    frame = table(200)[["number", "rounded", "few", "two"]]
    frame["number"] = frame["number"].fillna(0)
    frame["two"] = frame["two"].fillna("")
    y = np.where(frame["rounded"] > 0, "up", "down")
    number, text = (
        kind([None, 1]) for kind in (types.DoubleTensorType, types.StringTensorType)
    )
    inputs = [(name, number if i < 2 else text) for i, name in enumerate(frame)]
    feeds = {
        name: frame[[name]].to_numpy(float if i < 2 else object)
        for i, name in enumerate(frame)
    }
    return frame, y, inputs, feeds


def test_a_column_transformer():
    frame, y, inputs, feeds = table_with_texts()
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["number", "rounded"]),
            ("texts", OneHotEncoder(sparse_output=False), ["few", "two"]),
        ]
    )
    model = make_pipeline(columns, TabularMLPClassifier(**TABULAR))
    check(fitted(model, frame, y), frame, inputs, feeds)


def test_a_table_as_it_is():
    frame, y, inputs, feeds = table_with_texts()
    frame = frame.assign(two=frame["two"].replace("", None))
    check(fitted(TabularMLPClassifier(**TABULAR), frame, y), frame, inputs, feeds)


def test_dates_in_a_table():
    frame = table(200)[["rounded", "date"]]
    model = fitted(TabularMLPRegressor(**TABULAR), frame, target(table(200)))
    dates = frame["date"].to_numpy().astype("M8[us]").astype(np.int64)
    inputs = [
        ("rounded", types.DoubleTensorType([None, 1])),
        ("date", types.Int64TensorType([None, 1])),
    ]
    feeds = {"rounded": frame[["rounded"]].to_numpy(), "date": dates[:, None]}
    check(model, frame, inputs, feeds)


def test_two_models_in_one_graph():
    both = [("a", MLPClassifier(**SMALL)), ("b", TabularMLPClassifier(**TABULAR))]
    model = VotingClassifier(both, voting="soft", flatten_transform=False)
    inputs = [("X", types.DoubleTensorType([None, 3]))]
    check(fitted(model, X, THREE), X, inputs, {"X": X})


def test_probabilities_as_a_dict():
    model = make_pipeline(StandardScaler(), MLPClassifier(**SMALL))
    model = fitted(model, X, THREE)
    proto = skl2onnx.to_onnx(model, X.astype(np.float32))
    _, found = session(proto).run(None, {"X": X.astype(np.float32)})
    assert found[0].keys() == {"a", "b", "c"}


def test_an_older_opset_is_refused():
    model = fitted(MLPClassifier(**SMALL), X, THREE)
    with pytest.raises(RuntimeError, match="target_opset must be 18 or higher. Got 17"):
        convert(model, [("X", types.DoubleTensorType([None, 3]))], target_opset=17)


def test_inputs_with_another_number_of_columns_are_refused():
    model = fitted(TabularMLPClassifier(**TABULAR), X, THREE)
    with pytest.raises(ValueError, match="must have 3 columns together. Got 2"):
        convert(model, [("X", types.DoubleTensorType([None, 2]))])


def test_inputs_of_another_type_are_refused():
    frame, y, inputs, _ = table_with_texts()
    model = fitted(TabularMLPClassifier(**TABULAR), frame, y)
    numbers = [(name, inputs[0][1]) for name, _ in inputs]
    with pytest.raises(TypeError, match="Column 'few' must be an input of type string"):
        convert(model, numbers)
