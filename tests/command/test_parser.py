"""The command line: help texts, wrong arguments, defaults."""

import sys
from pathlib import Path

import pytest

import skmlp
from skmlp.__main__ import main
from skmlp.command.choices import Reading
from skmlp.command.parser import parse, parse_predict, reading


def test_help(capsys):
    for argv, words in (
        (
            ["--help"],
            ["--quick", "TABLE... --target COLUMN", "predict MODEL TABLE", "Exit"],
        ),
        (["predict", "--help"], ["MODEL", "TABLE", "probability"]),
    ):
        assert main(argv) == 0
        out = capsys.readouterr().out
        assert "usage: python -m skmlp" in out
        for word in words:
            assert word in out


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("/usr/lib/python3/skmlp/__main__.py", "python -m skmlp"),
        ("/home/me/.venv/bin/skmlp", "skmlp"),
        ("skmlp.exe", "skmlp"),
        ("-c", "python -m skmlp"),
    ],
)
@pytest.mark.parametrize("argv", [["--help"], ["predict", "--help"], ["--quack"]])
def test_the_usage_names_the_command_as_it_was_called(
    called, name, argv, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", [called])
    main(argv)
    assert "".join(capsys.readouterr()).startswith(f"usage: {name} ")


@pytest.mark.parametrize("argv", [["--help"], ["predict", "--help"]])
def test_the_help_fits_a_terminal_of_80_columns(argv, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        parse(argv)
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert max(map(len, lines)) <= 80


def test_the_help_names_the_packages_and_where_to_read_how_to_install_them(capsys):
    main(["--help"])
    out = capsys.readouterr().out
    assert "pandas, pyarrow, openpyxl, matplotlib, jinja2, skops" in out
    readme = Path(__file__).parents[2] / "README.md"
    assert "section Install" in out
    assert "\n## Install\n" in readme.read_text(encoding="utf-8")


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"skmlp {skmlp.__version__}\n", "")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--quack"], "unrecognized arguments: --quack"),
        (
            ["a.csv", "--target", "y", "b.csv"],
            "unrecognized arguments: b.csv; all TABLEs come before the options",
        ),
        (["--target", "x"], "a TABLE is missing"),
        (["a.csv", "--quick"], "--quick is for the comparison without a TABLE"),
        (["a.csv", "--test", "1.5"], "must be between 0 and 1. Got 1.5."),
        (["a.csv", "--cv", "1"], "must be at least 2. Got 1."),
        (["a.csv", "--cv", "x"], "invalid folds value: 'x'"),
        (
            ["--test-file", "a.csv"],
            "a TABLE is missing; it comes before --missing, --dr",
        ),
        (["a.csv", "--max-time", "0"], "must be above 0. Got 0."),
        (["a.csv", "--preset", "good"], "invalid choice: 'good'"),
        (["a.csv", "--jobs", "0"], "must be at least 1. Got 0."),
        (["a.csv", "--jobs", "x"], "invalid jobs value: 'x'"),
        (["a.csv", "--seed", "-1"], "must be from 0 to 2**32 - 1. Got -1."),
        (["a.csv", "--max-time", "x"], "invalid seconds value: 'x'"),
        (["a.csv", "--separator", "ab"], "one of tab, comma, semicolon, space, pipe."),
        (["a.csv", "--separator", '"'], "must be one character or one of tab, "),
        (["a.csv", "--encoding", "utf-99"], "must be the name of an encoding, such as"),
        (["a.csv", "--encoding", "hex"], "must be the name of an encoding, such as"),
        (["a.csv", "--decimal", ";"], "(choose from "),
        (["a.csv", "--thousands", "x"], "(choose from "),
        (["a.csv", "--missing"], "expected at least one argument"),
        (["a.csv", "--decimal", ",", "--thousands", ","], "must be different"),
        (["predict", "m.pkl", "a.csv", "--decimal", "x"], "(choose from "),
        (["--separator", ";"], "a TABLE is missing"),
        (["predict", "m.pkl"], "the following arguments are required: TABLE"),
    ],
)
def test_wrong_command_lines(argv, message, capsys):
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


@pytest.mark.parametrize(
    ("argv", "work"),
    [
        ([], "compare"),
        (["--quick"], "compare"),
        (["a.csv"], "train"),
        (["predict", "a.skops", "b.csv"], "predict"),
    ],
)
def test_the_work_of_a_command_line(argv, work):
    assert parse(argv).work == work


def test_arguments():
    arguments = parse(["a.csv", "--target", "y", "--max-time", "3", "--drop", "a", "b"])
    assert (arguments.max_time, arguments.seed, arguments.test) == (3.0, 0, None)
    assert (arguments.drop, arguments.task) == (["a", "b"], "auto")
    assert arguments.jobs == -1
    assert parse(["a.csv", "--jobs", "3"]).jobs == 3
    assert arguments.preset == "default"
    assert parse(["a.csv", "--preset", "best"]).preset == "best"


def test_how_the_table_is_written():
    options = ["--separator", "tab", "--encoding", "cp1252", "--decimal", ","]
    options += ["--thousands", ".", "--missing", "?", "-", "--missing", "-999"]
    expected = Reading("\t", "cp1252", ",", ".", ("?", "-", "-999"))
    assert reading(parse(["a.csv", *options])) == expected
    assert reading(parse_predict(["m.pkl", "a.csv", *options])) == expected
    assert reading(parse(["-", "--separator=|", "--sheet", "a b"])) == Reading(
        separator="|", sheet="a b"
    )
    assert reading(parse(["a.csv"])) == Reading()
