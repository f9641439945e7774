"""The words of the report, and what was aimed at."""

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

skmlp beside scikit-learn's own MLP, torch, skorch and a floor: the time of training,
prediction and model selection, and the memory they need. This page is written by
`python -m benchmarks.report` from the files in `benchmarks/results/`."""

RERUN = """\
## How to run them

The peers have an environment of their own. All set-up, all measurements and this page:

```sh
python3 -m venv .venv-bench && .venv-bench/bin/pip install -e '.[bench]' &&
  .venv-bench/bin/python -m benchmarks.run
.venv-bench/bin/python -m benchmarks.report
```

A full run takes less than 25 minutes. `--quick` covers every kind of comparison in less
than two, too short for numbers to rely on, and writes into `build/benchmarks/`. `--only
SUBSTRING` runs again what has the substring in its name, such as
`--only training/digits`, and keeps the other rows. Without torch or skorch they are left
out."""

METHOD = """\
## What is compared, and how

- All libraries train the same network on the same arrays in memory: the same precision,
  batch size, optimiser, learning rate, penalty and epochs, relu, and no early stopping.
  All use one BLAS thread, unless it says otherwise.
- They take turns in one process, every other round in reverse order. A ratio is that of
  one round, peer over skmlp, so that **above 1 skmlp is faster**, or needs less; the
  tables give the median over the rounds, with the smallest and the largest in
  parentheses where there is room.
- **scikit-learn** is its `MLPClassifier` or `MLPRegressor`. The weights of both are
  compared after each round; in float64, with Adam and SGD, a difference above 1e-6 of the
  largest weight ends the run.
- **torch** is an eager loop over shuffled index batches, with a fused optimiser.
  **skorch** is the same network behind scikit-learn's interface.
- The **floor** does the matrix products of each step and nothing else, with `np.matmul`
  into arrays allocated beforehand. Its ratio is the share of skmlp's time that these
  products take when nothing else is done.
- L-BFGS is compared by the time of one evaluation of the objective and its gradient on
  all rows, since torch's line search needs another number of them than SciPy's."""

SUMMARY = """\
## Summary

Geometric means over the dense shapes, of time over skmlp's time."""

AGAINST_TARGETS = """\
Measured against what was aimed at; training is with Adam and SGD, in both precisions,
unless it says L-BFGS."""

TRAINING = """\
## Training, shape by shape

The median of the paired ratios, with their range; `ms` is skmlp's time for an epoch, or
for an evaluation with L-BFGS. `difference` is the largest between two weights of skmlp
and scikit-learn after training, relative to the largest weight."""

LBFGS = """\
In float32 scikit-learn converts to float64 on the way, so the two do not take the same
path. In both precisions a line search turns rounding into another path, sooner or later;
differences say how far apart the two were at the end."""

SPARSE = """\
### Sparse text

A CSR matrix of 10,000 rows and 20,000 columns with 100 non-zeros a row, through 100
hidden units, with Adam, against scikit-learn. The largest part of the time is Adam's
step on the two million weights of the first layer, which costs the same whatever the
sparsity."""

PREDICTION = """\
## Prediction

20 columns through 100 hidden units to three classes. Memory is the peak beyond the
input, the result included."""

SELECTION = """\
## Model selection

A Pipeline of StandardScaler and the classifier: GridSearchCV over 8 candidates with 5
folds, and cross_val_score with 5 folds; whole calls, scoring included. The scores of the
two libraries are equal, or the run ends."""

MEMORY = """\
## Memory of fit

The peak during fit beyond X and y, in megabytes."""

IMPORTS = """\
In a program that has imported scikit-learn's estimators, pipelines and model selection,
`import skmlp` takes another {skmlp:.0f} ms ({low:.0f} to {high:.0f}), to {before:.0f} ms
for the others."""

THREADS = """\
## Threads, and a busy machine

Milliseconds for a step of Adam in float64, where BLAS may use one thread or two, on a
quiet machine and with a process on each core that never rests. skmlp takes the second
thread only for large products, see below; none of these is."""

CALIBRATION = """\
### How many threads a product is worth

A step of Adam with one BLAS thread, and how many times as fast it is with two, by the
multiplications of its largest product, in millions. A fit of skmlp allows one thread for
every 33.5 million (2^25) of them, and so two from 67 million on: there a second thread
gains most on a quiet machine and loses least on a busy one."""

GROWTH = """\
## How cost grows

Time of an epoch against each size, the others fixed at 2,000 rows, 20 columns, one layer
of 100 units, batches of 200, 3 classes; Adam, float64. The exponent p is that of time ~
size^p, fitted over all points, and in the last column that of skmlp between the two
largest sizes. It is below 1 where a fixed cost of each fit and step still counts. With
the batch size it is negative, as fewer steps are taken."""

MICRO = """\
## Each speed-up by itself

The plain version over the fast one, equality checked first, at 200 rows of 100 units."""

GAINS = """\
## What dropout, weight decay, one_cycle and clipping gain

The loss on a held-out quarter of real data: the log-loss, or the root mean squared error
in standard deviations of y. Nets of (128, 128), batch 64, default settings but for what
the table names, 10 seeds, each with its own split and weights; ratio is with over
without, the geometric mean over seeds, so that **below 1 the change helps**.

- Weight decay helps on each of these tables, most where the net is large for the data.
- Dropout helps on the two smallest tables and hurts on the larger ones, where the net does
  not overfit in so many epochs.
- one_cycle makes larger learning rates usable. Over the three rates, the best one with it
  beats the best constant one in regression, and not in classification, where in 15 epochs
  at small rates the constant one gets further.
- Clipping is for gradients that get out of hand. Where they do not, it changes little;
  with a target that was not scaled, it is the difference between a model and none."""

LOSES = """\
## Where it loses, and why

Every ratio below 1 in the tables above, from the data."""

NO_LOSSES = "Nowhere in these measurements."

WHY = {
    ("training", "lbfgs/float32/torch"): (
        "The loss and the search are in double precision here, as a single-precision "
        "loss cannot tell how far it still falls; torch's are in single precision, and "
        "its search keeps its vectors there."
    ),
    ("training", "lbfgs"): (
        "An evaluation passes over all rows at once, so the products dominate, and "
        "torch fuses more of what lies between them."
    ),
    ("training", "text"): (
        "The step of the optimiser on two million weights is bound by memory bandwidth "
        "in both libraries."
    ),
    ("training", "torch"): (
        "On wide layers both spend their time in matrix products, which differ by a few "
        "per cent between torch's BLAS and OpenBLAS; torch's fused optimiser passes once "
        "over the weights, the one here seven times."
    ),
    ("prediction", "memory"): (
        "All rows fit into one block, so that blocks save nothing."
    ),
    ("prediction", ""): (
        "A call for few rows is mostly overhead: the checks of the input, which are "
        "scikit-learn's own in both, and buffers for the layers."
    ),
    ("memory", ""): (
        "In the smallest steps the rows of several batches, copied at once, outweigh "
        "what scikit-learn allocates and frees in each step: some ten kilobytes."
    ),
    ("selection", ""): (
        "Small data sets, where scoring, scaling and cloning, the same in both, are a "
        "good part of the whole."
    ),
    ("threads", ""): (
        "With all cores busy, BLAS threads wait for each other at the end of each "
        "product; both libraries suffer, and the one with less else to do shows it more."
    ),
    ("micro", ""): "The gain is at other sizes, or within the noise at this one.",
}
"""(kind, part of the name) -> why; of several that fit, the first."""
