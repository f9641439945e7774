"""What ends the command after the training, and the files that are there all the same."""

import io
import os
import sys

import pytest

from skmlp import TabularMLPRegressor
from skmlp.__main__ import main
from skmlp.command import cli, demo, evaluation, importances, plots
from skmlp.command.models import SavedModel, load_model, save_model
from skmlp.command.text import UserError
from tests.command.conftest import command
from tests.command.test_output import BROKEN

pytestmark = pytest.mark.usefixtures("bare")

OLD = b"an old file"


@pytest.fixture
def outputs(tmp_path):
    """Paths of a model and of a plot, both with an old file."""
    paths = tmp_path / "a.pkl", tmp_path / "a.png"
    for path in paths:
        path.write_bytes(OLD)
    return paths


def train(csv, outputs):
    return command(csv, "--target", "mass", "--save", outputs[0], "--plot", outputs[1])


@pytest.fixture
def sketched(monkeypatch):
    """Plots that take no time."""

    def sketch(model, X, y, target, file, kind):
        file.write(b"a sketch")

    monkeypatch.setattr(plots, "make_figure", sketch)


STAGES = {
    "scores": (evaluation, "judged"),
    "peers": (evaluation, "peers"),
    "importances": (importances, "importances"),
    "table": (cli, "as_table"),
    "plot": (plots, "make_figure"),
}
ERRORS = {
    KeyboardInterrupt: (130, "interrupted"),
    MemoryError: (1, "the memory is full (MemoryError)."),
    RecursionError: (1, "stopped (RecursionError)."),
    ValueError: (2, "The report cannot be made: ValueError."),
    OSError: (2, "a file: OSError."),
}


@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("stage", STAGES)
def test_an_error_after_the_training(stage, error, csv, outputs, monkeypatch, capsys):
    def fail(*_):
        raise error

    monkeypatch.setattr(*STAGES[stage], fail)
    code, line = ERRORS[error]
    fails_to_plot = stage == "plot" and error is not KeyboardInterrupt
    if fails_to_plot:
        code, line = 2, f"{outputs[1]}: the plot failed ({error.__name__})."
    assert train(csv, outputs) == code
    out, err = capsys.readouterr()
    assert err == f"skmlp: {line}\n"
    assert load_model(outputs[0], trust_pickle=True).target == "mass"
    assert f"\nsaved: {outputs[0]}, " in out
    assert outputs[1].read_bytes() == (OLD if stage == "plot" else b"a sketch")
    assert not fails_to_plot or "shuffled column" in out


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_the_training(error, csv, outputs, monkeypatch, capsys):
    def fail(*_):
        raise error

    monkeypatch.setattr(evaluation, "fit", fail)
    assert train(csv, outputs) == ERRORS[error][0]
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.read_bytes() for path in outputs] == [OLD, OLD]


def test_a_model_that_cannot_be_saved_has_a_report(csv, outputs, monkeypatch, capsys):
    def fail(path, saved):
        raise UserError(f"{path}: no space.")

    monkeypatch.setattr(cli, "save_model", fail)
    assert train(csv, outputs) == 2
    out, err = capsys.readouterr()
    assert err == f"skmlp: {outputs[0]}: no space.\n"
    assert "saved" not in out
    assert "shuffled column" in out
    assert outputs[1].stat().st_size > 1000


def test_a_plot_that_fails_half_way_leaves_the_old_one(csv, outputs, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib.figure")

    def fail(self, file, **_):
        file.write(b"half")
        raise RuntimeError("no font")

    monkeypatch.setattr(matplotlib.Figure, "savefig", fail)
    assert train(csv, outputs) == 2
    assert outputs[1].read_bytes() == OLD


def test_the_model_is_there_when_the_line_is_printed(csv, outputs, monkeypatch):
    seen = []

    class Watching(io.StringIO):
        def flush(self):
            if "saved: " in self.getvalue():
                seen.append(load_model(outputs[0], trust_pickle=True).target)

    monkeypatch.setattr(sys, "stdout", Watching())
    monkeypatch.setattr(evaluation, "judged", lambda *_: seen.append("scores"))
    train(csv, outputs)
    assert seen[0] == "mass"
    assert "scores" in seen


@pytest.fixture(scope="module")
def model(birds, tmp_path_factory):
    """A file with a model that predicts the mass."""
    mlp = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    mlp.fit(birds[["species", "wing"]], birds["mass"].fillna(0))
    path = tmp_path_factory.mktemp("model") / "m.pkl"
    save_model(path, SavedModel(mlp, "mass", {"species": "text", "wing": "number"}))
    return path


def work_of(subcommand, csv, model):
    """The arguments of a subcommand."""
    options = ["--target", "mass", "--save", csv.with_name("new.pkl")]
    return {
        "train": [csv, "--target", "mass"],
        "train and save": [csv, *options, "--plot", csv.with_name("new.png")],
        "predict": ["predict", "--trust-pickle", model, csv],
        "demonstration": ["--quick"],
        "help": ["--help"],
        "help of predict": ["predict", "--help"],
    }[subcommand]


SUBCOMMANDS = (
    "train",
    "train and save",
    "predict",
    "demonstration",
    "help",
    "help of predict",
)


def full_device():
    return open("/dev/full", "w", encoding="ascii")


STREAMS = {**BROKEN, "device": full_device}


@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_an_output_that_fails(subcommand, stream, csv, model, monkeypatch, capsys):
    if stream == "device" and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    monkeypatch.setattr(demo, "run", lambda settings: ([], []))
    monkeypatch.setattr(demo, "run_on_tables", lambda settings: [])
    arguments = [str(one) for one in work_of(subcommand, csv, model)]
    capsys.readouterr()
    broken = STREAMS[stream]()
    monkeypatch.setattr(sys, "stdout", broken)
    assert main(arguments) == 1
    lines = capsys.readouterr().err.splitlines()
    if subcommand == "predict":
        assert lines.pop(0).startswith("skmlp: ignored columns 'ring', ")
    (line,) = lines
    assert line.startswith("skmlp: stopped, the output ")
    files = {path.name for path in csv.parent.glob("new.*")}
    assert files == (
        {"new.pkl", "new.png"} if subcommand == "train and save" else set()
    )
    if stream == "device":
        # Python flushes the stream at exit.
        broken.close()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_outputs_of_any_encoding(encoding, tmp_path, write, monkeypatch, capsys):
    labels = ["já", "日本"] * 20
    rows = "".join(f"{i / 7},{label}\n" for i, label in enumerate(labels))
    table = write("a.csv", f"größe,ÿ\n{rows}")
    written = []
    for arguments in (
        [table, "--target", "ÿ", "--save", tmp_path / "m.pkl"],
        ["predict", "--trust-pickle", tmp_path / "m.pkl", table],
    ):
        buffer = io.BytesIO()
        stream = io.TextIOWrapper(buffer, encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        assert command(*arguments) == 0
        written.append(buffer.getvalue())
    assert capsys.readouterr().err == "skmlp: ignored columns 'ÿ'\n"
    report, predictions = written
    assert "größe".encode(encoding, "backslashreplace") in report
    assert predictions.decode().startswith("ÿ,probability_já,probability_日本\n")
