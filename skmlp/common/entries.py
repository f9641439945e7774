"""Parameters and attributes that both families of estimators have.

Each family completes these entries in its table, with its defaults and with details.
"""

import math
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..core.activations import ACTIVATIONS
from .constraints import (
    ClassWeight,
    Constraint,
    Integer,
    Interval,
    Levels,
    NameOrObject,
    RandomState,
    Sizes,
    Verbosity,
)
from .parameters import Parameter, listed

WIDTH = 84
"""The width of the lines of an entry, which docstrings indent by 4."""


def with_sentences(entry: Parameter, text: str, **changes: Any) -> Parameter:
    """The entry with `text` added to its paragraph, and other fields changed."""
    words = f"{entry.doc} {text}".split()
    doc = textwrap.fill(
        " ".join(words), WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return replace(entry, doc=doc, **changes)


def with_paragraph(entry: Parameter, text: str, **changes: Any) -> Parameter:
    """The entry with `text` added as a paragraph, and other fields changed."""
    doc = f"{entry.doc.strip()}\n\n{textwrap.dedent(text).strip()}"
    return replace(entry, doc=doc, **changes)


def loss(heads: Mapping[str, Any], constraint: Constraint) -> Parameter:
    """The entry of `loss` for these heads."""
    doc = f"The loss to minimise, summed over the targets.\n\n{listed(heads)}"
    return Parameter("squared_error", constraint, doc)


HIDDEN_LAYER_SIZES = Parameter(
    (100,),
    Sizes(),
    "The number of units in each hidden layer. An int means one hidden layer.",
)

ACTIVATION = Parameter(
    "relu",
    NameOrObject(
        tuple(ACTIVATIONS), ("value", "derivative", "glorot_factor", "keeps_s")
    ),
    f"The activation r(s) of the hidden layers.\n\n{listed(ACTIVATIONS)}",
)

LEARNING_RATE_INIT = Parameter(
    1e-3, Interval(0, ends="()"), "The initial learning rate."
)

BATCH_SIZE = Parameter("auto", Integer(1, ("auto",)), "Rows in a mini-batch.")

N_ITER_NO_CHANGE = Parameter(
    10,
    Integer(1, (math.inf,)),
    "Maximum number of epochs in a row without an improvement.",
)

DROPOUT = Parameter(
    0.0,
    Interval(0, 1),
    """
    The fraction of the units of each hidden layer that each training step drops, at
    random. The other units are scaled by ``1 / (1 - dropout)``. Prediction uses all units.
    """,
)

WEIGHT_DECAY = Parameter(
    0.0,
    Interval(0),
    """
    Decoupled weight decay: before each step the weights, not the biases, are multiplied
    by ``1 - learning rate * weight_decay``.
    """,
)

QUANTILE = Parameter(
    0.5,
    Levels(),
    """
    The quantile of y to predict; 0.5 is the median. With a strictly increasing sequence, a
    network predicts all these quantiles. They are in increasing order and never cross.
    """,
    ("loss", ("quantile",)),
)

CLASS_WEIGHT = Parameter(
    None,
    ClassWeight(),
    """
    Weights of the classes: the weight of a row is its `sample_weight` times the weight of
    its class. A dict gives weights by class label; other classes have weight 1.
    'balanced' is ``n_samples / (n_classes * n_samples_of_the_class)``. For several
    labels, the weight of a row is the product over its labels: give 'balanced', or a list
    with a dict for each label, such as ``[{0: 1, 1: 5}, {0: 1, 1: 1}]``.
    """,
)

RANDOM_STATE = Parameter(
    None,
    RandomState(),
    """
    Seeds the choice of validation rows, the initial weights, the order of the rows and
    dropout. Pass an int for reproducible results.
    """,
)

VERBOSE = Parameter(False, Verbosity(), "Whether to print the loss of each iteration.")

HISTORY = """
history_ : dict of list of float
    A column for each quantity, with a value for each iteration: 'loss', 'validation_loss',
    'validation_score', 'learning_rate' (at the last step), 'gradient_norm' (before
    clipping, the mean over the steps) and 'seconds'.
"""

FITTED = """
loss_curve_ : list of float
    The training loss of each iteration.
n_outputs_ : int
    The number of outputs. In regression, the number of targets with every loss.
n_features_in_ : int
    The number of features seen in fit.
feature_names_in_ : ndarray of shape (`n_features_in_`,)
    The names of the features seen in fit; only if X has names and all are strings.
"""
