"""The demonstration: skmlp and scikit-learn compared on the data sets of scikit-learn.

The first table compares the MLPs of both libraries with equal parameters and seeds, in a
Pipeline with a StandardScaler, with `cross_val_score` and `GridSearchCV`: scores,
seconds and the difference of the trained weights. The second table compares the tabular
estimators with the MLP of skmlp and with boosted trees on test rows.
"""

import os
import platform
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import sklearn.neural_network
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import skmlp

from .choices import CLASSIFICATION, REGRESSION
from .evaluation import TREES, fit, scores, split, tabular_mlp
from .models import Model
from .task import Task

LIBRARIES = (skmlp, sklearn.neural_network)
TOLERANCE = 1e-6
LAYOUT = "{:<13}  {:<15} {:>7}  {:>7}  {:>7}  {:>7}  {:>6}  {:>10}"
HEADINGS = """\
                                 score    score  seconds  seconds          difference
data set       task              skmlp  sklearn    skmlp  sklearn   ratio  of weights"""
LEGEND = """\
score       mean over the test folds, for GridSearchCV of the best candidate:
            accuracy, for diabetes R2; 1 is perfect
seconds     to train and score, the fastest of {repeats} runs; the libraries alternate
            cross_val_score: 5 folds, then a fit on all rows, {max_iter} epochs each
            GridSearchCV: 3 folds of 4 candidates, then a fit on all rows, also
            {max_iter} epochs each
ratio       seconds of scikit-learn / seconds of skmlp; above 1 skmlp is faster
difference  largest difference of a weight or bias between the two models trained on all
            rows, divided by the largest weight; up to {tolerance:g} counts as equal
"""
TABLE_LAYOUT = "{:<13}  {:>11}  {:>7}  {:>7}  {:>11}  {:>7}  {:>7}"
TABLE_HEADINGS = """\
                      loss     loss     loss      seconds  seconds  seconds
data set        TabularMLP      MLP    trees   TabularMLP      MLP    trees"""
TABLE_LEGEND = """\
loss        on the test rows, a quarter of all: log-loss, for diabetes RMSE / standard
            deviation of the target; 0 is perfect
seconds     to train, with one thread; limited to {max_time:g} for TabularMLP
MLP         skmlp's MLP of the first table
trees       scikit-learn's HistGradientBoosting
"""


@dataclass(frozen=True)
class Problem:
    """A data set of scikit-learn, and its kind of task."""

    name: str
    load: Callable[..., Any]
    kind: str = CLASSIFICATION


@dataclass(frozen=True)
class Settings:
    """The data sets, and the limits of epochs, repeats and seconds."""

    problems: tuple[Problem, ...]
    max_iter: int
    repeats: int
    max_time: float


@dataclass(frozen=True)
class Result:
    """The result of a task with one library: all scores, the one to print, the weights."""

    scores: Any
    score: float
    weights: Any


@dataclass(frozen=True)
class Row:
    """A row of the table; pairs are (skmlp, scikit-learn)."""

    scores: tuple[float, float]
    seconds: tuple[float, float]
    score_difference: float
    weight_difference: float

    @property
    def ratio(self) -> float:
        """The seconds of scikit-learn over those of skmlp."""
        return self.seconds[1] / self.seconds[0]

    def cells(self) -> list[str]:
        """The numbers as text, in the order of the columns."""
        scores = [f"{score:.4f}" for score in self.scores]
        seconds = [f"{value:.3f}" for value in self.seconds]
        return [*scores, *seconds, f"{self.ratio:.2f}", f"{self.weight_difference:.1e}"]

    def fault(self) -> str:
        """What is wrong with the numbers, '' if nothing."""
        # Negated so that NaN is a fault, too.
        if not self.weight_difference <= TOLERANCE:
            return f"weights differ by {self.weight_difference:.1e} of the largest"
        if not self.score_difference <= TOLERANCE:
            return f"scores differ by {self.score_difference:.1e}"
        return ""


CANCER = Problem("breast_cancer", load_breast_cancer)
WINE = Problem("wine", load_wine)
DIGITS = Problem("digits", load_digits)
DIABETES = Problem("diabetes", load_diabetes, REGRESSION)
FULL = Settings((CANCER, WINE, DIGITS, DIABETES), max_iter=60, repeats=3, max_time=5.0)
QUICK = Settings((CANCER, WINE, DIABETES), max_iter=20, repeats=2, max_time=1.0)


def make_model(library: Any, problem: Problem, max_iter: int) -> Any:
    """A model with the library's MLP that trains for exactly `max_iter` epochs."""
    regression = problem.kind == REGRESSION
    kind = library.MLPRegressor if regression else library.MLPClassifier
    mlp = kind(max_iter=max_iter, tol=0.0, n_iter_no_change=max_iter, random_state=0)
    model = Pipeline([("scale", StandardScaler()), ("mlp", mlp)])
    if regression:
        return TransformedTargetRegressor(model, transformer=StandardScaler())
    return model


def weights_of(model: Any) -> Any:
    """All weights and biases of the MLP in a fitted model, as one vector."""
    mlp = getattr(model, "regressor_", model)[-1]
    return np.concatenate([array.ravel() for array in (*mlp.coefs_, *mlp.intercepts_)])


def run_cross_val_score(model: Any, X: Any, y: Any) -> Result:
    """Score the model, then fit it on all rows, as a grid search does."""
    scores = cross_val_score(model, X, y, cv=5, error_score="raise")
    return Result(scores, float(scores.mean()), weights_of(model.fit(X, y)))


def run_grid_search(model: Any, X: Any, y: Any) -> Result:
    """Search over the penalty and the hidden layers."""
    prefix = "mlp__" if isinstance(model, Pipeline) else "regressor__mlp__"
    grid = {
        f"{prefix}alpha": [1e-4, 1.0],
        f"{prefix}hidden_layer_sizes": [(100,), (50, 25)],
    }
    search = GridSearchCV(model, grid, cv=3, error_score="raise").fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    return Result(scores, float(search.best_score_), weights_of(search.best_estimator_))


TASKS = {"cross_val_score": run_cross_val_score, "GridSearchCV": run_grid_search}


def distance(ours: Any, theirs: Any) -> float:
    """The largest difference of two weight vectors, relative to the largest weight."""
    if ours.shape != theirs.shape:
        return float("inf")
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def measure(problem: Problem, task: str, settings: Settings) -> Row:
    """Run a task with both libraries, alternately, and compare the results."""
    X, y = problem.load(return_X_y=True)
    models = [make_model(lib, problem, settings.max_iter) for lib in LIBRARIES]
    results: dict[int, Result] = {}
    seconds: tuple[list[float], list[float]] = ([], [])
    for repeat in range(settings.repeats):
        for which in (0, 1) if repeat % 2 == 0 else (1, 0):
            start = perf_counter()
            results[which] = TASKS[task](models[which], X, y)
            seconds[which].append(perf_counter() - start)
    ours, theirs = results[0], results[1]
    return Row(
        (ours.score, theirs.score),
        (min(seconds[0]), min(seconds[1])),
        float(np.abs(ours.scores - theirs.scores).max()),
        distance(ours.weights, theirs.weights),
    )


def run(settings: Settings) -> tuple[list[Row], list[str]]:
    """Print a row for each data set and task; return the rows and the faults."""
    rows, faults = [], []
    for problem in settings.problems:
        for task in TASKS:
            try:
                with warnings.catch_warnings():
                    # The number of epochs is fixed so that both libraries do equal work.
                    warnings.simplefilter("ignore", ConvergenceWarning)
                    row = measure(problem, task, settings)
            except Exception as error:
                cells, fault = ["failed"] * 6, error_text(error)
            else:
                cells, fault = row.cells(), row.fault()
                rows.append(row)
            print(LAYOUT.format(problem.name, task, *cells), flush=True)
            if fault:
                faults.append(f"{problem.name}, {task}: {fault}")
    return rows, faults


def measure_on_table(problem: Problem, settings: Settings) -> list[str]:
    """The losses of the models of the second table, then their seconds."""
    X, y = problem.load(return_X_y=True)
    rows = split(Task(problem.kind, X, y, problem.name, columns={}), 0.25, seed=0)
    models: list[Model] = [
        tabular_mlp(problem.kind, seed=0, max_time=settings.max_time),
        make_model(skmlp, problem, settings.max_iter),
        TREES[problem.kind](random_state=0),
    ]
    losses, seconds = [], []
    for model in models:
        seconds.append(f"{fit(model, rows):.3f}")
        found = scores(model, rows)
        loss = found["log-loss"] if "log-loss" in found else (1 - found["R2"]) ** 0.5
        losses.append(f"{loss:.4f}")
    return losses + seconds


def error_text(error: Exception) -> str:
    """The type and the message of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def run_on_tables(settings: Settings) -> list[str]:
    """Print a row for each data set; return the faults."""
    faults = []
    for problem in settings.problems:
        try:
            cells = measure_on_table(problem, settings)
        except Exception as error:
            cells = ["failed"] * 6
            faults.append(f"{problem.name}, TabularMLP: {error_text(error)}")
        print(TABLE_LAYOUT.format(problem.name, *cells), flush=True)
    return faults


def summary(rows: Sequence[Row]) -> str:
    """The ratios and the largest difference in one line."""
    if not rows:
        return "Nothing was measured."
    ratios = [row.ratio for row in rows]
    return (
        f"In {len(rows)} rows skmlp was {np.exp(np.mean(np.log(ratios))):.2f} times as "
        f"fast (geometric mean, {min(ratios):.2f} to {max(ratios):.2f}); "
        f"largest difference {np.max([row.weight_difference for row in rows]):.1e}."
    )


def main(quick: bool) -> int:
    """Run and print the comparison.

    Parameters
    ----------
    quick : bool
        Whether to take only a few seconds: without the digits, with fewer epochs.

    Returns
    -------
    int
        The exit code: 0, or 1 if a row failed or the first table's libraries disagree.
    """
    settings = QUICK if quick else FULL
    print(
        f"skmlp {skmlp.__version__}, scikit-learn {sklearn.__version__}, "
        f"numpy {np.__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} CPUs\n\n{HEADINGS}"
    )
    rows, faults = run(settings)
    print("\n" + LEGEND.format(**vars(settings), tolerance=TOLERANCE))
    print(f"{summary(rows)}\n\n{TABLE_HEADINGS}", flush=True)
    # The threads of the trees wait for each other, for long where cores are busy.
    with threadpool_limits(1):
        faults += run_on_tables(settings)
    print("\n" + TABLE_LEGEND.format(**vars(settings)), end="", flush=True)
    for fault in faults:
        print(f"skmlp: {fault}", file=sys.stderr)
    return 1 if faults else 0
