"""The tables of constructor parameters of the estimators for tables."""

import math

from ..common.constraints import (
    CategoricalFeatures,
    ClassWeight,
    Integer,
    Interval,
    Levels,
    NameOrObject,
    OneOf,
    RandomState,
    Sizes,
    Verbosity,
)
from ..common.parameters import Parameter, listed
from ..core.activations import ACTIVATIONS
from ..core.heads import REGRESSION_HEADS

LOSSES = tuple(name for name in REGRESSION_HEADS if name != "huber")
"""A target is scaled, and with it the size of an error that Huber's loss depends on."""


def _activation(default: str) -> Parameter:
    return Parameter(
        default,
        NameOrObject(
            tuple(ACTIVATIONS), ("value", "derivative", "glorot_factor", "keeps_s")
        ),
        f"""
The activation r(s) of the hidden layers, of which each unit learns how much it takes: its
output is s + a (r(s) - s).

{listed(ACTIVATIONS)}
        """,
    )


def _rate(default: float) -> Parameter:
    return Parameter(
        default,
        Interval(0, ends="()"),
        """
        The learning rate of the first step, from which it falls to 0 along half a cosine.
        """,
    )


COMMON: dict[str, Parameter] = {
    "n_estimators": Parameter(
        8,
        Integer(1),
        """
        The number of networks whose predictions are averaged. Each trains without another
        part of the rows, an eighth to a fifth of them, and is taken as it was after the
        epoch with the smallest loss there.
        """,
    ),
    "hidden_layer_sizes": Parameter(
        (128, 128, 128),
        Sizes(),
        "The number of units in each hidden layer; an int is one layer.",
    ),
    "n_frequencies": Parameter(
        16,
        Integer(0),
        """
        How many waves cos(2 pi w x + c) a network has for each number x, from which it
        makes features beside x itself; 0 is none. They let it follow sharp changes.
        """,
    ),
    "dropout": Parameter(
        0.1,
        Interval(0, 1),
        """
        The share of each hidden layer's units to leave out of each training step, at
        random.
        """,
    ),
    "weight_decay": Parameter(
        0.02,
        Interval(0),
        """
        Decoupled weight decay: before each step the weights lose this share of themselves
        times the learning rate.
        """,
    ),
    "batch_size": Parameter(
        "auto",
        Integer(1, ("auto",)),
        """
        Rows in a mini-batch; 'auto' is 64 for up to 1,024 training rows, 128 up to 8,192,
        256 up to 30,000, 512 up to 100,000, and 1,024 for more.
        """,
    ),
    "max_iter": Parameter(
        "auto",
        Integer(1, ("auto",)),
        """
        Most epochs of a network, and the length of the learning rate's schedule; 'auto'
        is 34 for 8,100 rows, more for fewer and fewer for more, in inverse
        proportion to the root of their number, from 8 to 48.
        """,
    ),
    "n_iter_no_change": Parameter(
        8,
        Integer(1, (math.inf,)),
        """
        After more than that many epochs in a row without a smaller loss on the rows held
        out, in the mean over the networks, the learning rate falls to 0 within half as
        many epochs as there were until then, and training ends.
        """,
    ),
    "max_time": Parameter(
        None,
        Interval(0, ends="()", other=(None,)),
        """
        Seconds that fit may take. Where they are too few for all epochs, the schedule is
        shortened to end in time; where they are too few for 4 epochs of all networks,
        there are fewer networks, and where these are one, it trains on fewer rows.
        """,
    ),
    "categorical_features": Parameter(
        "from_dtype",
        CategoricalFeatures(),
        """
        Which columns hold categories: those of type category, text or object with text,
        or a mask, or numbers or names of columns. Numbers that stand for categories have
        to be named here.
        """,
    ),
    "n_jobs": Parameter(
        None,
        Integer(-(2**31), (None,)),
        """
        How many networks train at the same time, each in a process of joblib's; -1 is
        as many as there are processors, None is 1. It makes no difference to the result,
        except that with `max_time` more is trained; below 10 seconds of it there is one
        at a time, as processes take seconds to start.
        """,
    ),
    "random_state": Parameter(
        None,
        RandomState(),
        """
        Seeds the splits, the initial weights and the order of the rows. Pass an int for
        results that repeat.
        """,
    ),
    "verbose": Parameter(
        False,
        Verbosity(),
        "Whether to print what each epoch did, in the mean over the networks.",
    ),
}

OF_CLASSIFIER: dict[str, Parameter] = {
    **COMMON,
    "activation": _activation("selu"),
    "learning_rate_init": _rate(0.04),
    "class_weight": Parameter(
        None,
        ClassWeight(),
        """
        Weights of the classes: each row's weight is its class's times its
        `sample_weight`, in training and where the best epoch is chosen. A dict gives
        them by class label, and 1 to classes that it leaves out. 'balanced' is
        ``n_samples / (n_classes * n_samples_of_the_class)``. For several labels a row's
        weight is the product of its labels': give a list with a dict for each label.
        Probabilities are then those of the classes so weighted.
        """,
    ),
}

OF_REGRESSOR: dict[str, Parameter] = {
    "loss": Parameter(
        "squared_error",
        OneOf(LOSSES),
        f"""
The loss to minimise, a sum over the targets.

{listed({name: REGRESSION_HEADS[name] for name in LOSSES})}
        """,
    ),
    **COMMON,
    "quantile": Parameter(
        0.5,
        Levels(),
        """
        Which quantile of y to predict; 0.5 is the median. With a sequence, strictly
        increasing, each network predicts all of them, and they never cross.
        """,
        ("loss", ("quantile",)),
    ),
    "activation": _activation("mish"),
    "learning_rate_init": _rate(0.2),
}

ATTRIBUTES = """
encoder_ : TableEncoder
    What turns a table into numbers.
n_features_in_ : int
    The number of columns seen in fit.
feature_names_in_ : ndarray of shape (n_features_in_,)
    The names of the columns, where X has names that are all strings.
n_outputs_ : int
    The number of outputs.
n_estimators_ : int
    The number of networks: `n_estimators`, or fewer where time was short.
n_parameters_ : int
    The number of weights and biases of all networks together.
n_iter_ : int
    The number of epochs that ran.
best_iter_ : list of int
    The epoch at which each network was best, counted from 1.
best_loss_ : float
    The loss on the rows held out at these epochs, the mean over the networks; the target
    of a regression is scaled there.
history_ : dict of list of float
    What each epoch did in the mean over the networks, as columns of a table: 'loss',
    'validation_loss', 'validation_score' (its negative), 'learning_rate' (of the last
    step), 'gradient_norm' and 'seconds'. In regression, of the scaled target.
loss_curve_ : list of float
    The training loss of each epoch.
seconds_ : dict of float
    How long fit took, by stage: 'encode', 'train' and 'total'.
"""
