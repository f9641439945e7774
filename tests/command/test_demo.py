"""The comparison with scikit-learn's MLP."""

import functools
import io
import platform
import re
import warnings
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pytest
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import ConvergenceWarning

import skmlp
from skmlp.command import demo
from skmlp.command.demo import Row, main

QUICK_ROWS = [
    (name, task)
    for name in ("breast_cancer", "wine", "diabetes")
    for task in ("cross_val_score", "GridSearchCV")
]
N_WINE_FEATURES = 13

# A busy machine may need the short time limits of these tests to read the data.
pytestmark = pytest.mark.filterwarnings("ignore:max_time")


SMALL_TREES = {
    kind: functools.partial(trees, max_iter=5) for kind, trees in demo.TREES.items()
}


@pytest.fixture
def shorter(monkeypatch):
    """Both sets of data sets for 3 epochs."""
    for name in ("QUICK", "FULL"):
        problems = getattr(demo, name).problems
        settings = demo.Settings(problems, max_iter=3, repeats=1, max_time=0.1)
        monkeypatch.setattr(demo, name, settings)
    monkeypatch.setattr(demo, "TREES", SMALL_TREES)


@pytest.fixture(scope="module")
def quick():
    """What --quick prints, with each task run once."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.setattr(demo, "QUICK", replace(demo.QUICK, repeats=1, max_time=0.1))
        patch.setattr(demo, "TREES", SMALL_TREES)
        assert main(quick=True) == 0
    return out.getvalue()


def table(out):
    """{(data set, task): cells} of the table's rows, in their order."""
    lines = [
        line.split()
        for line in out.split("of weights\n")[1].split("\n\n")[0].split("\n")
    ]
    return {(line[0], line[1]): line[2:] for line in lines}


def second_table(out):
    """{data set: cells} of the second table's rows."""
    lines = out.split("trees\n")[1].split("\n\n")[0].split("\n")
    return {line.split()[0]: line.split()[1:] for line in lines}


def assert_good(cells):
    ours, theirs, our_seconds, their_seconds, ratio, difference = map(float, cells)
    assert ours == theirs
    assert ours <= 1
    assert min(our_seconds, their_seconds) > 0
    # Seconds are printed to a thousandth.
    slack = 0.01 + ratio * (5e-4 / our_seconds + 5e-4 / their_seconds) * 1.5
    assert ratio == pytest.approx(their_seconds / our_seconds, abs=slack)
    assert 0 <= difference < 1e-10


def test_quick_prints_a_row_for_each_data_set_and_task(quick):
    rows = table(quick)
    assert list(rows) == QUICK_ROWS
    for cells in rows.values():
        assert_good(cells)
        assert float(cells[0]) > 0.3
    assert max(len(line) for line in quick.split("\n")) <= 100
    sentence = quick.split("\n\n")[3]
    n_rows, mean, low, high, difference = map(
        float,
        re.fullmatch(
            r"In (\d+) rows skmlp was (\S+) times as fast \(geometric mean, (\S+) to "
            r"(\S+)\); largest difference (\S+)\.",
            sentence,
        ).groups(),
    )
    ratios = [float(cells[4]) for cells in rows.values()]
    assert n_rows == len(rows)
    assert mean == pytest.approx(np.prod(ratios) ** (1 / n_rows), rel=0.05)
    assert (low, high) == (min(ratios), max(ratios))
    assert difference == max(float(cells[5]) for cells in rows.values())


def test_the_second_table(quick):
    rows = second_table(quick)
    assert list(rows) == ["breast_cancer", "wine", "diabetes"]
    for cells in rows.values():
        losses, seconds = np.split(np.array(cells, dtype=float), 2)
        assert len(losses) == 3
        assert np.all((losses > 0) & (losses < 3))
        assert np.all(seconds > 0)


def test_a_fault_in_the_second_table(monkeypatch, capsys, shorter):
    monkeypatch.setattr(skmlp, "TabularMLPRegressor", None)
    assert main(quick=True) == 1
    out, err = capsys.readouterr()
    assert re.fullmatch(r"skmlp: diabetes, TabularMLP: TypeError: .+\n", err)
    rows = second_table(out)
    assert rows["diabetes"] == ["failed"] * 6
    assert "failed" not in rows["wine"]


def test_the_versions(quick):
    assert quick.startswith(
        f"skmlp {skmlp.__version__}, scikit-learn {sklearn_version}, "
        f"numpy {np.__version__}, Python {platform.python_version()}, "
    )


def test_in_full_all_four_data_sets_are_compared(capsys, shorter):
    assert main(quick=False) == 0
    rows = table(capsys.readouterr().out)
    assert [name for name, _ in rows][::2] == [
        "breast_cancer",
        "wine",
        "digits",
        "diabetes",
    ]
    assert len(rows) == 8


class OffInWine(skmlp.MLPClassifier):
    def fit(self, X, y):
        super().fit(X, y)
        if X.shape[1] == N_WINE_FEATURES:
            self.coefs_[0][0, 0] += 1e-5
        return self


class RaisesInWine(skmlp.MLPClassifier):
    def fit(self, X, y):
        if X.shape[1] == N_WINE_FEATURES:
            raise RuntimeError("no\nwine")
        return super().fit(X, y)


class ScoresAreOffInWine(skmlp.MLPClassifier):
    def predict(self, X):
        labels = super().predict(X)
        return labels[::-1] if X.shape[1] == N_WINE_FEATURES else labels


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (OffInWine, r"weights differ by \d\.\de-0[56] of the largest"),
        (RaisesInWine, "RuntimeError: no wine"),
        (ScoresAreOffInWine, r"scores differ by \d\.\de-0[12]"),
    ],
)
def test_a_fault_is_named_and_the_other_rows_are_printed(
    kind, message, monkeypatch, capsys, shorter
):
    monkeypatch.setattr(skmlp, "MLPClassifier", kind)
    assert main(quick=True) == 1
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if "TabularMLP" not in line]
    for line, task in zip(lines, demo.TASKS, strict=True):
        assert re.fullmatch(f"skmlp: wine, {task}: {message}", line)
    rows = table(out)
    assert list(rows) == QUICK_ROWS
    for (name, _), cells in rows.items():
        if name != "wine":
            assert_good(cells)
        elif kind is RaisesInWine:
            assert cells == ["failed"] * 6
    assert f"In {4 if kind is RaisesInWine else 6} rows" in out


def test_if_every_row_fails(monkeypatch, capsys, shorter):
    monkeypatch.setattr(skmlp, "MLPClassifier", None)
    monkeypatch.setattr(skmlp, "MLPRegressor", None)
    assert main(quick=True) == 1
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == len(QUICK_ROWS) + 3
    assert "\nNothing was measured.\n" in out


def test_convergence_warnings_are_silenced_inside_only(monkeypatch, capsys, shorter):
    class Warns(skmlp.MLPRegressor):
        def fit(self, X, y):
            warnings.warn("something else", UserWarning, stacklevel=2)
            return super().fit(X, y)

    monkeypatch.setattr(skmlp, "MLPRegressor", Warns)
    with pytest.warns(UserWarning, match="something else"):
        assert main(quick=True) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("regression", [False, True])
def test_both_libraries_train_for_the_same_epochs(regression):
    problem = demo.DIABETES if regression else demo.WINE
    X, y = problem.load(return_X_y=True)
    for library in demo.LIBRARIES:
        model = demo.make_model(library, problem, 4)
        with pytest.warns(ConvergenceWarning):
            model.fit(X, y)
        assert getattr(model, "regressor_", model)[-1].n_iter_ == 4


def test_the_libraries_take_turns(monkeypatch):
    order = []

    def record(model, X, y):
        order.append(type(model[-1]).__module__.split(".")[0])
        return demo.Result(np.ones(2), 1.0, np.ones(2))

    monkeypatch.setitem(demo.TASKS, "GridSearchCV", record)
    settings = demo.Settings((), max_iter=1, repeats=3, max_time=1)
    row = demo.measure(demo.WINE, "GridSearchCV", settings)
    assert order == ["skmlp", "sklearn", "sklearn", "skmlp", "skmlp", "sklearn"]
    assert (row.score_difference, row.weight_difference, row.fault()) == (0, 0, "")


def test_nan_and_other_shapes_are_faults():
    nan = float("nan")
    assert "weights" in Row((1, 1), (1, 1), 0, nan).fault()
    assert "scores" in Row((1, 1), (1, 1), nan, 0).fault()
    assert demo.distance(np.ones(3), np.ones(4)) == np.inf
    assert demo.distance(np.array([1.0, -4]), np.array([1.5, -5])) == 0.2
