"""The options of predict: defaults and wrong values."""

import pytest

from skmlp.__main__ import main
from skmlp.command.parser import parse_predict


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], (None, None)),
        (["--intervals"], (0.9, None)),
        (["--intervals", "0.5", "--explain"], (0.5, 3)),
        (["--explain", "7"], (None, 7)),
    ],
)
def test_values_that_are_not_given_have_defaults(options, expected):
    found = parse_predict(["m.skops", "a.csv", *options])
    assert (found.intervals, found.explain) == expected
    assert found.output is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--intervals", "1"], "between 0 and 1, such as 0.9; MODEL and TABLE come b"),
        (["--intervals", "m.skops"], "come before it. Got 'm.skops'."),
        (["--explain", "0"], "an integer of at least 1, such as 3; MODEL and TABLE c"),
        (["--explain", "1.5"], "come before it. Got '1.5'."),
        (["--output"], "expected one argument"),
    ],
)
def test_wrong_values(options, message, capsys):
    assert main(["predict", "m.skops", "a.csv", *options]) == 2
    assert message in capsys.readouterr().err
