"""Parquet files: columns of several files, indices of pandas, types."""

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skmlp.command.tables import read_table
from skmlp.streaming.sources import source_of

FRAME = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})
INDICES = {
    "range": FRAME,
    "unnamed": FRAME.set_index(pd.Index([5, 6, 8])),
    "named": FRAME.set_index(pd.Index([5, 6, 8], name="id")),
    "text": FRAME.set_index(pd.Index(["p", "q", "r"])),
}


@pytest.mark.parametrize("kind", INDICES)
def test_an_index_is_a_column_if_it_has_a_name(tmp_path, kind):
    path = tmp_path / "a.parquet"
    INDICES[kind].to_parquet(path)
    source, frame = source_of(path), read_table(path).frame
    assert sorted(source.columns) == sorted(frame)
    found = source.table([*frame]).to_pylist()
    assert found == frame.astype(object).where(frame.notna(), None).to_dict("records")


def test_columns_called_like_an_index_or_a_path(tmp_path):
    names = ["__index_level_0__", "a.b", "a", ".c", "[0]"]
    table = pa.table({name: [i, i + 1] for i, name in enumerate(names)})
    table = table.append_column("s", pa.array([{"x": 1}, {"x": 2}]))
    table = table.append_column("s.x", pa.array([7, 8]))
    pq.write_table(table, tmp_path / "a.parquet")
    for columns in (table.column_names, ["s.x", "a"], ["a.b"]):
        found = source_of(tmp_path / "a.parquet").table(columns)
        assert found.equals(table.select(columns))


WIDER = [
    (pa.array([1], "int32"), pa.array([2**40]), "int64"),
    (pa.array([1]), pa.array([0.5]), "double"),
    (pa.array([0.5], "float32"), pa.array([0.1]), "double"),
    (pa.array([None]), pa.array(["a"]), "string"),
    (pa.array(["b"]), pa.array(["a"], "large_string"), "large_string"),
    (
        pa.array([1], pa.timestamp("s")),
        pa.array([1], pa.timestamp("us")),
        "timestamp[us]",
    ),
    (pa.array(["b"]).dictionary_encode(), pa.array(["a"]).dictionary_encode(), None),
]


@pytest.mark.parametrize(("one", "other", "kind"), WIDER, ids=lambda one: str(one)[:20])
def test_types_that_hold_all_values(tmp_path, one, other, kind):
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for values in ([one, other], [other, one]):
        for path, column in zip(paths, values, strict=True):
            pq.write_table(pa.table({"a": column}), path)
        table = source_of(paths).table()
        assert kind in (None, str(table["a"].type))
        expected = [*values[0].to_pylist(), *values[1].to_pylist()]
        assert table["a"].to_pylist() == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [([1], ["a"]), ([True], [1]), ([1.5], ["1.5"]), ([datetime(2024, 1, 1)], [1])],
    ids=str,
)
def test_types_that_differ_are_named(tmp_path, one, other):
    paths = [tmp_path / f"{name}.parquet" for name in "abc"]
    tables = [pa.table({"k": pa.array(values)}) for values in (one, one, other)]
    for path, table in zip(paths, tables, strict=True):
        pq.write_table(table, path)
    with pytest.raises(
        ValueError, match="X must have columns of the same types"
    ) as caught:
        source_of(tmp_path)
    kinds = [str(tables[i]["k"].type) for i in (0, 2)]
    for part in ("'k'", *kinds, str(paths[0]), str(paths[2])):
        assert part in str(caught.value)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"PAR1" * 5, b"PAR1"], ids=str)
def test_other_files(tmp_path, content):
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match="X must have files that can be read"
    ) as caught:
        source_of(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_cut_after_it_was_opened(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": np.random.RandomState(0).rand(9999)}), path)
    source = source_of(path)
    path.write_bytes(path.read_bytes()[:40000])
    with pytest.raises(
        ValueError, match="X must have files that can be read"
    ) as caught:
        source.table()
    assert str(path) in str(caught.value)


def test_no_rows_and_equal_names(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.array([], "int64")}), path)
    with pytest.raises(ValueError, match="X must have at least one row"):
        source_of(path)
    pq.write_table(pa.table([pa.array([1])] * 2, names=["a", "a"]), path)
    with pytest.raises(ValueError, match="Got .*'a' twice"):
        source_of(path)
