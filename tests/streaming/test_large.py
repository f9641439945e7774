import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest

from skmlp.streaming import large, summary
from skmlp.streaming.large import Checksums, LargeTable
from skmlp.streaming.names import names_in
from skmlp.streaming.sources import checksum, source_of
from tests.streaming.tables import FEATURES, stored, stream, table

FRAME = table()


def opened(frame, tmp_path, y="y", w=None, name="a.parquet"):
    """A large table that is not read yet, and what it says."""
    lines = []
    source = source_of(stored(frame, tmp_path / name))
    return LargeTable(source, names_in(source, y, w), lines.append), lines


def numbers_of(frame, rows):
    """Which rows of a frame these are, by their values of y."""
    place = {value: i for i, value in enumerate(frame["y"])}
    return [place[value] for value in rows]


def test_small_files_are_read_as_a_whole(tmp_path):
    found, lines = opened(FRAME, tmp_path, w="w")
    found.read([], numeric=True)
    assert found.totals is None
    assert found.rows.X.column_names == [*FEATURES, "kind"]
    np.testing.assert_array_equal(found.rows.y, FRAME["y"])
    np.testing.assert_array_equal(found.rows.sample_weight, FRAME["w"])
    assert lines == []


@pytest.mark.parametrize("block", [40, 10**6])
@pytest.mark.parametrize("w", [None, "w"])
def test_each_row_is_in_the_sample_or_among_the_others(w, block, tmp_path, monkeypatch):
    stream(monkeypatch, block=block)
    monkeypatch.setattr(large, "SECONDS_PER_REPORT", 0.0)
    found, lines = opened(FRAME, tmp_path, w=w)
    found.read([], numeric=True)
    others = [one.y for one in found.others()]
    rows = numbers_of(FRAME, found.rows.y)
    assert rows == found.numbers.tolist()
    assert rows == sorted(rows)
    # Beside the smallest keys there are the two lowest and the two highest targets.
    assert 150 <= len(rows) <= 154
    every = sorted([*rows, *numbers_of(FRAME, np.concatenate(others))])
    has_weight = np.flatnonzero(FRAME["w"]).tolist() if w else [*range(len(FRAME))]
    assert every == has_weight
    assert found.n_others == len(every) - len(rows)
    assert found.totals.n_rows == len(every)
    assert found.totals.missing == {"x"}
    counts = FRAME["town"][every].value_counts().to_dict()
    assert found.totals.labels["town"] == counts
    assert lines[0].startswith("Reading the table")
    assert any("rows read" in line for line in lines[1:])
    assert any(f"of {len(FRAME)} rows encoded" in line for line in lines[1:])


def test_the_sample_is_the_table_if_it_is_not_larger(tmp_path, monkeypatch):
    stream(monkeypatch, sample=len(FRAME), block=77)
    found, _ = opened(FRAME, tmp_path)
    found.read([], numeric=True)
    assert found.totals is None
    monkeypatch.undo()
    whole, _ = opened(FRAME, tmp_path)
    assert found.rows.X.equals(whole.read([], numeric=True).rows.X)


def test_labels_of_further_columns_are_counted(tmp_path, monkeypatch):
    stream(monkeypatch)
    found, _ = opened(FRAME, tmp_path)
    found.read(["flag", "n"], numeric=True)
    assert set(found.totals.labels) == {"word", "town", "kind", "flag", "n"}
    assert found.totals.labels["n"] == FRAME["n"].value_counts().to_dict()


def test_classes_of_rows_without_weight_are_there(tmp_path, monkeypatch):
    stream(monkeypatch, sample=50)
    frame = FRAME.assign(
        kind=["rare" if i in (7, 300) else "often" for i in FRAME.index]
    )
    frame.loc[[7, 300], "w"] = 0
    found, _ = opened(frame, tmp_path, y="kind", w="w")
    found.read([], numeric=False)
    assert (found.rows.y == "rare").sum() == 2
    assert (found.rows.sample_weight[found.rows.y == "rare"] == 0).all()
    assert all((one.sample_weight > 0).all() for one in found.others())


@pytest.mark.parametrize("y", ["y", "kind"])
def test_no_weights(y, tmp_path, monkeypatch):
    stream(monkeypatch)
    found, _ = opened(FRAME.assign(w=0), tmp_path, y=y, w="w")
    with pytest.raises(ValueError, match="at least one positive weight. Got 'w'"):
        found.read([], numeric=y == "y")


def test_too_many_classes(tmp_path, monkeypatch):
    stream(monkeypatch)
    monkeypatch.setattr(large, "MOST_CLASSES", 100)
    found, _ = opened(FRAME, tmp_path, y="town")
    with pytest.raises(ValueError, match="y must have at most 100 classes.*'town'"):
        found.read([], numeric=False)


BAD = {
    "missing number": ({"y": np.nan}, ValueError, "y must have .*'y', row 201 of"),
    "missing class": ({"kind": None}, ValueError, "y must have .*'kind', row 201 of"),
    "negative": ({"w": -1.0}, ValueError, r"numbers >= 0. Got -1.0 in row 201"),
    "infinite": ({"w": np.inf}, ValueError, "Got inf in row 201|finite numbers"),
    "no weight": ({"w": np.nan}, ValueError, "Got nan in row 201"),
    "text target": ({"y": "a"}, TypeError, "y must be a column of numbers. Got 'y'"),
    "text": ({"w": "a"}, TypeError, "sample_weight must be a column of numbers"),
}


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("case", BAD)
def test_targets_and_weights_that_are_wrong(case, name, tmp_path, monkeypatch):
    stream(monkeypatch)
    values, kind, message = BAD[case]
    ((column, value),) = values.items()
    frame = FRAME.astype({"w": float})
    if value == "a":
        frame[column] = "a"
    frame.loc[200, column] = value
    y = "kind" if column == "kind" else "y"
    found, _ = opened(frame, tmp_path, y=y, w="w", name=name)
    with pytest.raises(kind, match=message):
        found.read([], numeric=y == "y")


def test_files_that_change(tmp_path, monkeypatch):
    stream(monkeypatch)
    found, _ = opened(FRAME, tmp_path)
    found.read([], numeric=True)
    other = FRAME.copy()
    other.loc[70, "n"] += 1
    stored(other, tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="must stay the same.* in block 2: the file"):
        list(found.others())
    found, _ = opened(FRAME, tmp_path, name="a.csv")
    found.read([], numeric=True)
    stored(pd.concat([FRAME, FRAME]), tmp_path / "a.csv")
    with pytest.raises(ValueError, match="must stay the same.* in block 10"):
        list(found.others())


def test_checksums():
    block = pa.table({"a": [1, 2]})
    found = Checksums()
    found.known.append(checksum(block))
    found.check(0, block)
    for i, other in ((0, pa.table({"a": [1, 3]})), (1, block)):
        with pytest.raises(ValueError, match=f"in block {i + 1}: the file has changed"):
            found.check(i, other)


def test_datasets_with_filters(tmp_path, monkeypatch):
    stream(monkeypatch, sample=50)
    stored(FRAME, tmp_path / "a.parquet")
    part = pyarrow.dataset.dataset(tmp_path).filter(pyarrow.dataset.field("n") < 300)
    source = source_of(part)
    found = LargeTable(source, names_in(source, "y", None), str)
    found.read([], numeric=True)
    n_rows = int((FRAME["n"] < 300).sum())
    assert found.totals.n_rows == n_rows
    assert sum(len(one.y) for one in found.others()) + len(found.numbers) == n_rows
    assert summary.SAMPLE_ROWS <= len(found.numbers) <= summary.SAMPLE_ROWS + 4
