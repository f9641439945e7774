"""Fitted estimators as nodes: from their inputs to predictions."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.network import Network, thetas_of
from ..estimators import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .encoder import Source, encode
from .graph import DOUBLE, INT64, STRING, TYPES, Graph
from .heads import Scores, predicted
from .labels import encoded
from .layers import scores

Classifier = MLPClassifier | TabularMLPClassifier
Regressor = MLPRegressor | TabularMLPRegressor
Tabular = TabularMLPClassifier | TabularMLPRegressor
ESTIMATORS = (MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor)

LABEL, PROBABILITIES, VARIABLE = "label", "probabilities", "variable"
"""The names of outputs, as skl2onnx has them."""


class Output(NamedTuple):
    """An output: its name, its tensor, its type, and its shape after the rows."""

    name: str
    tensor: str
    type: int
    shape: tuple[int, ...]


class Members(NamedTuple):
    """Networks with the same layers, their parameters and their parts of the mean."""

    network: Network
    thetas: list[Any]
    weights: list[float]


def outputs_of_matrix(
    graph: Graph, model: MLPClassifier | MLPRegressor, X: str, floats: int
) -> list[Output]:
    """The outputs of a network for the rows X, in the type of X or another."""
    dtype = model._theta.dtype.type
    x = graph.cast(X, TYPES[np.dtype(dtype)])
    s = scores(graph, model._network, [model._theta], x, dtype)
    of_network = Scores(graph, s, model._head.n_scores(model.n_outputs_), dtype)
    if isinstance(model, MLPClassifier):
        probability = _by_class(model, of_network, 2)
        return _of_classes(graph, model, probability, floats)
    return _of_targets(graph, model, predicted(of_network, model._head, 2), floats)


def outputs_of_table(
    graph: Graph, model: Tabular, source: Source, floats: int
) -> list[Output]:
    """The outputs of an ensemble for the columns of a table."""
    x = encode(graph, model.encoder_, source)
    n_scores = model._head.n_scores(model.n_outputs_)
    total: Any = None
    for some in members(model):
        s = scores(graph, some.network, some.thetas, x, np.float32)
        s = graph.cast(s, DOUBLE)
        n_axes = 2 + (len(some.thetas) > 1)
        of_networks = Scores(graph, s, n_scores, np.float64)
        if isinstance(model, TabularMLPClassifier):
            each = _by_class(model, of_networks, n_axes)
        else:
            each = predicted(of_networks, model._head, n_axes)
            each = _in_range(graph, model, each)
        n_trailing = 1 + (_levels(model) > 0)
        part = _weighted(graph, each, some.weights, n_trailing)
        total = part if total is None else graph("Add", total, part)
    if isinstance(model, TabularMLPClassifier):
        return _of_classes(graph, model, total, floats)
    return _of_targets(graph, model, _in_units(graph, model, total), floats)


def members(model: Tabular) -> Iterator[Members]:
    """The networks of an ensemble, those with the same layers together."""
    groups: list[Members] = []
    every = thetas_of(model._networks, model._theta)
    whole = sum(model._weights)
    for (network, theta), weight in zip(every, model._weights, strict=True):
        group = next((one for one in groups if one.network == network), None)
        if group is None:
            group = Members(network, [], [])
            groups.append(group)
        group.thetas.append(theta)
        group.weights.append(weight / whole)
    yield from groups


def _weighted(
    graph: Graph, each: str, weights: Sequence[float], n_trailing: int
) -> str:
    """The weighted sum over networks of tensors (n_networks, n, ...)."""
    if len(weights) == 1:
        return each if weights[0] == 1 else graph("Mul", each, np.float64(weights[0]))
    factors = np.array(weights).reshape(-1, *(1,) * (1 + n_trailing))
    return graph.sum(graph("Mul", each, factors), 0)


def _by_class(model: Classifier, s: Scores, n_axes: int) -> str:
    """The probability of each class; of two, the first has the score -s."""
    if model.n_outputs_ == 1:
        both = s.graph.concat([s.graph("Neg", s.tensor), s.tensor])
        s = Scores(s.graph, both, 2, s.dtype)
    return predicted(s, model._head, n_axes)


def _of_classes(
    graph: Graph, model: Classifier, probability: str, floats: int
) -> list[Output]:
    """The labels and the probabilities (n, n_classes)."""
    several = model._labels.kind == "multilabel-indicator"
    n, certain = _n_probabilities(model), model._is_certain()
    half, kind = np.array(0.5), INT64
    if several:
        double = graph.cast(probability, DOUBLE)
        label = graph.cast(graph("Greater", double, half), INT64)
    else:
        if certain:
            place = graph.slice(probability, 0, 1)
            place = graph("ArgMax", place, axis=1, keepdims=0)
        elif model.n_outputs_ == 1:
            second = graph.cast(graph.slice(probability, 1, 2), DOUBLE)
            place = graph.squeeze(graph("Greater", second, half), 1)
            place = graph.cast(place, INT64)
        else:
            place = graph("ArgMax", probability, axis=1, keepdims=0)
        kind, classes = labels_of(model)
        label = graph("Gather", classes, place, axis=0)
    if n == 1 and not several:
        nothing = graph("Mul", graph.slice(probability, 0, 1), np.float64(0))
        probability = graph("Add", nothing, np.float64(1))
    return [
        Output(LABEL, label, kind, (n,) if several else ()),
        Output(PROBABILITIES, graph.cast(probability, floats), floats, (n,)),
    ]


def labels_of(model: Classifier) -> tuple[int, Any]:
    """The type of the labels in a graph, and the labels: texts or integers."""
    labels = model.classes_.tolist()
    if isinstance(labels[0], str):
        texts = [encoded("y", label) for label in labels]
        return STRING, np.array(texts, object)
    ends = np.iinfo(np.int64)
    if not all(one == int(one) and ends.min <= one <= ends.max for one in labels):
        raise NotImplementedError(
            "to_onnx can export class labels that are text or integers of 64 bits. Got "
            f"{labels[:5]}."
        )
    return INT64, np.array([int(one) for one in labels], np.int64)


def shapes_of(model: Any, floats: int) -> list[tuple[int, tuple[int, ...]]]:
    """The type of each output and its shape after the rows, without the nodes."""
    if isinstance(model, MLPRegressor | TabularMLPRegressor):
        return [(floats, _shape_of_targets(model))]
    n = _n_probabilities(model)
    several = model._labels.kind == "multilabel-indicator"
    return [(labels_of(model)[0], (n,) if several else ()), (floats, (n,))]


def _n_probabilities(model: Classifier) -> int:
    """The number of columns of `predict_proba`."""
    if model._labels.kind == "multilabel-indicator":
        return len(model.classes_)
    if model._is_certain() and isinstance(model, TabularMLPClassifier):
        return 1
    return max(2, int(model.n_outputs_))


def _shape_of_targets(model: Regressor) -> tuple[int, ...]:
    """The shape of a prediction after the rows: targets, quantiles, or both."""
    n, n_levels = int(model.n_outputs_), _levels(model)
    if not n_levels:
        return (n,)
    return (n_levels,) if n == 1 else (n, n_levels)


def _levels(model: Any) -> int:
    """The number of quantiles of each target; 0 for a single prediction."""
    quantile: Any = getattr(model._head, "quantile", 0.0)
    return len(quantile) if np.ndim(quantile) else 0


def _of_targets(
    graph: Graph, model: Regressor, prediction: str, floats: int
) -> list[Output]:
    """The prediction by row and target, or by row, target and quantile."""
    if _levels(model) and model.n_outputs_ == 1:
        prediction = graph.squeeze(prediction, 1)
    shape = _shape_of_targets(model)
    return [Output(VARIABLE, graph.cast(prediction, floats), floats, shape)]


def _ends(model: TabularMLPRegressor) -> tuple[Any, ...]:
    """The fields of the scale of the target, with axes for quantiles."""
    scale = model._scale
    fields = (scale.center, scale.scale, scale.low, scale.high, scale.exponent)
    shape = (-1, *(1,) * (_levels(model) > 0))
    return tuple(np.reshape(one, shape) for one in fields)


def _in_range(graph: Graph, model: TabularMLPRegressor, prediction: str) -> str:
    """Predictions of networks, clipped to the range of the target of fit."""
    center, scale, low, high, exponent = _ends(model)
    low, high = np.ldexp(low, -exponent), np.ldexp(high, -exponent)
    value = graph("Add", graph("Mul", prediction, scale * 1.0), center * 1.0)
    return graph("Min", graph("Max", value, low * 1.0), high * 1.0)


def _in_units(graph: Graph, model: TabularMLPRegressor, mean: str) -> str:
    """Means in the units of the target, where it is very large or very small."""
    *_, low, high, exponent = _ends(model)
    if not exponent.any():
        return mean
    half = exponent // 2
    for one in (half, exponent - half):
        mean = graph("Mul", mean, np.ldexp(1.0, one))
    low = np.where(exponent == 0, -np.inf, low)
    high = np.where(exponent == 0, np.inf, high)
    return graph("Min", graph("Max", mean, low), high)
