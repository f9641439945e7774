"""Large tables: the task of a sample, and all rows but those of the test that train."""

import re

import numpy as np
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.command import evaluation
from skmlp.command.choices import CLASSIFICATION, Reading
from skmlp.command.large import in_words, sample_of, seconds_per_row, speaking, way_of
from skmlp.command.models import load_model
from skmlp.command.task import infer_task
from skmlp.command.text import UserError
from tests.command.conftest import command

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow", exc_type=ImportError)

pytestmark = pytest.mark.usefixtures("quick")

N = 200
RNG = np.random.RandomState(0)
CODE = RNG.randint(5, size=N)
FRAME = pandas.DataFrame(
    {
        "row": np.arange(N),
        "n": np.where(RNG.uniform(size=N) < 0.1, np.nan, RNG.randn(N)),
        "code": CODE,
        "word": np.where(RNG.uniform(size=N) < 0.1, None, RNG.choice([*"abc"], N)),
        "day": [f"{1 + i % 28:02}.{1 + i % 12:02}.2024" for i in RNG.permutation(N)],
        "clock": [f"{i % 24}:{i % 60:02}" for i in RNG.permutation(N)],
        "yes": RNG.uniform(size=N) < 0.5,
        "y": np.where(RNG.uniform(size=N) < 0.1, np.nan, CODE + RNG.randn(N)),
    }
)
FORMATS = pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])


def stored(frame, path):
    """The path of a file with a frame."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def task_of(frame, path, target, task="auto", categorical=()):
    """A sample of a file with a frame, and its task."""
    source = way_of([stored(frame, path)], Reading()).source
    sample, frame = sample_of(source, target, lambda line: None)
    return sample, infer_task(frame, target, task, categorical=categorical)


@FORMATS
@pytest.mark.parametrize("n_sampled", [80, 10**6])
def test_all_rows_train_but_those_of_the_test(kind, n_sampled, tmp_path, large):
    with large(sample=n_sampled):
        sample, task = task_of(FRAME, tmp_path / f"a.{kind}", "y", categorical=["code"])
        assert len(task.y) == min(n_sampled, N - sample.n_unknown)
        assert sample.n_unknown == FRAME["y"].isna().sum()
        rows = evaluation.split(task, 0.25, 0)
        found = sample.training(rows, task)
        table = found.X_train.table().to_pandas()
    assert found.y_train == "y"
    # A row is known by its y.
    train, test = FRAME["y"].dropna(), set(rows.y_test)
    expected = FRAME.loc[train.index[~train.isin(test)]]
    assert len(expected) == N - sample.n_unknown - len(test)
    np.testing.assert_array_equal(table["y"], expected["y"])
    np.testing.assert_array_equal(table["n"], expected["n"])
    np.testing.assert_array_equal(table["yes"], expected["yes"].astype(float))
    assert table["code"].tolist() == expected["code"].astype(str).tolist()
    assert table["word"].fillna("").tolist() == expected["word"].fillna("").tolist()
    days = pandas.to_datetime(expected["day"], format="%d.%m.%Y")
    assert table["day"].tolist() == days.tolist()
    clocks = [f"{one:%-H:%M}" for one in table["clock"]]
    assert clocks == expected["clock"].tolist()
    assert task.columns["day"].startswith("date")
    assert "row" not in task.columns
    for name, kind_of_column in task.columns.items():
        assert rows.X_test[name].dtype.kind == table[name].to_numpy().dtype.kind, (
            name,
            kind_of_column,
        )


LABELS = {
    "text": np.array(["low", "high"]),
    "booleans": np.array([False, True]),
    "integers": np.array([3, 7]),
    "large integers": np.array([2**62, 2**62 + 1]),
    "decimals": np.array([0.5, 1.0]),
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("labels", LABELS.values(), ids=list(LABELS))
def test_labels_are_those_of_a_table_in_memory(labels, kind, tmp_path, large, bare):
    y = labels[(FRAME["n"].fillna(0) > 0).astype(int)]
    frame = FRAME[["n", "word"]].assign(y=y)
    path, model = stored(frame, tmp_path / f"a.{kind}"), tmp_path / "m.pkl"
    options = ["--target", "y", "--task", CLASSIFICATION, "--save", model]
    classes = []
    for in_blocks in (False, True):
        with large(in_blocks, sample=80):
            assert command(path, *options) == 0
        classes.append(load_model(model, trust_pickle=True).model.classes_)
    assert classes[0].tolist() == classes[1].tolist()
    assert classes[0].dtype.kind == classes[1].dtype.kind


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
        rf"read in blocks \(0.0 GB\): {n} rows, drawn at random, say what the columns "
        r"are, and train and test the other models; the fit takes about \d+ seconds?",
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


@pytest.mark.parametrize("column", ["x", "y"])
def test_integers_beyond_double_precision_are_rounded(column, tmp_path, large, bare):
    frame = FRAME[["n"]].assign(x=RNG.randint(9, size=N), y=np.arange(N) % 50)
    frame[column] = 2**53 + 1000 * np.arange(N) + frame["y"] % 2
    path = stored(frame, tmp_path / "a.parquet")
    with large(sample=80):
        assert command(path, "--target", "y", "--task", "regression") == 0


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
    assert "\n1,900 training rows, 100 test rows; " in out
    assert float(re.search(r"\nTabularMLPRegressor +\S+ +\S+ +(\S+)", out)[1]) > 0.9


def test_rows_beyond_the_sample_must_fit(tmp_path, large, capsys, bare):
    frame = FRAME.assign(day=FRAME["day"].where(np.arange(N) != 77, "soon"))
    late = frame["y"].notna().cumsum()[77]
    path = stored(frame, tmp_path / "a.parquet")
    with large(sample=30):
        _, task = task_of(frame, path, "y")
        assert late not in task.X.index
        assert command(path, "--target", "y") == 2
    err = capsys.readouterr().err
    assert "Column 'day' must hold dates" in err
    assert "Got 'soon' (1 row). The sample of the rows had none" in err
    y = FRAME["code"].astype(float).where(np.arange(N) != 77, 0.5)
    path = stored(FRAME.assign(y=y), tmp_path / "b.parquet")
    with large(sample=30):
        assert command(path, "--target", "y") == 2
    assert "has classes in the sample of the rows, but not in all" in (
        capsys.readouterr().err
    )


def test_small_files_and_files_with_options_are_read_as_a_whole(
    tmp_path, large, capsys, bare, monkeypatch
):
    path = stored(FRAME, tmp_path / "a.csv")
    assert way_of([path], Reading()) == (None, [])
    (tmp_path / "empty.csv").write_text("")
    with large():
        why = "read as a whole, which needs memory: "
        way = way_of([path], Reading(missing=("?",)))
        assert way == (None, [f"{why}--missing is set"])
        way = way_of([path], Reading(default_decimal=","))
        assert way == (None, [f"{why}the training table has decimal commas"])
        assert way_of([tmp_path / "a.xlsx"], Reading()) == (None, [])
        with pytest.raises(UserError, match="the file is empty"):
            way_of([tmp_path / "empty.csv"], Reading())
        comma = tmp_path / "comma.csv"
        FRAME.to_csv(comma, index=False, sep=";", decimal=",")
        assert command(comma, "--target", "y") == 0
        assert f"\n{why}TABLE must have finite numbers with a decimal point" in (
            capsys.readouterr().out
        )


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
    assert command(paths[0], paths[0], "--target", "y") == 2
    assert "the same file is given twice" in capsys.readouterr().err


def test_the_time_of_a_fit(tmp_path, large, monkeypatch):
    with large():
        sample, task = task_of(FRAME, tmp_path / "a.parquet", "y")
    rows = evaluation.split(task, 0.25, 0)
    model = TabularMLPRegressor(n_estimators=1, max_iter=10)
    assert "; the fit takes about " in sample.describe(model, rows)
    rates = "skmlp.command.large.seconds_per_row"
    monkeypatch.setattr(rates, lambda model, rows: (0.5, 0.25))
    n, read = N - sample.n_unknown, 2 * sample.seconds
    assert sample._seconds_of(model, rows) == read + 0.5 * n + 0.25 * 10 * n
    assert sample._seconds_of(model.set_params(max_time=9), rows) == 9
    assert sample._seconds_of(model.set_params(max_time=1e9), rows) < 1e9
    assert sample._seconds_of(model.set_params(preset="best"), rows) == 1e9

    def fail(model, rows):
        raise ValueError("one class")

    monkeypatch.setattr(rates, fail)
    assert sample.describe(model, rows).endswith("test the other models")


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
