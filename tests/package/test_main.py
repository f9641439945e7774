"""The command `python -m skmlp`: which work it does."""

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from skmlp.__main__ import main
from skmlp.command import cli, demo
from skmlp.command.io import OPTIONAL


@pytest.mark.parametrize(("argv", "quick"), [([], False), (["--quick"], True)])
def test_without_a_table_it_is_the_demonstration(argv, quick, monkeypatch):
    asked = []
    monkeypatch.setattr(demo, "main", lambda quick: asked.append(quick) or 1)
    assert main(argv) == 1
    assert asked == [quick]


@pytest.mark.parametrize(
    ("argv", "work"),
    [(["a.csv", "--target", "b"], "train"), (["predict", "a.pkl", "b.csv"], "predict")],
)
def test_other_arguments_go_to_the_command(argv, work, monkeypatch):
    asked = []
    monkeypatch.setattr(cli, "run", lambda arguments, _: asked.append(arguments) or 2)
    monkeypatch.setattr(sys, "argv", ["skmlp", *argv])
    assert main() == 2
    assert [one.work for one in asked] == [work]


@pytest.mark.parametrize("argv", [["--help"], ["predict", "--help"], ["--version"]])
def test_what_needs_no_model_imports_no_package(argv):
    code = (
        "import sys; from skmlp.__main__ import main\n"
        f"sys.argv[0] = 'skmlp'; code = main({argv})\n"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert result.returncode == 0
    assert result.stdout
    loaded = {name.split(".")[0] for name in result.stderr.split()}
    assert "skmlp" in loaded
    packages = {"numpy", "scipy", "sklearn", "joblib", "threadpoolctl", *OPTIONAL}
    assert loaded & {name.split(".")[0] for name in packages} == set()


def test_the_script_is_this_command():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    [(name, value)] = tomllib.loads(text)["project"]["scripts"].items()
    script = EntryPoint(name, value, "console_scripts")
    assert (script.name, script.load()) == ("skmlp", main)


def test_the_demonstration_ends_if_the_output_is_closed():
    process = subprocess.Popen(
        [sys.executable, "-m", "skmlp", "--quick"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline().startswith("skmlp ")
        process.stdout.close()
        message = "skmlp: stopped, the output was closed\n"
        assert process.stderr.read() == message
        assert process.wait() == 1


def test_an_interrupt_of_the_demonstration(monkeypatch, capsys):
    def press_ctrl_c(settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "run", press_ctrl_c)
    assert main(["--quick"]) == 130
    assert capsys.readouterr().err == "skmlp: interrupted\n"
