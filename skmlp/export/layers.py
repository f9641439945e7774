"""Layers and networks as nodes.

Networks with equal layers run together: their parameters have an axis of networks before
the others, and so have the tensors, (n_networks, n, units). A single network has no such
axis, and its tensors are (n, units).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.embeddings import Categories, Columns, Periodic
from ..core.layers import Dense, Dropout
from ..core.network import Network
from ..core.piecewise import PiecewiseLinear
from ..core.scaling import ParametricActivation, Scale
from .activations import activate
from .graph import INT64, Graph, exported

NARROW = 1e-30
"""Bins of less width are steps."""

Arrays = dict[str, Any]


class Batch:
    """The graph, whether there is an axis of networks, and the type of their numbers."""

    def __init__(self, graph: Graph, stacked: bool, dtype: Any):
        self.graph, self.stacked, self.dtype = graph, stacked, dtype

    @property
    def n_axes(self) -> int:
        """The axes of a tensor of units."""
        return 2 + self.stacked

    def constant(self, value: Any) -> Any:
        """An array in the precision of the networks."""
        return np.asarray(value).astype(self.dtype)

    def swapped(self, tensor: str, n_axes: int, a: int, b: int) -> str:
        """The tensor with two axes exchanged, counted from the last one."""
        order = list(range(n_axes))
        order[a], order[b] = order[b], order[a]
        return self.graph("Transpose", tensor, perm=order)


def _dense(batch: Batch, layer: Dense, params: Arrays, h: str) -> str:
    W = batch.constant(np.float64(layer.gain) * params["W"])
    b = batch.constant(np.float64(layer.bias_gain) * params["b"])
    s = batch.graph("MatMul", h, W)
    s = batch.graph("Add", s, b[..., None, :] if batch.stacked else b)
    if layer.activation is None:
        return s
    return activate(batch.graph, layer.activation, s, batch.dtype)


def _dropout(batch: Batch, layer: Dropout, params: Arrays, h: str) -> str:
    return h


def _scale(batch: Batch, layer: Scale, params: Arrays, h: str) -> str:
    scale = batch.constant(np.float64(layer.gain) * params["scale"])
    return batch.graph("Mul", h, scale[..., None, :])


def _parametric(
    batch: Batch, layer: ParametricActivation, params: Arrays, h: str
) -> str:
    graph, mix = batch.graph, batch.constant(np.float64(layer.gain) * params["mix"])
    more = graph("Sub", activate(graph, layer.activation, h, batch.dtype), h)
    return graph("Add", graph("Mul", more, mix[..., None, :]), h)


def _by_feature(batch: Batch, layer: Any, x: str) -> str:
    """The numbers as (..., n_features, n, 1)."""
    return batch.graph.unsqueeze(batch.swapped(x, batch.n_axes, -1, -2), -1)


def _mapped(batch: Batch, layer: Any, params: Arrays, values: str, x: str) -> str:
    """The outputs of each feature, (..., n, features), after a linear map, and x."""
    graph, gain = batch.graph, np.float64(layer.gain)
    e = graph("MatMul", values, batch.constant(gain * params["W"]))
    e = graph("Add", e, batch.constant(gain * params["b"])[..., None, :])
    e = batch.swapped(e, batch.n_axes + 1, -2, -3)
    e = graph.reshape(e, [*[0] * (batch.n_axes - 1), -1])
    return graph.concat([e, _for_each(batch, params["b"], x)])


def _for_each(batch: Batch, of_networks: Any, x: str) -> str:
    """A tensor (1, n, units) of all networks as one for each of them."""
    if not batch.stacked or len(of_networks) == 1:
        return x
    return batch.graph("Add", x, np.zeros((len(of_networks), 1, 1), batch.dtype))


def _periodic(batch: Batch, layer: Periodic, params: Arrays, x: str) -> str:
    # Angles are in single precision in the networks, too.
    graph, gain = batch.graph, np.float64(layer.gain)
    w = batch.constant(2 * np.pi * gain * params["w"])[..., None, :]
    c = batch.constant(gain * params["c"])[..., None, :]
    angles = graph("Add", graph("Mul", _by_feature(batch, layer, x), w), c)
    return _mapped(batch, layer, params, graph("Cos", angles), x)


def _piecewise(batch: Batch, layer: PiecewiseLinear, params: Arrays, x: str) -> str:
    """The part of each bin that is below x, from 0 to 1.

    A step is a bin of almost no width that ends at the step.
    """
    graph, one = batch.graph, batch.dtype(1)
    t = batch.constant(params["t"])
    low, high = t[..., :-1], t[..., 1:]
    step = high - low < NARROW
    before = np.minimum(np.nextafter(high, -one * np.inf), high - one * NARROW)
    low = np.where(step, before, low)
    factor = batch.constant(1 / (high - low).astype(np.float64))
    apart = graph("Sub", _by_feature(batch, layer, x), low[..., None, :])
    part = graph("Mul", apart, factor[..., None, :])
    part = graph("Clip", part, batch.dtype(0), one)
    return _mapped(batch, layer, params, part, x)


def _categories(batch: Batch, layer: Categories, params: Arrays, x: str) -> str:
    graph = batch.graph
    codes = graph.cast(x, INT64)
    axes = (0, -1) if batch.stacked else (-1,)
    rows = graph.squeeze(codes, *axes)
    return graph("Gather", batch.constant(params["W"]), rows, axis=-2 % batch.n_axes)


def _columns(batch: Batch, layer: Columns, params: Arrays, x: str) -> str:
    parts = []
    some = next(iter(params.values()), np.empty((1, 1)))
    for i, one, columns, _ in layer.each():
        part = batch.graph.slice(x, columns.start, columns.stop)
        if one is None:
            parts.append(_for_each(batch, some, part))
        else:
            parts.append(run_layer(batch, one, layer.own(params, i, one), part))
    return batch.graph.concat(parts)


NODES: dict[type, Callable[[Batch, Any, Arrays, str], str]] = {
    Dense: _dense,
    Dropout: _dropout,
    Scale: _scale,
    ParametricActivation: _parametric,
    Periodic: _periodic,
    PiecewiseLinear: _piecewise,
    Categories: _categories,
    Columns: _columns,
}
"""For each class of layers, what adds its nodes: (batch, layer, params, h_prev) -> h."""


def run_layer(batch: Batch, layer: Any, params: Arrays, h: str) -> str:
    """The output of a layer."""
    return exported(NODES, layer, "layers")(batch, layer, params, h)


def scores(
    graph: Graph, network: Network, thetas: Sequence[Any], x: str, dtype: Any
) -> str:
    """The scores by networks with the same layers: (n_networks, n, n_scores).

    With one network they are (n, n_scores).
    """
    batch = Batch(graph, len(thetas) > 1, dtype)
    each = [network.views(theta).layers for theta in thetas]
    h = graph.unsqueeze(x, 0) if batch.stacked else x
    for i, layer in enumerate(network.layers):
        params = {
            name: np.stack([one[i][name] for one in each])
            if batch.stacked
            else each[0][i][name]
            for name in each[0][i]
        }
        h = run_layer(batch, layer, params, h)
    return h
