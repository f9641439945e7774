"""Plots of predictions on test rows."""

import warnings
import xml.dom.minidom

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from skmlp.command.choices import PLOTS
from skmlp.command.plots import (
    draw,
    event_probabilities,
    reliability,
    residuals,
    shown,
)
from skmlp.command.text import UserError
from skmlp.reporting.figures import BINS

Figure = pytest.importorskip("matplotlib.figure").Figure

RNG = np.random.RandomState(0)
X = RNG.normal(size=(200, 2))


def test_the_event_of_the_probabilities():
    y = np.where(X[:, 0] > 0, "up", "down")
    model = LogisticRegression().fit(X, y)
    probability, occurred, what = event_probabilities(model, X, y, "way")
    np.testing.assert_array_equal(probability, model.predict_proba(X)[:, 1])
    np.testing.assert_array_equal(occurred, y == "up")
    assert what == "way is up"

    y = np.digitize(X[:, 0], [-0.5, 0.5])
    model = LogisticRegression().fit(X, y)
    probability, occurred, what = event_probabilities(model, X, y, "way")
    np.testing.assert_array_equal(probability, model.predict_proba(X).max(axis=1))
    np.testing.assert_array_equal(occurred, y == model.predict(X))
    assert what == "the most probable class is right"


def test_axes():
    axes = Figure().subplots()
    reliability(axes, np.linspace(0, 1, 100), np.arange(100) > 50, "it rains")
    assert axes.get_xlabel() == "predicted probability that it rains"
    assert axes.get_ylabel() == "fraction of rows where it rains"
    assert len(axes.get_lines()[1].get_xdata()) == BINS

    axes = Figure().subplots()
    residuals(axes, np.array([1.0, 2.0]), np.array([1.5, 1.5]), "price")
    assert axes.get_lines()[1].get_ydata().tolist() == [0.5, -0.5]
    assert axes.get_ylabel() == "price - predicted price"


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf"])
def test_files(name, tmp_path):
    draw(tmp_path / name, LinearRegression().fit(X, X[:, 0]), X, X[:, 0], "x")
    assert (tmp_path / name).stat().st_size > 1000
    y = X[:, 0] > 0
    draw(tmp_path / f"b{name}", DummyClassifier().fit(X, y), X, y, "x")
    assert (tmp_path / f"b{name}").stat().st_size > 1000


NAMES = [
    "cost_$x^$",
    "$\\undefined$",
    "x$\\frac{1}$",
    "price ($) of ($)",
    "a_b%c#d{",
    "\x1b[2J\x07\x9b\0\n\r\u2028\u202e\ud800\ufffe",
    "</svg><!-- & --",
    "x" * 1000,
    "größe 日本 😀",
]


# Each name is shown in each kind of file, as a label or as the target.
PAIRS = [*zip(NAMES[::2], NAMES[1::2] + NAMES[:1], strict=True)]


@pytest.mark.parametrize("ending", PLOTS)
@pytest.mark.parametrize(("name", "label"), PAIRS)
def test_names_are_shown_as_they_are(name, label, ending, tmp_path):
    import matplotlib

    path, y = tmp_path / f"a{ending}", X[:, 0] > 0
    # The label of the event is the last one in the order of texts.
    labels = np.where(y, label, "").astype(object)
    models = [(DummyClassifier().fit(X, labels), labels)]
    if ending == ".svg":
        models.append((LinearRegression().fit(X, y), y))
    mine = {"text.usetex": True, "axes.formatter.use_mathtext": True}
    for model, target in models:
        with matplotlib.rc_context(mine), warnings.catch_warnings():
            warnings.simplefilter("error")
            draw(path, model, X, target, name)
        assert path.stat().st_size > 1000
        if ending == ".svg":
            xml.dom.minidom.parse(str(path))


def test_names_are_printable_and_short():
    assert shown("a\x1bb$") == r"a\x1bb$"
    assert shown(1.5) == "1.5"
    assert shown("x" * 60) == "x" * 60
    assert shown("x" * 61) == "x" * 57 + "..."


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("bad"), MemoryError]
)
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_plot_that_fails_leaves_what_was_there(error, old, tmp_path, monkeypatch):
    def fail(self, file, **_):
        file.write(b"half")
        raise error

    path = tmp_path / "a.png"
    if old:
        path.write_bytes(old)
    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(UserError, match=r"a\.png: the plot failed \(\w"):
        draw(path, LinearRegression().fit(X, X[:, 0]), X, X[:, 0], "x")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [old] * bool(old)


def test_a_path_that_cannot_be_written(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(
        UserError, match=r"a\.png: the plot failed \(.*Is a directory\)"
    ):
        draw(tmp_path / "a.png", LinearRegression().fit(X, X[:, 0]), X, X[:, 0], "x")
