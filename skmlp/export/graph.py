"""A graph of ONNX nodes, built from the inputs to the outputs.

This module imports no onnx: nodes are plain values until `graph_proto` makes a graph of
them, or a converter of skl2onnx takes them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")

OPSET, ML_OPSET, IR_VERSION = 18, 3, 8
"""The versions of the operators of ONNX and ONNX-ML, and of the file format."""

ML = "ai.onnx.ml"
"""The domain of the operators for labels."""

FLOAT, INT32, INT64, STRING, BOOL, DOUBLE, UINT64 = 1, 6, 7, 8, 9, 11, 13
"""The types of tensors, as TensorProto numbers them."""

TYPES: dict[Any, int] = {
    np.dtype(np.float32): FLOAT,
    np.dtype(np.float64): DOUBLE,
    np.dtype(np.int64): INT64,
    np.dtype(np.uint64): UINT64,
    np.dtype(bool): BOOL,
}
"""The type of a tensor by that of an array of numbers."""


class Node(NamedTuple):
    """An operator with the names of its inputs and outputs."""

    kind: str
    inputs: list[str]
    outputs: list[str]
    domain: str
    attributes: dict[str, Any]


class Value(NamedTuple):
    """An input or output: its name, its type, and its shape after the rows."""

    name: str
    type: int
    shape: tuple[int, ...]


class Graph:
    """Nodes in the order in which they run, and the arrays that they use.

    Calling a graph adds a node: an operand is the name of a tensor, or an array.
    """

    def __init__(self, taken: Sequence[str] = ()):
        self.nodes: list[Node] = []
        self.arrays: dict[str, Any] = {}
        self.inputs: list[Value] = []
        self.outputs: list[Value] = []
        self._taken = set(taken)
        self._known: dict[Any, str] = {}

    def name(self, base: str) -> str:
        """A name that no other tensor has: `base`, or `base` and a number."""
        name, n = base, 0
        while not name or name in self._taken:
            name, n = f"{base}_{n}", n + 1
        self._taken.add(name)
        return name

    def add_input(self, base: str, kind: int, shape: tuple[int, ...]) -> str:
        """An input with rows of a shape."""
        name = self.name(base)
        self.inputs.append(Value(name, kind, shape))
        return name

    def add_output(
        self, base: str, tensor: str, kind: int, shape: tuple[int, ...]
    ) -> None:
        """An output that has the values of a tensor, with rows of a shape."""
        name = self.name(base)
        self.nodes.append(Node("Identity", [tensor], [name], "", {}))
        self.outputs.append(Value(name, kind, shape))

    def array(self, value: Any) -> str:
        """The name of a constant; equal ones are stored once."""
        value = np.asarray(value)
        # An array without dimensions stays one.
        value = value.copy(order="C") if value.ndim else value
        texts = value.dtype.kind in "OU"
        key = (
            value.dtype.str,
            value.shape,
            tuple(value.ravel().tolist()) if texts else value.tobytes(),
        )
        if key not in self._known:
            self._known[key] = name = self._new("array")
            self.arrays[name] = value
        return self._known[key]

    def _new(self, kind: str) -> str:
        return self.name(f"skmlp_{kind}_{len(self._taken)}")

    def __call__(self, kind: str, *operands: Any, **attributes: Any) -> str:
        """The output of a new node."""
        domain = attributes.pop("domain", "")
        n_outputs = attributes.pop("n_outputs", 1)
        inputs = [one if isinstance(one, str) else self.array(one) for one in operands]
        outputs = [self._new(kind) for _ in range(n_outputs)]
        self.nodes.append(Node(kind, inputs, outputs, domain, attributes))
        return outputs[0]

    def cast(self, tensor: str, kind: int) -> str:
        """The values in another type."""
        return self("Cast", tensor, to=kind)

    def sum(self, tensor: str, axis: int, *, keepdims: bool = False) -> str:
        """The sum over an axis."""
        axes = np.array([axis], np.int64)
        return self("ReduceSum", tensor, axes, keepdims=int(keepdims))

    def unsqueeze(self, tensor: str, axis: int) -> str:
        """The tensor with a new axis of length 1."""
        return self("Unsqueeze", tensor, np.array([axis], np.int64))

    def squeeze(self, tensor: str, *axes: int) -> str:
        """The tensor without axes of length 1."""
        return self("Squeeze", tensor, np.array(axes, np.int64))

    def slice(self, tensor: str, start: int, stop: int, axis: int = -1) -> str:
        """A part of an axis."""
        ends = (np.array([end], np.int64) for end in (start, stop, axis))
        return self("Slice", tensor, *ends)

    def columns(self, tensor: str, places: Sequence[int], width: int) -> str:
        """The columns at places of a tensor (n, width)."""
        if list(places) == list(range(width)):
            return tensor
        return self("Gather", tensor, np.array(places, np.int64), axis=1)

    def concat(self, tensors: Sequence[str], axis: int = -1) -> str:
        """Tensors side by side."""
        return tensors[0] if len(tensors) == 1 else self("Concat", *tensors, axis=axis)

    def reshape(self, tensor: str, shape: Sequence[int]) -> str:
        """The tensor in another shape; 0 is the length that the axis had."""
        return self("Reshape", tensor, np.array(shape, np.int64))


def tensor_proto(name: str, value: Any) -> Any:
    """An array as a tensor of ONNX."""
    from onnx import helper, numpy_helper

    if value.dtype.kind in "OU":
        texts = [str(one).encode() for one in value.ravel()]
        return helper.make_tensor(name, STRING, value.shape, texts)
    return numpy_helper.from_array(value, name)


def graph_proto(graph: Graph, name: str) -> Any:
    """The graph as a GraphProto of ONNX."""
    from onnx import helper

    nodes = [
        helper.make_node(
            node.kind,
            node.inputs,
            node.outputs,
            name=f"{node.kind}_{i}",
            domain=node.domain or None,
            **node.attributes,
        )
        for i, node in enumerate(graph.nodes)
    ]
    values = [
        [
            helper.make_tensor_value_info(one.name, one.type, ["n", *one.shape])
            for one in some
        ]
        for some in (graph.inputs, graph.outputs)
    ]
    arrays = [tensor_proto(name, value) for name, value in graph.arrays.items()]
    return helper.make_graph(nodes, name, *values, initializer=arrays)


def exported(nodes: Mapping[type, T], part: Any, what: str) -> T:
    """What adds the nodes of a part; NotImplementedError for one of a user.

    `what` is what such parts are called.
    """
    add = nodes.get(type(part))
    if add is None:
        raise NotImplementedError(
            f"to_onnx can export the {what} of skmlp, not one of your own. Got "
            f"{type(part).__name__}."
        )
    return add
