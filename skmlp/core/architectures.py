"""The networks: layers put together for features and for tables."""

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
"""How fast parameters move under Adam, relative to the learning rate."""

PERIODIC_OUTPUTS = 3
"""How many periodic features a number has."""

CATEGORY_SIZE = 8
"""The length of the embedding of a category."""


def multilayer_perceptron(
    n_features: int,
    hidden_layer_sizes: tuple[int, ...],
    n_scores: int,
    activation: Activation | Sequence[Activation],
) -> Network:
    """The network with these hidden layers; without any, a generalised linear model.

    `activation` is one for all hidden layers, or a sequence with one for each. The weights
    of the top layer are drawn by the rule of the last hidden layer's activation.
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


def with_dropout(network: Network, fractions: Sequence[float]) -> Network:
    """The network to train, which drops a fraction of the units of each hidden layer.

    Its parameters are those of `network`, which predicts.
    """
    *hidden, top = network.layers
    if not any(fractions):
        return network
    layers: list[Layer] = []
    for layer, fraction in zip(hidden, fractions, strict=True):
        layers += [layer, Dropout(layer.n_out, fraction)] if fraction else [layer]
    return Network((*layers, top))


class ColumnLayout(NamedTuple):
    """The columns of an encoded table, from left to right.

    `n_numbers` columns of numbers; `n_plain` columns that the network takes as they are;
    a column of category codes for each of the `cardinalities`, which are the numbers of
    codes.
    """

    n_numbers: int
    n_plain: int
    cardinalities: tuple[int, ...]


def tabular_network(
    columns: ColumnLayout,
    widths: Sequence[int],
    activation: Activation,
    *,
    n_frequencies: int,
    frequency_std: float,
    dropout: float,
) -> Network:
    """The network for an encoded table: embeddings and scales below hidden layers.

    `widths` are the numbers of units of the hidden layers and, last, of scores. Numbers
    get periodic features of `n_frequencies` frequencies, 0 for none, drawn with the
    standard deviation `frequency_std`. Each category gets an embedding.

    The recipe is that of Holzmueller, Grinsztajn and Steinwart, "Better by default:
    strong pre-tuned MLPs and boosted trees on tabular data", arXiv:2407.04491, with a top
    layer that starts at 0. docs/tabular.md says what each part brings.
    """
    *hidden_layer_sizes, n_scores = widths
    embedding = _input_layer(columns, n_frequencies, frequency_std)
    width = embedding.n_out
    layers: list[Layer] = [embedding, Scale(width, SCALE_GAIN)]
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


def _input_layer(
    columns: ColumnLayout, n_frequencies: int, frequency_std: float
) -> Columns:
    """Periodic features of numbers, plain columns, embeddings of categories."""
    periodic = Periodic(
        columns.n_numbers,
        n_frequencies,
        PERIODIC_OUTPUTS,
        frequency_std,
        gain=EMBEDDING_GAIN,
    )
    parts: list[tuple[int, Layer | None]] = []
    if columns.n_numbers:
        parts.append((columns.n_numbers, periodic if n_frequencies else None))
    if columns.n_plain:
        parts.append((columns.n_plain, None))
    parts.extend((1, Categories(n, CATEGORY_SIZE)) for n in columns.cardinalities)
    return Columns(tuple(parts))
