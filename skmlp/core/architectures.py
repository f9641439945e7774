"""The networks: sequences of layers for numeric features and for encoded tables."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from .activations import Activation
from .embeddings import Categories, Columns, Periodic
from .initializers import DataDriven, GlorotUniform, Zeros
from .layers import Dense, Dropout, Layer
from .network import Network
from .piecewise import PiecewiseLinear
from .scaling import ParametricActivation, Scale

EMBEDDING_GAIN, SCALE_GAIN, BIAS_GAIN, ACTIVATION_GAIN = 0.1, 6.0, 0.1, 0.1
"""How fast parameters change under Adam, relative to the learning rate."""

NUMBER_OUTPUTS = 3
"""The number of periodic or piecewise-linear features of each numeric column."""

WIDE = 64
"""With more numeric columns, each has one feature: the first hidden layer then has half as
many inputs, and takes half the time."""

CATEGORY_SIZE = 8
"""The length of the embedding of a category."""


def multilayer_perceptron(
    n_features: int,
    hidden_layer_sizes: tuple[int, ...],
    n_scores: int,
    activation: Activation | Sequence[Activation],
) -> Network:
    """A multilayer perceptron; without hidden layers, a generalised linear model.

    `activation` is one for all hidden layers, or a sequence with one for each. The top
    layer's initial weights use the Glorot factor of the last activation.
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
    """The network to train: dropout with these fractions after the hidden layers.

    It has the same parameters as `network`, which predicts.
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

    First `n_numbers` numeric columns, then `n_plain` columns that the network uses
    unchanged, then one column of category codes for each of the `cardinalities`, its
    number of codes.
    """

    n_numbers: int
    n_plain: int
    cardinalities: tuple[int, ...]

    @property
    def n_columns(self) -> int:
        """The number of all columns."""
        return self.n_numbers + self.n_plain + len(self.cardinalities)


class Numbers(NamedTuple):
    """The features of each numeric column besides the column itself.

    Piecewise-linear features with `n_bins` bins, or else periodic features with
    `n_frequencies` frequencies, drawn with the standard deviation `frequency_std`; none if
    both are 0.
    """

    n_bins: int = 0
    n_frequencies: int = 0
    frequency_std: float = 1.0

    def layer(self, n_columns: int) -> Layer | None:
        """The layer for that many columns."""
        n_outputs = NUMBER_OUTPUTS if n_columns <= WIDE else 1
        if self.n_bins:
            return PiecewiseLinear(n_columns, self.n_bins, n_outputs, EMBEDDING_GAIN)
        if self.n_frequencies:
            return Periodic(
                n_columns,
                self.n_frequencies,
                n_outputs,
                self.frequency_std,
                EMBEDDING_GAIN,
            )
        return None


def tabular_network(
    columns: ColumnLayout,
    widths: Sequence[int],
    activation: Activation,
    *,
    numbers: Numbers,
    dropout: float,
) -> Network:
    """The network for an encoded table: embeddings and scales below hidden layers.

    `widths` are the numbers of units of the hidden layers and, last, of scores. `numbers`
    are the features of the numeric columns. Each category gets an embedding.

    The recipe follows Holzmueller, Grinsztajn and Steinwart, "Better by default: strong
    pre-tuned MLPs and boosted trees on tabular data", arXiv:2407.04491, with a top layer
    that starts at 0. docs/tabular.md gives the effect of each part.
    """
    *hidden_layer_sizes, n_scores = widths
    embedding = _input_layer(columns, numbers)
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


def _input_layer(columns: ColumnLayout, numbers: Numbers) -> Columns:
    """The layer of features of numbers, unchanged columns and embeddings."""
    parts: list[tuple[int, Layer | None]] = []
    if columns.n_numbers:
        parts.append((columns.n_numbers, numbers.layer(columns.n_numbers)))
    if columns.n_plain:
        parts.append((columns.n_plain, None))
    parts.extend((1, Categories(n, CATEGORY_SIZE)) for n in columns.cardinalities)
    return Columns(tuple(parts))
