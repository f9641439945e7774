"""to_onnx: a fitted model as a model of ONNX."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from .._version import __version__
from ..common.constraints import OneOf, check_parameter
from ..common.errors import shown
from ..estimators import MLPClassifier, MLPRegressor
from .encoder import NAMES, OwnInputs, described
from .graph import DOUBLE, FLOAT, IR_VERSION, ML, ML_OPSET, OPSET, Graph, graph_proto
from .models import ESTIMATORS, Output, outputs_of_matrix, outputs_of_table

if TYPE_CHECKING:
    from onnx import ModelProto

FLOATS = {"float64": DOUBLE, "float32": FLOAT}

DOC = """Exported by skmlp {version}. It predicts as {estimator}.predict{proba}.
Inputs have a row for each row of the table. The entry `columns` of the metadata has their
kinds, and what a missing value is in each. Dates are microseconds since 1970, UTC;
durations and times of day are microseconds."""


def to_onnx(model: Any, *, dtype: str = "float64") -> ModelProto:
    """Export a fitted model to ONNX, with its encoder and all of its networks.

    The result predicts the same without Python: onnxruntime and other runtimes of ONNX
    read it. It uses the operators of opset 18 and of opset 3 of ai.onnx.ml.
    docs/how_to/onnx.md says how close its predictions are.

    `MLPClassifier` and `MLPRegressor` have one input, X of shape (n, n_features). Tabular
    models have an input of shape (n, 1) for each column, with its name, or x0, x1, ... for
    columns of an array:

    - numbers, codes, and labels that are numbers: `dtype`, NaN where missing,
    - text and labels: strings, the empty string where missing,
    - dates, durations and times of day: int64, microseconds, those of dates since 1970 in
      UTC; the smallest integer, which is NaT of NumPy, where missing,
    - labels that are integers beyond 2^53: int64, the smallest integer where missing.

    Outputs of classifiers are `label`, of shape (n,), and `probabilities`, of shape
    (n, n_classes). With several labels for each row, `label` is the indicator. The output
    of regressors is `variable`, of shape (n, n_outputs), or with q quantiles (n, q) or
    (n, n_outputs, q). A name that a column has is followed by ``_0``.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        A fitted model, or one of the command: what `skmlp.load` returns, or the content of
        the file.
    dtype : {'float64', 'float32'}, default='float64'
        The type of numbers in inputs and outputs. Numbers that are close to each other can
        be equal in single precision.

    Returns
    -------
    onnx.ModelProto
        The model. `SerializeToString()` gives the bytes of a file. Its metadata have the
        version of skmlp, the name of the estimator and of the target if it is known, and
        the columns: name, kind, type of the input, and what a missing value is, as JSON.

    Raises
    ------
    ImportError
        If onnx is not installed.
    TypeError
        If `model` is no estimator of skmlp.
    ValueError
        If `dtype` is invalid, or the model is not fitted.
    NotImplementedError
        If a part cannot be exported: a column of texts of several words, or an activation
        or a loss of your own.

    See Also
    --------
    register_skl2onnx : The export of pipelines.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmlp import TabularMLPClassifier
    >>> from skmlp.export import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> model = TabularMLPClassifier(n_estimators=2, max_iter=4).fit(X, y)
    >>> exported = to_onnx(model)  # doctest: +SKIP
    >>> [one.name for one in exported.graph.output]  # doctest: +SKIP
    ['label', 'probabilities']
    """
    check_parameter("to_onnx", "dtype", dtype, OneOf(tuple(FLOATS)))
    model, target, kinds = parts_of(model)
    check_model(model)
    check_installed("onnx")
    graph = Graph()
    outputs = add_model(graph, model, FLOATS[dtype])
    for one in outputs:
        graph.add_output(*one)
    return model_proto(graph, metadata(graph, model, target, kinds))


def parts_of(model: Any) -> tuple[Any, str, dict[str, str]]:
    """The estimator, the name of its target, and the kinds of columns in files.

    What the command saves has all three, as attributes or as the dict in a file. So has
    what `skmlp.load` returns, with the name `estimator`.
    """
    if isinstance(model, dict):
        known: Any = model
    else:
        names = ("model", "estimator", "target", "columns")
        known = {name: getattr(model, name, None) for name in names}
        known["model"] = known["model"] or known["estimator"]
    if known.get("model") is None or not isinstance(known.get("columns"), dict):
        return model, "", {}
    return known["model"], str(known.get("target", "")), known["columns"]


def check_model(model: Any) -> None:
    """Raise unless this is a fitted estimator of skmlp."""
    if type(model) not in ESTIMATORS:
        names = ", ".join(one.__name__ for one in ESTIMATORS)
        raise TypeError(
            f"model must be one of {names}, or what the command saves. Got "
            f"{shown(model)}. After register_skl2onnx(), skl2onnx exports pipelines and "
            "other estimators."
        )
    check_is_fitted(model)


def check_installed(package: str) -> None:
    """Raise ImportError without a package that the export needs."""
    try:
        if package == "onnx":
            import onnx  # noqa: F401
        else:
            import skl2onnx  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"The export to ONNX needs {package}. Install it, for example with "
            "python -m pip install 'skmlp[onnx]'."
        ) from error


def add_model(graph: Graph, model: Any, floats: int) -> Sequence[Output]:
    """Add the inputs and nodes of a model; numbers in inputs and outputs are `floats`."""
    if isinstance(model, MLPClassifier | MLPRegressor):
        X = graph.add_input("X", floats, (model.n_features_in_,))
        return outputs_of_matrix(graph, model, X, floats)
    return outputs_of_table(graph, model, OwnInputs(graph, floats), floats)


def metadata(
    graph: Graph, model: Any, target: str, kinds: dict[str, str]
) -> dict[str, str]:
    """What the file says about the model; `kinds` are those of the command."""
    if isinstance(model, MLPClassifier | MLPRegressor):
        names = vars(model).get("feature_names_in_", [])
        columns = [{"name": str(name), "kind": "number"} for name in names]
    else:
        columns = described(model.encoder_)
        for column, given in zip(columns, graph.inputs, strict=True):
            column |= {"input": given.name, "type": NAMES[given.type]}
    for column in columns:
        if column["name"] in kinds:
            column["in_files"] = kinds[column["name"]]
    return {
        "skmlp_version": __version__,
        "estimator": type(model).__name__,
        "target": target,
        "columns": json.dumps(columns),
    }


def model_proto(graph: Graph, facts: dict[str, str]) -> ModelProto:
    """The graph as a model of ONNX, with facts as its metadata."""
    from onnx import helper

    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
    name = facts["estimator"]
    proba = "_proba" if name.endswith("Classifier") else ""
    model = helper.make_model(
        graph_proto(graph, name),
        opset_imports=opsets,
        ir_version=IR_VERSION,
        producer_name="skmlp",
        producer_version=__version__,
        doc_string=DOC.format(version=__version__, estimator=name, proba=proba),
    )
    helper.set_model_props(model, facts)
    return model
