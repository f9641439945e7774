"""Activations as nodes: h = r(s)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.activations import (
    SELU_ALPHA,
    SELU_SCALE,
    Elu,
    Gelu,
    Identity,
    LeakyRelu,
    Logistic,
    Mish,
    Relu,
    Selu,
    Silu,
    Softplus,
    Tanh,
)
from .functions import normal_cdf
from .graph import Graph, exported


def _identity(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    return s


def _operator(kind: str) -> Callable[..., str]:
    """The activation that an operator of ONNX is."""
    return lambda graph, activation, s, dtype: graph(kind, s)


def _leaky_relu(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    return graph("Max", s, graph("Mul", s, dtype(activation.slope)))


def _exponential(graph: Graph, s: str, dtype: Any, scale: float, alpha: float) -> str:
    """The scale times s above 0, and times alpha (e^s - 1) below."""
    below = graph("Exp", graph("Min", s, dtype(0)))
    below = graph("Mul", graph("Sub", below, dtype(1)), dtype(scale * alpha))
    above = graph("Max", s, dtype(0))
    if scale != 1:
        above = graph("Mul", above, dtype(scale))
    return graph("Add", above, below)


def _elu(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    # The operators Elu and Selu have no double precision in all releases of onnxruntime.
    if dtype is np.float32:
        return graph("Elu", s)
    return _exponential(graph, s, dtype, 1.0, 1.0)


def _selu(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    if dtype is np.float32:
        return graph("Selu", s, alpha=SELU_ALPHA, gamma=SELU_SCALE)
    return _exponential(graph, s, dtype, SELU_SCALE, SELU_ALPHA)


def _gelu(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    return graph("Mul", s, normal_cdf(graph, s, dtype))


def _silu(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    # onnxruntime makes one node of the product with Sigmoid, in old releases one that has
    # no double precision.
    if dtype is np.float32:
        return graph("Mul", s, graph("Sigmoid", s))
    rest = graph("Add", graph("Exp", graph("Neg", s)), dtype(1))
    return graph("Div", s, rest)


def _mish(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    e = graph("Exp", graph("Min", s, dtype(20)))
    n = graph("Mul", e, graph("Add", e, dtype(2)))
    return graph("Mul", s, graph("Div", n, graph("Add", n, dtype(2))))


def _softplus(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    e = graph("Exp", graph("Neg", graph("Abs", s)))
    rest = graph("Log", graph("Add", e, dtype(1)))
    return graph("Add", graph("Max", s, dtype(0)), rest)


NODES: dict[type, Callable[..., str]] = {
    Identity: _identity,
    Logistic: _operator("Sigmoid"),
    Tanh: _operator("Tanh"),
    Relu: _operator("Relu"),
    LeakyRelu: _leaky_relu,
    Elu: _elu,
    Selu: _selu,
    Gelu: _gelu,
    Silu: _silu,
    Mish: _mish,
    Softplus: _softplus,
}
"""For each class of activations, what adds its nodes: (graph, r, s, dtype) -> h."""


def activate(graph: Graph, activation: Any, s: str, dtype: Any) -> str:
    """r(s); NotImplementedError for an activation of a user."""
    return exported(NODES, activation, "activations")(graph, activation, s, dtype)
