"""The command `python -m skmlp`: which work it does."""

import subprocess
import sys

import pytest

from skmlp.__main__ import main
from skmlp.command import cli, demo


def test_as_a_process():
    result = subprocess.run(
        [sys.executable, "-m", "skmlp", "--quick"], capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("skmlp ")
    assert "breast_cancer" in result.stdout


@pytest.mark.parametrize(("argv", "quick"), [([], False), (["--quick"], True)])
def test_without_a_table_it_is_the_demonstration(argv, quick, monkeypatch):
    asked = []
    monkeypatch.setattr(demo, "main", lambda quick: asked.append(quick) or 1)
    assert main(argv) == 1
    assert asked == [quick]


@pytest.mark.parametrize(
    "argv", [["a.csv", "--target", "b"], ["predict", "a.pkl", "b.csv"], ["--seed", "1"]]
)
def test_other_arguments_go_to_the_command(argv, monkeypatch):
    asked = []
    monkeypatch.setattr(cli, "run", lambda argv: asked.append(argv) or 2)
    monkeypatch.setattr(sys, "argv", ["skmlp", *argv])
    assert main() == 2
    assert asked == [argv]


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
