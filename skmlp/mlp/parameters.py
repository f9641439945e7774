"""One table for the constructor parameters: default, constraint and documentation.

The estimators keep plain signatures; a test holds those against this table, `validate`
checks values by it, and `documented` writes it into their docstrings.
"""

import math

from ..common.constraints import (
    Boolean,
    ClassWeight,
    Integer,
    Interval,
    Levels,
    NameOrObject,
    OneOf,
    OneOrOneEach,
    RandomState,
    Scoring,
    Sizes,
    Verbosity,
)
from ..common.parameters import Parameter, listed
from ..core.activations import ACTIVATIONS
from ..core.heads import REGRESSION_HEADS
from ..core.schedules import SCHEDULES

SOLVERS = ("lbfgs", "sgd", "adam")
STOCHASTIC = "Only used when solver='sgd' or 'adam'."
IN_STEPS = ("solver", ("sgd", "adam"))


PARAMETERS: dict[str, Parameter] = {
    "loss": Parameter(
        "squared_error",
        NameOrObject(
            tuple(REGRESSION_HEADS),
            (
                "out_activation",
                "y_allowed",
                "n_scores",
                "in_range",
                "prediction",
                "loss_and_gradient",
            ),
        ),
        f"""
The loss to minimise, a sum over the targets.

{listed(REGRESSION_HEADS)}

An object of your own is one that does what those in `skmlp.core.heads` do.
        """,
    ),
    "hidden_layer_sizes": Parameter(
        (100,),
        Sizes(),
        """
        The number of units in each hidden layer; an int is one hidden layer, or
        `n_hidden_layers` of that size. An empty sequence means none, which makes the
        model a generalised linear one: linear, Poisson, logistic or multinomial
        regression with an L2 penalty.
        """,
    ),
    "activation": Parameter(
        "relu",
        OneOrOneEach(
            NameOrObject(
                tuple(ACTIVATIONS), ("value", "derivative", "glorot_factor", "keeps_s")
            ),
            "hidden layer",
        ),
        f"""
The activation r(s) of the hidden layers.

{listed(ACTIVATIONS)}

A sequence has one for each hidden layer. An object of your own is one that does what
those in `skmlp.core.activations` do. Initial weights are drawn by the rule of the layer's
activation; those of the top layer by that of the last hidden layer.
        """,
    ),
    "solver": Parameter(
        "adam",
        OneOf(SOLVERS),
        """
        How to minimise. 'adam' and 'sgd' (with momentum) use mini-batches. 'lbfgs', a
        quasi-Newton method, uses all rows at once; for small data it often converges
        faster and to a better solution.
        """,
    ),
    "alpha": Parameter(
        1e-4,
        Interval(0),
        """
        Strength of the L2 penalty ``alpha / 2 * sum of squared weights``, which is
        divided by the sum of sample weights of the batch. Biases are not penalised.
        """,
    ),
    "batch_size": Parameter(
        "auto",
        Integer(1, ("auto",)),
        f"""
        Rows in a mini-batch; 'auto' is ``min(200, n_samples)``. More than there are
        rows is cut to that, with a warning. {STOCHASTIC}
        """,
    ),
    "learning_rate": Parameter(
        "constant",
        NameOrObject(tuple(SCHEDULES), ("__call__",)),
        f"""
Schedule of the learning rate.

{listed(SCHEDULES)}

A stall is what would otherwise end training by the rule of `tol` and `n_iter_no_change`;
at a rate of 1e-6 or less it does end it. A function is given the progress t of training,
from 0 to below 1, at least once before each step, and returns a factor on
`learning_rate_init`; define it at the top of a module, so that the model can be pickled.
It, 'cosine' and 'one_cycle' span the `max_iter` epochs of each fit, and `max_iter` calls
of partial_fit, after which they start over; their end is where training is to end, and no
lack of convergence. They are refused with solver='lbfgs'. 'invscaling' and 'adaptive' are
left out by solver='adam'.
{STOCHASTIC}
        """,
    ),
    "learning_rate_init": Parameter(
        1e-3,
        Interval(0, ends="()"),
        f"The initial learning rate. {STOCHASTIC}",
    ),
    "power_t": Parameter(
        0.5,
        Interval(0),
        """
        The exponent of learning_rate='invscaling'. Only used when solver='sgd'.
        """,
    ),
    "max_iter": Parameter(
        200,
        Integer(1),
        """
        Most iterations of one fit: epochs for 'sgd' and 'adam', iterations of the
        search for 'lbfgs'.
        """,
    ),
    "shuffle": Parameter(
        True,
        Boolean(),
        f"Whether to shuffle the rows before each epoch. {STOCHASTIC}",
    ),
    "random_state": Parameter(
        None,
        RandomState(),
        """
        Seeds the initial weights, the validation split and the order of the rows. Pass
        an int for results that repeat.
        """,
    ),
    "tol": Parameter(
        1e-4,
        Interval(0, ends="[]"),
        """
        'sgd' and 'adam' stop when the loss (with early stopping: the validation score)
        has not improved by at least `tol` for more than `n_iter_no_change` epochs in a
        row. 'lbfgs' stops when the largest entry of the gradient is at most `tol`, or
        when an iteration lowers the loss by less than 2.2e-9 of itself.
        """,
    ),
    "verbose": Parameter(
        False,
        Verbosity(),
        "Whether to print the loss of each iteration, whatever the solver.",
    ),
    "warm_start": Parameter(
        False,
        Boolean(),
        """
        Whether a further call of fit goes on from where the last one stopped, with its
        weights, optimiser, random generator and place in the schedule (schedules by
        progress start over), for up to
        `max_iter` iterations more.
        """,
    ),
    "momentum": Parameter(
        0.9,
        Interval(0, 1, "[]"),
        "Momentum of gradient descent. Only used when solver='sgd'.",
    ),
    "nesterovs_momentum": Parameter(
        True,
        Boolean(),
        """
        Whether the momentum is Nesterov's. Only used when solver='sgd' and
        momentum > 0.
        """,
    ),
    "early_stopping": Parameter(
        False,
        Boolean(),
        """
        Whether to set `validation_fraction` of the rows aside, to stop when the score
        on them has not improved by at least `tol` for more than `n_iter_no_change`
        epochs in a row, and to keep the weights of the best epoch. The score is that of
        the estimator's score method. For one label per row the split is stratified by
        class; where there are too few rows of a class for that, a warning says so and
        the split is a plain one. Not available with solver='lbfgs' nor in partial_fit.
        """,
    ),
    "validation_fraction": Parameter(
        0.1,
        Interval(0, 1),
        """
        The proportion of rows set aside for early stopping. Only used when
        early_stopping=True.
        """,
    ),
    "beta_1": Parameter(
        0.9,
        Interval(0, 1),
        "Decay rate of Adam's mean of gradients. Only used when solver='adam'.",
    ),
    "beta_2": Parameter(
        0.999,
        Interval(0, 1),
        """
        Decay rate of Adam's mean of squared gradients. Only used when solver='adam'.
        """,
    ),
    "epsilon": Parameter(
        1e-8,
        Interval(0, ends="()"),
        """
        Added to the root of Adam's mean of squared gradients. Only used when
        solver='adam'.
        """,
    ),
    "n_iter_no_change": Parameter(
        10,
        Integer(1, (math.inf,)),
        f"Most epochs in a row without an improvement by `tol`. {STOCHASTIC}",
    ),
    "max_fun": Parameter(
        15000,
        Integer(1),
        "Most evaluations of the loss. Only used when solver='lbfgs'.",
    ),
    "class_weight": Parameter(
        None,
        ClassWeight(),
        """
        Weights of the classes: each row's weight in training is its class's times its
        `sample_weight`. A dict gives them by class label, and 1 to classes that it
        leaves out. 'balanced' is ``n_samples / (n_classes * n_samples_of_the_class)``,
        counted in all rows given to fit; not available in partial_fit. For several
        labels a row's weight is the product of its labels': give a list with a dict for
        each label, such as ``[{0: 1, 1: 5}, {0: 1, 1: 1}]``, or 'balanced'. The
        validation score of early stopping uses `sample_weight` only.
        """,
    ),
    "label_smoothing": Parameter(
        0.0,
        Interval(0, 1),
        """
        The share e of each training target that is spread evenly over the classes:
        targets 0 and 1 become e / 2 and 1 - e / 2 for two classes and for each of
        several labels; with K classes, e / K and 1 - e + e / K. It makes predictions
        less confident. The loss is that of the smoothed targets; scores, validation
        scores included, are those of the true labels.
        """,
    ),
    "n_hidden_layers": Parameter(
        None,
        Integer(1, (None,)),
        """
        How many hidden layers there are, all of the size `hidden_layer_sizes`, which
        must then be an int. None: `hidden_layer_sizes` alone says how many.
        """,
    ),
    "dropout": Parameter(
        0.0,
        OneOrOneEach(Interval(0, 1), "hidden layer"),
        """
        The share of each hidden layer's units to leave out of each training step, at
        random; a sequence has one for each hidden layer. The rest are scaled up by
        ``1 / (1 - dropout)``, and prediction uses all units.
        """,
        IN_STEPS,
    ),
    "weight_decay": Parameter(
        0.0,
        Interval(0),
        """
        Decoupled weight decay: before each step the weights, not the biases, lose this
        share of themselves times the learning rate. Unlike `alpha` it does not depend on
        the batch size, the loss or Adam's scaling; with solver='adam' this is AdamW.
        """,
        IN_STEPS,
    ),
    "max_grad_norm": Parameter(
        None,
        Interval(0, ends="()", other=(None,)),
        """
        The Euclidean length to which a longer gradient, over all weights and biases, is
        shortened before a step. None: gradients stay as they are.
        """,
        IN_STEPS,
    ),
    "scoring": Parameter(
        None,
        Scoring(),
        """
        What early stopping measures on the validation rows; the higher, the better.
        None is the estimator's score method; 'loss' is minus the mean loss there,
        without penalty; otherwise the name of a scorer or a callable
        ``scorer(estimator, X, y)``, which gets `sample_weight` too if there are weights.
        """,
        ("early_stopping", (True,)),
    ),
    "huber_delta": Parameter(
        1.0,
        Interval(0, ends="()"),
        """
        The size of an error, in units of y, from which on the loss grows linearly.
        """,
        ("loss", ("huber",)),
    ),
    "quantile": Parameter(
        0.5,
        Levels(),
        """
        Which quantile of y to predict; 0.5 is the median. With a sequence, strictly
        increasing, one network predicts all of them, each with its own pinball loss, and
        in order: they never cross. The loss is that of the scores before they are put in
        order, which is never the smaller one.
        """,
        ("loss", ("quantile",)),
    ),
}

ATTRIBUTES = """
history_ : dict of list of float
    What each iteration did, as columns of a table: 'loss', 'validation_loss',
    'validation_score', 'learning_rate' (that of its last step), 'gradient_norm' (the mean
    over its steps, before max_grad_norm) and 'seconds'. NaN is what there is not: without
    early stopping a validation, with solver='lbfgs' a learning rate. 'loss' is what is
    minimised; 'validation_loss' has no penalty, class weights, smoothing or dropout.
best_iter_ : int or None
    The epoch of the weights kept, counted from 1 over `history_`; None without early
    stopping.
loss_ : float
    The loss of the last iteration, penalty included.
best_loss_ : float or None
    The smallest loss of an iteration; None with early stopping.
loss_curve_ : list of float
    The loss of each iteration, whatever the solver.
validation_scores_ : list of float or None
    The validation score of each epoch since early stopping was last switched on; None
    without early stopping.
best_validation_score_ : float or None
    The validation score of the weights kept; None without early stopping.
t_ : int
    The number of rows seen in training, epoch by epoch; 0 for solver='lbfgs'.
coefs_ : list of ndarray of shape (n_in, n_out)
    The weights of each layer, as writable views: writing into them or assigning an
    element or the list changes the model.
intercepts_ : list of ndarray of shape (n_out,)
    The biases of each layer, likewise.
n_features_in_ : int
    The number of features seen in fit.
feature_names_in_ : ndarray of shape (n_features_in_,)
    The names of features seen in fit, where X has names that are all strings.
n_parameters_ : int
    The number of weights and biases.
n_iter_ : int
    The number of iterations of the last fit, and of every partial_fit after it.
n_layers_ : int
    The number of layers, the input counted as one.
n_outputs_ : int
    The number of outputs: in regression of targets, however many predictions a loss makes
    of each.
out_activation_ : str
    The name of the output activation: 'identity', 'exp', 'logistic' or 'softmax'.
"""
