"""Warnings of the command: before the training, and which ones a split makes needless."""

import numpy as np
import pytest

from tests.command.conftest import command

pandas = pytest.importorskip("pandas")

pytestmark = pytest.mark.usefixtures("bare")

N = 400
RNG = np.random.RandomState(0)
CUSTOMER = RNG.randint(150, size=N)
X = RNG.randn(N)
FRAME = pandas.DataFrame(
    {
        "x": X,
        "leak": X * 3,
        "customer": CUSTOMER + 1000,
        "city": np.array([*"ABCDEF"])[RNG.randint(6, size=150)][CUSTOMER],
        "day": pandas.date_range("2024", periods=N),
        "y": X + np.arange(N) / 100,
    }
)
FRAME["leak"] = FRAME["y"] * 3
FRAME = pandas.concat([FRAME, FRAME[:60]], ignore_index=True)
KINDS = {
    "leak": "'leak' alone predicts y almost perfectly (",
    "copies": " test rows have the features of a training row, ",
    "customer": "few rows have the same 'customer', and these are alike: 'city' is",
    "day": "y depends on the time 'day' (",
}


def warnings_of(out):
    """The kinds of the warnings, and whether all come before the scores."""
    lines = out.splitlines()
    found = [line for line in lines if line.startswith("warning: ")]
    kinds = {kind for line in found for kind, words in KINDS.items() if words in line}
    assert len(kinds) == len(found)
    first = next(i for i, line in enumerate(lines) if line.startswith("on the test"))
    assert not any(line.startswith("warning: ") for line in lines[first:])
    return kinds


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ([], {"leak", "copies", "customer", "day"}),
        (["--drop", "leak"], {"copies", "customer", "day"}),
        (["--group", "customer"], {"leak"}),
        (["--time", "day", "--drop", "leak"], set()),
        (["--id", "customer", "--drop", "leak", "day"], {"copies"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_warnings_come_before_the_training(options, kinds, tmp_path, capsys):
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    assert command(tmp_path / "a.csv", "--target", "y", *options) == 0
    assert warnings_of(capsys.readouterr().out) == kinds


def test_a_sample_of_a_large_table_is_judged(tmp_path, large, capsys):
    FRAME.to_parquet(tmp_path / "a.parquet")
    with large(sample=300):
        assert command(tmp_path / "a.parquet", "--target", "y") == 0
    lines = [
        one
        for one in capsys.readouterr().out.splitlines()
        if one.startswith("warning:")
    ]
    assert lines[0].startswith("warning: 'leak' alone")
    assert all(line.endswith(" (by the sample)") for line in lines)
