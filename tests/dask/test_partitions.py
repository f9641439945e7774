import numpy as np
import pandas as pd
import pytest

pytest.importorskip("distributed")

import dask
import dask.array as da
import dask.dataframe as dd
import pyarrow as pa

from skmlp.dask.partitions import (
    as_table,
    checked,
    common_schema,
    described,
    partitions_of,
)
from skmlp.streaming.names import Names

FRAME = pd.DataFrame({"target0": [1.0, 2, 3, 4], "b": ["x", "y", None, "x"]})
Y = pd.Series([0, 1, 0, 1])


def frames(n=2):
    return dd.from_pandas(FRAME, npartitions=n), dd.from_pandas(Y, npartitions=n)


def test_partitions_have_the_target_and_the_weights_as_columns():
    X, y = frames()
    parts = partitions_of(X, y, y + 1.0, None)
    # A feature has the name that the target would have.
    assert parts.names == Names(["target0_"], "weight", ["target0", "b"])
    assert not parts.is_array
    tables = [one.compute(scheduler="sync") for one in parts.tables]
    whole = pa.concat_tables(tables).to_pandas()
    assert whole["target0_"].tolist() == Y.tolist()
    assert whole["weight"].tolist() == [1, 2, 1, 2]
    assert whole["b"].fillna("").tolist() == FRAME["b"].fillna("").tolist()


def test_arrays_and_tables_in_memory():
    X = da.from_array(np.arange(12.0).reshape(6, 2), (2, 2))
    parts = partitions_of(X, X, None, None)
    assert parts.names == Names(["target0", "target1"], None, ["x0", "x1"])
    assert parts.is_array
    assert len(parts.tables) == 3
    (table,) = partitions_of(FRAME, Y, None, None).tables
    assert table.compute(scheduler="sync").num_rows == 4


@pytest.mark.parametrize("weighted", [False, True])
def test_files_of_parquet_keep_their_partitions(weighted, tmp_path):
    # Dask joins small files of which one column is read.
    wide = pd.DataFrame(np.arange(90.0).reshape(6, 15)).rename(columns=str)
    for i in range(6):
        wide.iloc[[i]].to_parquet(tmp_path / f"{i}.parquet")
    table = dd.read_parquet(tmp_path)
    X, y = table.drop(columns="0"), table["0"]
    assert len(X.to_delayed()) != len(y.to_delayed())
    parts = partitions_of(X, y, y + 1 if weighted else None, None)
    tables = [one.compute(scheduler="sync") for one in parts.tables]
    whole = pa.concat_tables(tables)
    assert whole["target0"].to_pylist() == wide["0"].tolist()
    assert whole["14"].to_pylist() == wide["14"].tolist()
    assert ("weight" in whole.column_names) == weighted


@pytest.mark.parametrize("as_array", [False, True])
def test_lists_of_delayed(as_array):
    X = FRAME[["target0"]].to_numpy() if as_array else FRAME
    each = [[dask.delayed(one[i : i + 2]) for i in (0, 2)] for one in (X, Y)]
    seen = []

    def compute(delayed):
        seen.append(delayed.compute(scheduler="sync"))
        return seen[-1]

    parts = partitions_of(*each, None, compute)
    assert parts.is_array == as_array
    assert parts.names.features == (["x0"] if as_array else ["target0", "b"])
    # Only columns are computed.
    assert [len(one) for one in seen] == [0, 0]
    tables = [one.compute(scheduler="sync") for one in parts.tables]
    assert [one.num_rows for one in tables] == [2, 2]
    assert pa.concat_tables(tables)[parts.names.targets[0]].to_pylist() == [0, 1, 0, 1]
    with pytest.raises(TypeError, match="a list of delayed, a frame"):
        partitions_of([1, 2], Y, None, compute)


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (
            frames()[0],
            frames(1)[1],
            ValueError,
            "y must have the partitions of X, 2. Got 1",
        ),
        (
            FRAME,
            None,
            TypeError,
            "y must be a collection of Dask, a list of delayed, a",
        ),
        (5, Y, TypeError, "or an array. Got 5"),
        (
            da.ones((4, 4), chunks=2),
            Y,
            ValueError,
            "one chunk. Got 2 chunks of columns",
        ),
        (
            FRAME.rename(columns={"b": 1}),
            Y,
            ValueError,
            "whose names are different texts",
        ),
    ],
)
def test_collections_that_do_not_fit(X, y, error, message):
    with pytest.raises(error, match=message):
        partitions_of(X, y, None, None)


@pytest.mark.parametrize("name", ["y", "sample_weight"])
def test_rows_that_do_not_fit(name):
    parts = {"y": Y, "sample_weight": Y} | {name: Y[:3]}
    names = Names(["y"], "w", ["target0", "b"])
    with pytest.raises(
        ValueError, match=f"{name} must have the rows of X in each parti"
    ):
        as_table(FRAME, parts["y"], parts["sample_weight"], names)


def test_types_hold_the_values_of_all_partitions():
    tables = [pa.table({"a": a}) for a in ([1, 2], [1.5, None], [])]
    known = [described(one) for one in tables]
    schema = common_schema(known)
    assert schema.field("a").type == pa.float64()
    found = checked(tables[0], known[0], schema)
    assert found["a"].to_pylist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="X must stay the same while fit reads it"):
        checked(tables[0], known[1], schema)
    text = described(pa.table({"a": ["x"]}))
    with pytest.raises(ValueError, match="columns of the same types in all partitions"):
        common_schema([*known, text])
