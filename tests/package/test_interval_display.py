"""The plot of intervals: which targets it shows, where, and as what."""

import sys

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import PredictionIntervalDisplay, TabularMLPRegressor

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

RNG = np.random.RandomState(0)
X = RNG.randn(120, 2)
Y = X[:, 0] + 0.1 * RNG.randn(120)
ENDS = np.column_stack([X[:, 0] - 0.1, X[:, 0] + 0.1])
INSIDE = (ENDS[:, 0] <= Y) & (ENDS[:, 1] >= Y)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def labels(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_targets_inside_and_outside_in_the_order_of_the_intervals():
    display = PredictionIntervalDisplay.from_predictions(Y, ENDS, name="a$b")
    order = np.argsort(X[:, 0])
    for line, some in ((display.inside_, INSIDE), (display.outside_, ~INSIDE)):
        np.testing.assert_array_equal(line.get_xdata(), 1 + np.flatnonzero(some[order]))
        np.testing.assert_array_equal(line.get_ydata(), Y[order][some[order]])
    heights = display.band_.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (ENDS.min(), ENDS.max())
    assert display.coverage == INSIDE.mean()
    share = f"{INSIDE.mean():.1%}"
    assert labels(display)[0] == rf"intervals of a\$b: {share} of targets inside"
    assert display.figure_ is display.ax_.figure


def test_some_rows_of_many():
    display = PredictionIntervalDisplay.from_predictions(Y, ENDS, subsample=30)
    assert len(display.y_true) == len(display.intervals) == 30
    pairs = {tuple(row) for row in np.column_stack([Y, ENDS])}
    shown = np.column_stack([display.y_true, display.intervals])
    assert {tuple(row) for row in shown} <= pairs
    middles = display.intervals.mean(axis=1)
    np.testing.assert_allclose(middles[[0, -1]], [X[:, 0].min(), X[:, 0].max()])
    # The legend is about all rows.
    assert display.coverage == INSIDE.mean()
    every = PredictionIntervalDisplay.from_predictions(Y, ENDS, subsample=None)
    assert len(every.y_true) == 120


def test_estimators_and_pipelines():
    model = TabularMLPRegressor(
        n_estimators=2, hidden_layer_sizes=(8,), max_iter=4, random_state=0
    )
    pipeline = make_pipeline(StandardScaler(), model).fit(X, Y)
    _, ax = pyplot.subplots()
    display = PredictionIntervalDisplay.from_estimator(
        *(pipeline, X, Y), coverage=0.5, ax=ax, markersize=2
    )
    assert display.ax_ is ax
    assert display.inside_.get_markersize() == 2
    scaled = pipeline[:-1].transform(X)
    expected = pipeline[-1].predict_interval(scaled, 0.5)
    np.testing.assert_array_equal(display.intervals, expected)
    plain = PredictionIntervalDisplay.from_estimator(pipeline[-1], scaled, Y)
    assert labels(plain)[0].startswith("intervals of TabularMLPRegressor: ")
    np.testing.assert_array_equal(
        plain.intervals, pipeline[-1].predict_interval(scaled)
    )


def test_what_is_refused(monkeypatch):
    make = PredictionIntervalDisplay
    with pytest.raises(TypeError, match="estimator must have predict_interval.*Ridge"):
        make.from_estimator(Ridge().fit(X, Y), X, Y)
    for ends in (ENDS[:, 0], ENDS[:, :1], np.stack([ENDS, ENDS], axis=1)):
        with pytest.raises(ValueError, match="intervals must have shape .n_samples, 2"):
            make.from_predictions(Y, ends)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make.from_predictions(Y[1:], ENDS)
    with pytest.raises(ValueError, match="'subsample' parameter"):
        make.from_predictions(Y, ENDS, subsample=0)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="PredictionIntervalDisplay needs matplotlib"):
        make.from_predictions(Y, ENDS)
