"""register_skl2onnx: the export of pipelines in which models of skmlp are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..common.errors import warn
from ..estimators import MLPClassifier, MLPRegressor
from .convert import check_installed, check_model
from .encoder import NUMBERS, Tensors
from .graph import DOUBLE, FLOAT, INT64, OPSET, STRING, TYPES, Graph, Node
from .models import (
    ESTIMATORS,
    Output,
    outputs_of_matrix,
    outputs_of_table,
    shapes_of,
)

OPTIONS: dict[str, list[Any]] = {
    "zipmap": [True, False, "columns"],
    "nocl": [True, False],
    "output_class_labels": [False, True],
}
"""The options of classifiers, those that skl2onnx itself reads."""

LABELS_SINCE = 2
"""The opset of ai.onnx.ml from which on LabelEncoder is what it is in the graph."""


def register_skl2onnx() -> None:
    """Let skl2onnx export the four estimators, alone and in pipelines.

    Call it once, before `skl2onnx.to_onnx` or `skl2onnx.convert_sklearn`. The target opset
    must be 18 or higher. A tabular model takes one tensor of numbers, such as the output of
    a ColumnTransformer, or several tensors with its columns side by side. Their types are
    those of `skmlp.export.to_onnx`; numbers may be of any type. The outputs are in double
    precision if one of the inputs is.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    See Also
    --------
    to_onnx : The export of a model alone, without skl2onnx.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skmlp import MLPClassifier
    >>> from skmlp.export import register_skl2onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> network = MLPClassifier((5,), solver="lbfgs", alpha=1, random_state=0)
    >>> model = make_pipeline(StandardScaler(), network).fit(X, y)
    >>> register_skl2onnx()  # doctest: +SKIP
    >>> from skl2onnx import to_onnx  # doctest: +SKIP
    >>> exported = to_onnx(model, X, options={"zipmap": False})  # doctest: +SKIP
    """
    check_installed("skl2onnx")
    from skl2onnx import update_registered_converter

    for kind in ESTIMATORS:
        options = OPTIONS if kind.__name__.endswith("Classifier") else None
        alias = f"Skmlp{kind.__name__}"
        update_registered_converter(kind, alias, set_types, convert, options=options)


def set_types(operator: Any) -> None:
    """Set the types and shapes of the outputs of an operator of skl2onnx."""
    from skl2onnx.common.data_types import (
        DoubleTensorType,
        FloatTensorType,
        Int64TensorType,
        StringTensorType,
    )

    kinds = {DOUBLE: DoubleTensorType, FLOAT: FloatTensorType}
    kinds |= {INT64: Int64TensorType, STRING: StringTensorType}
    n = operator.inputs[0].get_first_dimension()
    check_model(operator.raw_operator)
    shapes = shapes_of(operator.raw_operator, _floats(operator))
    for variable, (kind, shape) in zip(operator.outputs, shapes, strict=True):
        variable.type = kinds[kind]([n, *shape])


def convert(scope: Any, operator: Any, container: Any) -> None:
    """Add the nodes of a model to a container of skl2onnx."""
    if container.target_opset < OPSET:
        raise RuntimeError(
            f"target_opset must be {OPSET} or higher. Got {container.target_opset}."
        )
    model, graph = operator.raw_operator, Graph()
    tensors = [_tensor(one, model) for one in operator.inputs]
    n = sum(width for _, _, width in tensors)
    if n != model.n_features_in_:
        raise ValueError(
            f"The inputs of {type(model).__name__} must have {model.n_features_in_} "
            f"columns together. Got {n}."
        )
    own = {f"input {i}": name for i, (name, _, _) in enumerate(tensors)}
    named = [
        (key, kind, width) for key, (_, kind, width) in zip(own, tensors, strict=True)
    ]
    floats = _floats(operator)
    matrix = isinstance(model, MLPClassifier | MLPRegressor)
    if not matrix and any(map(_is_rounded, operator.inputs)):
        warn(
            f"The numbers of {type(model).__name__} come from another step in single "
            "precision, which rounds: on the other side of a quantile, a prediction "
            "can be another one. Give skl2onnx inputs in float64."
        )
    if matrix:
        dtype = TYPES[model._theta.dtype]
        every = [graph.cast(key, dtype) for key, _, _ in named]
        outputs = outputs_of_matrix(graph, model, graph.concat(every, 1), floats)
    else:
        outputs = outputs_of_table(graph, model, Tensors(graph, named), floats)
    _add(scope, container, graph, own, _with_outputs(operator, outputs, own))


def _floats(operator: Any) -> int:
    """The type of numbers in outputs."""
    from skl2onnx.common.data_types import guess_proto_type

    types = [guess_proto_type(one.type) for one in operator.inputs]
    return DOUBLE if DOUBLE in types else FLOAT


def _is_rounded(variable: Any) -> bool:
    """Whether numbers in single precision are computed, not an input of the pipeline."""
    from skl2onnx.common.data_types import guess_proto_type

    return guess_proto_type(variable.type) == FLOAT and not variable.is_root


def _tensor(variable: Any, model: Any) -> tuple[str, int, int]:
    """The name, the type and the number of columns of an input."""
    from skl2onnx.common.data_types import guess_proto_type

    shape = variable.type.shape
    width = shape[1] if len(shape) > 1 and shape[1] else model.n_features_in_
    kind = guess_proto_type(variable.type)
    if kind not in (*NUMBERS, STRING):
        raise TypeError(
            f"Input {variable.onnx_name!r} must hold numbers or strings. "
            f"Got {type(variable.type).__name__}."
        )
    return variable.onnx_name, kind, int(width)


def _with_outputs(
    operator: Any, outputs: Sequence[Output], own: dict[str, str]
) -> list[Node]:
    """Nodes that give outputs the names of the operator; `own` gets these."""
    nodes = []
    for i, (output, variable) in enumerate(zip(outputs, operator.outputs, strict=True)):
        key = f"output {i}"
        own[key] = variable.onnx_name
        nodes.append(Node("Identity", [output.tensor], [key], "", {}))
    return nodes


def _add(
    scope: Any, container: Any, graph: Graph, own: dict[str, str], last: list[Node]
) -> None:
    """Add nodes and arrays with names of their own; `own` are those that are there."""
    names = dict(own)

    def name(tensor: str) -> str:
        if tensor not in names:
            names[tensor] = scope.get_unique_variable_name(tensor)
        return names[tensor]

    for tensor, value in graph.arrays.items():
        kind = TYPES.get(value.dtype, STRING)
        container.add_initializer(name(tensor), kind, value.shape, value.ravel())
    for node in [*graph.nodes, *last]:
        container.add_node(
            node.kind,
            [name(one) for one in node.inputs],
            [name(one) for one in node.outputs],
            op_domain=node.domain,
            op_version=LABELS_SINCE if node.domain else None,
            name=scope.get_unique_operator_name(node.kind),
            **node.attributes,
        )
