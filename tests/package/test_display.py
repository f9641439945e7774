import io
import sys
import xml.dom.minidom

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skmlp import LossCurveDisplay, MLPRegressor

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def make(**parameters):
    return MLPRegressor(hidden_layer_sizes=8, max_iter=5, random_state=0, **parameters)


def labels(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_training_loss(solver):
    model = make(solver=solver).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    (line,) = display.lines_
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(line.get_ydata(), model.loss_curve_)
    assert display.best_line_ is None
    assert display.figure_ is display.ax_.figure
    assert display.ax_.get_xlabel() == "iteration"
    assert labels(display) == ["training loss of MLPRegressor"]


def test_the_validation_loss_and_the_best_iteration():
    model = make(early_stopping=True).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model, name="mine", linewidth=3)
    training, validation = display.lines_
    np.testing.assert_array_equal(training.get_ydata(), model.loss_curve_)
    np.testing.assert_array_equal(
        validation.get_ydata(), model.history_["validation_loss"]
    )
    assert training.get_linewidth() == validation.get_linewidth() == 3
    assert set(display.best_line_.get_xdata()) == {model.best_iter_}
    assert labels(display) == [
        "training loss of mine",
        "validation loss of mine",
        f"best iteration of mine: {model.best_iter_}",
    ]


def test_the_curves_of_each_network():
    histories = [
        {"loss": [3.0, 2.0, 1.0], "validation_loss": [3.0, 1.5, 2.5]},
        {"loss": [4.0, 3.0], "validation_loss": [5.0, 4.0]},
    ]
    display = LossCurveDisplay(history=histories, best_iter=[2, 1], estimator_name="a")
    lines = display.plot(linewidth=0.5).lines_
    values = [line.get_ydata().tolist() for line in lines]
    assert values == [values for one in histories for values in one.values()]
    colors = [line.get_color() for line in lines]
    assert colors[:2] == colors[2:]
    assert len(set(colors)) == 2
    assert list(display.best_line_.get_xdata()) == [2, 1]
    assert list(display.best_line_.get_ydata()) == [1.5, 5.0]
    names = ["training loss of a", "validation loss of a", "best iterations of a"]
    assert labels(display) == names


def test_estimators_of_one_network_have_no_curves_of_each():
    with pytest.raises(TypeError, match="networks=True needs a tabular MLP.*Got MLPRe"):
        LossCurveDisplay.from_estimator(make().fit(X, Y), networks=True)


def test_several_on_the_same_axes():
    _, ax = pyplot.subplots()
    for name in "ab":
        display = LossCurveDisplay.from_estimator(make().fit(X, Y), name=name, ax=ax)
        assert display.ax_ is ax
    assert len(ax.lines) == 2
    again = display.plot()
    assert again is display
    assert display.ax_ is not ax
    assert labels(LossCurveDisplay(history=display.history).plot()) == ["training loss"]


def test_pipelines_and_searches():
    pipeline = make_pipeline(StandardScaler(), make()).fit(X, Y)
    search = GridSearchCV(pipeline, {"mlpregressor__alpha": [1e-4, 1]}, cv=2).fit(X, Y)
    for model, inner in (
        (pipeline, pipeline[-1]),
        (search, search.best_estimator_[-1]),
    ):
        (line,) = LossCurveDisplay.from_estimator(model).lines_
        np.testing.assert_array_equal(line.get_ydata(), inner.loss_curve_)


def test_what_has_no_history():
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(make())
    with pytest.raises(TypeError, match="estimator must be a fitted MLP.*Got Ridge"):
        LossCurveDisplay.from_estimator(Ridge().fit(X, Y))


def test_without_matplotlib(monkeypatch):
    model = make().fit(X, Y)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="needs matplotlib. Install it"):
        LossCurveDisplay.from_estimator(model)


@pytest.mark.parametrize(
    "name", ["cost_$x^$", "$\\undefined$", "($) of ($)", "a$", r"\$a$", "a\x1b\nb"]
)
def test_names_are_shown_as_they_are(name):
    model = make(early_stopping=True).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model, name=name)
    # A second display makes the legend of the first one again.
    display.plot(ax=display.ax_, name="b")
    file = io.StringIO()
    display.figure_.savefig(file, format="svg")
    drawing = xml.dom.minidom.parseString(file.getvalue())
    comments = [
        node.data.strip()
        for group in drawing.getElementsByTagName("g")
        for node in group.childNodes
        if node.nodeType == node.COMMENT_NODE
    ]
    expected = name.replace("\x1b\n", r"\x1b\n")
    assert f"training loss of {expected}" in comments
