"""Test rows in files of their own: the same rows as in the table, and what is refused."""

import re
from decimal import Decimal

import numpy as np
import pytest

from skmlp.command import cli, evaluation
from tests.command.conftest import command
from tests.command.large_tables import FRAME, pandas, stored

pytestmark = pytest.mark.usefixtures("bare")

N_TRAIN = 80


@pytest.fixture
def judged(monkeypatch):
    """The split of each report, which has no importances."""
    found = []
    monkeypatch.setattr(cli, "explain", lambda *_: None)
    inner = evaluation.judged

    def judge(name, model, rows):
        found.append(rows)
        return inner(name, model, rows)

    monkeypatch.setattr(evaluation, "judged", judge)
    return found


def line_of(out, start):
    (line,) = [one for one in out.splitlines() if one.startswith(start)]
    return line


@pytest.mark.parametrize(
    "kinds", [("csv", "csv"), ("csv", "parquet"), ("parquet", "csv")]
)
@pytest.mark.parametrize("target", ["mass", "species"])
def test_rows_of_a_file_are_those_of_the_table(
    target, kinds, birds, tmp_path, judged, capsys
):
    train = stored(birds[:N_TRAIN], tmp_path / f"a.{kinds[0]}")
    test = stored(birds[N_TRAIN:].assign(more=1), tmp_path / f"b.{kinds[1]}")
    assert command(train, "--target", target, "--test-file", test) == 0
    out = capsys.readouterr().out
    assert f"\n--test-file {test}: 40 rows\nignored columns 'more'\n" in out
    n = birds[:N_TRAIN][target].notna().sum()
    assert f"\n{n} training rows, 40 test rows; " in out
    (rows,) = judged
    expected = birds[N_TRAIN:]
    assert rows.y_test.tolist() == expected[target].tolist()
    assert len(rows.y_train) == len(rows.X_train) == n
    assert list(rows.X_test) == list(rows.X_train)
    assert rows.X_test.dtypes.equals(rows.X_train.dtypes)
    np.testing.assert_array_equal(rows.X_test["wing"], expected["wing"])
    days = pandas.to_datetime(expected["seen"])
    assert rows.X_test["seen"].tolist() == days.tolist()


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ([False, True], [False, True]),
        ([3, 7], [3.0, 7.0]),
        ([0, 1], [False, True]),
        ([0.5, 1.0], [0.5, 1.0]),
        ([2**62, 2**62 + 1], [2**62, 2**62 + 1]),
        (["07", "x"], ["07", "x"]),
        ([3, 7], [Decimal(3), Decimal("7.0")]),
    ],
    ids=str,
)
def test_classes_of_any_type(train, test, tmp_path, judged):
    chosen = np.arange(60) % 2
    paths = []
    for name, labels in zip("ab", (train, test), strict=True):
        frame = pandas.DataFrame(
            {"x": np.sin(np.arange(60)), "y": [labels[i] for i in chosen]}
        )
        paths.append(stored(frame, tmp_path / f"{name}.parquet"))
    options = ["--target", "y", "--task", "classification", "--test-file", paths[1]]
    assert command(paths[0], *options) == 0
    (rows,) = judged
    assert rows.y_test.dtype == rows.y_train.dtype
    assert rows.y_test.tolist() == rows.y_train.tolist()


def test_zones_of_dates_are_those_of_the_table(tmp_path, judged):
    days = pandas.date_range("2024-01-01", periods=60, freq="h")
    frame = pandas.DataFrame(
        {"a": days, "b": days.tz_localize("UTC"), "y": np.sin(days.hour)}
    )
    other = frame.assign(a=frame["b"], b=frame["a"])
    paths = [
        stored(one, tmp_path / f"{i}.parquet") for i, one in enumerate((frame, other))
    ]
    assert command(paths[0], "--target", "y", "--test-file", paths[1]) == 0
    assert judged[0].X_test.equals(judged[0].X_train)


def test_rows_that_cannot_be_judged_are_counted(birds, csv, tmp_path, judged, capsys):
    new = birds.copy()
    new.loc[:6, "species"] = [None, None, None, "owl", "owl", "kite", "owl"]
    test = stored(new, tmp_path / "new.csv")
    assert command(csv, "--target", "species", "--test-file", test) == 0
    out = capsys.readouterr().out
    assert "\ndropped, species is missing: 3 rows\n" in out
    line = line_of(out, "test rows left out, as no training row has their class")
    assert line.endswith(": 4 rows, 'kite' (1 row), 'owl' (3 rows)")
    assert "\n120 training rows, 113 test rows; " in out
    (rows,) = judged
    assert rows.y_test.tolist() == new["species"][7:].tolist()
    np.testing.assert_array_equal(rows.X_test["mass"], new["mass"][7:])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"species": "owl"},
            "at least 2 training rows and 2 test rows. Got 120 and 0.",
        ),
        ({"species": None}, "column 'species', the target, has no values."),
        ({"wing": "long"}, "Column 'wing' must hold numbers as in training: "),
        ({"seen": "soon"}, "Column 'seen' must hold dates as in training"),
        (["species"], "the test needs columns 'species'."),
        (["wing", "seen"], "the test needs columns 'seen', 'wing'."),
    ],
)
def test_files_that_do_not_fit(change, message, birds, csv, tmp_path, capsys):
    dropped = isinstance(change, list)
    new = birds.drop(columns=change) if dropped else birds.assign(**change)
    test = stored(new, tmp_path / "new.csv")
    assert command(csv, "--target", "species", "--test-file", test) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert message in err
    assert "training rows and" in err or f"skmlp: --test-file {test}: " in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{csv}"], "--test-file {csv} and the table are the same file."),
        (["{new}", "{new}"], "{new} and 1 more: the same file is given twice."),
        (["no.csv"], "no.csv: there is no such file."),
        (
            ["{new}", "--test", "0.25"],
            "--test and --test-file must not be set together",
        ),
        (
            ["{new}", "--group", "island"],
            "Got 3 groups of column 'island' in both, such",
        ),
        (
            ["{new}", "--time", "seen"],
            "with --time all test rows must be later than the",
        ),
    ],
)
def test_requests_with_mistakes(arguments, message, birds, tmp_path, capsys):
    names = {}
    for name in ("csv", "new"):
        names[name] = stored(birds.fillna({"island": "C"}), tmp_path / f"{name}.csv")
    given = [one.format(**names) for one in arguments]
    assert command(names["csv"], "--target", "mass", "--test-file", *given) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert message.format(**names) in err


@pytest.mark.parametrize(
    ("option", "column"), [("--group", "island"), ("--time", "seen")]
)
def test_other_groups_and_later_rows(option, column, birds, tmp_path, judged, capsys):
    birds = birds.fillna({"island": "C"}).sort_values(column, ignore_index=True)
    there = birds[column] == birds[column].iloc[-1]
    train = stored(birds[~there], tmp_path / "a.csv")
    test = stored(birds[there], tmp_path / "b.parquet")
    options = ["--target", "species", "--test-file", test, option, column]
    assert command(train, *options) == 0
    (rows,) = judged
    assert len(rows.y_train) == (~there).sum()
    assert (rows.groups is None) == (rows.folds is not None) == (option == "--time")
    line = line_of(capsys.readouterr().out, f"by '{column}': ")
    assert line.endswith(
        "2 groups train, 1 test"
        if option == "--group"
        else f"test rows from {birds[column].iloc[-1]} to {birds[column].iloc[-1]}"
    )


def test_a_large_table_and_a_small_file(tmp_path, large, judged, capsys):
    train = stored(FRAME, tmp_path / "a.csv")
    test = stored(FRAME[:50], tmp_path / "b.csv")
    with large(sample=80):
        assert (
            command(train, "--target", "y", "--test-file", test, "--max-time", 9) == 0
        )
    n_train, n_test = (one["y"].notna().sum() for one in (FRAME, FRAME[:50]))
    out = capsys.readouterr().out
    assert f"\n{n_train} training rows, {n_test} test rows; " in out
    assert re.search(r"\nread in blocks \(0.0 GB\): \d+ rows", out)
    (rows,) = judged
    assert rows.y_test.tolist() == FRAME["y"][:50].dropna().tolist()
