"""The command line: help texts, wrong arguments, defaults."""

import pytest

from skmlp.command.cli import run
from skmlp.command.parser import parse, parse_predict, reading
from skmlp.command.tables import Reading


def test_help(capsys):
    for argv, words in (
        (
            ["--help"],
            ["--quick", "TABLE --target COLUMN", "predict MODEL TABLE", "Exit"],
        ),
        (["predict", "--help"], ["MODEL", "TABLE", "probability"]),
    ):
        assert run(argv) == 0
        out = capsys.readouterr().out
        assert "usage: python -m skmlp" in out
        for word in words:
            assert word in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--quack"], "unrecognized arguments: --quack"),
        (["--target", "x"], "a TABLE is missing"),
        (["a.csv", "--quick"], "--quick is for the comparison without a TABLE"),
        (["a.csv", "--test", "1.5"], "must be between 0 and 1. Got 1.5."),
        (["a.csv", "--max-time", "0"], "must be above 0. Got 0."),
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
    assert run(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_arguments():
    arguments = parse(["a.csv", "--target", "y", "--max-time", "3", "--drop", "a", "b"])
    assert (arguments.max_time, arguments.seed, arguments.test) == (3.0, 0, 0.25)
    assert (arguments.drop, arguments.task) == (["a", "b"], "auto")


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
