"""The table of constructor parameters: default, constraint and documentation.

The estimators keep plain signatures. A test compares them with this table,
`check_parameter` checks values by it, and `documented` writes it into their docstrings.
"""

from ..common.constraints import (
    Boolean,
    Integer,
    Interval,
    NameOrObject,
    OneOf,
    OneOrOneEach,
    Scoring,
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
from ..common.parameters import Parameter, listed
from ..core.heads import REGRESSION_HEADS
from ..core.network import MAX_LAYERS
from ..core.schedules import SCHEDULES

SOLVERS = ("lbfgs", "sgd", "adam")
STOCHASTIC = "Only used when solver='sgd' or 'adam'."
IN_STEPS = ("solver", ("sgd", "adam"))
HEAD_MEMBERS = (
    "out_activation",
    "y_allowed",
    "n_scores",
    "in_range",
    "prediction",
    "loss_and_gradient",
)


PARAMETERS: dict[str, Parameter] = {
    "loss": with_paragraph(
        loss(REGRESSION_HEADS, NameOrObject(tuple(REGRESSION_HEADS), HEAD_MEMBERS)),
        "docs/reference/own_objects.md lists the members that your own object needs.",
    ),
    "hidden_layer_sizes": with_sentences(
        HIDDEN_LAYER_SIZES,
        """
        With `n_hidden_layers`, an int is the size of each hidden layer. An empty sequence
        means no hidden layer: the model is then a generalised linear model, for example
        linear, Poisson, logistic or multinomial regression, with an L2 penalty.
        """,
    ),
    "activation": with_paragraph(
        ACTIVATION,
        """
        A sequence has one for each hidden layer. docs/reference/own_objects.md lists the
        members that your own object needs. The initial weights of a hidden layer depend on
        its activation, those of the top layer on the activation of the last hidden layer.
        """,
        constraint=OneOrOneEach(ACTIVATION.constraint, "hidden layer"),
    ),
    "solver": Parameter(
        "adam",
        OneOf(SOLVERS),
        """
        The optimisation method. 'adam' and 'sgd' (with momentum) use mini-batches.
        'lbfgs', a quasi-Newton method, uses all rows at once. On small data it often
        converges faster and to a better solution.
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
    "batch_size": with_sentences(
        BATCH_SIZE,
        f"""
        'auto' is ``min(200, n_samples)``. A size above the number of rows is reduced to
        it, with a warning. {STOCHASTIC}
        """,
    ),
    "learning_rate": Parameter(
        "constant",
        NameOrObject(tuple(SCHEDULES), ("__call__",)),
        f"""
Schedule of the learning rate.

{listed(SCHEDULES)}

A plateau is more than `n_iter_no_change` epochs in a row without an improvement of `tol`.
It ends training, except with 'adaptive' at a rate above 1e-6.

A function is called at least once before each step with the progress t of training,
0 <= t < 1, and returns a factor on `learning_rate_init`. Define it at the top level of a
module, so that the model can be pickled. A function, 'cosine' and 'one_cycle' span the
`max_iter` epochs of each fit, and `max_iter` calls of partial_fit; then they start over.
Training that reaches their end is complete: there is no ConvergenceWarning.
solver='lbfgs' does not accept them.

solver='adam' ignores 'invscaling' and 'adaptive'. {STOCHASTIC}
        """,
    ),
    "learning_rate_init": with_sentences(LEARNING_RATE_INIT, STOCHASTIC),
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
        Maximum number of iterations of one fit: epochs for 'sgd' and 'adam', L-BFGS
        iterations for 'lbfgs'.
        """,
    ),
    "shuffle": Parameter(
        True,
        Boolean(),
        f"Whether to shuffle the rows before each epoch. {STOCHASTIC}",
    ),
    "random_state": RANDOM_STATE,
    "tol": Parameter(
        1e-4,
        Interval(0, ends="[]"),
        """
        'sgd' and 'adam' stop when the loss (with early stopping: the validation score)
        has not improved by at least `tol` for more than `n_iter_no_change` epochs in a
        row. 'lbfgs' stops when the largest absolute entry of the gradient is at most
        `tol`, or when the relative decrease of the loss in an iteration is below 2.2e-9.
        """,
    ),
    "verbose": VERBOSE,
    "warm_start": Parameter(
        False,
        Boolean(),
        """
        Whether a further call of fit continues from the end of the last one, for up to
        `max_iter` more iterations. It keeps the weights, the optimiser, the random
        generator and the progress of the schedule. A function, 'cosine' and 'one_cycle' as
        `learning_rate` start over.
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
        Whether to set aside `validation_fraction` of the rows as validation rows. Training
        stops when the validation score has not improved by at least `tol` for more than
        `n_iter_no_change` epochs in a row, and the weights of the best epoch are kept. The
        score is the value of the estimator's score method, unless `scoring` is set. With
        one label per row the split is stratified by class. If a class has too few rows for
        that, the split is not stratified, and there is a warning. With solver='lbfgs' it
        has no effect, and there is a warning. Not available in partial_fit.
        """,
    ),
    "validation_fraction": Parameter(
        0.1,
        Interval(0, 1),
        """
        The fraction of the rows that early stopping sets aside as validation rows. Only
        used when early_stopping=True.
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
        Added to the square root of Adam's mean of squared gradients. Only used when
        solver='adam'.
        """,
    ),
    "n_iter_no_change": with_sentences(
        N_ITER_NO_CHANGE,
        f"Improvements smaller than `tol` do not count. {STOCHASTIC}",
    ),
    "max_fun": Parameter(
        15000,
        Integer(1),
        "Maximum number of evaluations of the loss. Only used when solver='lbfgs'.",
    ),
    "class_weight": with_sentences(
        CLASS_WEIGHT,
        """
        'balanced' counts all rows given to fit and is not available in partial_fit. The
        weights apply in training; the validation score of early stopping uses
        `sample_weight` only.
        """,
    ),
    "label_smoothing": Parameter(
        0.0,
        Interval(0, 1),
        """
        The fraction e of each training target that is spread evenly over the classes. For
        two classes, and for each of several labels, targets 0 and 1 become e / 2 and
        1 - e / 2; with K classes, e / K and 1 - e + e / K. Predictions become less
        confident. The loss uses the smoothed targets. All scores, including validation
        scores, use the true labels.
        """,
    ),
    "n_hidden_layers": Parameter(
        None,
        Integer(1, (None,), MAX_LAYERS - 1),
        """
        The number of hidden layers, each of the size `hidden_layer_sizes`, which must then
        be an int. None: `hidden_layer_sizes` alone gives the number.
        """,
    ),
    "dropout": with_sentences(
        DROPOUT,
        "A sequence has one fraction for each hidden layer.",
        constraint=OneOrOneEach(DROPOUT.constraint, "hidden layer"),
        needs=IN_STEPS,
    ),
    "weight_decay": with_sentences(
        WEIGHT_DECAY,
        """
        Unlike `alpha` it does not depend on the batch size, the loss or Adam's scaling.
        With solver='adam' this is AdamW.
        """,
        needs=IN_STEPS,
    ),
    "max_grad_norm": Parameter(
        None,
        Interval(0, ends="()", other=(None,)),
        """
        The maximum gradient norm: before a step, a gradient with a larger Euclidean norm,
        over all weights and biases, is clipped to it. None: gradients are not clipped.
        """,
        IN_STEPS,
    ),
    "scoring": Parameter(
        None,
        Scoring(),
        """
        The validation score of early stopping; higher is better. None is the estimator's
        score method. 'loss' is minus the mean loss of the validation rows, without
        penalty. Other values are the name of a scorer, or a callable
        ``scorer(estimator, X, y)``, which also gets `sample_weight` if there are weights.
        """,
        ("early_stopping", (True,)),
    ),
    "huber_delta": Parameter(
        1.0,
        Interval(0, ends="()"),
        """
        The absolute error, in units of y, above which the loss is linear.
        """,
        ("loss", ("huber",)),
    ),
    "quantile": with_sentences(
        QUANTILE,
        """
        The loss is the sum of the pinball losses of all quantiles, computed before sorting.
        Sorting never increases it.
        """,
    ),
}

ATTRIBUTES = f"""{HISTORY.rstrip()}
    Columns without values are NaN: the validation columns without early stopping, the
    learning rate with solver='lbfgs'. 'loss' is what training minimises.
    'validation_loss' is without penalty, class weights, smoothing and dropout.
best_iter_ : int or None
    The epoch whose weights are kept, counted from 1 in `history_`; None without early
    stopping.
loss_ : float
    The loss of the last iteration, including the penalty.
best_loss_ : float or None
    The smallest loss of an iteration; None with early stopping.
validation_scores_ : list of float or None
    The validation score of each epoch since early stopping was last switched on; None
    without early stopping.
best_validation_score_ : float or None
    The validation score of `best_iter_`; None without early stopping.
n_iter_ : int
    The number of iterations of the last fit and of all later calls of partial_fit.
t_ : int
    The number of rows seen in training, epoch by epoch; 0 for solver='lbfgs'.
coefs_ : list of ndarray of shape (n_in, n_out)
    The weights of each layer, as writable views: writing into them, or assigning an
    element or the list, changes the model.
intercepts_ : list of ndarray of shape (n_out,)
    The biases of each layer, also as writable views.
n_parameters_ : int
    The number of weights and biases.
n_layers_ : int
    The number of layers, including the input layer.
out_activation_ : str
    The function from scores to predictions: 'identity', 'exp', 'logistic', 'softmax', or
    the text of your own loss.
{FITTED.strip()}
"""
