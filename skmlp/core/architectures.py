"""The network for tables: embeddings and scales below hidden layers that train fast.

The recipe is that of Holzmueller, Grinsztajn and Steinwart, "Better by default: strong
pre-tuned MLPs and boosted trees on tabular data", arXiv:2407.04491, with a top layer that
starts at 0. docs/tabular.md says what each part brings.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from .activations import Activation
from .embeddings import Categories, Columns, Periodic
from .initializers import DataDriven, GlorotUniform, Zeros
from .layers import Dense, Dropout, Layer
from .network import Network
from .scaling import ParametricActivation, Scale

EMBEDDING_GAIN, SCALE_GAIN, BIAS_GAIN, ACTIVATION_GAIN = 0.1, 6.0, 0.1, 0.1
"""How fast parts move under Adam, relative to the learning rate."""

N_OUTPUTS = 3
"""How many features the waves of a number make."""

CATEGORY_SIZE = 8
"""The length of a category's vector."""


class ColumnLayout(NamedTuple):
    """The input columns of a tabular network: numbers, plain columns, codes, in order.

    There is a column of codes for each of `cardinalities`, with integers below it.
    """

    n_numbers: int
    n_plain: int
    cardinalities: tuple[int, ...]


def tabular_network(
    n_numbers: int,
    n_plain: int,
    cardinalities: Sequence[int],
    hidden_layer_sizes: Sequence[int],
    n_scores: int,
    activation: Activation,
    n_frequencies: int,
    deviation: float,
    dropout: float,
) -> Network:
    """The network for columns of numbers, plain columns, and columns of codes, in order.

    Numbers get periodic features of `n_frequencies`, with 0 none, drawn with that standard
    deviation; plain columns stay as
    they are; a column of codes below its cardinality gets a vector for each.
    """
    periodic = Periodic(
        n_numbers, n_frequencies, N_OUTPUTS, deviation, gain=EMBEDDING_GAIN
    )
    parts: list[tuple[int, Layer | None]] = []
    if n_numbers:
        parts.append((n_numbers, periodic if n_frequencies else None))
    if n_plain:
        parts.append((n_plain, None))
    parts.extend((1, Categories(n, CATEGORY_SIZE)) for n in cardinalities)
    columns = Columns(tuple(parts))
    width = columns.n_out
    layers: list[Layer] = [columns, Scale(width, SCALE_GAIN)]
    for size in hidden_layer_sizes:
        layers.append(
            Dense(width, size, None, DataDriven(), 1 / sqrt(width), BIAS_GAIN)
        )
        layers.append(ParametricActivation(size, activation, ACTIVATION_GAIN))
        if dropout:
            layers.append(Dropout(size, dropout))
        width = size
    layers.append(Dense(width, n_scores, None, Zeros(), 1 / sqrt(width), BIAS_GAIN))
    return Network(tuple(layers))


def multilayer_perceptron(
    n_features: int,
    hidden_layer_sizes: tuple[int, ...],
    n_scores: int,
    activation: Activation | Sequence[Activation],
) -> Network:
    """The network with these hidden layers; none makes it a generalised linear model.

    `activation` is that of all hidden layers, or there is one for each. The top layer's
    weights are drawn as those of the last hidden layer, or by the activation that would
    be used if there were one.
    """
    widths = (n_features, *hidden_layer_sizes, n_scores)
    one_each: list[Activation]
    if isinstance(activation, Sequence):
        one_each = list(activation)
        factors = [one.glorot_factor for one in one_each]
        factors.append(factors[-1] if factors else GlorotUniform().factor)
    else:
        one_each = [activation] * len(hidden_layer_sizes)
        factors = [activation.glorot_factor] * (len(hidden_layer_sizes) + 1)
    return Network(
        tuple(
            Dense(n_in, n_out, r, GlorotUniform(factor))
            for (n_in, n_out), r, factor in zip(
                pairwise(widths), [*one_each, None], factors, strict=True
            )
        )
    )


def with_dropout(network: Network, shares: Sequence[float]) -> Network:
    """The network that trains with those shares of each hidden layer's units dropped.

    Its parameters are those of `network`, which predicts.
    """
    *hidden, top = network.layers
    if not any(shares):
        return network
    layers: list[Layer] = []
    for layer, share in zip(hidden, shares, strict=True):
        layers += [layer, Dropout(layer.n_out, share)] if share else [layer]
    return Network((*layers, top))
