"""Test rows at random, by group and by time, and what the networks hold out."""

import argparse
import re

import numpy as np
import pytest

from skmlp.command import cli, evaluation
from skmlp.command.choices import CLASSIFICATION, REGRESSION
from skmlp.command.kinds import NUMBER
from skmlp.command.models import load_model
from skmlp.command.splits import (
    HELD_OUT,
    Fold,
    by_group,
    by_time,
    forward,
    judged,
    marks_of,
    split,
    strata_of,
    taken,
)
from skmlp.command.task import Task
from skmlp.command.text import UserError
from tests.command.conftest import command
from tests.command.large_tables import FRAME, stored

pandas = pytest.importorskip("pandas")

N = 120
RNG = np.random.RandomState(0)


def options(**given):
    """The options of a split."""
    known = {"time": None, "group": None, "test": None, "seed": 0, "drop": []}
    return argparse.Namespace(**{**known, **given})


def make(kind=REGRESSION, **columns):
    """A frame with columns, its task, which has one feature more, and its marks."""
    frame = pandas.DataFrame({"x": RNG.normal(size=N), **columns})
    y = RNG.normal(size=N)
    y = np.where(y > 0.7, "high", "low") if kind == CLASSIFICATION else y
    return frame, Task(kind, frame[["x"]], y, "y", {"x": NUMBER})


def marked(option, values, kind=REGRESSION):
    """A task and its marks by a column with these values."""
    frame, task = make(kind, mark=values)
    return task, marks_of(frame, task, options(**{option: "mark"}))


GROUPS = RNG.randint(30, size=N)
DAYS = RNG.permutation(np.arange(N) // 4)
TIMES = {
    "numbers": DAYS,
    "dates": pandas.Timestamp("2024-01-01") + pandas.to_timedelta(DAYS, unit="D"),
    "texts": [f"{1 + day:02}.05.2024" for day in DAYS],
    "times": [f"{day % 24:02}:{day // 24:02}" for day in DAYS],
    "durations": pandas.to_timedelta(DAYS, unit="h"),
}


@pytest.mark.parametrize("kind", [REGRESSION, CLASSIFICATION])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_a_group_has_training_or_test_rows(kind, fraction):
    task, marks = marked("group", GROUPS, kind)
    rows, (note,) = split(task, marks, options(test=fraction))
    train, test = (GROUPS[X.index] for X in (rows.X_train, rows.X_test))
    assert not set(train) & set(test)
    assert len(train) + len(test) == N
    assert len(test) / N == pytest.approx(fraction, abs=0.05)
    assert len(set(zip(train, rows.groups, strict=True))) == len(set(train))
    assert len(set(rows.groups)) == len(set(train))
    counts = len(set(train)), len(set(test))
    assert note == f"by 'mark': {counts[0]} groups train, {counts[1]} test"
    if kind == CLASSIFICATION:
        shares = [np.mean(y == "high") for y in (rows.y_train, rows.y_test)]
        assert shares[0] == pytest.approx(shares[1], abs=0.12)


def test_another_seed_is_another_split_of_groups():
    task, marks = marked("group", GROUPS)
    found = [
        split(task, marks, options(seed=seed))[0].X_test.index.tolist()
        for seed in (0, 0, 1)
    ]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("values", TIMES.values(), ids=list(TIMES))
def test_the_last_rows_in_time_are_the_test(values):
    task, marks = marked("time", values)
    rows, (note,) = split(task, marks, options())
    train, test = (marks.keys[X.index] for X in (rows.X_train, rows.X_test))
    assert train.max() < test.min()
    assert (np.diff(train) >= 0).all()
    # 30 rows are asked for, and days have 4 rows each.
    assert len(test) in (28, 32)
    shown = [str(values[i]).removesuffix(" 00:00:00") for i in rows.X_test.index]
    assert f"test rows from {shown[0]} to {shown[-1]}" in note
    for training, validation in rows.folds:
        assert train[training].max() < train[validation].min()
    sizes = [len(training) / len(train) for training, _ in rows.folds]
    np.testing.assert_allclose(sizes, HELD_OUT[::-1], atol=0.03)


@pytest.mark.parametrize("ties", [[2, 117, 1], [1, 1, 118], [40, 40, 40]])
def test_equal_times_are_not_split(ties):
    task, marks = marked("time", np.repeat([0, 1, 2], ties))
    fold = by_time(marks, 0.25)
    assert len(fold.validation) == ties[-1]
    folds = taken(task, marks, fold).folds
    assert [(len(a), len(b)) for a, b in folds] == [tuple(ties[:-1])]


def test_folds_go_forward():
    codes = np.repeat(np.arange(10), 5)
    found = forward(codes, [0.5, 0.52, 0.9])
    assert [(len(a), len(b)) for a, b in found] == [(25, 20), (45, 5)]


MISTAKES = {
    "two groups": (
        "group",
        np.arange(N) % 2,
        "at least 3 different groups: to test, to",
    ),
    "two times": ("time", np.arange(N) % 2, "at least 3 different times: to test, to"),
    "text": ("time", ["a", "b"] * 60, "must hold dates, times or numbers. Got text."),
    "odd dates": (
        "time",
        ["01/02/2024", "02/01/2024"] * 60,
        "Got text (day and month of '01/02/2024' may be exchanged).",
    ),
    "no times": (
        "time",
        np.where(np.arange(N) < 3, np.nan, np.arange(N)),
        "--time: column 'mark' must have a value in each row. Got 3 rows of 120 without",
    ),
    "no groups": (
        "group",
        [None, *"abc"] * 30,
        "--group: column 'mark' must have a value in each row. Got 30 rows of 120 with",
    ),
}


@pytest.mark.parametrize(
    ("option", "values", "message"), MISTAKES.values(), ids=MISTAKES
)
def test_columns_that_split_nothing(option, values, message):
    with pytest.raises(UserError) as caught:
        split(*marked(option, values), options())
    assert message in str(caught.value)
    assert f"--{option}: column 'mark' " in str(caught.value)


def test_too_few_groups_for_the_fraction():
    task, marks = marked("group", np.arange(N) % 4)
    with pytest.raises(UserError, match="--test 0.7 of 4 groups leaves too few"):
        by_group(marks, strata_of(task), 0.7, 0)


def test_classes_that_do_not_train_are_not_judged():
    X = pandas.DataFrame({"x": np.arange(8.0)})
    y = np.array([*"aabbabcc"])
    task = Task(CLASSIFICATION, X, y, "y", {"x": NUMBER})
    fold = Fold(np.arange(4), np.arange(4, 8))
    rows, notes = judged(taken(task, None, fold))
    assert rows.y_test.tolist() == ["a", "b"]
    assert rows.X_test["x"].tolist() == [4, 5]
    assert notes == [
        "test rows left out, as no training row has their class, which cannot be judged: "
        "2 rows, 'c' (2 rows)"
    ]
    with pytest.raises(
        UserError, match="2 training rows and 2 test rows. Got 4 and 1."
    ):
        judged(taken(task, None, Fold(np.arange(4), np.arange(5, 8))))
    with pytest.raises(UserError, match="at least 2 classes. Got 'a'."):
        judged(taken(task, None, Fold(np.arange(2), np.arange(2, 8))))


@pytest.fixture
def seen(monkeypatch, quick):
    """What the networks get, for each fit."""
    calls = []
    inner = evaluation.fit

    def fit(model, rows):
        if isinstance(model, evaluation.TabularMLP):
            calls.append((rows, model.cv))
        return inner(model, rows)

    monkeypatch.setattr(evaluation, "fit", fit)
    monkeypatch.setattr(cli, "explain", lambda *_: None)
    return calls


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("more", "note", "is_feature"),
    [
        (
            ["--group", "island"],
            "'island' has the groups of the rows, and is no f",
            False,
        ),
        (
            ["--time", "seen"],
            "'seen' orders the rows, and is a feature too (--drop",
            True,
        ),
        (
            ["--time", "seen", "--drop", "seen"],
            "'seen' orders the rows, and is no",
            False,
        ),
    ],
)
def test_the_command_splits_by_a_column(
    kind, more, note, is_feature, birds, tmp_path, seen, capsys
):
    table = birds.assign(island=[*"ABCDEF"] * 20)
    path = stored(table, tmp_path / f"a.{kind}")
    assert command(path, "--target", "mass", *more, "--save", tmp_path / "a.pkl") == 0
    out = capsys.readouterr().out
    assert f"\n{note}" in out
    assert re.search(rf"\nby '{more[1]}': .*\n\d+ training rows, \d+ test rows", out)
    rows, cv = seen[0]
    assert (more[1] in rows.X_train) == is_feature
    assert (rows.groups is None) == (cv is not None)
    groups, times = table["island"], table["seen"]
    if cv is None:
        train, test = (set(groups[X.index]) for X in (rows.X_train, rows.X_test))
        assert not train & test
    else:
        train, test = (times[X.index].to_numpy() for X in (rows.X_train, rows.X_test))
        assert max(train) < min(test)
        assert all(max(train[a]) < min(train[b]) for a, b in cv)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--time", "seen", "--group", "island"], "--time and --group must not be set"),
        (["--group", "isle"], "--group: The table has no column 'isle'. Do you mean"),
        (["--time", "mass"], "--time: it must name another column than --target. Got "),
        (
            ["--group", "ring", "--categorical", "ring"],
            "'ring' is that of --group, and",
        ),
        (
            ["--group", "island"],
            "--group: column 'island' must have a value in each row",
        ),
    ],
)
def test_options_with_mistakes(arguments, message, csv, capsys):
    assert command(csv, "--target", "mass", *arguments) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize("option", ["--group", "--time"])
def test_files_in_blocks_are_refused(option, tmp_path, large, capsys):
    path = stored(FRAME, tmp_path / "a.csv")
    with large():
        assert command(path, "--target", "y", option, "code") == 2
    assert f"{option}: files of 100 MB or more are read in" in capsys.readouterr().err


@pytest.mark.usefixtures("bare")
def test_a_stored_model_has_no_folds(csv, tmp_path):
    path = tmp_path / "m.pkl"
    assert command(csv, "--target", "mass", "--time", "seen", "--save", path) == 0
    assert load_model(path, trust_pickle=True).model.cv is None
