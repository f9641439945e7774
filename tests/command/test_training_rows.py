"""All rows but those of the test train, and have the values of a table in memory."""

from decimal import Decimal

import numpy as np
import pytest

from skmlp.command import evaluation
from skmlp.command.choices import CLASSIFICATION
from skmlp.command.models import load_model
from tests.command.conftest import command
from tests.command.large_tables import FRAME, N, pandas, stored, task_of

pytestmark = pytest.mark.usefixtures("quick")

RNG = np.random.RandomState(0)
FORMATS = pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])


@FORMATS
@pytest.mark.parametrize("n_sampled", [80, 10**6])
def test_all_rows_train_but_those_of_the_test(kind, n_sampled, tmp_path, large):
    with large(sample=n_sampled):
        sample, task = task_of(FRAME, tmp_path / f"a.{kind}", "y", categorical=["code"])
        n_all = N - sample.n_unknown
        # Some rows are in it for what they show.
        assert min(n_sampled, n_all) <= len(task.y) <= min(n_sampled + 20, n_all)
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
    "integers as decimals": np.array([Decimal(3), Decimal(7)]),
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


@pytest.mark.parametrize("column", ["x", "y"])
def test_integers_beyond_double_precision_are_rounded(column, tmp_path, large, bare):
    frame = FRAME[["n"]].assign(x=RNG.randint(9, size=N), y=np.arange(N) % 50)
    frame[column] = 2**53 + 1000 * np.arange(N) + frame["y"] % 2
    path = stored(frame, tmp_path / "a.parquet")
    with large(sample=80):
        assert command(path, "--target", "y", "--task", "regression") == 0


def test_rows_beyond_the_sample_must_fit(tmp_path, large, capsys, bare):
    frame = FRAME.assign(day=FRAME["day"].where(np.arange(N) != 77, "31.02.2024"))
    late = frame["y"].notna().cumsum()[77]
    path = stored(frame, tmp_path / "a.parquet")
    with large(sample=30):
        _, task = task_of(frame, path, "y")
        assert late not in task.X.index
        assert command(path, "--target", "y") == 2
    err = capsys.readouterr().err
    assert "Column 'day' must hold dates" in err
    assert "Got '31.02.2024' (1 row). The sample of the rows had none" in err
