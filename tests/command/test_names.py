"""Names and labels with control characters, formulas and marks, wherever they are shown."""

import os
import warnings
import xml.dom.minidom
from csv import QUOTE_ALL

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from skmlp.command import evaluation
from skmlp.command.models import SavedModel, save_model
from skmlp.command.tables import read_table
from skmlp.common.printable import printable
from tests.command.conftest import command

pandas = pytest.importorskip("pandas")

pytestmark = pytest.mark.usefixtures("bare")

NAMES = {
    "escape code": "t\x1b]0;owned\x07\x1b[2J",
    "other escape code": "t\x9b2J",
    "line": "t\nskmlp: all is well",
    "return": "t\rskmlp: all is well",
    "line separator": "t\u2028skmlp: \x85all is well",
    "direction": "t\u202egnp.\u2066exe",
    "formula": "cost_$x^$",
    "undefined formula": "$\\undefined$",
    "prices": "price ($) of ($)",
    "markup": "</svg><b>&amp;--",
    "long": "x" * 500,
    "other letters": "größe_日本",
}
"""Names of columns, and labels."""


def check(text, n_lines=None):
    """Check that all lines are printable, and none is made by a name."""
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("skmlp: all is well") for line in lines)
    assert n_lines is None or len(lines) == n_lines + 1


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_reports_plots_and_predictions(name, tmp_path, capsys):
    rng = np.random.RandomState(0)
    a, target = rng.randn(60), f"{name}!"
    frame = pandas.DataFrame({name: a, target: np.where(a > 0, name, "other")})
    table = tmp_path / "a.csv"
    frame.to_csv(table, index=False, quoting=QUOTE_ALL)
    plot, model = tmp_path / "p.svg", tmp_path / "m.pkl"
    options = ["--target", target, "--plot", plot, "--save", model]
    assert command(table, *options) == 0
    out, err = capsys.readouterr()
    check(out)
    assert out.count(printable(name)) >= 2
    assert err == ""
    xml.dom.minidom.parse(str(plot))
    assert command("predict", "--trust-pickle", model, table) == 0
    out, err = capsys.readouterr()
    check(err, n_lines=1)
    (tmp_path / "p.csv").write_bytes(out.encode())
    again = read_table(tmp_path / "p.csv").frame
    assert {*again} == {target, f"probability_{name}", "probability_other"}
    assert {name, "other"} == set(again[target])


def message_of(place, name, folder):
    """The arguments of a command that shows a name in an error."""
    rng = np.random.RandomState(0)
    frame = pandas.DataFrame({"a": rng.randn(60), name: 1.0, "y": rng.randn(60)})
    table = folder / "a.csv"
    few = frame.head(3)
    single = frame.assign(y=[f"{name} {i}" for i in range(60)])
    {"few rows": few, "single label": single}.get(place, frame).to_csv(
        table, index=False
    )
    return {
        "unknown target": [table, "--target", f"no {name}"],
        "unknown drop": [table, "--target", "y", "--drop", f"no {name}"],
        "dropped target": [table, "--target", name, "--drop", name],
        "constant target": [table, "--target", name],
        "few rows": [table, "--target", name],
        "no target": [table],
        "single label": [table, "--target", "y"],
        "table": [folder / f"{name[:100]}.csv", "--target", "y"],
        "ending": [folder / f"a.{name}", "--target", "y"],
        "model": ["predict", "--trust-pickle", folder / f"{name[:100]}.pkl", table],
        "output": [table, "--target", "y", "--save", folder / f"{name}/a/m.pkl"],
    }[place]


MESSAGES = (
    "unknown target",
    "unknown drop",
    "dropped target",
    "constant target",
    "few rows",
    "no target",
    "single label",
    "table",
    "ending",
    "model",
    "output",
)


@pytest.mark.parametrize("place", MESSAGES)
@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_errors(name, place, tmp_path, capsys):
    assert command(*message_of(place, name, tmp_path)) == 2
    out, err = capsys.readouterr()
    check(out)
    check(err, n_lines=1)
    assert err.startswith("skmlp: ")


@pytest.mark.parametrize("name", [*NAMES.values(), os.fsdecode(b"\xff")])
@pytest.mark.parametrize("arguments", [["--{}"], ["a.csv", "--seed", "{}"]])
def test_errors_of_the_command_line(name, arguments, capsys):
    assert command(*[one.format(name) for one in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert all(line.isprintable() for line in err.split("\n"))


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_notes_and_warnings_of_models(name, csv, monkeypatch, capsys):
    class Peer:
        def fit(self, X, y):
            raise ValueError(name)

    class Warns(Peer):
        def fit(self, X, y):
            warnings.warn(name, UserWarning, stacklevel=2)
            raise OSError(name)

    peers = {"peer": Peer(), name: Warns()}
    monkeypatch.setattr(evaluation, "peers", lambda *_: peers)
    assert command(csv, "--target", "mass") == 0
    out, err = capsys.readouterr()
    check(out)
    assert err == ""
    assert out.count("failed: ") == 2


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_columns_that_a_model_needs(name, csv, tmp_path, capsys):
    model = tmp_path / "m.pkl"
    save_model(model, SavedModel(LinearRegression(), "y", {name: "number"}))
    assert command("predict", "--trust-pickle", model, csv) == 2
    check(capsys.readouterr().err, n_lines=1)
