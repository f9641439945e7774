"""Large tables: the task of a sample, and all rows but those of the test that train."""

import re
from dataclasses import replace

import numpy as np
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.command import evaluation
from skmlp.command.choices import CLASSIFICATION
from skmlp.command.large import in_words, seconds_per_row, speaking
from skmlp.command.models import load_model
from tests.command.conftest import command
from tests.command.large_tables import FRAME, N, pandas, stored, task_of

pytestmark = pytest.mark.usefixtures("quick")

FORMATS = pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])


@FORMATS
def test_the_report_of_a_large_table(kind, tmp_path, large, capsys):
    path, model = stored(FRAME, tmp_path / f"a.{kind}"), tmp_path / "m.pkl"
    outs = []
    for in_blocks in (False, True):
        with large(in_blocks):
            assert command(path, "--target", "y", "--save", model) == 0
        outs.append(capsys.readouterr())
    whole, blocks = outs
    n = FRAME["y"].notna().sum()
    assert f"\ndropped, y is missing: {N - n} rows\n" in blocks.out
    lines = blocks.out.splitlines()
    (line,) = [one for one in lines if one.startswith("read in blocks")]
    assert re.fullmatch(
        rf"read in blocks \(0.0 GB\): {n} rows, most drawn at random, say what the "
        r"columns are, and train and test the other models",
        line,
    )
    report = r"\n(\S.* is .*)\n\n(on the test rows.*)\n(Tabular\S+)"
    assert re.search(report, blocks.out)
    # Before the training, what a table in memory has.
    first = whole.out.split("saved: ")[0].splitlines()
    assert set(first) <= set(lines)
    assert whole.err == ""
    assert "rows of encoded" in blocks.err or "Iteration 1, loss" in blocks.err
    saved = load_model(model, trust_pickle=True)
    assert saved.model.verbose is False
    assert saved.columns.keys() == saved.model.column_kinds_.keys()


def test_a_model_of_blocks_is_as_good_as_one_of_the_whole(
    tmp_path, large, capsys, bare
):
    rng = np.random.RandomState(1)
    x = rng.randn(2000)
    frame = pandas.DataFrame({"x": x, "y": 3 * x + 0.1 * rng.randn(2000)})
    path = stored(frame, tmp_path / "a.csv")
    with large(sample=400):
        assert command(path, "--target", "y") == 0
    out = capsys.readouterr().out
    n_train, n_test = re.search(
        r"\n(\S+) training rows, (\d+) test rows; ", out
    ).groups()
    assert int(n_train.replace(",", "")) + int(n_test) == 2000
    assert 100 <= int(n_test) < 110
    assert float(re.search(r"\nTabularMLPRegressor +\S+ +\S+ +(\S+)", out)[1]) > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Which column to predict? Set --target to one of: 'row', 'n',"),
        (["--target", "z"], "The table has no column 'z'."),
        (["--target", "y", "--drop", "z"], "The table has no column 'z'."),
        (["--target", "none"], "Column 'none', the target, has no values."),
    ],
)
def test_mistakes_are_found_before_the_table_is_read(
    arguments, message, tmp_path, large, capsys
):
    path = stored(FRAME.assign(none=np.nan), tmp_path / "a.parquet")
    with large():
        assert command(path, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_folders_and_several_files(tmp_path, large, capsys, bare):
    folder = tmp_path / "folder"
    folder.mkdir()
    paths = [folder / f"{name}.csv" for name in "ab"]
    for path, frame in zip(paths, (FRAME[:90], FRAME[90:]), strict=True):
        stored(frame, path)
    (folder / ".hidden.csv").write_text("x")
    (folder / "notes.md").write_text("x")
    outs = []
    for tables in ([folder], paths):
        for in_blocks in (False, True):
            with large(in_blocks):
                assert command(*tables, "--target", "y") == 0
            outs.append(capsys.readouterr().out)
    assert all(out.startswith(f"{paths[0]} and 1 more: 200 rows, ") for out in outs)
    for work in ([], ["predict", "m.pkl"]):
        assert command(*work, paths[0], paths[0]) == 2
        assert "the same file is given twice" in capsys.readouterr().err


def test_the_time_of_a_fit(tmp_path, large, monkeypatch):
    with large():
        sample, task = task_of(FRAME, tmp_path / "a.parquet", "y")
    rows = evaluation.split(task, 0.25, 0)
    model = TabularMLPRegressor(n_estimators=1, max_iter=10)
    assert sample.time_of(model, rows).startswith("the fit takes about ")
    rates = "skmlp.command.large.seconds_per_row"
    monkeypatch.setattr(rates, lambda model, rows: (0.5, 0.25))
    n, read = N - sample.n_unknown, 2 * sample.seconds
    assert sample._seconds_of(model, rows) == read + 0.5 * n + 0.25 * 10 * n

    def fail(model, rows):
        raise ValueError("one class")

    monkeypatch.setattr(rates, fail)
    assert sample.time_of(model, rows) == ""
    # Without a fit.
    monkeypatch.setattr(rates, None)
    model.set_params(max_time=9)
    assert sample.time_of(model, rows) == "the fit takes at most about 9 seconds"
    slow = replace(sample, seconds=100.0)
    assert slow.time_of(model, rows).startswith(
        "reading alone takes about 3 minutes, longer than --max-time 9: "
    )


def test_seconds_per_row_are_those_of_more_rows(monkeypatch):
    class Model:
        def fit(self, X, y):
            self.seconds_ = {"encode": 5 + 0.5 * len(y), "train": 7 + 2 * len(y)}

    monkeypatch.setattr("skmlp.command.large.TRIED_ROWS", (10, 40))
    y = np.arange(50)
    rows = evaluation.TrainTestSplit(CLASSIFICATION, y, y, y, y)
    assert seconds_per_row(Model(), rows) == (0.5, 2.0)
    few = evaluation.TrainTestSplit(CLASSIFICATION, y[:5], y, y[:5], y)
    assert seconds_per_row(Model(), few) == (0.0, 0.0)


def test_times_in_words():
    assert in_words(0.2) == "1 second"
    assert in_words(89) == "89 seconds"
    assert in_words(90) == "2 minutes"


def test_a_model_speaks_on_standard_error(capsys):
    model = TabularMLPClassifier()
    with pytest.raises(KeyboardInterrupt), speaking(model):
        assert model.verbose is True
        print("a line")
        raise KeyboardInterrupt
    assert model.verbose is False
    assert capsys.readouterr() == ("", "a line\n")
