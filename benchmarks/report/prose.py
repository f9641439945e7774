"""The texts of docs/benchmarks.md, and the performance targets."""

TARGETS = {
    "scikit-learn": (4.5, 5.5),
    "torch": (2.2, None),
    "floor": (0.75, 0.85),
    "NumPy": (2.5, None),
    "small-batch": (10, None),
    "three-wide": (0.75, None),
    "widest": (0.85, None),
    "every shape": (0.9, None),
    "worst": (1.2, None),
    "lbfgs": (2.2, 2.5),
    "lbfgs worst": (1.1, None),
    "sparse": (1.0, None),
    "one row": (1.0, None),
    "million rows": (1.5, None),
    "grid search": (3.5, 4),
    "memory": (1.0, None),
    "overhead": (0.5, None),
    "import": (50, None),
}
"""The target, and a better value to aim at."""

AVX2_TARGETS = {"scikit-learn": (3, None)}
"""Those that differ where the kernel of OpenBLAS has no AVX-512 instructions."""

INTRODUCTION = """\
# Benchmarks

This page compares skmlp with scikit-learn's MLP, torch, skorch and the time of the matrix
products alone (the floor): time of training, prediction and model selection, and memory.
`python -m benchmarks.report` writes it, and the section "How fast it is" of the README,
from the files in `benchmarks/results/`."""

KERNEL = {
    True: """\
OpenBLAS used its kernel {kernel}, which has AVX-512 instructions.""",
    False: """\
OpenBLAS used its kernel {kernel}, which has no AVX-512 instructions. There are no results
from a machine that has them: no such machine was at hand.""",
}
"""By whether the kernel has AVX-512 instructions."""

RATES = """\
The highest rate of its matrix products on one core, in this run: {rates}."""

RERUN = """\
## How to run them

The other libraries need an environment of their own. Setup, all measurements and this
page:

```sh
python3 -m venv .venv-bench && .venv-bench/bin/pip install -e '.[bench]' &&
  .venv-bench/bin/python -m benchmarks.run
.venv-bench/bin/python -m benchmarks.report
```

A full run takes about an hour. `--quick` runs every kind of comparison in a few minutes
and writes into `build/benchmarks/`; its timings are too short to be reliable.
`--only SUBSTRING` repeats the cases with this substring in their name, such as
`--only training/digits`, and keeps the other rows. torch and skorch are skipped if they are
not installed."""

METHOD = """\
## What is compared, and how

- All libraries train the same network on the same arrays in memory, with the same
  precision, batch size, optimiser, learning rate, penalty and number of epochs, relu, and
  no early stopping. All use one BLAS thread unless stated otherwise.
- **skmlp** is skmlp as it is installed where there is a C compiler or a wheel: the
  training steps are [compiled](how_to/compiled.md). **skmlp in NumPy**, or
  NumPy for short, is the same package with the steps in NumPy.
- The libraries alternate in one process; every second round runs in reverse order. A ratio
  is the value of the other library divided by that of skmlp in the same round: **above 1
  skmlp is faster**, or needs less memory. In columns that begin with NumPy it is divided by
  that of skmlp in NumPy. The tables give the median over the rounds, and where there is
  room the smallest and the largest ratio in parentheses.
- **scikit-learn** is `sklearn.neural_network.MLPClassifier` or
  `sklearn.neural_network.MLPRegressor`. Its weights and those of both paths of skmlp are
  compared after each round. In float64 with Adam and SGD, a difference above 1e-6 of the
  largest weight stops the run.
- **torch** is an eager loop over shuffled index batches, with a fused optimiser.
  **skorch** is the same network behind scikit-learn's interface.
- The **floor** computes the matrix products of each step and nothing else, with
  `np.matmul` into preallocated arrays. Its ratio is the fraction of skmlp's time that these
  products need. Compiled steps call BLAS without Python and can be faster than the floor
  where the products are small.
- The **limit** is the physical one: the number of floating-point operations in these
  products, divided by the rate of large square products (1024 x 1024) measured in the same
  round. Its ratio is the fraction of skmlp's time that they would need at this rate, which
  small products do not reach.
- The variables `OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` fix a kernel of OpenBLAS, often
  an older one. The suite unsets them before it loads NumPy.
- L-BFGS is compared by the time of one evaluation of the objective and its gradient on all
  rows, because torch's line search needs a different number of evaluations than SciPy's."""

SUMMARY = """\
## Summary

Training time of each library divided by skmlp's, geometric mean over the dense
problems."""

KERNELS = """\
On this machine the environment sets `{variables}`. Training with Adam on the dense
problems, with the kernel that is set and with the one that OpenBLAS chooses: geometric
means of the ratios."""

IN_SHORT = """\
Compared with scikit-learn's MLP on one core, skmlp is

- **in training** with Adam and SGD {scikit_learn:.1f} times as fast \
({scikit_learn_low:.1f} to {scikit_learn_high:.1f}
  by problem), and in NumPy {numpy:.1f} times;
- **in a search**, a whole `GridSearchCV`, {search_low:.1f} to {search_high:.1f} times as
  fast;
- **in prediction** {prediction_low:.1f} to {prediction_high:.1f} times as fast, for one row
  to a million rows.

[Where skmlp loses, and why](#where-skmlp-loses-and-why) has every ratio below 1."""

README = """\
Measured on one core. Training is over eight shapes from 150 x 4 to 10,000 x 50, with Adam
and SGD in both precisions, and gives the same weights as scikit-learn's."""

README_TABLE = """\
| skmlp is that many times as fast | [compiled](docs/how_to/compiled.md) | in NumPy |
|---|---:|---:|
| as scikit-learn's MLP, in training | {scikit_learn:.1f} ({scikit_learn_low:.1f} to \
{scikit_learn_high:.1f}) | {numpy:.1f} ({numpy_low:.1f} to {numpy_high:.1f}) |
| as eager torch, in training | {torch:.1f} ({torch_low:.1f} to {torch_high:.1f}) | \
{torch_numpy:.1f} ({torch_numpy_low:.1f} to {torch_numpy_high:.1f}) |
| as scikit-learn's MLP, in a whole `GridSearchCV` | \
{search_low:.1f} to {search_high:.1f} | {numpy_search_low:.1f} to {numpy_search_high:.1f} |
| as its own steps in NumPy, in training on raw tables | \
{fits_low:.1f} to {fits_high:.1f} | |
| as its own steps in NumPy, in predicting 100,000 rows of a raw table | \
{predictions:.1f} | |"""

README_NOTES = """\
Geometric means, with the range by shape. The matrix products alone took {floor:.2f} of
skmlp's time. {kernel} [docs/benchmarks.md](docs/benchmarks.md) has the tables, where skmlp
is slower and why, and the commands to repeat it."""

AGAINST_TARGETS = """\
## Targets

What the project aims at, and what was measured; in parentheses a better value to aim at.
Training is with Adam and SGD in both precisions, unless the row says L-BFGS."""

TRAINING = """\
## Training, problem by problem

The median of the ratios, with their range. `ms` is skmlp's time for an epoch, or for an
evaluation with L-BFGS. `difference` is the largest difference between a weight of skmlp and
the same weight of scikit-learn after training, relative to the largest weight; `paths` is
the largest difference between the compiled path and NumPy."""

LBFGS = """\
In float32 scikit-learn converts to float64 during the search, so the two libraries do not
take the same path. In both precisions a line search amplifies rounding errors until the
paths differ; `difference` is measured at the end."""

SPARSE = """\
### Sparse text

A CSR matrix of 10,000 rows and 20,000 columns with 100 non-zeros per row, 100 hidden
units, Adam, compared with scikit-learn. Sparse rows train in NumPy. Most of the time is
Adam's step on the two million weights of the first layer, which costs the same for any
sparsity."""

PREDICTION = """\
## Prediction

20 columns, 100 hidden units, three classes. Memory is the peak in addition to the input,
including the result. Both paths predict in NumPy."""

SELECTION = """\
## Model selection

A Pipeline of StandardScaler and the classifier: GridSearchCV over 8 candidates with 5
folds, and cross_val_score with 5 folds. The time is that of the whole call, with scoring.
The run stops unless the scores of both paths and of scikit-learn are equal."""

TABLES = """\
## Raw tables

The tabular estimators on 20 numeric columns; the classifier has three classes. `fit` trains
4 networks for 8 epochs, and `predict_proba` uses 8 networks. A fit with the default
settings takes longer: it has 8 networks and more epochs. `transform` is that of
`TableEncoder`, the same on both paths. HistGradientBoosting has its default settings; it
learns in another way, so its ratios only show the scale. Times are CPU milliseconds of one
thread."""

JOBS = """\
### Two jobs

How many times as fast two jobs are as one, in wall time: the same fit with `n_jobs=1` and
`n_jobs=2`, and a `GridSearchCV` of 8 fits of one network with joblib's backend `threading`.
Both train in threads. `counting` is the yardstick: two processes that only count, one after
the other and both at once. Its ratio is what the machine gave in this run."""

OVERHEAD = """\
## A fit without its epochs

Milliseconds that a fit needs besides its epochs: checks of parameters and data, encoding of
y, buffers, fitted attributes. It is the time of a fit of one epoch minus the time of an
epoch, which is that of a fit of 11 epochs minus that of one, divided by 10."""

MEMORY = """\
## Memory of fit

The peak during fit in addition to X and y, in megabytes."""

IMPORTS = """\
In a program that has imported scikit-learn's estimators, pipelines and model selection
({before:.0f} ms), importing the estimators of skmlp takes another {skmlp:.0f} ms ({low:.0f}
to {high:.0f}). Loading the library with the compiled steps, at the first fit, takes
{library:.1f} ms."""

THREADS = """\
## Threads, and a busy machine

Milliseconds per step of Adam in float64 with one or two BLAS threads, on a quiet machine
and with a busy process on each core. skmlp uses the second thread only for large products,
see below; none of these products is large enough."""

CALIBRATION = """\
### Threads by the size of the product

`ms` is a step of Adam in NumPy with one BLAS thread, `gain` this time divided by the
time with two threads, and `millions` the number of multiplications of the largest
product. A fit of skmlp allows one thread for every 33.5 million (2^25) multiplications,
and so two threads from 67 million. A gain below 1 means that the second thread makes
the step slower; the largest products lose least."""

GROWTH = """\
## How time grows with size

Time of an epoch for different sizes. One size varies, the others stay at 2,000 rows, 20
columns, one layer of 100 units, batches of 200, 3 classes; Adam, float64. The exponent p in
time ~ size^p is fitted to all points; the last column is skmlp's exponent between the two
largest sizes. The exponent is below 1 where fixed costs of each fit and step still matter.
For the batch size it can be negative, because larger batches need fewer steps."""

MICRO = """\
## Single optimisations of the code

The time of the plain version divided by the time of the fast one, at 200 rows and 100
units, in NumPy. The results of both are first checked to be equal."""

GAINS = """\
## What dropout, weight decay, one_cycle and clipping gain

The loss on the test rows, a quarter of each data set: the log-loss, or the root mean
squared error in standard deviations of y. Networks of (128, 128), batch size 64, default
settings except those in the table; 10 seeds, each with its own split and initial weights.
The ratio is with the change over without it, the geometric mean over seeds: **below 1 the
change helps**.

- Weight decay reduces the mean loss on each of these data sets, most on digits.
- Dropout helps on the two smallest data sets and hurts on the larger ones, where the
  network does not overfit in this number of epochs.
- one_cycle allows larger learning rates. With the best of the three learning rates, it is
  better than a constant rate in regression but not in classification: there a constant rate
  gets further in 15 epochs at small rates.
- Clipping helps if gradients explode. Otherwise it changes little. With a target that is
  not scaled, training diverges without it."""

LOSES = """\
## Where skmlp loses, and why

Every ratio below 1 on this page."""

NO_LOSSES = "No ratio is below 1."

WHY = {
    ("training", "lbfgs/float32/torch"): (
        "skmlp computes the loss and the search in double precision, because a "
        "single-precision loss cannot resolve small decreases. torch computes the loss in "
        "single precision and keeps the vectors of its search in it."
    ),
    ("training", "skmlp in NumPy"): (
        "Products take nearly all of the time, and both paths call the same BLAS."
    ),
    ("training", "lbfgs"): (
        "An evaluation passes over all rows at once, so the products dominate, and torch's "
        "BLAS and OpenBLAS differ."
    ),
    ("training", "text"): (
        "Memory bandwidth limits the step of the optimiser on two million weights in both "
        "libraries."
    ),
    ("training", "torch"): (
        "With wide layers both libraries spend their time in matrix products, and torch's "
        "BLAS and OpenBLAS differ."
    ),
    ("training in NumPy", "widest/adam/float64/scikit-learn"): (
        "Products take nearly all of the time, and both libraries call the same BLAS."
    ),
    ("training in NumPy", "lbfgs"): (
        "An evaluation passes over all rows at once, so the products dominate. "
        "scikit-learn makes no blocks of rows; torch fuses more of the operations between "
        "the products."
    ),
    ("training in NumPy", "torch"): (
        "With wide layers both libraries spend their time in matrix products, and torch's "
        "BLAS and OpenBLAS differ. torch's fused optimiser passes once over the weights, "
        "NumPy's operations seven times."
    ),
    ("prediction", "memory"): (
        "All rows fit into one block, so computing in blocks saves no memory."
    ),
    ("prediction", ""): (
        "A call for few rows is mostly overhead: input checks, which are scikit-learn's "
        "own in both, and buffers for the layers."
    ),
    ("tables", ""): (
        "Boosted trees sum gradients in bins of each column, and compare a few values of a "
        "row to predict. Networks multiply matrices in each step and for each row."
    ),
    ("memory", ""): (
        "skmlp keeps its buffers during the whole fit. With the smallest steps they are "
        "larger than the arrays that scikit-learn allocates in each step, by some ten "
        "kilobytes."
    ),
    ("selection", ""): (
        "In small data sets, scoring, scaling and cloning are a large fraction of the time "
        "and the same in both libraries."
    ),
    ("threads", ""): (
        "If all cores are busy, BLAS threads wait for each other at the end of each "
        "product. Both libraries become slower, and the one with less other work shows it "
        "more."
    ),
    ("micro", ""): (
        "The gain is at other sizes, or smaller than the noise at this size."
    ),
}
"""(kind, substring of the name) -> reason; the first match applies."""

SPEEDUPS = (
    "![Dots for each solver, precision and problem: the training time of scikit-learn, "
    "torch, skorch and skmlp's steps in NumPy divided by that of skmlp; almost all are "
    "right of 1, where skmlp is faster](images/benchmark_speedups.svg)"
)
FLOOR = (
    "![Dots for each solver, precision and problem: the time of the matrix products alone "
    "as a fraction of skmlp's training time, compiled and in NumPy, and the limit at the "
    "highest rate of products](images/benchmark_floor.svg)"
)
CURVES = (
    "![Milliseconds of an epoch by rows, columns, width, depth, batch size and classes, on "
    "logarithmic axes, for skmlp, its steps in NumPy and the matrix products alone]"
    "(images/benchmark_growth.svg)"
)
"""The pictures."""
