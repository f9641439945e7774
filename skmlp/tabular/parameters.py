"""The tables of constructor parameters of the tabular estimators."""

import math
from dataclasses import replace

from ..common.constraints import (
    Boolean,
    CategoricalFeatures,
    ColumnKinds,
    Integer,
    Interval,
    OneOf,
    Scoring,
    Splits,
)
from ..common.entries import (
    ACTIVATION,
    BATCH_SIZE,
    CLASS_WEIGHT,
    DROPOUT,
    FITTED,
    HIDDEN_LAYER_SIZES,
    HISTORY,
    LEARNING_RATE_INIT,
    N_ITER_NO_CHANGE,
    QUANTILE,
    RANDOM_STATE,
    VERBOSE,
    WEIGHT_DECAY,
    loss,
    with_paragraph,
    with_sentences,
)
from ..common.parameters import Parameter
from ..core.heads import IN_UNITS_OF_Y, REGRESSION_HEADS
from ..core.piecewise import MAX_BINS
from .kinds import KINDS
from .presets import NAMES

MAX_MEMBERS = 10_000
"""The most networks of a model."""

LOSSES = tuple(name for name in REGRESSION_HEADS if name not in IN_UNITS_OF_Y)
"""Without the Huber loss: its threshold has the units of y, and the target is scaled."""


def _activation(default: str) -> Parameter:
    text = "Each unit learns a factor a: its output is s + a (r(s) - s)."
    return with_paragraph(ACTIVATION, text, default=default)


def _rate(default: float) -> Parameter:
    text = "It falls to 0 along half a cosine."
    return with_sentences(LEARNING_RATE_INIT, text, default=default)


COMMON: dict[str, Parameter] = {
    "n_estimators": Parameter(
        8,
        Integer(1, high=MAX_MEMBERS),
        """
        The number of networks, whose predictions are averaged; `preset="fast"` trains two
        networks, and 'best' 16 for each setting, if this is not given. Each network has
        its own validation rows, 1/8 to 1/5 of all rows, and trains on the others. It keeps
        the parameters of the epoch with the lowest validation loss. `cv` changes these
        rows, `scoring` what is best.
        """,
    ),
    "hidden_layer_sizes": replace(HIDDEN_LAYER_SIZES, default=(128, 128, 128)),
    "preset": Parameter(
        "default",
        OneOf(NAMES, (None,)),
        """
        How much time fit may take for accuracy. 'fast' trains two networks. 'default'
        trains `n_estimators` networks that differ in their activation, features of numbers
        and dropout. 'best' trains several settings, each with `n_estimators` networks on
        the same folds, and weights them by the loss of their out-of-fold predictions; with
        `max_time` it tries settings until the time is over. `settings_` has what they
        change. Parameters that are not their default are never changed. With None no
        parameter is.
        """,
    ),
    "n_bins": Parameter(
        32,
        Integer(0, high=MAX_BINS),
        """
        The number of bins of the piecewise-linear features of each numeric column, between
        quantiles. They help to learn sharp changes. The networks that have them have no
        periodic features. With `preset=None` this is every third network. With 0, no
        network has them.
        """,
    ),
    "n_frequencies": Parameter(
        16,
        Integer(0),
        """
        The number of frequencies w of the periodic features cos(2 pi w x + c) of each
        numeric column x. With 0, no network has them; with `n_bins=0` in addition, networks
        get the column alone.
        """,
    ),
    "dropout": replace(DROPOUT, default=0.1),
    "weight_decay": replace(WEIGHT_DECAY, default=0.02),
    "batch_size": with_sentences(
        BATCH_SIZE,
        """
        'auto' is 64 for up to 1,024 training rows, 128 up to 8,192, and 256 for more; in
        regression it is 512 above 30,000, and 1,024 above 100,000.
        """,
    ),
    "max_iter": Parameter(
        "auto",
        Integer(1, ("auto",)),
        """
        Maximum number of epochs of a network, and the length of the learning-rate
        schedule. 'auto' is 34 for 8,100 rows; it is inversely proportional to the square
        root of the number of rows, from 8 to 48. Above 200,000 rows it is 1.6 million
        divided by the number of rows, and at least 1.
        """,
    ),
    "n_iter_no_change": with_sentences(
        N_ITER_NO_CHANGE,
        """
        An improvement is a higher validation score (`scoring`), averaged over the networks.
        After more epochs without one, the learning rate falls to 0 within half as many
        epochs as have run, and training ends. 'auto' is 8; with `max_iter='auto'` it is at
        most a quarter of the epochs, and at least 2.
        """,
        constraint=Integer(1, (math.inf, "auto")),
        default="auto",
    ),
    "max_time": Parameter(
        None,
        Interval(0, ends="()", other=(None,)),
        """
        Maximum time of fit in seconds. If it is too short for all epochs, the schedule is
        shortened to end in time. If it is too short for 4 epochs of all networks, there
        are fewer networks; if it is too short for one network, it trains on fewer rows.
        It includes the time to read and encode X; if that takes longer, fit warns.
        """,
    ),
    "cv": Parameter(
        None,
        Splits(),
        """
        The folds: which rows each network holds out, as its validation rows.

        - None: as many folds as networks, but at least 5 and at most 8.
        - int: that many folds.
        - A splitter of scikit-learn, such as ``TimeSeriesSplit()``, or pairs of training
          and validation row numbers.

        With None or an int, rows are dealt out at random, evenly for each class; `groups`
        in fit keeps the rows of a group together, and without enough groups there are
        fewer folds. Further networks get the folds of a new partition. Of a splitter,
        network i gets split i, and after the last split they begin again; splits beyond
        the number of networks are not used. It splits all rows of X; those with weight 0
        are dropped afterwards.
        """,
    ),
    "scoring": Parameter(
        "loss",
        Scoring(),
        """
        The score by which each network chooses its best epoch on its validation rows, and
        by which training ends (`n_iter_no_change`); higher is better. 'loss' is minus the
        mean loss. None is the estimator's score method. Other values are the name of a
        scorer, or a callable ``scorer(estimator, X, y)``, which also gets `sample_weight`
        if there are weights. It must predict all rows of X at once.
        """,
    ),
    "store_oof": Parameter(
        False,
        Boolean(),
        """
        Whether stored models and copies keep `oof_prediction_`, which has a value for each
        row.
        """,
    ),
    "categorical_features": Parameter(
        "from_dtype",
        CategoricalFeatures(),
        """
        The columns of categories: a boolean mask, or indices or names of columns.
        'from_dtype' means those of type category, text, or object with text; None means no
        column. Integers that are codes are found by the target, if there are up to 64 and
        their means of y differ clearly; list other categories that are numbers.
        """,
    ),
    "column_kinds": Parameter(
        None,
        ColumnKinds(KINDS),
        """
        The kinds of some columns, by name or index: 'number', 'category', 'code' (a number
        and a category at once) or 'text'. It comes before `categorical_features`.
        """,
    ),
    "min_frequency": Parameter(
        "auto",
        Integer(1, ("auto",)),
        """
        In columns with more than 8 labels, labels with fewer rows have no embedding of
        their own. 'auto' is 1 for columns with up to 100 labels. For columns with more
        labels, the networks get the effect of each label on y as a number, and labels have
        an embedding from 30 rows on, times the squared ratio of the variance of y that a
        linear model leaves to that explained, or times the number of labels divided by
        that of rows if it is more. Rows that repeat have effects, too, if equal rows have
        close targets. With a number of rows there are no effects.
        """,
    ),
    "n_jobs": Parameter(
        None,
        Integer(-(2**31), (None,)),
        """
        The number of networks that train at the same time: in threads where the steps are
        compiled, otherwise in processes of joblib. -1 uses all processors, None means 1.
        The result does not depend on it, except with `max_time`, in which more jobs can
        train more. With `max_time` below 10 seconds there are no processes, which take
        seconds to start.
        """,
    ),
    "random_state": with_sentences(
        RANDOM_STATE, "With `max_time` the time decides too, and results can differ."
    ),
    "verbose": with_sentences(VERBOSE, "Losses are means over the networks."),
}

OF_CLASSIFIER: dict[str, Parameter] = {
    **COMMON,
    "activation": _activation("selu"),
    "learning_rate_init": _rate(0.04),
    "class_weight": with_sentences(
        CLASS_WEIGHT,
        """
        The weights apply in training and in the choice of the best epoch. Predicted
        probabilities then correspond to the weighted frequencies of the classes.
        """,
    ),
}

OF_REGRESSOR: dict[str, Parameter] = {
    "loss": loss({name: REGRESSION_HEADS[name] for name in LOSSES}, OneOf(LOSSES)),
    **COMMON,
    "quantile": QUANTILE,
    "activation": _activation("mish"),
    "learning_rate_init": with_sentences(
        _rate(0.2),
        "Presets replace the default by 0.04 with loss='poisson', 'gamma' or 'gaussian'.",
        default=0.2,
    ),
}

ATTRIBUTES = f"""{HISTORY.rstrip()}
    All are means over the networks. 'validation_score' is by `scoring`. In regression
    the losses are for the scaled target.
network_histories_ : list of dict of list of float
    For each network its 'loss', 'validation_loss' and 'validation_score' by epoch. Not
    there after partial_fit.
best_iter_ : list of int
    The best epoch of each network, counted from 1.
best_loss_ : float
    The validation loss at these epochs, averaged over the networks. In regression it is
    for the scaled target.
n_iter_ : int
    The number of epochs, of all settings together.
n_parameters_ : int
    The number of weights and biases of all networks together.
n_estimators_ : int
    The number of trained networks: `n_estimators`, or fewer if time was short or networks
    diverged.
settings_ : list of dict
    For each setting that was trained: the 'parameters' that it changes, a list with those
    of its networks in turn; the 'loss' of its out-of-fold predictions, or of those of
    `X_val`; its 'weight'; and the 'seconds' of its training.
encoder_ : TableEncoder
    The fitted encoder, which turns the table into numbers.
column_kinds_ : dict of ColumnKind
    For each column what it was taken as, `kind`, and the `reason`.
oof_prediction_ : ndarray of shape (n_samples, ...)
    The out-of-fold prediction of each row of X in fit, float32: the mean over the networks
    that held it out, as `predict_proba` of the classifier and `predict` of the regressor
    return it. NaN for rows that no network held out, and for those of weight 0. Not there
    after a fit with `X_val`.

    A network that predicts a row here did not train on it, and the rows that it held out do
    not choose its epoch: the scores of other networks do, of those that held out nothing
    but training rows of it; without such networks it is the last epoch. What does depend on
    all rows is the number of epochs, by the mean score of all networks; how much effects of
    labels are shrunk, and how many rows an embedding needs (`min_frequency`); and the scale
    and the range of y. The effects themselves do not: each network has its own.
oof_score_ : float
    The score of `oof_prediction_`, with `sample_weight`: by `scoring`, or with 'loss' by
    the score method, because a mean prediction has no loss. NaN for R^2 of a single row.
seconds_ : dict of float
    The time of fit by stage: 'encode', 'train' and 'total'.
{FITTED.strip()}
"""
