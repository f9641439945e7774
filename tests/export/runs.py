"""Runs exported models in onnxruntime, and compares them with the models."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from skmlp.export.convert import model_proto, to_onnx
from skmlp.export.encoder import OwnInputs, described, encode
from skmlp.export.graph import (
    FLOAT,
    IR_VERSION,
    ML,
    ML_OPSET,
    OPSET,
    TYPES,
    Graph,
    graph_proto,
)
from tests.helpers import dense

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
ort.set_default_logger_severity(3)

TOLERANCE = 5e-6
"""Of probabilities, and of predictions by the largest one."""


def session(proto):
    """onnxruntime with a model that the checker of ONNX accepts."""
    onnx.checker.check_model(proto, full_check=True)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    data = proto.SerializeToString()
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run_graph(build, *arrays):
    """What a function of a graph and the names of its inputs makes of arrays."""
    graph = Graph()
    names = [
        graph.add_input(f"x{i}", TYPES[one.dtype], one.shape[1:])
        for i, one in enumerate(arrays)
    ]
    tensor = build(graph, *names)
    inputs = graph_proto(graph, "test")
    inputs.output.append(onnx.ValueInfoProto(name=tensor))
    opsets = [
        onnx.helper.make_opsetid("", OPSET),
        onnx.helper.make_opsetid(ML, ML_OPSET),
    ]
    proto = onnx.helper.make_model(inputs, opset_imports=opsets, ir_version=IR_VERSION)
    proto = onnx.shape_inference.infer_shapes(proto)
    found = ort.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return found.run(None, dict(zip(names, arrays, strict=True)))[0]


def columns_of(proto):
    """What the metadata say about the columns."""
    facts = {one.key: one.value for one in proto.metadata_props}
    return json.loads(facts["columns"])


def as_input(series, column):
    """A column of a frame as the input of a model, as docs/how_to/onnx.md says."""
    kind = column["type"]
    if kind == "string":
        there = series.notna().to_numpy()
        values = [
            str(one) if known else column["missing"]
            for one, known in zip(series, there, strict=True)
        ]
        return np.array(values, object)[:, None]
    if column["kind"] in ("date", "duration", "time of day"):
        if getattr(series.dtype, "tz", None) is not None:
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        unit = "datetime64[us]" if series.dtype.kind == "M" else "timedelta64[us]"
        return series.to_numpy().astype(unit).astype(np.int64)[:, None]
    if kind == "int64":
        return series.to_numpy(np.int64)[:, None]
    return series.to_numpy(np.dtype(kind), na_value=np.nan)[:, None]


def feeds_of(proto, X):
    """The inputs of a tabular model for a table."""
    frame = X if hasattr(X, "columns") else pd.DataFrame(X)
    return {
        column["input"]: as_input(frame.iloc[:, i], column)
        for i, column in enumerate(columns_of(proto))
    }


def outputs(model, X, **settings):
    """The outputs of an exported model for rows, by name."""
    proto = to_onnx(model, **settings)
    if hasattr(model, "encoder_"):
        feeds = feeds_of(proto, X)
    else:
        feeds = {"X": np.asarray(X, settings.get("dtype", "float64"))}
    found = session(proto)
    names = [one.name for one in found.get_outputs()]
    return dict(zip(names, found.run(None, feeds), strict=True))


def check(model, X, tolerance=TOLERANCE):
    """Check that an exported model predicts the same."""
    compare(model, X, outputs(model, X), tolerance)


def compare(model, X, found, tolerance=TOLERANCE):
    """Check that outputs are the predictions of a model."""
    if not hasattr(model, "predict_proba"):
        prediction = model.predict(X)
        variable = found["variable"].reshape(prediction.shape)
        scale = np.abs(prediction).max()
        np.testing.assert_allclose(variable / scale, prediction / scale, atol=tolerance)
        return
    probability, label = model.predict_proba(X), dense(model.predict(X))
    np.testing.assert_allclose(found["probabilities"], probability, atol=tolerance)
    assert found["label"].shape == np.shape(label)
    # Where two classes have almost the same probability, either is right.
    nearest = np.sort(probability, axis=1)
    several = np.ndim(label) > 1
    ties = np.abs(probability - 0.5) if several else np.diff(nearest[:, -2:], axis=1)
    sure = (ties > 2 * tolerance).reshape(len(label), -1) if ties.size else True
    same = (found["label"] == np.asarray(label)).reshape(len(label), -1)
    assert np.all(same | ~np.asarray(sure))


def fitted(model, X, y):
    """The model after a fit without warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, y)


def table(n, seed=0):
    """A table with a column of each kind."""
    rng = np.random.RandomState(seed)
    start = pd.Timestamp("2020-01-01")
    days = pd.to_timedelta(rng.randint(0, 900 * 86_400, n), unit="s")
    frame = pd.DataFrame(
        {
            "number": rng.randn(n),
            "rounded": rng.randn(n).round(1),
            "integer": rng.randint(0, 30, n),
            "yes": rng.rand(n) < 0.4,
            "constant": 1.0,
            "two": rng.choice(["x", "y"], n),
            "few": rng.choice(list("abcde"), n),
            "many": [f"label {i}" for i in rng.randint(0, 150, n)],
            "date": start + days,
            "berlin": (start + days).tz_localize("UTC").tz_convert("Europe/Berlin"),
            "duration": pd.to_timedelta(rng.randint(0, 9000, n), unit="s"),
        }
    )
    for i, name in enumerate(("number", "two", "many", "date", "duration")):
        frame.loc[i :: 7 + i, name] = None
    return frame


def target(frame):
    """Numbers that depend on a table."""
    y = frame["number"].fillna(0) + frame["rounded"] + frame["integer"] / 30
    return (y + frame["date"].dt.day_of_week.fillna(0)).to_numpy()


def run_encoder(encoder, X):
    """The table encoded by onnxruntime."""
    graph = Graph()
    width = encoder.layout.n_columns
    graph.add_output(
        "encoded", encode(graph, encoder, OwnInputs(graph)), FLOAT, (width,)
    )
    facts = {
        "estimator": "TableEncoder",
        "columns": json.dumps(with_inputs(graph, encoder)),
    }
    proto = model_proto(graph, facts)
    return session(proto).run(None, feeds_of(proto, X))[0]


def with_inputs(graph, encoder):
    """The description of columns, with the names of their inputs."""
    both = zip(described(encoder), graph.inputs, strict=True)
    return [column | {"input": given.name} for column, given in both]
