"""Paths that cannot be read or written are refused at once, in one line."""

import os
import pickle
import shutil
import sys

import pytest

from skmlp.command import evaluation
from skmlp.command.models import load_model
from tests.command.conftest import command

pytestmark = [
    pytest.mark.usefixtures("bare"),
    pytest.mark.skipif(os.name == "nt", reason="links and modes are of POSIX"),
]

ENDINGS = {"--save": ".pkl", "--plot": ".svg"}
UNDECODABLE = os.fsdecode(b"\xff\xfe")


def folder_of_that_name(path):
    path.mkdir()
    return "this is a folder."


def no_folder(path):
    shutil.rmtree(path.parent)
    return f"the folder {path.parent} does not exist."


def file_as_folder(path):
    shutil.rmtree(path.parent)
    path.parent.write_text("")
    return f"the folder {path.parent} does not exist."


def circular_link(path):
    path.symlink_to(path)
    return "(Too many levels of symbolic links)."


def link_without_folder(path):
    path.symlink_to(path.parent / "nowhere" / "a")
    return f"the folder {path.parent / 'nowhere'} does not exist."


def read_only(path):
    path.write_bytes(b"old")
    path.chmod(0o444)
    return "this cannot be written (the file is read-only)."


def read_only_behind_a_link(path):
    read_only(path.with_name("b"))
    path.symlink_to(path.with_name("b"))
    return "this cannot be written (the file is read-only)."


def pipe(path):
    os.mkfifo(path)
    return "this cannot be written (this is a pipe)."


def link_to_the_table(path):
    path.symlink_to(path.parents[1] / "birds.csv")
    return "and the table are the same file."


BAD = (
    folder_of_that_name,
    no_folder,
    file_as_folder,
    circular_link,
    link_without_folder,
    read_only,
    read_only_behind_a_link,
    pipe,
    link_to_the_table,
)
"""Each makes the path one that cannot be written, and returns the message."""


@pytest.fixture
def untrained(monkeypatch):
    """Fail if a model is made."""
    monkeypatch.setattr(evaluation, "tabular_mlp", lambda *_: pytest.fail("trained"))


def refused(capsys, *arguments):
    """The one line with which the command refuses its arguments."""
    assert command(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("skmlp: ")
    assert err.count("\n") == 1
    return err


def listed(folder):
    return sorted(str(path) for path in folder.rglob("*"))


@pytest.mark.parametrize("option", ENDINGS)
@pytest.mark.parametrize("make", BAD)
def test_bad_paths_of_outputs(make, option, csv, tmp_path, untrained, capsys):
    path = tmp_path / "out" / f"a{ENDINGS[option]}"
    path.parent.mkdir()
    message = make(path)
    before = listed(tmp_path)
    line = refused(capsys, csv, "--target", "mass", option, path)
    assert line.startswith(f"skmlp: {path}: ")
    assert message in line
    assert listed(tmp_path) == before


@pytest.mark.parametrize("option", ENDINGS)
@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800"])
def test_names_that_no_file_has(name, option, csv, tmp_path, untrained, capsys):
    path = tmp_path / f"{name}{ENDINGS[option]}"
    line = refused(capsys, csv, "--target", "mass", option, path)
    assert "this cannot be written (" in line


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o555])
@pytest.mark.parametrize("option", ENDINGS)
def test_folders_that_cannot_be_written(mode, option, birds, as_user, capsys):
    table, folder = as_user / "a.csv", as_user / "out"
    birds.to_csv(table, index=False)
    folder.mkdir()
    folder.chmod(mode)
    path = folder / f"a{ENDINGS[option]}"
    line = refused(capsys, table, "--target", "mass", option, path)
    assert line == f"skmlp: {path}: this cannot be written (Permission denied).\n"


def test_two_outputs_that_are_one_file(csv, tmp_path, untrained, capsys):
    plot, model = tmp_path / "a.svg", tmp_path / "a.pkl"
    model.symlink_to(plot)
    options = ["--save", model, "--plot", plot]
    line = refused(capsys, csv, "--target", "mass", *options)
    assert line == f"skmlp: {model}: --save and --plot are the same file.\n"


def absent(path):
    return "there is no such file."


def locked(path):
    path.write_bytes(b"a")
    path.chmod(0o000)
    return "this cannot be read (Permission denied)."


def in_a_locked_folder(path):
    path.write_bytes(b"a")
    path.parent.chmod(0o000)
    return "this cannot be read (Permission denied)."


def in_a_file(path):
    path.parent.rmdir()
    path.parent.write_bytes(b"a")
    return "there is no such file."


def empty(path):
    path.write_bytes(b"")
    return "the file is empty."


def a_folder(path):
    path.mkdir()
    tables = "" if path.suffix in (".pkl", ".skops") else ", nor a folder with tables"
    return f"this is not a file{tables}."


def a_pipe(path):
    os.mkfifo(path)
    return "this is not a file."


def a_broken_link(path):
    path.symlink_to(path.with_name("b"))
    return "there is no such file."


def a_circular_link(path):
    path.symlink_to(path)
    return "this cannot be read (Too many levels of symbolic links)."


UNREADABLE = (
    absent,
    locked,
    in_a_locked_folder,
    in_a_file,
    empty,
    a_folder,
    a_pipe,
    a_broken_link,
    a_circular_link,
)


@pytest.mark.parametrize("make", UNREADABLE)
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".pkl", ".skops"])
def test_bad_paths_of_inputs(make, ending, as_user, capsys):
    folder = as_user / "in"
    folder.mkdir()
    path = folder / f"a{ending}"
    message = make(path)
    is_table = ending in (".csv", ".parquet")
    arguments = [path, "--target", "x"] if is_table else ["predict", path, "t.csv"]
    assert refused(capsys, *arguments) == f"skmlp: {path}: {message}\n"


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800", UNDECODABLE])
@pytest.mark.parametrize("ending", [".csv", ".pkl"])
def test_names_of_inputs_that_no_file_has(name, ending, tmp_path, capsys):
    path = tmp_path / f"{name}{ending}"
    arguments = (
        [path, "--target", "x"] if ending == ".csv" else ["predict", path, "t.csv"]
    )
    line = refused(capsys, *arguments)
    assert "there is no such file." in line or "this cannot be read (" in line
    assert line[:-1].isprintable()


def new(path):
    return path


def old(path):
    path.write_bytes(b"old")
    return path


def link(path):
    path.symlink_to(old(path.with_name(f"b{path.suffix}")))
    return path


def link_to_nothing(path):
    path.symlink_to(path.with_name(f"b{path.suffix}"))
    return path


@pytest.mark.parametrize("make", [new, old, link, link_to_nothing])
def test_good_paths_of_outputs(make, csv, tmp_path, capsys):
    model, plot = make(tmp_path / "a.pkl"), make(tmp_path / "a.svg")
    options = ["--save", model, "--plot", plot]
    assert command(csv, "--target", "mass", *options) == 0
    assert capsys.readouterr().err == ""
    assert load_model(model, trust_pickle=True).target == "mass"
    assert b"<svg" in plot.read_bytes()
    assert model.is_symlink() == (make in (link, link_to_nothing))
    assert not list(tmp_path.glob(".skmlp*"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse the name")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_names_of_files_that_are_no_text(ending, birds, tmp_path, capsys):
    table = tmp_path / f"{UNDECODABLE}.{ending}"
    with table.open("wb") as file:
        if ending == "csv":
            birds.to_csv(file, index=False)
        else:
            pytest.importorskip("pyarrow", exc_type=ImportError)
            birds.to_parquet(file)
    model, plot = tmp_path / f"{UNDECODABLE}.pkl", tmp_path / f"{UNDECODABLE}.png"
    options = ["--save", model, "--plot", plot]
    assert command(table, "--target", "mass", *options) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert f"saved: {tmp_path}/\\udcff\\udcfe.pkl, " in out
    assert plot.stat().st_size > 1000
    assert pickle.loads(model.read_bytes())["target"] == "mass"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ENDINGS)
def test_a_device_without_space(option, csv, tmp_path, capsys):
    paths = {name: tmp_path / f"a{ending}" for name, ending in ENDINGS.items()}
    paths[option].symlink_to("/dev/full")
    arguments = [one for pair in paths.items() for one in pair]
    assert command(csv, "--target", "mass", *arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"skmlp: {paths[option]}: ")
    assert "No space left on device" in err
    assert err.count("\n") == 1
    assert "shuffled column" in out
    (other,) = (path for name, path in paths.items() if name != option)
    assert other.stat().st_size > 1000
