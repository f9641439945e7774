"""What the figures show: the numbers of scikit-learn, some rows of many."""

import numpy as np
import pytest
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from skmlp.reporting import figures
from skmlp.reporting.scores import Judged

Figure = pytest.importorskip("matplotlib.figure").Figure

RNG = np.random.RandomState(0)
PROBABILITY = RNG.rand(3000)
OCCURRED = RNG.rand(3000) < PROBABILITY


def axes():
    return Figure().subplots()


def data(axes, number):
    line = axes.lines[number]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_the_roc_curve():
    drawn = axes()
    figures.roc(drawn, OCCURRED, PROBABILITY)
    area = roc_auc_score(OCCURRED, PROBABILITY)
    x, y = data(drawn, 1)
    assert len(x) <= figures.MOST_STEPS
    assert auc(x, y) == pytest.approx(area, abs=0.003)
    assert drawn.lines[1].get_label() == f"AUC {area:.3f}"


def test_precision_and_recall():
    drawn = axes()
    figures.precision_recall(drawn, OCCURRED, PROBABILITY)
    x, y = data(drawn, 1)
    expected = average_precision_score(OCCURRED, PROBABILITY)
    assert auc(x[::-1], y[::-1]) == pytest.approx(expected, abs=0.01)


def test_bins_are_of_equal_size_and_calibrated_if_the_probabilities_are():
    probability = RNG.uniform(size=5000)
    occurred = RNG.uniform(size=5000) < probability
    predicted, observed, error = figures.bins(probability, occurred)
    np.testing.assert_allclose(predicted, np.arange(0.05, 1, 0.1), atol=0.02)
    assert np.all(np.abs(observed - predicted) < 4 * error)
    np.testing.assert_allclose(error, (predicted * (1 - predicted) / 500) ** 0.5)


def test_few_rows_are_few_bins():
    assert len(figures.bins(np.array([0.1, 0.9]), np.array([False, True]))[0]) == 2


def test_calibration_of_calibrated_probabilities():
    drawn = axes()
    figures.calibration(drawn, OCCURRED, PROBABILITY)
    x, y = data(drawn, 1)
    np.testing.assert_allclose(x, np.arange(0.05, 1, 0.1), atol=0.02)
    assert np.abs(x - y).max() < 0.1


def test_some_rows_of_many_in_the_order_of_predictions():
    predicted = RNG.randn(5000)
    rows = figures.some_rows(predicted)
    assert len(rows) == figures.MOST_POINTS
    assert (np.diff(predicted[rows]) >= 0).all()
    assert predicted[rows[[0, -1]]].tolist() == [predicted.min(), predicted.max()]
    assert sorted(figures.some_rows(predicted[:9])) == list(range(9))


def test_predictions_residuals_and_intervals():
    y = RNG.randn(50)
    judged = Judged("m", y, y + 0.1)
    drawn = axes()
    band = np.column_stack([y - 1, y + 1])
    figures.predictions(drawn, judged, band)
    x, points = data(drawn, 1)
    np.testing.assert_allclose(x, points + 0.1)
    np.testing.assert_allclose(data(drawn, 2)[1], points - 1)
    np.testing.assert_allclose(data(drawn, 3)[1], points + 1)
    drawn = axes()
    figures.residuals(drawn, judged)
    np.testing.assert_allclose(data(drawn, 1)[1], -0.1)


def test_losses_of_networks_and_their_means():
    nan = float("nan")
    history = {"loss": [3.0, 2.0], "validation_loss": [nan, nan]}
    drawn = axes()
    figures.losses(drawn, history, [])
    assert [line.get_label() for line in drawn.lines] == ["training rows"]
    one = {"loss": [4.0], "validation_loss": [5.0]}
    both = {"loss": [3.0, 2.0], "validation_loss": [3.0, 4.0]}
    drawn = axes()
    figures.losses(drawn, both, [one, one])
    assert len(drawn.lines) == 2 * (2 + 1)


@pytest.mark.parametrize("grid", [[1, 2, 5], ["a", "b", "a very long label here"]])
def test_dependence_on_numbers_and_labels(grid):
    drawn = axes()
    lines = np.array([[1.0, 2], [2, 3], [3, 5]])
    figures.dependence(drawn, grid, lines, ["first", "second"])
    x, y = data(drawn, 1)
    assert y.tolist() == [2, 3, 5]
    assert x.tolist() == (grid if grid[0] == 1 else [0, 1, 2])
    if grid[0] == "a":
        shown = [one.get_text() for one in drawn.get_xticklabels()]
        assert shown == ["a", "b", "a very long lab…"]
