"""The network for tables: embeddings and scales below hidden layers that train fast.

The recipe is that of Holzmueller, Grinsztajn and Steinwart, "Better by default: strong
pre-tuned MLPs and boosted trees on tabular data", arXiv:2407.04491, with a top layer that
starts at 0. docs/tabular.md says what each part brings.
"""

from collections.abc import Sequence
from math import sqrt

from .activations import Activation
from .embeddings import Categories, Columns, Periodic
from .initializers import DataDriven, Zeros
from .layers import Dense, Dropout, Layer
from .network import Network
from .scaling import ParametricActivation, Scale

EMBEDDING_GAIN, SCALE_GAIN, BIAS_GAIN, ACTIVATION_GAIN = 0.1, 6.0, 0.1, 0.1
"""How fast parts move under Adam, relative to the learning rate."""

N_OUTPUTS = 3
"""How many features the waves of a number make."""

CATEGORY_SIZE = 8
"""The length of a category's vector."""


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
