"""The texts of docs/benchmarks.md, and the performance targets."""

TARGETS = {
    "scikit-learn": 2.5,
    "torch": 2.2,
    "floor": 0.5,
    "three-wide": 0.75,
    "widest": 0.85,
    "worst": 1.2,
    "lbfgs": 1.6,
    "lbfgs worst": 1.1,
    "sparse": 1.0,
    "one row": 1.0,
    "million rows": 1.5,
    "grid search": 2.5,
    "memory": 1.0,
    "import": 50,
}

INTRODUCTION = """\
# Benchmarks

This page compares skmlp with scikit-learn's MLP, torch, skorch and the time of the matrix
products alone (the floor): time of training, prediction and model selection, and memory.
`python -m benchmarks.report` writes it from the files in `benchmarks/results/`."""

RERUN = """\
## How to run them

The other libraries need an environment of their own. Setup, all measurements and this
page:

```sh
python3 -m venv .venv-bench && .venv-bench/bin/pip install -e '.[bench]' &&
  .venv-bench/bin/python -m benchmarks.run
.venv-bench/bin/python -m benchmarks.report
```

A full run takes less than 25 minutes. `--quick` runs every kind of comparison in less than
two minutes and writes into `build/benchmarks/`; its timings are too short to be reliable.
`--only SUBSTRING` repeats the cases with this substring in their name, such as
`--only training/digits`, and keeps the other rows. torch and skorch are skipped if they are
not installed."""

METHOD = """\
## What is compared, and how

- All libraries train the same network on the same arrays in memory, with the same
  precision, batch size, optimiser, learning rate, penalty and number of epochs, relu, and
  no early stopping. All use one BLAS thread unless stated otherwise.
- The libraries alternate in one process; every second round runs in reverse order. A ratio
  is the value of the other library divided by that of skmlp in the same round: **above 1
  skmlp is faster**, or needs less memory. The tables give the median over the rounds, and
  where there is room the smallest and the largest ratio in parentheses.
- **scikit-learn** is its `MLPClassifier` or `MLPRegressor`. The weights of both libraries
  are compared after each round. In float64 with Adam and SGD, a difference above 1e-6 of
  the largest weight stops the run.
- **torch** is an eager loop over shuffled index batches, with a fused optimiser.
  **skorch** is the same network behind scikit-learn's interface.
- The **floor** computes the matrix products of each step and nothing else, with
  `np.matmul` into preallocated arrays. Its ratio is the fraction of skmlp's time that these
  products need.
- L-BFGS is compared by the time of one evaluation of the objective and its gradient on all
  rows, because torch's line search needs a different number of evaluations than SciPy's."""

SUMMARY = """\
## Summary

Training time of each library divided by skmlp's, geometric mean over the dense
problems."""

AGAINST_TARGETS = """\
Results and targets. Training is with Adam and SGD in both precisions, unless the row says
L-BFGS."""

TRAINING = """\
## Training, problem by problem

The median of the ratios, with their range. `ms` is skmlp's time for an epoch, or for an
evaluation with L-BFGS. `difference` is the largest difference between a weight of skmlp and
the same weight of scikit-learn after training, relative to the largest weight."""

LBFGS = """\
In float32 scikit-learn converts to float64 during the search, so the two libraries do not
take the same path. In both precisions a line search amplifies rounding errors until the
paths differ; `difference` is measured at the end."""

SPARSE = """\
### Sparse text

A CSR matrix of 10,000 rows and 20,000 columns with 100 non-zeros per row, 100 hidden units,
Adam, compared with scikit-learn. Most of the time is Adam's step on the two million weights
of the first layer, which costs the same for any sparsity."""

PREDICTION = """\
## Prediction

20 columns, 100 hidden units, three classes. Memory is the peak in addition to the input,
including the result."""

SELECTION = """\
## Model selection

A Pipeline of StandardScaler and the classifier: GridSearchCV over 8 candidates with 5
folds, and cross_val_score with 5 folds. The time is that of the whole call, with scoring.
The run stops unless the scores of the two libraries are equal."""

MEMORY = """\
## Memory of fit

The peak during fit in addition to X and y, in megabytes."""

IMPORTS = """\
In a program that has imported scikit-learn's estimators, pipelines and model selection
({before:.0f} ms), importing the estimators of skmlp takes another {skmlp:.0f} ms ({low:.0f}
to {high:.0f})."""

THREADS = """\
## Threads, and a busy machine

Milliseconds per step of Adam in float64 with one or two BLAS threads, on a quiet machine
and with a busy process on each core. skmlp uses the second thread only for large products,
see below; none of these products is large enough."""

CALIBRATION = """\
### Threads by the size of the product

`ms` is a step of Adam with one BLAS thread, `gain` this time divided by the time with two
threads, and `millions` the number of multiplications of the largest product. A fit of skmlp
allows one thread for every 33.5 million (2^25) multiplications, and so two threads from 67
million. A gain below 1 means that the second thread makes the step slower; the largest
products lose least."""

GROWTH = """\
## How time grows with size

Time of an epoch for different sizes. One size varies, the others stay at 2,000 rows, 20
columns, one layer of 100 units, batches of 200, 3 classes; Adam, float64. The exponent p in
time ~ size^p is fitted to all points; the last column is skmlp's exponent between the two
largest sizes. The exponent is below 1 where fixed costs of each fit and step still matter.
For the batch size it is negative, because larger batches need fewer steps."""

MICRO = """\
## Single optimisations of the code

The time of the plain version divided by the time of the fast one, at 200 rows and 100
units. The results of both are first checked to be equal."""

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
    ("training", "lbfgs"): (
        "An evaluation passes over all rows at once, so the products dominate, and torch "
        "fuses more of the operations between them."
    ),
    ("training", "text"): (
        "Memory bandwidth limits the step of the optimiser on two million weights in both "
        "libraries."
    ),
    ("training", "torch"): (
        "With wide layers both libraries spend their time in matrix products, and torch's "
        "BLAS and OpenBLAS differ by a few per cent. torch's fused optimiser passes once "
        "over the weights, skmlp's seven times."
    ),
    ("prediction", "memory"): (
        "All rows fit into one block, so computing in blocks saves no memory."
    ),
    ("prediction", ""): (
        "A call for few rows is mostly overhead: input checks, which are scikit-learn's "
        "own in both, and buffers for the layers."
    ),
    ("memory", ""): (
        "In the smallest steps, skmlp's copy of the rows of several batches is larger than "
        "the arrays that scikit-learn allocates in each step, by some ten kilobytes."
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
